"""Kraken's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, MarginMode, Pool, PoolMode, Position, TierUnit
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.margin import scope
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues, krakenfutures, krakenfutures_market, krakenfutures_schedules
from monitor.venues.access import UnusableAccess
from monitor.venues.market import Market
from monitor.venues.parse import Row
from tests.venues.krakenfutures.scene import (
    ACCOUNT,
    ACCOUNTS,
    CASH,
    DATED_TICKER,
    FLEX,
    INDEX,
    INDEX_TICKER,
    LINEAR,
    LONG,
    PERPETUAL,
    QUARTERLY,
    TICKER,
    answers,
    says,
)
from tests.venues.loopback import Loopback
from tests.venues.recordings import recorded
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal

LISTED = says(instruments=[PERPETUAL, QUARTERLY, LINEAR, INDEX])
INSTRUMENTS = krakenfutures_market.parse_instruments(LISTED)
LADDERS = krakenfutures_schedules.parse_ladders(LISTED)
TICKERS = krakenfutures_market.parse_tickers(says(tickers=[TICKER, DATED_TICKER, INDEX_TICKER]))
MARKET = Market(instruments=INSTRUMENTS, tickers=TICKERS, ladders=LADDERS)
SHORT = LONG | {"side": "short", "symbol": "fi_xbtusd_261225", "price": 51000, "size": 8000}


def pools(*held: Raw, **accounts: Raw) -> tuple[Pool, ...]:
    rows = krakenfutures.held_rows(says(openPositions=list(held)))
    read = krakenfutures.margin_accounts(says(accounts=ACCOUNTS | accounts))
    return krakenfutures.parse_pools(read, krakenfutures.inverse_rows(rows, INSTRUMENTS), MARKET)


def pool(*held: Raw, **parts: Raw) -> Pool:
    changed = {name: {**ACCOUNT[name], **part} for name, part in parts.items()}  # type: ignore[dict-item] # - parts are objects
    (found,) = pools(*(held or (LONG,)), fi_xbtusd={**ACCOUNT, **changed})
    return found


def position(**changes: object) -> Position:
    (found,) = pool(LONG | changes).positions
    return found


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.margin_mode) == ("BTC/USD:BTC", Side.LONG, MarginMode.CROSS)
    assert (found.contracts, found.contract_size, found.entry_price) == (10000, 1, 40000)
    assert (found.index_price, found.tick_size, found.open_interest) == (49990, D("0.5"), 21279580)
    assert (found.taker_fee, found.market_notice, found.is_perpetual) == (D("0.0005"), None, True)


def test_marks_come_from_the_tickers_and_without_one_nothing_is_assumed() -> None:
    assert position().mark_price == 50000
    with pytest.raises(VenueDataInvalid, match="a position in PI_XBTUSD, and no mark price of it"):
        krakenfutures.parse_position(Row(LONG, "krakenfutures", "a row"), replace(MARKET, tickers={}))


def test_names_are_the_same_in_small_letters_and_in_capitals() -> None:
    assert position(symbol="PI_XBTUSD") == position(symbol="pi_xbtusd")


def test_a_dated_contract_carries_its_date_and_shares_the_margin_account_of_its_pair() -> None:
    found = pool(LONG, SHORT, marginRequirements={"mm": 0.002 + 0.01 * 8000 / 51000, "lt": 0})
    assert [held.symbol for held in found.cross] == ["BTC/USD:BTC", "BTC/USD:BTC-261225"]
    assert [held.side for held in found.cross] == [Side.LONG, Side.SHORT]
    assert found.cross[1].funding is None
    assert all(held.maintenance for held in found.cross)


def test_the_wallet_is_the_portfolio_value_without_its_profit() -> None:
    found = pool()
    assert (found.coin, found.mode, found.obstacle) == ("BTC", PoolMode.COIN, None)
    assert found.wallet_balance + found.positions[0].unrealized_pnl == found.venue_equity == D("1.55")
    assert found.wallet_balance == D("1.5")


def test_coins_in_the_cash_account_and_in_the_multi_collateral_wallet_back_nothing_here() -> None:
    assert [found.coin for found in pools(cash=CASH, flex=FLEX | {"currencies": {"XBT": {"quantity": 5}}})] == ["BTC"]
    assert pools(fi_xbtusd=ACCOUNT | {"auxiliary": {"pv": 0, "pnl": 0}, "marginRequirements": {"mm": 0, "lt": 0}}) == ()


def test_the_margin_account_of_a_bygone_linear_pair_is_no_pool_of_its_coin() -> None:
    assert len(pools(LONG, fv_xrpxbt=ACCOUNT)) == 1
    with pytest.raises(VenueDataInvalid, match="BTC has two margin accounts"):
        pools(LONG, fi_xbteur=ACCOUNT)


def test_linear_contracts_are_left_out_whichever_way_they_are_margined() -> None:
    linear = LONG | {"symbol": "PF_XBTUSD", "size": 0.5}
    assert pools(LONG, linear, linear | {"maxFixedLeverage": 5.0}) == pools(LONG)


def test_a_contract_that_is_not_listed_could_be_anything() -> None:
    with pytest.raises(VenueDataInvalid, match="PI_ETHUSD, which the venue does not list"):
        pools(LONG | {"symbol": "pi_ethusd"})


def test_a_position_without_a_margin_account_of_its_coin_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="positions in BTC, but no margin account of it"):
        krakenfutures.parse_pools({}, [Row(LONG, "krakenfutures", "a row")], MARKET)


def test_an_isolated_inverse_position_bars_the_pool() -> None:
    assert pool(LONG | {"maxFixedLeverage": 10}).obstacle == krakenfutures.ISOLATED


@pytest.mark.parametrize("key", ["symbol", "side", "size", "price"])
@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", [], True])
def test_a_field_of_a_position_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid) as caught:
        position(**{key: bad})
    assert f"`{key}`" in caught.value.message or "does not list" in caught.value.message


@pytest.mark.parametrize(("part", "key"), [("auxiliary", "pv"), ("auxiliary", "pnl"), ("marginRequirements", "mm")])
def test_a_figure_of_the_account_that_matters_is_never_made_up(part: str, key: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}` is missing"):
        pool(LONG, **{part: {key: None}})


def test_tiers_are_marginal_and_count_contracts() -> None:
    held = position(size=750000)
    assert held.maintenance is None
    big = pool(LONG | {"size": 750000}, marginRequirements={"mm": 0.2, "lt": 0.2}).positions[0]
    assert big.maintenance is not None
    assert (big.maintenance.basis, big.maintenance.tier_unit) == (Basis.MARK, TierUnit.CONTRACTS)
    assert [(tier.floor, tier.cap, tier.rate) for tier in big.maintenance.tiers] == [
        (0, 500000, D("0.01")),
        (500000, None, D("0.02")),
    ]
    assert scope(D(20), (big,), big.mark_price).required == (D(500000) * D("0.01") + D(250000) * D("0.02")) / 50000


@pytest.mark.parametrize(
    ("required", "rate"), [(0.002, "0.01"), (0.05, "0.25"), (0.01, "0.05"), (0.008, "0.04"), (0.00206, "0.01")]
)
def test_the_schedule_of_an_account_is_the_one_whose_margin_the_venue_reckons(required: float, rate: str) -> None:
    (held,) = pool(LONG, marginRequirements={"mm": required, "lt": required}).positions
    assert held.maintenance is not None
    assert held.maintenance.tiers[0].rate == D(rate)


@pytest.mark.parametrize("required", [0, 0.0009, 0.003, 0.02, 1])
def test_where_no_schedule_fits_the_rule_is_not_known(required: float) -> None:
    assert pool(LONG, marginRequirements={"mm": required, "lt": 0}).positions[0].maintenance is None


@pytest.mark.parametrize("untold", ["lt", "mm"])
def test_half_of_the_margin_that_the_venue_reckons_is_not_enough(untold: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"marginRequirements `{untold}` is missing"):
        pool(LONG, marginRequirements={untold: None})


def test_a_liquidation_threshold_above_the_maintenance_margin_is_what_counts() -> None:
    found = pool(LONG, marginRequirements={"mm": 0.002, "lt": 0.01})
    assert found.venue_maintenance_margin == D("0.01")
    assert found.positions[0].maintenance is not None
    assert found.positions[0].maintenance.tiers[0].rate == D("0.05")


def test_the_trigger_is_a_price_of_the_spot_and_is_brought_to_the_contract() -> None:
    found = pool(LONG, SHORT, triggerEstimates={"lt": 4999}, marginRequirements={"mm": 0.00357, "lt": 0})
    assert [held.venue_liquidation_price for held in found.positions] == [5000, 5100]


@pytest.mark.parametrize("raw", [0, "0", -1, None])
def test_a_trigger_of_zero_says_nothing(raw: object) -> None:
    assert pool(LONG, triggerEstimates={"lt": raw}).positions[0].venue_liquidation_price is None


def test_the_price_of_the_venue_is_ours() -> None:
    account = Account(name="main", venue="krakenfutures", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(pool(),))
    (found,) = assess(account, age=timedelta(0), target_distance=D("0.3")).pools
    (held,) = found.positions
    assert held.disagreement is not None
    assert held.disagreement < D("1e-6")


def test_funding_is_absolute_coin_for_each_contract_and_becomes_a_share_of_the_value() -> None:
    funding = TICKERS["PI_XBTUSD"].funding
    assert funding is not None
    assert (funding.rate, funding.interval, funding.is_continuous) == (D("0.0000125"), timedelta(hours=1), True)
    assert funding.next_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    held = position()
    assert held.coin_value * D("0.0000125") == held.contracts * D("2.5e-10")


def test_tickers_of_linear_contracts_whose_funding_is_in_dollars_are_passed_over() -> None:
    linear = TICKER | {"symbol": "PF_XBTUSD", "fundingRate": 0.35}
    assert set(krakenfutures_market.parse_tickers(says(tickers=[linear, TICKER, INDEX_TICKER]))) == {"PI_XBTUSD"}


@pytest.mark.parametrize(
    ("changes", "notice"),
    [
        ({}, None),
        ({"tradeable": False}, "its market does not trade"),
        ({"postOnly": True}, "its market takes post-only orders only"),
        ({"isExpired": True, "tradeable": False}, "its contract has expired"),
    ],
)
def test_what_keeps_a_market_from_trading(changes: Raw, notice: str | None) -> None:
    assert krakenfutures_market.parse_instruments(says(instruments=[{**PERPETUAL, **changes}]))["PI_XBTUSD"].notice == notice


def test_margin_levels_with_a_hole_are_no_ladder() -> None:
    holed = PERPETUAL | {"marginLevels": [{"contracts": 5, "maintenanceMargin": 0.01}], "retailMarginLevels": []}
    assert "PI_XBTUSD standard" not in krakenfutures_schedules.parse_ladders(says(instruments=[holed, QUARTERLY]))


async def test_a_coin_that_was_there_a_moment_ago_is_not_gone_because_nothing_is_said_of_it(venues: Venues) -> None:
    api, ether = "/derivatives/api/v3/", ACCOUNT | {"currency": "eth", "marginRequirements": {"mm": 0, "lt": 0}}
    given = answers() | {api + "accounts": says(accounts=ACCOUNTS | {"fi_ethusd": ether})}
    async with Loopback(given) as loopback:
        account = venues.open(SCENES["krakenfutures"].access(loopback.origin))
        assert [found.coin for found in (await account.look()).pools] == ["BTC", "ETH"]
        loopback.answers[api + "accounts"] = says(accounts=ACCOUNTS)
        for _ in range(2):
            with pytest.raises(VenueDataInvalid, match="ETH had a margin account with something in it, and now has none"):
                await account.look()
        for balance in (1, 0):
            emptied = ether | {"auxiliary": {"pv": balance, "pnl": 0}}
            loopback.answers[api + "accounts"] = says(accounts=ACCOUNTS | {"fi_ethusd": emptied})
            assert len((await account.look()).pools) == 1 + balance
        loopback.answers[api + "accounts"] = says(accounts=ACCOUNTS)
        assert [found.coin for found in (await account.look()).pools] == ["BTC"]


async def test_a_secret_that_is_not_base64_is_refused_before_anything_is_asked(venues: Venues) -> None:
    with pytest.raises(UnusableAccess, match="base64"):
        venues.open(SCENES["krakenfutures"].access("http://127.0.0.1:1", api_secret="not-from-kraken"))


async def test_an_order_book_is_in_contracts(venues: Venues) -> None:
    book = says(orderBook={"bids": [[49999.5, 1000], [49990, 2000]], "asks": [[50000.5, 500]]})
    async with Loopback(answers() | {"/derivatives/api/v3/orderbook": book}) as loopback:
        found = await venues.open(SCENES["krakenfutures"].access(loopback.origin)).order_book("BTC/USD:BTC")
        assert loopback.asked[-1].params == {"symbol": "PI_XBTUSD"}
    assert [(level.price, level.contracts) for level in found.bids] == [(D("49999.5"), 1000), (49990, 2000)]


def test_the_recorded_instruments_are_read() -> None:
    bodies = [
        body for name in ("jkorf", "nautilus") for body in recorded(f"krakenfutures__{name}", endpoint=PATH + "instruments")
    ]
    found = [krakenfutures_market.parse_instruments(body) for body in bodies]
    assert [{i.symbol for i in listed.values() if i.is_inverse} for listed in found] == [
        {"BTC/USD:BTC", "BTC/USD:BTC-220930"},
        {"BTC/USD:BTC", "BTC/USD:BTC-220930"},
        {"BTC/USD:BTC"},
    ]
    assert [{name for name, i in listed.items() if not i.is_inverse} for listed in found] == [
        {"PF_XBTUSD"},
        {"PF_XBTUSD"},
        {"PF_ETHUSD", "PF_PEPEUSD", "PF_AAPLXUSD"},
    ]
    tiers = krakenfutures_schedules.parse_ladders(bodies[0])["PI_XBTUSD standard"]
    assert [(tier.floor, tier.rate) for tier in tiers][-1] == (3000000, D("0.05"))


def test_the_recorded_tickers_are_read() -> None:
    (body,) = recorded("krakenfutures__nautilus", endpoint=PATH + "tickers")
    found = krakenfutures_market.parse_tickers(body)["PI_XBTUSD"]
    assert (found.mark_price, found.index_price, found.open_interest) == (D("91506.6009839176"), D("91468.38"), 21279580)
    assert found.funding is not None
    assert found.funding.rate == pytest.approx(D("-0.00036564"), abs=D("1e-8"))
    assert found.funding.next_at == datetime(2025, 11, 17, 1, tzinfo=UTC)


def test_the_documented_wallets_and_positions_are_read() -> None:
    (accounts,) = recorded("krakenfutures__kraken_sdk", endpoint=PATH + "accounts")
    (held,) = recorded("krakenfutures__kraken_sdk", endpoint=PATH + "openpositions")
    read = krakenfutures.margin_accounts(accounts)
    assert list(read) == ["BTC"]
    assert krakenfutures.parse_pools(read, [], MARKET) == ()
    (row,) = krakenfutures.held_rows(held)
    found = krakenfutures.parse_position(row, MARKET)
    assert (found.side, found.contracts, found.entry_price) == (Side.SHORT, 8000, D("27523.749993345933"))


def test_the_sample_account_of_2018_agrees_with_our_arithmetic() -> None:
    """1,700 short from 9,054.336 at a mark of 9,292.2, shown as 9,292: margin is on the mark, and the wallet is the balance."""
    instrument = PERPETUAL | {"symbol": "FI_XBTUSD_180519", "lastTradingTime": "2018-05-19T16:00:00.000Z"}
    listed = says(instruments=[instrument])
    ticker = {"symbol": "FI_XBTUSD_180519", "markPrice": 9292}
    market = Market(
        instruments=krakenfutures_market.parse_instruments(listed),
        tickers=krakenfutures_market.parse_tickers(says(tickers=[ticker])),
        ladders=krakenfutures_schedules.parse_ladders(listed),
    )
    account = ACCOUNT | {
        "auxiliary": {"pv": "0.40321572134", "pnl": "-0.00480628374"},
        "marginRequirements": {"mm": "0.001829490655", "lt": "0.001829490655"},
        "triggerEstimates": {"lt": 0},
    }
    row = {"side": "short", "symbol": "fi_xbtusd_180519", "price": "9054.335894621296", "size": 1700}
    read = krakenfutures.margin_accounts(says(accounts={"fi_xbtusd": account}))
    (found,) = krakenfutures.parse_pools(read, krakenfutures.held_rows(says(openPositions=[row])), market)
    assert found.wallet_balance == D("0.40802200508")
    cross = scope(found.wallet_balance, found.cross, found.cross[0].mark_price)
    assert cross.equity == pytest.approx(found.venue_equity, abs=D("5e-6"))
    assert cross.required == pytest.approx(found.venue_maintenance_margin, abs=D("5e-8"))


PATH = "/derivatives/api/v3/"
