"""HTX's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, GroupSize, MarginMode, Pool, PoolMode, Position
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.risk import PoolRisk, Status
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues, htx, htx_keys, htx_market
from monitor.venues.market import Market
from monitor.venues.parse import Row, whole
from tests.venues.htx.scene import (
    ACCOUNT,
    FUNDING,
    FUTURE_INTEREST,
    IDLE,
    INDEX,
    LONG,
    MY_KEY,
    QUARTERLY,
    SWAP,
    SWAP_INTEREST,
    answers,
)
from tests.venues.loopback import Loopback
from tests.venues.recordings import recorded
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal
DATED = LONG | {"contract_code": "BTC261225"}


def row(raw: Raw) -> Row:
    return Row(raw, "htx", "a row")


def market(*swaps: Raw) -> Market:
    instruments = htx_market.parse_instruments([row(raw) for raw in (SWAP, *swaps)], dated=False)
    instruments |= htx_market.parse_instruments([row(QUARTERLY), row(NEXT_QUARTERLY)], dated=True)
    interests = [row(SWAP_INTEREST), row(FUTURE_INTEREST)]
    tickers = htx_market.parse_tickers(instruments, [row(INDEX)], [row(FUNDING)], interests)
    return Market(instruments=instruments, tickers=tickers)


NEXT_QUARTERLY = QUARTERLY | {"contract_code": "BTC270326", "delivery_time": "1806048000000"}


def margin(*held: Raw, account: Raw = ACCOUNT) -> htx.Margin:
    return htx.Margin(account=row(account), held=tuple(row(raw) for raw in held))


def position(account: Raw = ACCOUNT, **changes: object) -> Position:
    alone = margin(LONG | changes, account=account)
    return htx.parse_position(alone.held[0], alone, market())


def pool_of(*margins: htx.Margin) -> Pool:
    (pool,) = htx.parse_pools([*margins], market())
    return pool


def risk_of(pool: Pool) -> PoolRisk:
    account = Account(name="main", venue="htx", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(pool,))
    return assess(account, age=timedelta(0), target_distance=D("0.3")).pools[0]


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.contract_size) == ("BTC/USD:BTC", Side.LONG, 100, 100)
    assert (found.index_price, found.tick_size, found.open_interest) == (D("50010.5"), D("0.1"), 518018)
    assert (found.margin_mode, found.isolated_margin, found.adl_rank, found.taker_fee) == (
        MarginMode.CROSS,
        None,
        None,
        D("0.0005"),
    )
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.0001"), timedelta(hours=8))
    assert found.funding.next_at == datetime(2025, 10, 13, 16, tzinfo=UTC)


def test_the_venue_reckons_at_the_last_price_and_from_the_last_settlement() -> None:
    found = position()
    assert (found.entry_price, found.mark_price) == (40000, 50000)
    assert found.unrealized_pnl == D(str(LONG["profit_unreal"]))


def test_a_position_s_margin_times_its_leverage_is_its_value() -> None:
    assert position().venue_coin_value == position().coin_value == D("0.2")


def test_in_hedge_mode_the_two_sides_are_two_rows_and_only_the_larger_needs_margin() -> None:
    both = margin(LONG, LONG | {"direction": "sell", "volume": 80, "position_margin": 0.016})
    pool = pool_of(both)
    assert [(held.side, held.contracts) for held in pool.positions] == [(Side.LONG, 100), (Side.SHORT, 80)]
    assert [held.venue_coin_value for held in pool.positions] == [None, None]
    groups = [held.maintenance.tier_group for held in pool.positions if held.maintenance]
    assert [(group.id, group.size) for group in groups if group] == [("BTC-USD", GroupSize.MAX)] * 2
    assert risk_of(pool).margin.maintenance_margin == pool.venue_maintenance_margin == D("0.002")


def test_the_announced_example_of_a_hedge_needs_the_margin_of_its_larger_side() -> None:
    sides = [
        {"direction": side, "volume": size, "lever_rate": 20, "last_price": 9500} for side, size in (("buy", 1000), ("sell", 800))
    ]
    pool = pool_of(margin(*(LONG | side for side in sides), account=ACCOUNT | {"adjust_factor": 1, "margin_static": 99}))
    assert risk_of(pool).margin.maintenance_margin == pytest.approx(D("0.5263"), abs=D("0.0001"))


def test_the_chosen_leverage_decides_over_the_requirement() -> None:
    maintenance = position(lever_rate=20).maintenance
    assert maintenance is not None
    assert (maintenance.basis, maintenance.fee_rate) == (Basis.MARK, 0)
    assert [(tier.floor, tier.cap, tier.rate, tier.amount) for tier in maintenance.tiers] == [(0, None, D("0.005"), 0)]


@pytest.mark.parametrize(
    ("raw", "price"), [(5740.8, D("5740.8")), (None, "none"), (-0.3, "none"), ("0E-18", "none"), (31000, 31000)]
)
def test_no_liquidation_price_or_one_below_zero_is_none(raw: object, price: object) -> None:
    assert position(ACCOUNT | {"liquidation_price": raw}).venue_liquidation_price == price


def test_a_liquidation_price_that_is_left_out_or_empty_says_nothing() -> None:
    left_out = {name: value for name, value in ACCOUNT.items() if name != "liquidation_price"}
    assert [position(raw).venue_liquidation_price for raw in (left_out, ACCOUNT | {"liquidation_price": ""})] == [None, None]


def test_an_account_with_several_contracts_has_no_price_for_one_of_them() -> None:
    pool = pool_of(margin(DATED, DATED | {"contract_code": "BTC270326"}))
    assert [held.venue_liquidation_price for held in pool.positions] == [None, None]
    assert pool.obstacle is None


def test_a_dated_contract_carries_its_date_and_no_funding() -> None:
    (held,) = pool_of(margin(DATED)).positions
    assert (held.symbol, held.funding, held.index_price, held.open_interest) == ("BTC/USD:BTC-261225", None, D("50010.5"), 118850)
    with pytest.raises(VenueDataInvalid, match="delivery_time"):
        htx_market.parse_instrument(row(QUARTERLY | {"delivery_time": ""}), dated=True)


def test_the_static_margin_plus_profit_is_the_venues_equity() -> None:
    pool = pool_of(margin(LONG))
    assert pool.wallet_balance + sum(held.unrealized_pnl for held in pool.cross) == pool.venue_equity == D("1.55")
    assert (pool.coin, pool.mode, pool.order_margin, pool.obstacle) == ("BTC", PoolMode.COIN, D("0.005"), None)
    assert pool.venue_maintenance_margin == D("0.002")
    assert pool.venue_margin_ratio == D("0.1") / D(62)


def test_coins_on_the_account_without_positions_back_nothing() -> None:
    pool = pool_of(margin(LONG), margin(account=IDLE))
    assert (pool.wallet_balance, pool.venue_equity, pool.obstacle) == (D("1.5"), D("1.55"), None)
    dated = pool_of(margin(account=IDLE), margin(DATED))
    assert (dated.wallet_balance, [held.symbol for held in dated.positions]) == (D("1.5"), ["BTC/USD:BTC-261225"])


def test_coins_without_any_position_are_all_there() -> None:
    pool = pool_of(margin(account=IDLE), margin(account=IDLE | {"margin_static": 1, "margin_balance": 1}))
    assert (pool.wallet_balance, pool.venue_maintenance_margin) == (D("1.25"), 0)
    empty = dict.fromkeys(("margin_static", "margin_balance", "adjust_factor"), 0)
    assert htx.parse_pools([margin(account=IDLE | empty)], market()) == ()


def test_perpetual_and_dated_contracts_of_a_coin_are_not_one_pool() -> None:
    pool = pool_of(margin(LONG), margin(DATED))
    assert pool.obstacle is not None
    assert "each on an account of its own" in pool.obstacle
    risk = risk_of(pool)
    assert (risk.margin.status, len(risk.positions)) == (Status.UNASSESSED, 2)
    assert risk.positions[0].liquidation_price == D("5740.8")


def test_dates_that_stand_against_each_other_are_not_computed() -> None:
    against = DATED | {"contract_code": "BTC270326", "direction": "sell"}
    assert "stand against each other" in str(pool_of(margin(DATED, against)).obstacle)
    hedged = DATED | {"direction": "sell", "volume": 99}
    assert pool_of(margin(DATED, hedged, DATED | {"contract_code": "BTC270326"})).obstacle is None


def test_rows_of_size_zero_are_none_and_a_position_needs_its_account() -> None:
    (idle,) = htx.parse_margins([row(ACCOUNT)], [row(LONG | {"volume": "0E-18"})])
    assert idle.held == ()
    with pytest.raises(VenueDataInvalid, match="positions in BTC, but no balance"):
        htx.parse_margins([], [row(LONG)])
    with pytest.raises(VenueDataInvalid, match="two accounts in BTC"):
        htx.parse_margins([row(ACCOUNT), row(ACCOUNT)], [])


def test_a_position_in_an_unlisted_contract_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="DOGE-USD, which the venue does not list"):
        position(contract_code="DOGE-USD")


@pytest.mark.parametrize("key", ["volume", "cost_hold", "last_price", "direction", "lever_rate"])
@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", [], True, 0])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`"):
        pool_of(margin(LONG | {key: bad}))


@pytest.mark.parametrize("key", ["margin_static", "margin_balance", "margin_frozen", "margin_position", "adjust_factor"])
def test_an_account_that_matters_is_never_made_up(key: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`"):
        pool_of(margin(LONG, account=ACCOUNT | {key: None}))


@pytest.mark.parametrize(
    ("state", "notice"), [(1, None), (5, None), (7, None), (3, "its market is suspended"), (9, "its market is in state 9")]
)
def test_a_market_in_settlement_is_as_usual(state: int, notice: str | None) -> None:
    assert htx_market.parse_instrument(row(SWAP | {"contract_status": state}), dated=False).notice == notice


def test_a_swap_with_a_day_of_delivery_is_about_to_leave() -> None:
    leaving = htx_market.parse_instrument(row(SWAP | {"delivery_time": "1798185600000"}), dated=False)
    assert (leaving.symbol, leaving.notice) == ("BTC/USD:BTC", "its market closes on 2026-12-25")


@pytest.mark.parametrize(
    ("permission", "trade", "withdraw"),
    [("readOnly", False, False), ("readOnly,trade", True, False), ("readOnly,trade,withdraw", True, True)],
)
def test_what_a_key_may_do(permission: str, trade: object, withdraw: object) -> None:
    listed = [MY_KEY | {"accessKey": "another", "permission": "readOnly,trade,withdraw"}, MY_KEY | {"permission": permission}]
    rights = htx_keys.parse_rights({"data": listed}, "the-key-in-these-tests")
    found = htx_keys.parse_examination(0.5, rights)
    assert (found.clock_offset_seconds, found.may_trade, found.may_withdraw) == (0.5, trade, withdraw)


async def test_a_key_that_may_not_list_keys_leaves_its_rights_unknown(venues: Venues) -> None:
    given = answers() | {"/v2/user/uid": {"code": 1002, "message": "forbidden"}}
    async with Loopback(given) as loopback:
        found = await venues.open(SCENES["htx"].access(loopback.origin)).examine()
    assert (found.may_trade, found.may_withdraw) == (None, None)


async def test_accounts_and_positions_are_read_by_post_and_nothing_else_is_posted(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        await venues.open(SCENES["htx"].access(loopback.origin)).look()
    posted = {asked.path for asked in loopback.asked if asked.method == "POST"}
    assert posted == {f"/{endpoint.path}" for product in htx.PRODUCTS.values() for endpoint in product}


@pytest.mark.parametrize(("chosen", "read"), [("swap", "swap-api"), ("future", "contract_"), ("spot", "")])
async def test_an_owner_may_choose_one_product(venues: Venues, chosen: str, read: str) -> None:
    scene = SCENES["htx"]
    async with Loopback(answers()) as loopback:
        options = {"urls": {"api": scene.urls(loopback.origin)}, "options": {"defaultType": chosen}}
        await venues.open(scene.access("", options=options)).look()
    posted = [asked.path for asked in loopback.asked if asked.method == "POST"]
    assert len(posted) == (2 if read else 4)
    assert all(read in path for path in posted)


async def test_hosts_are_those_of_contracts_and_of_keys(venues: Venues) -> None:
    venues.open(SCENES["htx"].access("", options={}))
    (connection,) = venues._connections.values()
    assert connection._exchange.permit.origins == {"https://api.hbdm.vn", "https://api.huobi.pro"}


THETA = SWAP | {"symbol": "THETA", "contract_code": "THETA-USD", "contract_size": 10}


def test_the_documented_account_reproduces_profit_ratio_and_liquidation_price() -> None:
    account = ACCOUNT | {
        "symbol": "THETA",
        "margin_balance": "713.633454962959082868",
        "margin_position": "15.681846694266716848",
        "margin_frozen": "13.765413852951653365",
        "profit_unreal": "-10.2894948960880036",
        "risk_rate": "23.834290107178404617",
        "liquidation_price": "0.198584522842823398",
        "lever_rate": 20,
        "adjust_factor": "0.4",
        "margin_static": "723.922949859047086468",
    }
    held = {"symbol": "THETA", "contract_code": "THETA-USD", "volume": 20, "cost_hold": "0.65931", "last_price": "0.63768"}
    held |= {
        "position_margin": "15.681846694266716848",
        "lever_rate": 20,
        "direction": "buy",
        "cost_open": "0.604834710743801652",
    }
    (pool,) = htx.parse_pools([margin(held, account=account)], market(THETA))
    risk = risk_of(pool)
    assert risk.margin.equity == pytest.approx(pool.venue_equity, abs=D("1e-15"))
    assert risk.margin.maintenance_margin == pytest.approx(pool.venue_maintenance_margin, abs=D("1e-15"))
    assert risk.positions[0].liquidation_price == pytest.approx(D("0.198584522842823398"), abs=D("1e-15"))
    assert risk.positions[0].venue_convention_price == pytest.approx(D("0.198584522842823398"), abs=D("1e-15"))
    used = D("15.681846694266716848") + D("13.765413852951653365")
    assert pool.venue_margin_ratio == pytest.approx(D("0.4") * used / D("713.633454962959082868"), rel=D("1e-12"))


def test_a_short_on_more_coins_than_it_owes_has_no_price() -> None:
    account = {"adjust_factor": 0.2, "margin_static": 403.13177414607503, "liquidation_price": None, "risk_rate": 39.14}
    held = {"direction": "sell", "volume": 1, "cost_hold": 0.0991, "last_price": 0.097085, "lever_rate": 10}
    coin = {"symbol": "ADA", "contract_code": "ADA-USD"}
    listed = market(SWAP | coin | {"contract_size": 10})
    (pool,) = htx.parse_pools([margin(LONG | held | coin, account=ACCOUNT | account | {"symbol": "ADA"})], listed)
    risk = risk_of(pool)
    assert (risk.margin.distance, pool.positions[0].venue_liquidation_price) == (None, "none")
    assert pool.positions[0].unrealized_pnl == pytest.approx(D("2.094349999768738"), abs=D("1e-12"))


@pytest.mark.parametrize("label", ["swap", "future"])
def test_recorded_positions_reproduce_their_profit_and_margin(label: str) -> None:
    bodies = recorded("htx__ccxt_source_comments", endpoint="fetch_positions")
    listed = [found for body in bodies for found in rows_of(body) if "-USDT" not in found.text("contract_code")]
    (found,) = [each for each in listed if ("-" in each.text("contract_code")) is (label == "swap")]
    old = htx_market.parse_instrument(
        row(QUARTERLY | {"contract_code": "BTC220624", "delivery_time": "1656057600000"}), dated=True
    )
    known = Market(instruments={**market().instruments, old.id: old}, tickers={})
    alone = htx.Margin(account=row(ACCOUNT), held=(found,))
    held = htx.parse_position(found, alone, known)
    assert held.unrealized_pnl == pytest.approx(found.number("profit_unreal"), abs=D("1e-14"))
    assert held.coin_value == pytest.approx(held.venue_coin_value, rel=D("1e-12"))


def rows_of(body: object) -> list[Row]:
    return whole(body, "htx", "sample").rows("data", "contract_code")


def test_the_recorded_funding_is_read() -> None:
    (body,) = recorded("htx__ccxt_source_comments", endpoint="fetch_funding_rates")
    (found,) = rows_of(body)
    funding = htx_market.parse_funding(found)
    assert (funding.rate, funding.interval) == (D("0.0001"), timedelta(hours=8))
