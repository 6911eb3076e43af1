import json
from datetime import timedelta
from typing import Any

import pytest

from monitor.core.account import Collateral, Funding, PoolMode
from monitor.wire.figures import number, risk_json
from tests.build import BTC_QUARTERLY, D, isolated, long, pool, risk, short

POOL_KEYS = [
    "coin",
    "status",
    "reason",
    "equity",
    "maintenance_margin",
    "margin_ratio",
    "buffer",
    "top_up",
    "liquidation_price_below",
    "liquidation_price_above",
    "distance",
    "log_distance",
    "touch_probability_24h",
    "notional",
    "leverage",
    "delta",
    "dollars",
    "gamma",
    "hedge_to_neutral_contracts",
    "positions",
]
POSITION_KEYS = [
    "symbol",
    "side",
    "margin_mode",
    "notional",
    "coin_value",
    "unrealized_pnl",
    "entry_price",
    "mark_price",
    "bankruptcy_price",
    "liquidation_price",
    "liquidation_price_source",
    "distance",
    "venue_liquidation_price",
    "venue_convention_price",
    "disagreement",
]


def test_a_risk_holds_every_key_of_the_contract_and_only_finite_numbers() -> None:
    found: Any = risk_json(
        risk(pool(1, long(50_000, 50_000), isolated(short(5000, 50_000, symbol=BTC_QUARTERLY), "0.05")), pool(5, coin="ETH"))
    )
    assert list(found) == ["schema", "account", "venue", "taken_at", "age_seconds", "pools"]
    assert set(POOL_KEYS) <= found["pools"][0].keys()
    cross, alone = found["pools"][0]["positions"]
    assert set(POSITION_KEYS) <= cross.keys()
    assert {"status", "reason", "equity", "maintenance_margin", "margin_ratio", "buffer", "top_up"} <= alone.keys() - cross.keys()
    assert found["pools"][1]["status"] == "flat"
    json.dumps(found, allow_nan=False)


def test_what_is_not_known_is_null_and_not_zero() -> None:
    whole: Any = risk_json(risk(pool(1, long(50_000, 50_000), obstacle="options")))
    dark = whole["pools"][0]
    assert [key for key in POOL_KEYS if dark[key] == 0] == []
    assert (dark["status"], dark["reason"], dark["equity"], dark["distance"]) == ("unassessed", "options", None, None)


def test_whole_numbers_have_no_point() -> None:
    assert [json.dumps(number(D(value))) for value in ("101", "0.5", "-145450.00", "1e20")] == ["101", "0.5", "-145450", "1e+20"]


def test_what_funding_costs_is_said_in_coin() -> None:
    # 50,000 dollars at 50,000: 1 coin; 0.01 % each 8 hours
    funding = Funding(rate=D("0.0001"), interval=timedelta(hours=8))
    found: Any = risk_json(risk(pool(2, long(50_000, 50_000, funding=funding))))
    told = found["pools"][0]["positions"][0]["funding"]
    assert (told["per_payment"], told["per_day"], told["daily_ratio"]) == (0.0001, 0.0003, 0.0003)
    assert told["per_year"] == pytest.approx(0.1095)


def test_a_pool_of_several_coins_says_which_moves_liquidate_it() -> None:
    btc = Collateral(coin="BTC", balance=D(2), price=D(50_000), haircut=D(0), beta=D(1))
    leg = long(300_000, 50_000, settle="BTC")
    found: Any = risk_json(risk(pool(0, leg, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))))
    several = found["pools"][0]
    assert several["joint_shock_below"] == pytest.approx(-0.24625)
    assert several["own_shocks"] == {"BTC": {"below": pytest.approx(-0.24625), "above": None}}
    assert several["equity"] == 100_000
    assert (several["coin"], several["positions"][0]["settle"]) == ("USD", "BTC")
