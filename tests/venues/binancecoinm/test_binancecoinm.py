"""Binance COIN-M's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Basis, MarginMode, Pool, Position, Tier
from monitor.core.contract import Side
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues
from monitor.venues import binancecoinm as binance
from monitor.venues import binancecoinm_market as market
from monitor.venues.parse import Row
from tests.venues.binancecoinm.scene import ASSET, BRACKETS, EMPTY, LONG, NOTHING, PERPETUAL, PREMIUMS, QUARTERLY, answers
from tests.venues.loopback import Loopback, answer
from tests.venues.recordings import recorded
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal

INSTRUMENTS = market.parse_instruments({"symbols": [PERPETUAL, QUARTERLY]})
TICKERS = market.parse_tickers(PREMIUMS)
LADDERS = binance.parse_brackets(BRACKETS)


def position(**changes: object) -> Position:
    return binance.parse_position(Row(LONG | changes, "binancecoinm", "a row"), INSTRUMENTS, TICKERS, LADDERS)


def pools(*held: Position, **asset: object) -> tuple[Pool, ...]:
    return binance.parse_pools({"assets": [ASSET | asset]}, held)


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.notional) == ("BTC/USD:BTC", Side.LONG, 100, 10000)
    assert (found.entry_price, found.mark_price, found.index_price, found.tick_size) == (40000, 50000, D("50010.5"), D("0.1"))
    assert (found.margin_mode, found.isolated_margin, found.venue_liquidation_price) == (
        MarginMode.CROSS,
        None,
        D("5119.97445760"),
    )
    assert found.venue_coin_value == found.coin_value == D("0.2")
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.0001"), timedelta(hours=8))
    assert found.funding.next_at == datetime(2020, 7, 30, 8, tzinfo=UTC)


def test_a_dated_contract_carries_its_date_and_no_funding() -> None:
    found = position(symbol="BTCUSD_261225")
    assert (found.symbol, found.funding, found.is_perpetual) == ("BTC/USD:BTC-261225", None, False)


def test_empty_rows_are_left_out() -> None:
    assert len(binance.held_rows([LONG, EMPTY, EMPTY | {"positionAmt": "0.0"}])) == 1


@pytest.mark.parametrize(
    ("amount", "named", "side"),
    [
        ("5", "BOTH", Side.LONG),
        ("-5", "BOTH", Side.SHORT),
        ("5", "LONG", Side.LONG),
        ("-5", "SHORT", Side.SHORT),
        ("5", "SHORT", Side.SHORT),
    ],
)
def test_direction_is_the_sign_or_in_hedge_mode_the_named_side(amount: str, named: str, side: Side) -> None:
    found = position(positionAmt=amount, positionSide=named)
    assert (found.side, found.contracts) == (side, 5)


def test_a_long_of_negative_size_is_not_understood() -> None:
    with pytest.raises(VenueDataInvalid, match="positionSide"):
        position(positionAmt="-5", positionSide="LONG")


def test_value_in_coin_is_unsigned_like_the_size() -> None:
    assert position(positionAmt="-100", notionalValue="-0.2").venue_coin_value == D("0.2")


@pytest.mark.parametrize(
    ("raw", "price"), [("0", "none"), ("-12.5", "none"), ("", None), (None, None), ("31879.5", D("31879.5"))]
)
def test_a_liquidation_price_of_zero_means_that_there_is_none(raw: str | None, price: object) -> None:
    assert position(liquidationPrice=raw).venue_liquidation_price == price


def test_isolated_margin_leaves_out_unrealised_profit() -> None:
    isolated = {"marginType": "isolated", "isolatedMargin": "0.00274471", "unRealizedProfit": "0.00006413"}
    assert position(**isolated, isolatedWallet="0.00268058").isolated_margin == D("0.00268058")
    assert position(**isolated, isolatedWallet=None).isolated_margin == D("0.00268058")


def test_a_margin_mode_that_is_not_known_is_not_guessed() -> None:
    with pytest.raises(VenueDataInvalid, match="marginType"):
        position(marginType="shared")


@pytest.mark.parametrize("spelling", ["qtyFloor", "qtylFloor"])
def test_the_floor_of_a_bracket_has_two_spellings(spelling: str) -> None:
    first = {"bracket": 1, "qtyCap": 50, spelling: 0, "maintMarginRatio": "0.004", "cum": 0}
    second = {"bracket": 2, "qtyCap": 100, spelling: 50, "maintMarginRatio": "0.005", "cum": "0.05"}
    found = binance.parse_brackets([{"symbol": "BTCUSD_PERP", "brackets": [second, first]}])
    assert found["BTCUSD_PERP"] == (
        Tier(floor=D(0), cap=D(50), rate=D("0.004"), amount=D(0)),
        Tier(floor=D(50), cap=D(100), rate=D("0.005"), amount=D("0.05")),
    )


def test_brackets_with_a_hole_or_without_a_floor_are_not_used() -> None:
    good = {"bracket": 1, "qtyCap": 50, "qtyFloor": 0, "maintMarginRatio": "0.004", "cum": 0}
    for bad in ([good, good | {"qtyFloor": 60, "qtyCap": 100}], [good | {"qtyFloor": 10}], [good | {"qtyFloor": None}], []):
        with pytest.raises(VenueDataInvalid):
            binance.parse_brackets([{"symbol": "BTCUSD_PERP", "brackets": bad}])


def test_margin_is_on_the_mark_in_coin_without_a_fee() -> None:
    maintenance = position().maintenance
    assert maintenance is not None
    assert (maintenance.basis, maintenance.fee_rate, maintenance.tiers[1].amount) == (Basis.MARK, 0, D("0.05"))
    assert binance.parse_position(Row(LONG, "", ""), INSTRUMENTS, {}, {}).maintenance is None


def test_the_cross_wallet_plus_profit_is_the_venues_equity() -> None:
    (pool,) = pools(position())
    assert pool.wallet_balance + sum(held.unrealized_pnl for held in pool.cross) == pool.venue_equity == D("1.55")
    assert (pool.venue_maintenance_margin, pool.order_margin, pool.obstacle) == (D("0.0008"), 0, None)


def test_isolated_positions_hide_the_pools_own_maintenance_margin() -> None:
    (pool,) = pools(position(marginType="isolated", isolatedWallet="0.1"), walletBalance="1.6")
    assert (pool.wallet_balance, pool.venue_maintenance_margin, len(pool.isolated)) == (D("1.5"), None, 1)


def test_a_coin_that_is_not_held_is_left_out() -> None:
    assert pools(crossWalletBalance="0.00000000", crossUnPnl="0", maintMargin="0") == ()


def test_a_contract_on_something_else_bars_its_pool() -> None:
    quanto = market.parse_instruments({"symbols": [PERPETUAL | {"symbol": "ETHBTC_PERP", "baseAsset": "ETH"}]})
    found = binance.parse_position(Row(LONG | {"symbol": "ETHBTC_PERP"}, "", ""), quanto, {}, {})
    (pool,) = pools(found, position())
    assert pool.obstacle == "ETH/USD:BTC is not an inverse contract on BTC, but shares its margin"


def test_a_position_without_a_balance_of_its_coin_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="no balance"):
        pools(position(), asset="ETH")


def test_a_position_in_an_unlisted_contract_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="DOGEUSD_PERP"):
        position(symbol="DOGEUSD_PERP")


@pytest.mark.parametrize("key", ["positionAmt", "entryPrice", "markPrice", "positionSide", "marginType", "symbol"])
@pytest.mark.parametrize("bad", [None, "", "abc", "Infinity", {}, True])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`|does not list") as caught:
        position(**{key: bad})
    assert caught.value.message.startswith("binancecoinm")


@pytest.mark.parametrize("key", ["crossWalletBalance", "crossUnPnl", "maintMargin"])
def test_a_balance_that_matters_is_never_made_up(key: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"account assets BTC `{key}` is missing"):
        pools(position(), **{key: ""})


@pytest.mark.parametrize(
    ("rights", "trade", "withdraw"),
    [
        (NOTHING, False, False),
        (NOTHING | {"enableFutures": True}, True, False),
        (NOTHING | {"permitsUniversalTransfer": True, "enableWithdrawals": True}, True, True),
        (NOTHING | {"enableFixApiTrade": True}, True, False),
        (NOTHING | {"enableFutures": None, "enableWithdrawals": ""}, None, None),
        ({"enableReading": True}, None, None),
        ({}, None, None),
    ],
)
def test_what_a_key_may_do(rights: Raw, trade: object, withdraw: object) -> None:
    found = binance.parse_examination(0.5, rights)
    assert (found.may_trade, found.may_withdraw) == (trade, withdraw)


async def test_a_host_that_cannot_tell_a_keys_rights_leaves_them_unknown(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        loopback.fault, loopback.faulty = answer(404, "{}"), "apiRestrictions"
        found = await venues.open(SCENES["binancecoinm"].access(loopback.origin)).examine()
    assert (found.may_trade, found.may_withdraw) == (None, None)
    assert found.clock_offset_seconds == pytest.approx(0, abs=1)


async def test_brackets_are_an_accounts_own_and_on_a_slow_clock(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        access = SCENES["binancecoinm"].access
        for account in (venues.open(access(loopback.origin)), venues.open(access(loopback.origin, account="other"))):
            await account.look()
            await account.look()
        assert loopback.count("leverageBracket") == 2


def test_the_recorded_instruments_are_read() -> None:
    (body,) = recorded("binance__gocryptotrader", endpoint="/dapi/v1/exchangeInfo")
    found = market.parse_instruments(body)
    assert all(instrument.is_inverse for instrument in found.values())
    assert (found["BTCUSD_PERP"].contract_size, found["ETHUSD_PERP"].contract_size) == (100, 10)
    assert {name for name, one in found.items() if one.expiry is None} == {name for name in found if name.endswith("_PERP")}


@pytest.mark.parametrize("words", ["PERPETUAL DELIVERING", "PERPETUAL_DELIVERING"])
def test_a_perpetual_that_leaves_the_market_is_not_a_dated_contract(words: str) -> None:
    leaving = PERPETUAL | {"contractType": words, "contractStatus": "DELIVERING"}
    (found,) = market.parse_instruments({"symbols": [leaving]}).values()
    assert (found.symbol, found.notice) == ("BTC/USD:BTC", "its market is DELIVERING instead of TRADING")


def test_the_recorded_premium_index_is_read() -> None:
    bodies = recorded("binance__gocryptotrader", endpoint="/dapi/v1/premiumIndex")
    found = {name: ticker for body in bodies for name, ticker in market.parse_tickers(body).items()}
    assert (found["LINKUSD_231229"].index_price, found["LINKUSD_231229"].funding) == (D("5.99608046"), None)
    assert found["BTCUSD_PERP"].funding is not None


def test_the_sample_in_ccxts_source_agrees_with_our_arithmetic() -> None:
    (body,) = recorded("binance__ccxt_source_coinm", endpoint="/dapi/v1/positionRisk")
    (row,) = binance.held_rows(body)
    held = binance.parse_position(row, INSTRUMENTS, TICKERS, LADDERS)
    assert held.venue_coin_value == pytest.approx(held.coin_value, rel=D("1e-4"))
    assert held.unrealized_pnl == pytest.approx(row.number("unRealizedProfit"), abs=D("1e-8"))
    assert held.isolated_margin == D("0.00268058")


def test_the_documented_account_and_brackets_are_read() -> None:
    (body,) = recorded("binance__connector_python", endpoint="/dapi/v1/account")
    (pool,) = binance.parse_pools(body, [])
    assert (pool.coin, pool.wallet_balance, pool.venue_equity) == ("BTC", D("0.00241969"), D("0.00241969"))
    (body,) = recorded("binance__connector_python", endpoint="/dapi/v2/leverageBracket")
    assert binance.parse_brackets(body)["BTCUSD_PERP"][0].rate == D("0.004")


def test_the_documented_price_in_place_of_a_value_is_kept_for_the_unit_check_to_find() -> None:
    (body,) = recorded("binance__jkorf", endpoint="/dapi/v1/positionRisk")
    (row,) = binance.held_rows(body)
    contract = {"BTCUSD_201225": INSTRUMENTS["BTCUSD_PERP"]}
    held = binance.parse_position(row, contract, {}, {})
    assert held.venue_coin_value is not None
    assert held.venue_coin_value / held.coin_value > 1_000_000


async def test_a_margin_for_isolated_positions_alone_that_are_not_listed_is_no_flat_account(venues: Venues) -> None:
    isolated_only = ASSET | {"walletBalance": "0.1", "crossWalletBalance": "0", "crossUnPnl": "0", "maintMargin": "0.001"}
    given = answers() | {"/dapi/v1/positionRisk": [EMPTY], "/dapi/v1/account": {"assets": [isolated_only]}}
    async with Loopback(given) as loopback:
        with pytest.raises(VenueDataInvalid, match="BTC has a maintenance margin and no position is listed"):
            await venues.open(SCENES["binancecoinm"].access(loopback.origin)).look()
