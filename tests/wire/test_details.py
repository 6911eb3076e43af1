"""What `assess` adds to a risk: every figure is there, and what is not known is null."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from monitor.core.account import Account, Collateral, Funding, Pool, PoolMode
from monitor.core.assessment import assess
from monitor.core.detail import coin_details, pool_detail
from monitor.core.leaving import with_exit_costs
from monitor.core.liquidity import Level, OrderBook
from monitor.core.portfolio import portfolio
from monitor.core.risk import AccountRisk
from monitor.wire.details import detailed_portfolio_json, detailed_risk_json
from tests.build import BTC_PERPETUAL, D, account, isolated, long, pool, risk, short

TARGET, DANGER = D("0.3"), D("0.2")
BOOK = OrderBook(bids=(Level(D(49_900), D(100_000)),), asks=())


def told(of: AccountRisk) -> Any:
    found = detailed_risk_json(of, [pool_detail(each, TARGET, DANGER) for each in of.pools])
    return json.loads(json.dumps(found, allow_nan=False))


def whole(*pools: Pool) -> Any:
    accounts = [account(each, name=f"a{n}", venue=f"v{n}") for n, each in enumerate(pools)]
    risks = [risk_of(each) for each in accounts]
    details = [[pool_detail(each, TARGET, DANGER) for each in of.pools] for of in risks]
    found = detailed_portfolio_json(risks, details, coin_details(risks, TARGET), portfolio(accounts, {}))
    return json.loads(json.dumps(found, allow_nan=False))


def risk_of(of: Account) -> AccountRisk:
    return assess(of, age=timedelta(0), target_distance=TARGET)


def test_a_pool_is_told_in_full() -> None:
    funding = Funding(rate=D("0.0001"), interval=timedelta(hours=8))
    held = long(50_000, 50_000, funding=funding, open_interest=D(500_000), index_price=D(49_900), taker_fee=D("0.0005"))
    of = with_exit_costs(risk(pool("0.2", held, isolated(short(5_000, 50_000), "0.05"))), {BTC_PERPETUAL: BOOK})
    (found,) = told(of)["pools"]
    assert found["linear_distance"] == pytest.approx(0.195)
    assert found["buffer_usd"] == pytest.approx(9_750)
    assert found["funding_per_day"] == pytest.approx(0.0003)
    assert found["close"]["contracts"] > 0
    assert [row["shock"] for row in found["stress"]] == [-0.5, -0.4, -0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert found["stress"][0]["isolated"]["BTC-USD_BTC-short-isolated"]["outcome"] == "ok"
    assert [way["position"] for way in found["feedback"]] == [None, "BTC-USD_BTC-short-isolated"]
    first = found["positions"][0]
    assert first["open_interest_share"] == 0.1
    assert first["basis"] == pytest.approx(50_000 / 49_900 - 1)
    assert first["exit"]["cost"] == pytest.approx(50_000 / 49_900 - 1 + 0.0005 * 50_000 / 49_900)
    assert found["positions"][1]["exit"]["shortfall"] == 5_000


def test_a_synthetic_dollar_is_told_as_one() -> None:
    (found,) = told(risk(pool(1, short(40_000, 50_000))))["pools"]
    assert found["synthetic_dollar"] == {"dollars": 40_000, "residual": 0.2, "residual_usd": 10_000, "hedge_ratio": 0.8}


def test_of_a_pool_that_is_not_assessed_nothing_is_said() -> None:
    (found,) = told(risk(pool(1, long(50_000, 50_000, maintenance=None))))["pools"]
    assert (found["stress"], found["feedback"], found["close"], found["linear_distance"]) == ([], [], None, None)


def test_several_accounts_are_told_with_what_they_can_do_for_each_other() -> None:
    cheap, dear = (Funding(rate=D(rate), interval=timedelta(hours=8)) for rate in ("0.0001", "0.0003"))
    found = whole(pool("0.2", long(10_000, 10_000, funding=cheap)), pool(4, short(10_000, 10_000, funding=dear)))["portfolio"]
    (btc,) = found["across"]
    assert btc["funding_spread"] == {"long_at": "v0", "short_at": "v1", "daily": pytest.approx(0.0006)}
    assert (btc["silo"]["to"], btc["silo"]["is_enough"]) == ("a0", True)
    assert btc["silo"]["needed"] == pytest.approx(0.235714, rel=1e-4)
    assert (btc["transfer"]["from"], btc["transfer"]["to"]) == ("a1", "a0")
    assert len(btc["stress"]) == 12
    assert [loss["venue"] for loss in found["venue_losses"]] == ["v0", "v1"]
    assert found["venue_losses"][0] == {
        "venue": "v0",
        "equity_usd": pytest.approx(2_000),
        "hedges": [{"coin": "BTC", "delta": 3, "hedge_usd": 12_000}],
    }
    assert found["risk_shares"] == [
        {"account": "a0", "coin": "BTC", "share": pytest.approx(1.2 / 4.2)},
        {"account": "a1", "coin": "BTC", "share": pytest.approx(3 / 4.2)},
    ]
    assert sum(Decimal(str(each["share"])) for each in found["risk_shares"]) == pytest.approx(1)


def test_each_row_of_a_stress_table_counts_what_is_liquidated_and_what_is_not_known() -> None:
    dark = isolated(long(10_000, 10_000, maintenance=None), "0.2")
    found = whole(pool("0.2", long(10_000, 10_000), dark), pool(4, long(10_000, 10_000, maintenance=None)))
    row = found["accounts"][0]["pools"][0]["stress"][0]
    assert (row["liquidated"], row["unknown"]) == (1, 1)
    (btc,) = found["portfolio"]["across"]
    assert (btc["stress"][0]["liquidated"], btc["stress"][0]["unknown"], btc["unknown"]) == (1, 2, ["a1"])


def test_one_account_alone_has_nobody_to_help() -> None:
    (btc,) = whole(pool("0.2", long(10_000, 10_000)))["portfolio"]["across"]
    assert (btc["funding_spread"], btc["silo"], btc["transfer"]) == (None, None, None)


def test_of_a_pool_in_dollars_shares_are_of_like_and_like() -> None:
    """A coin of 50,000 dollars on 0.4 coins: 19,750 dollars of buffer are 39.5 % of its value; 0.002 coins are 100 dollars."""
    btc = Collateral(coin="BTC", balance=D("0.4"), price=D(50_000), haircut=D(0), beta=D(1))
    held = long(50_000, 50_000, settle="BTC", taker_fee=D(0))
    alone = isolated(short(5_000, 50_000, settle="BTC", taker_fee=D(0)), "0.05")
    book = OrderBook(bids=BOOK.bids, asks=(Level(D(50_100), D(100_000)),))
    several = pool(0, held, alone, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    (found,) = told(with_exit_costs(risk(several), {BTC_PERPETUAL: book}))["pools"]
    assert found["linear_distance"] == pytest.approx(0.395)
    exits = [position["exit"] for position in found["positions"]]
    assert exits[0]["cost"] == pytest.approx(50_000 / 49_900 - 1)
    assert exits[0]["share_of_buffer"] == pytest.approx(exits[0]["cost"] * 50_000 / 19_750)
    assert exits[1]["share_of_buffer"] == pytest.approx(exits[1]["cost"] / 0.0495)
