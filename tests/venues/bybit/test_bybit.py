"""Bybit's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Basis, MarginMode, Pool, PoolMode, Position, Tier
from monitor.core.contract import Side
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues, bybit, bybit_kinds, bybit_market
from monitor.venues.parse import Row, whole
from tests.venues.bybit.scene import COIN, LONG, PERPETUAL, QUARTERLY, TICKER, TIERS, answers, listing, says
from tests.venues.loopback import Loopback
from tests.venues.recordings import recorded
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal


def row(raw: Raw) -> Row:
    return Row(raw, "bybit", "a row")


def market(rules: bybit_kinds.Rules = bybit_kinds.CLASSIC, tiers: tuple[Raw, ...] = TIERS) -> bybit.Market:
    instruments = {str(raw["symbol"]): bybit_market.parse_instrument(row(raw)) for raw in (PERPETUAL, QUARTERLY)}
    tickers = {"BTCUSD": bybit_market.parse_ticker(row(TICKER), instruments)}
    return bybit.Market(
        rules=rules, instruments=instruments, tickers=tickers, ladders=bybit_market.parse_ladders([row(raw) for raw in tiers])
    )


def position(rules: bybit_kinds.Rules = bybit_kinds.CLASSIC, **changes: object) -> Position:
    return bybit.parse_position(row(LONG | changes), market(rules))


def pools(
    *held: Raw, rules: bybit_kinds.Rules = bybit_kinds.CLASSIC, wallet: Raw | None = None, **coin: object
) -> tuple[Pool, ...]:
    listed = wallet or {"coin": [COIN | coin], "accountMMRate": "0.0123"}
    return bybit.parse_pools([row(listed)], [row(raw) for raw in held], market(rules))


def test_a_cross_position_of_a_classic_account_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.notional) == ("BTC/USD:BTC", Side.LONG, 10000, 10000)
    assert (found.entry_price, found.mark_price, found.index_price, found.tick_size) == (40000, 50000, D("50010.5"), D("0.5"))
    assert (found.margin_mode, found.isolated_margin, found.adl_rank) == (MarginMode.CROSS, None, 2)
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.0001"), timedelta(hours=8))
    assert found.funding.next_at == datetime(2025, 10, 13, 16, tzinfo=UTC)


def test_a_contract_is_one_dollar_whatever_the_smallest_order_is() -> None:
    assert position().contract_size == 1
    assert PERPETUAL["lotSizeFilter"] == {"minOrderQty": "10"}


def test_the_position_value_is_the_entry_value_and_is_brought_to_the_mark() -> None:
    assert position().venue_coin_value == position().coin_value == D("0.2")


@pytest.mark.parametrize(
    ("raw", "price"), [("", None), ("0.00", None), (None, None), ("31000.5", D("31000.5")), ("999999.00", "none")]
)
def test_an_empty_liquidation_price_says_nothing_and_nines_say_none(raw: str | None, price: object) -> None:
    assert position(liqPrice=raw).venue_liquidation_price == price


def test_a_dated_contract_carries_its_date_and_no_funding() -> None:
    found = position(symbol="BTCUSDZ26")
    assert (found.symbol, found.funding, found.is_perpetual) == ("BTC/USD:BTC-261225", None, False)


def test_a_perpetual_that_leaves_the_market_is_not_a_dated_contract() -> None:
    leaving = bybit_market.parse_instrument(row(PERPETUAL | {"deliveryTime": "1702582000000"}))
    assert (leaving.symbol, leaving.funding_interval) == ("BTC/USD:BTC", timedelta(hours=8))


def test_hedge_mode_tells_directions_apart_by_side() -> None:
    assert position(positionIdx=2, side="Sell").side is Side.SHORT
    for contradiction in ({"positionIdx": 1, "side": "Sell"}, {"positionIdx": 2, "side": "Buy"}, {"side": "None"}, {"side": ""}):
        with pytest.raises(VenueDataInvalid):
            position(**contradiction)


def test_classic_margin_is_on_entry_value_with_the_closing_fee_at_bankruptcy() -> None:
    maintenance = position().maintenance
    assert maintenance is not None
    assert (maintenance.basis, maintenance.fee_rate, maintenance.fee_basis) == (Basis.ENTRY, D("0.00055"), Basis.BANKRUPTCY)


def test_isolated_positions_of_a_unified_account_stand_alone_with_margin_on_the_mark() -> None:
    found = position(bybit_kinds.ISOLATED)
    assert found.maintenance is not None
    assert (found.maintenance.basis, found.maintenance.fee_rate) == (Basis.MARK, 0)
    assert (found.margin_mode, found.isolated_margin) == (MarginMode.ISOLATED, D("0.0251"))


def test_a_contract_without_tiers_is_not_assessed() -> None:
    assert position(symbol="BTCUSDZ26").maintenance is None


def test_tiers_are_in_coin_and_join() -> None:
    assert market().ladders["BTCUSD"] == (
        Tier(floor=D(0), cap=D(150), rate=D("0.005")),
        Tier(floor=D(150), cap=D(300), rate=D("0.01")),
    )


def test_margins_may_be_fractions_or_percent() -> None:
    fractions = {
        "symbol": "BTCUSD",
        "riskLimitValue": "150",
        "maintenanceMargin": "0.005",
        "initialMargin": "0.01",
        "maxLeverage": "100",
    }
    assert market(tiers=(fractions,)).ladders["BTCUSD"][0].rate == D("0.005")
    with pytest.raises(VenueDataInvalid, match="initialMargin"):
        market(tiers=(fractions | {"initialMargin": "0.1"},))


@pytest.mark.parametrize(("raw", "amount"), [("0.75", D("0.75")), ("", None), ("0", None), (None, None)])
def test_a_deduction_that_is_not_given_is_left_to_be_derived(raw: str | None, amount: Decimal | None) -> None:
    assert market(tiers=(TIERS[0] | {"mmDeduction": raw},)).ladders["BTCUSD"][0].amount == amount


def test_wallet_plus_profit_is_the_venues_equity() -> None:
    (pool,) = pools(LONG)
    assert pool.wallet_balance + sum(held.unrealized_pnl for held in pool.cross) == pool.venue_equity == D("1.55")
    assert (pool.coin, pool.mode, pool.venue_maintenance_margin, pool.obstacle) == ("BTC", PoolMode.COIN, D("0.00125"), None)


def test_margin_of_an_isolated_position_is_taken_off_the_wallet() -> None:
    (pool,) = pools(LONG | {"tradeMode": 1})
    assert (pool.wallet_balance, pool.venue_equity, pool.venue_maintenance_margin) == (D("1.4749"), D("1.4749"), None)


def test_an_isolated_position_needs_its_margin() -> None:
    with pytest.raises(VenueDataInvalid, match="positionBalance"):
        position(bybit_kinds.ISOLATED, positionBalance="")


@pytest.mark.parametrize(
    ("rules", "mode"), [(bybit_kinds.CROSS, PoolMode.MULTI_COIN), (bybit_kinds.PORTFOLIO, PoolMode.PORTFOLIO)]
)
def test_accounts_that_pool_all_coins_are_shown_but_not_computed(rules: bybit_kinds.Rules, mode: PoolMode) -> None:
    (pool,) = pools(LONG, rules=rules)
    assert (pool.mode, pool.venue_margin_ratio, len(pool.positions)) == (mode, D("0.0123"), 1)
    assert pool.obstacle


@pytest.mark.parametrize(
    ("status", "mode", "rules"),
    [
        (1, "REGULAR_MARGIN", bybit_kinds.CLASSIC),
        (3, "PORTFOLIO_MARGIN", bybit_kinds.UNIFIED_1),
        (4, "ISOLATED_MARGIN", bybit_kinds.UNIFIED_1),
        (5, "ISOLATED_MARGIN", bybit_kinds.ISOLATED),
        (6, "REGULAR_MARGIN", bybit_kinds.CROSS),
        (6, "PORTFOLIO_MARGIN", bybit_kinds.PORTFOLIO),
    ],
)
def test_the_kind_of_account_decides_how_margin_works(status: int, mode: str, rules: bybit_kinds.Rules) -> None:
    assert bybit_kinds.parse_rules(says({"unifiedMarginStatus": status, "marginMode": mode})) is rules


@pytest.mark.parametrize(
    "info", [{"unifiedMarginStatus": 9}, {"unifiedMarginStatus": 5, "marginMode": "NEW"}, {"unifiedMarginStatus": 6}]
)
def test_a_kind_of_account_that_is_not_known_is_not_guessed(info: Raw) -> None:
    with pytest.raises(VenueDataInvalid):
        bybit_kinds.parse_rules(says(info))


def test_coins_without_inverse_contracts_and_empty_ones_are_left_out() -> None:
    others = [COIN | {"coin": "USDT"}, COIN | {"walletBalance": "0", "equity": "0"}]
    assert pools(wallet={"coin": others}) == ()


def test_a_position_without_a_balance_of_its_coin_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="no balance"):
        pools(LONG, wallet={"coin": []})


def test_a_position_in_an_unlisted_contract_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="DOGEUSD"):
        position(symbol="DOGEUSD")


@pytest.mark.parametrize("key", ["size", "avgPrice", "markPrice", "side", "tradeMode", "symbol"])
@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", [], True])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`|does not list"):
        position(bybit_kinds.CLASSIC, **{key: bad})


@pytest.mark.parametrize(
    ("answer", "trade", "withdraw"),
    [
        ({"readOnly": 1, "permissions": {"ContractTrade": ["Order"], "Wallet": ["Withdraw"]}}, False, False),
        ({"readOnly": 0, "permissions": {"ContractTrade": ["Order"], "Wallet": []}}, True, False),
        ({"readOnly": 0, "permissions": {"Wallet": ["AccountTransfer", "Withdraw"]}}, True, True),
        ({"readOnly": 0, "permissions": {"ContractTrade": [], "Wallet": []}}, False, False),
        ({"readOnly": 0, "permissions": {"ContractTrade": []}}, None, None),
        ({"readOnly": 0, "permissions": {"Wallet": []}}, None, False),
        ({"readOnly": 0, "permissions": {"ContractTrade": ["Order"], "Wallet": None}}, True, None),
        ({"readOnly": 0}, True, None),
        ({"readOnly": 1}, False, False),
    ],
)
def test_what_a_key_may_do(answer: Raw, trade: object, withdraw: object) -> None:
    found = bybit.parse_examination(0.5, bybit_kinds.CLASSIC, says(answer))
    assert (found.clock_offset_seconds, found.may_trade, found.may_withdraw, found.mode) == (0.5, trade, withdraw, "classic")


async def test_every_page_of_positions_is_read(venues: Venues) -> None:
    rows = [LONG, LONG | {"symbol": "BTCUSDZ26"}]
    given = answers()
    given["/v5/position/list"] = lambda asked: listing(rows[1]) if "cursor" in asked else listing(rows[0], cursor="a%3D1%2Cb")
    async with Loopback(given) as loopback:
        account = await venues.open(SCENES["bybit"].access(loopback.origin)).look()
        cursors = [asked.params.get("cursor") for asked in loopback.asked if asked.path.endswith("position/list")]
    assert [held.symbol for held in account.positions] == ["BTC/USD:BTC", "BTC/USD:BTC-261225"]
    assert cursors == [None, "a=1,b"]


@pytest.mark.parametrize("untold", [{}, {"nextPageCursor": None}])
async def test_a_page_of_positions_that_does_not_tell_of_a_next_one_is_not_taken_for_the_last(
    venues: Venues, untold: Raw
) -> None:
    given = answers() | {"/v5/position/list": says({"category": "inverse", "list": [LONG], **untold})}
    async with Loopback(given) as loopback:
        with pytest.raises(VenueDataInvalid, match="v5/position/list: answers with something else"):
            await venues.open(SCENES["bybit"].access(loopback.origin)).look()


async def test_a_list_without_a_last_page_is_not_whole(venues: Venues) -> None:
    given = answers()
    given["/v5/position/list"] = lambda asked: listing(LONG, cursor=str(int(asked.get("cursor", "0")) + 1))
    async with Loopback(given) as loopback:
        with pytest.raises(VenueDataInvalid, match="no last page"):
            await venues.open(SCENES["bybit"].access(loopback.origin)).look()


@pytest.mark.parametrize(
    ("status", "mode", "wallet"), [(1, "", "CONTRACT"), (4, "", "CONTRACT"), (6, "ISOLATED_MARGIN", "UNIFIED")]
)
async def test_the_wallet_that_backs_inverse_contracts_is_asked_for(venues: Venues, status: int, mode: str, wallet: str) -> None:
    given = answers() | {"/v5/account/info": says({"unifiedMarginStatus": status, "marginMode": mode})}
    async with Loopback(given) as loopback:
        await venues.open(SCENES["bybit"].access(loopback.origin)).look()
        asked = next(asked for asked in loopback.asked if asked.path.endswith("wallet-balance"))
    assert asked.params["accountType"] == wallet


def test_the_documented_position_reproduces_its_entry_value() -> None:
    (body,) = recorded("bybit__docs", endpoint="/v5/position/list")
    (found,) = whole(body, "bybit", "sample").inner("result").rows("list", "symbol")
    held = bybit.parse_position(found, market())
    assert (held.side, held.contracts, held.adl_rank, held.venue_liquidation_price) == (Side.SHORT, 300, 2, None)
    assert held.entry_value == pytest.approx(found.number("positionValue"), abs=D("1e-8"))
    assert held.venue_coin_value == pytest.approx(held.coin_value, rel=D("1e-6"))
    assert held.unrealized_pnl == pytest.approx(found.number("unrealisedPnl"), abs=D("1e-8"))


def test_the_documented_market_answers_are_read() -> None:
    (body,) = recorded("bybit__docs", endpoint="/v5/market/tickers")
    (found,) = whole(body, "bybit", "sample").inner("result").rows("list", "symbol")
    ticker = bybit_market.parse_ticker(found, {})
    assert (ticker.index_price, ticker.open_interest) == (D("114890.92"), D(240113967))
    (body,) = recorded("bybit__jkorf", endpoint="/v5/market/risk-limit")
    ladders = bybit_market.parse_ladders(whole(body, "bybit", "sample").inner("result").rows("list", "symbol"))
    assert ladders == {"BTCUSD": (Tier(floor=D(0), cap=D(150), rate=D("0.005")),)}


def test_the_documented_instruments_and_wallet_are_read() -> None:
    names = []
    for body in recorded("bybit__nautilus", endpoint="/v5/market/instruments-info?category=inverse"):
        names += [
            bybit_market.parse_instrument(found).symbol
            for found in whole(body, "bybit", "sample").inner("result").rows("list", "symbol")
        ]
    assert names == ["BTC/USD:BTC", "BRENT/USD:BRENT"]
    (body,) = recorded("bybit__docs", endpoint="/v5/account/wallet-balance")
    wallet = whole(body, "bybit", "sample").inner("result").rows("list", "accountType")
    assert bybit.parse_pools(wallet, [], market(bybit_kinds.ISOLATED)) == ()


def test_the_recorded_account_info_is_cross_margin() -> None:
    (body,) = recorded("bybit__ccxt_source_comments", endpoint="fetch_margin_mode")
    assert bybit_kinds.parse_rules(body) is bybit_kinds.CROSS
