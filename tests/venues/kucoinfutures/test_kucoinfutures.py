"""KuCoin Futures' wire format -> core values: one test for each quirk."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, MarginMode, Pool, Position
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.ports import ErrorKind, VenueDataInvalid, VenueRefused
from monitor.venues import Venues, kucoinfutures, kucoinfutures_market
from monitor.venues.market import Market
from monitor.venues.parse import Row
from tests.venues.kucoinfutures.scene import LINEAR, LONG, OVERVIEW, PERPETUAL, QUARTERLY, answers, says
from tests.venues.loopback import Loopback
from tests.venues.scenes import SCENES

D = Decimal

LISTED = says([PERPETUAL, QUARTERLY, LINEAR])
MARKET = Market(instruments=kucoinfutures_market.parse_instruments(LISTED), tickers=kucoinfutures_market.parse_tickers(LISTED))
ISOLATED = {"crossMode": False, "marginMode": "ISOLATED", "posMargin": "0.1"}


def row(**changes: object) -> Row:
    return Row(LONG | changes, "kucoinfutures", "a row")


def position(**changes: object) -> Position:
    return kucoinfutures.parse_position(row(**changes), MARKET)


def pools(*held: Row, **overview: object) -> tuple[Pool, ...]:
    return kucoinfutures.parse_pools([says(OVERVIEW | overview)], list(held), MARKET)


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.notional) == ("BTC/USD:BTC", Side.LONG, 10000, 10000)
    assert (found.entry_price, found.mark_price, found.index_price, found.tick_size) == (40000, 50000, D("50010.5"), D("0.1"))
    assert found.basis == D(50000) / D("50010.5") - 1
    assert (found.margin_mode, found.isolated_margin, found.settle) == (MarginMode.CROSS, None, "BTC")
    assert (found.open_interest, found.taker_fee, found.market_notice) == (D(61725904), D("0.0006"), None)
    assert found.venue_coin_value == found.coin_value == D("0.2")
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.000175"), timedelta(hours=8))
    assert found.funding.next_at == datetime(2025, 10, 13, 16, tzinfo=UTC)


def test_a_dated_contract_carries_its_date_and_no_funding() -> None:
    found = position(symbol="XBTMZ26")
    assert (found.symbol, found.funding, found.is_perpetual) == ("BTC/USD:BTC-261225", None, False)


def test_milliseconds_until_the_next_funding_are_not_taken_for_a_time() -> None:
    (ticker,) = kucoinfutures_market.parse_tickers(says([PERPETUAL | {"nextFundingRateDateTime": None}])).values()
    assert ticker.funding is not None
    assert ticker.funding.next_at is None


def test_the_interval_in_force_goes_before_the_usual_one() -> None:
    changed = PERPETUAL | {"currentFundingRateGranularity": 14400000}
    (ticker,) = kucoinfutures_market.parse_tickers(says([changed])).values()
    assert ticker.funding is not None
    assert ticker.funding.interval == timedelta(hours=4)


def test_a_market_that_does_not_trade_is_noticed() -> None:
    (paused,) = kucoinfutures_market.parse_instruments(says([PERPETUAL | {"status": "Paused"}])).values()
    assert paused.notice == "its market is Paused instead of Open"


@pytest.mark.parametrize(
    ("quantity", "named", "side"),
    [
        (5, "BOTH", Side.LONG),
        (-5, "BOTH", Side.SHORT),
        (5, None, Side.LONG),
        (-5, None, Side.SHORT),
        (5, "LONG", Side.LONG),
        (-5, "SHORT", Side.SHORT),
        (5, "SHORT", Side.SHORT),
    ],
)
def test_direction_is_the_sign_or_in_hedge_mode_the_named_side(quantity: int, named: str | None, side: Side) -> None:
    found = position(currentQty=quantity, positionSide=named)
    assert (found.side, found.contracts) == (side, 5)


@pytest.mark.parametrize(("quantity", "named"), [(-5, "LONG"), (5, "long"), (5, 1), (5, "")])
def test_a_direction_that_is_contradicted_or_not_known_is_not_guessed(quantity: int, named: object) -> None:
    with pytest.raises(VenueDataInvalid, match="positionSide"):
        position(currentQty=quantity, positionSide=named)


@pytest.mark.parametrize(
    ("crossed", "named", "mode"),
    [
        (True, "CROSS", MarginMode.CROSS),
        (False, "ISOLATED", MarginMode.ISOLATED),
        (None, "ISOLATED", MarginMode.ISOLATED),
        (True, None, MarginMode.CROSS),
    ],
)
def test_margin_mode_is_said_in_two_ways_or_in_one(crossed: bool | None, named: str | None, mode: MarginMode) -> None:  # noqa: FBT001 - a row of the table
    assert position(crossMode=crossed, marginMode=named).margin_mode is mode


@pytest.mark.parametrize(("crossed", "named"), [(True, "ISOLATED"), (False, "CROSS"), (None, None), (None, "SHARED"), ("yes", 1)])
def test_a_margin_mode_that_is_contradicted_or_not_known_is_not_guessed(crossed: object, named: object) -> None:
    with pytest.raises(VenueDataInvalid, match="marginMode"):
        position(crossMode=crossed, marginMode=named)


def test_margin_and_closing_fee_are_on_the_mark_at_the_rate_of_the_position() -> None:
    maintenance = position().maintenance
    assert maintenance is not None
    assert (maintenance.basis, maintenance.fee_basis, maintenance.fee_rate) == (Basis.MARK, Basis.MARK, D("0.0006"))
    assert [(tier.floor, tier.cap, tier.rate, tier.amount) for tier in maintenance.tiers] == [(0, None, D("0.0067"), 0)]


def test_without_a_fee_the_requirement_is_not_known() -> None:
    listed = kucoinfutures_market.parse_instruments(says([{**PERPETUAL, "takerFeeRate": None}]))
    found = kucoinfutures.parse_position(row(), Market(instruments=listed, tickers={}))
    assert (found.maintenance, found.taker_fee) == (None, None)


@pytest.mark.parametrize(("raw", "rank"), [(0.0, None), (None, None), (0.1, 1), (0.2, 1), (0.21, 2), (0.86, 5), (1, 5)])
def test_a_percentile_of_deleveraging_becomes_a_rank_of_five(raw: object, rank: int | None) -> None:
    assert position(delevPercentage=raw).adl_rank == rank


@pytest.mark.parametrize(
    ("raw", "price"),
    [(0, None), (None, None), (1000000, "none"), ("1000000.0", "none"), (0.1, "none"), (0.01, "none"), (31879.5, D("31879.5"))],
)
def test_the_bounds_of_an_order_s_price_mean_that_no_price_liquidates(raw: object, price: object) -> None:
    assert position(liquidationPrice=raw).venue_liquidation_price == price


def test_the_documented_short_agrees_with_our_arithmetic() -> None:
    found = position(
        currentQty=-20, markPrice="7933.01", markValue="0.00252111", avgEntryPrice="7508.22", liquidationPrice=1000000
    )
    assert (found.side, found.venue_liquidation_price) == (Side.SHORT, "none")
    assert found.coin_value == pytest.approx(found.venue_coin_value, rel=D("1e-5"))
    assert found.unrealized_pnl == pytest.approx(D("-0.00014264"), abs=D("1e-8"))


def test_the_documented_cross_rate_gives_the_documented_liquidation_price() -> None:
    """Long of one at 96976.8: bankrupt at 52110.87, liquidated at 52351.69; linear there, so the coin's value is what moves."""
    rule = position(maintMarginReq="0.0040000133").maintenance
    assert rule is not None
    assert D("52110.87") / (1 - rule.tiers[0].rate - rule.fee_rate) == pytest.approx(D("52351.69"), abs=D("0.01"))


def test_equity_without_profit_is_the_wallet() -> None:
    (pool,) = pools(row())
    assert (pool.coin, pool.wallet_balance, pool.order_margin) == ("BTC", D("1.5"), D("0.01"))
    assert pool.wallet_balance + sum(held.unrealized_pnl for held in pool.cross) == pool.venue_equity == D("1.55")
    assert (pool.venue_margin_ratio, pool.obstacle) == (D("0.000941935"), None)


def test_isolated_margin_and_its_profit_are_no_part_of_the_pool() -> None:
    alone = row(symbol="XBTMZ26", unrealisedPnl="0.02", **ISOLATED)
    (pool,) = pools(row(), alone, accountEquity="1.67", unrealisedPNL="0.07")
    assert (pool.wallet_balance, pool.venue_equity, len(pool.isolated)) == (D("1.5"), D("1.55"), 1)
    assert pool.isolated[0].isolated_margin == D("0.1")


def test_coins_that_are_leaving_back_nothing() -> None:
    (pool,) = pools(row(), frozenFunds="0.5")
    assert (pool.wallet_balance, pool.venue_equity) == (1, D("1.05"))


def test_the_pool_s_requirement_is_the_venue_s_risk_ratio() -> None:
    (pool,) = pools(row(currentQty=500000, markValue=-10, avgEntryPrice=50000), accountEquity=1, unrealisedPNL=0)
    account = Account(name="main", venue="kucoinfutures", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(pool,))
    (risk,) = assess(account, age=timedelta(0), target_distance=D("0.3")).pools
    assert risk.margin.margin_ratio == pytest.approx(D("0.073"), abs=D("1e-9"))
    assert risk.margin.liquidation_price_below == pytest.approx(D(500000) * D("1.0073") / 11, abs=D("0.01"))


def test_linear_positions_and_closed_ones_are_left_out() -> None:
    listed = [LONG, LONG | {"symbol": "XBTUSDTM", "settleCurrency": "USDT", "isInverse": False}, LONG | {"currentQty": 0}]
    assert len(kucoinfutures.held_rows(says(listed), ["BTC"])) == 1


def test_a_contract_on_something_else_bars_its_pool() -> None:
    strange = kucoinfutures_market.parse_instruments(says([PERPETUAL | {"symbol": "ETHXBTM", "baseCurrency": "ETH"}]))
    market = Market(instruments=strange, tickers={})
    (pool,) = kucoinfutures.parse_pools([says(OVERVIEW)], [row(symbol="ETHXBTM")], market)
    assert pool.obstacle == "ETH/USD:BTC is not an inverse contract on BTC, but shares its margin"


def test_a_coin_that_is_not_held_is_left_out() -> None:
    assert pools(accountEquity=0, unrealisedPNL=0, positionMargin=0) == ()


def test_a_position_margin_without_a_position_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="BTC has a position margin and no position is listed"):
        pools()


def test_a_position_without_an_account_of_its_coin_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="positions in ETH, but no balance"):
        pools(row(), row(symbol="ETHUSDM", settleCurrency="ETH"))


@pytest.mark.parametrize("key", ["currentQty", "avgEntryPrice", "markPrice", "maintMarginReq", "symbol"])
@pytest.mark.parametrize("bad", [None, "", "abc", "Infinity", {}, True])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`|does not list"):
        position(**{key: bad})


@pytest.mark.parametrize("key", ["accountEquity", "unrealisedPNL", "frozenFunds", "positionMargin"])
def test_a_balance_that_matters_is_never_made_up(key: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}` is missing"):
        pools(*([] if key == "positionMargin" else [row()]), **{key: None})


@pytest.mark.parametrize("key", ["posMargin", "unrealisedPnl"])
def test_an_isolated_margin_is_never_made_up(key: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}` is missing"):
        pools(row(**(ISOLATED | {key: None})))


@pytest.mark.parametrize(
    ("granted", "trade", "withdraw"),
    [
        ("General", False, False),
        ("General,Futures", True, False),
        ("General, Spot, Withdrawal", True, True),
        ("General,Transfer", False, True),
        ("General,InnerTransfer", True, False),
    ],
)
def test_what_a_key_may_do(granted: str, trade: object, withdraw: object) -> None:
    found = kucoinfutures.parse_examination(0.5, "CLASSIC", says({"permission": granted}))
    assert (found.may_trade, found.may_withdraw, found.mode) == (trade, withdraw, "classic")


async def test_a_unified_account_is_refused_before_its_empty_list_of_positions_is_believed(venues: Venues) -> None:
    unified = answers() | {"/api/ua/v1/account/mode": says({"selfAccountMode": "UNIFIED"}), "/api/v1/positions": says([])}
    async with Loopback(unified) as loopback:
        account = venues.open(SCENES["kucoinfutures"].access(loopback.origin))
        with pytest.raises(VenueRefused, match="unified account, whose shared margin is not read yet") as caught:
            await account.look()
        assert caught.value.kind is ErrorKind.REFUSED
        assert loopback.count("api/v1/positions") == 0
        assert (await account.examine()).mode == "unified"


async def test_every_coin_with_inverse_contracts_is_asked_for_by_the_venue_s_name(venues: Venues) -> None:
    ether = PERPETUAL | {"symbol": "ETHUSDM", "baseCurrency": "ETH", "settleCurrency": "ETH"}
    both = answers() | {"/api/v1/contracts/active": says([PERPETUAL, ether, LINEAR])}
    both["/api/v1/account-overview"] = lambda asked: says(OVERVIEW | {"currency": asked["currency"]} | _none(asked["currency"]))
    async with Loopback(both) as loopback:
        account = await venues.open(SCENES["kucoinfutures"].access(loopback.origin)).look()
        asked = sorted(one.params["currency"] for one in loopback.asked if one.path.endswith("account-overview"))
    assert asked == ["ETH", "XBT"]
    assert [pool.coin for pool in account.pools] == ["BTC"]


def _none(currency: str) -> dict[str, object]:
    return {} if currency == "XBT" else {"accountEquity": 0, "unrealisedPNL": 0, "positionMargin": 0}


def test_an_inverse_position_in_a_coin_without_a_listed_contract_is_never_left_out() -> None:
    strange, linear = LONG | {"settleCurrency": "DOT"}, LONG | {"settleCurrency": "USDT", "isInverse": False}
    (row,) = kucoinfutures.held_rows(says([strange, linear]), ["BTC"])
    assert row.raw["settleCurrency"] == "DOT"
