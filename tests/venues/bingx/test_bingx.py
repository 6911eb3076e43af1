"""BingX's wire format -> core values: one test for each quirk."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, MarginMode, Pool, Position
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.risk import Status
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues, bingx, bingx_market
from monitor.venues.market import Market
from tests.venues.bingx.scene import BALANCE, CONTRACT, LONG, PREMIUM, answers, says
from tests.venues.loopback import Loopback
from tests.venues.scenes import SCENES

D = Decimal

CONTRACTS = bingx_market.parse_instruments(says([CONTRACT, CONTRACT | {"symbol": "SOL-USD", "minTickSize": "10"}]))
MARKET = Market(instruments=CONTRACTS, tickers=bingx_market.parse_tickers(says([PREMIUM])))
SHORT = {"positionSide": "SHORT", "riskRate": "0.0007858", "liquidationPrice": 0}
ALONE = {"isolated": True, "initialMargin": "0.1", "riskRate": "0.00733333", "liquidationPrice": 28728.571428571428}
"""A tenth of a coin behind 0.2: 0.0011 / 0.15; 10000 * 1.0055 / 0.35."""

SAMPLE = {
    "symbol": "SOL-USD",
    "positionId": "1813080351385337856",
    "positionSide": "LONG",
    "isolated": False,
    "positionAmt": "1",
    "availableAmt": "1",
    "unrealizedProfit": "-0.00009074",
    "initialMargin": "0.00630398",
    "liquidationPrice": "23.968303426677032",
    "avgPrice": "158.63",
    "leverage": 10,
    "markPrice": "158.402",
    "riskRate": "0.00123783",
    "maxMarginReduction": "0",
    "updateTime": 1721107015848,
}
SAMPLE_BALANCE = {
    "asset": "SOL",
    "balance": "0.35707951",
    "equity": "0.35791051",
    "unrealizedProfit": "0.00083099",
    "availableMargin": "0.35160653",
    "usedMargin": "0.00630397",
    "freezedMargin": "0",
}
"""Source: ccxt 4.5.90, async_support/bingx.py:2752 and 2509; read 2026-11. The price is text here, to keep its digits."""


def pool(*held: dict[str, object], **balance: object) -> Pool:
    used = {} if "usedMargin" in balance else {"usedMargin": str(sum(D(str(row["initialMargin"])) for row in held))}
    answer = says([BALANCE | used | balance])
    (found,) = bingx.parse_pools(answer, bingx.held_rows(says([*held])), MARKET)
    return found


def position(**changes: object) -> Position:
    (found,) = pool(LONG | changes, usedMargin="0.025").positions
    return found


def account(held: Pool) -> Account:
    return Account(name="main", venue="bingx", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(held,))


def rate(found: Position) -> Decimal | None:
    rule = found.maintenance
    return None if rule is None else rule.tiers[0].rate + rule.fee_rate


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.notional) == ("BTC/USD:BTC", Side.LONG, 100, 10000)
    assert (found.entry_price, found.mark_price, found.index_price, found.tick_size) == (40000, 50000, D("50010.5"), D("0.1"))
    assert (found.margin_mode, found.isolated_margin, found.settle, found.id) == (MarginMode.CROSS, None, "BTC", None)
    assert (found.adl_rank, found.open_interest, found.taker_fee, found.market_notice) == (None, None, D("0.0005"), None)
    assert found.basis == D("50001") / D("50010.5") - 1
    assert found.venue_coin_value == found.coin_value == D("0.2")
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.000175"), None)
    assert found.funding.next_at == datetime(2026, 10, 24, 8, tzinfo=UTC)


def test_a_tick_size_is_the_dollars_of_a_contract_and_a_precision_is_the_tick() -> None:
    listed = {name: (one.contract_size, one.tick_size, one.symbol, one.is_inverse) for name, one in CONTRACTS.items()}
    assert listed == {"BTC-USD": (100, D("0.1"), "BTC/USD:BTC", True), "SOL-USD": (10, D("0.1"), "SOL/USD:SOL", True)}


@pytest.mark.parametrize(
    "bad", [{"symbol": "NEWS"}, {"symbol": "-USD"}, {"symbol": "BTC-"}, {"minTickSize": None}, {"minTickSize": "0"}]
)
def test_a_contract_that_is_not_understood_is_not_listed(bad: dict[str, object]) -> None:
    assert list(bingx_market.parse_instruments(says([CONTRACT | {"symbol": "ODD-USD"} | bad, CONTRACT]))) == ["BTC-USD"]


@pytest.mark.parametrize(("status", "notice"), [(1, None), (None, None), (0, "its market has status 0 instead of 1")])
def test_a_market_that_does_not_trade_is_noticed(status: object, notice: str | None) -> None:
    (listed,) = bingx_market.parse_instruments(says([CONTRACT | {"status": status}])).values()
    assert listed.notice == notice


@pytest.mark.parametrize("places", [None, 40, -1])
def test_a_precision_that_is_none_gives_no_tick(places: object) -> None:
    (listed,) = bingx_market.parse_instruments(says([CONTRACT | {"pricePrecision": places}])).values()
    assert listed.tick_size is None


def test_newer_answers_tell_how_long_a_funding_interval_lasts() -> None:
    (found,) = bingx_market.parse_tickers(says([PREMIUM | {"fundingIntervalHours": 4}])).values()
    assert found.funding is not None
    assert found.funding.interval == timedelta(hours=4)
    (silent,) = bingx_market.parse_tickers(says([PREMIUM | {"lastFundingRate": ""}])).values()
    assert silent.funding is None


@pytest.mark.parametrize(
    ("named", "amount", "side"), [("LONG", "5", Side.LONG), ("SHORT", "5", Side.SHORT), ("SHORT", "-5", Side.SHORT)]
)
def test_direction_is_named_in_both_modes(named: str, amount: str, side: Side) -> None:
    found = position(positionSide=named, positionAmt=amount)
    assert (found.side, found.contracts) == (side, 5)


@pytest.mark.parametrize(
    "odd", [{"positionSide": "BOTH"}, {"positionSide": None}, {"positionSide": "long"}, {"positionAmt": "-5"}]
)
def test_a_direction_that_is_not_known_is_not_guessed(odd: dict[str, object]) -> None:
    with pytest.raises(VenueDataInvalid, match="positionSide"):
        position(**odd)


def test_the_documented_position_implies_one_rate_by_both_of_its_figures() -> None:
    (found,) = bingx.parse_pools(says([SAMPLE_BALANCE]), bingx.held_rows(says([SAMPLE])), MARKET)
    (held,) = found.positions
    assert held.unrealized_pnl == pytest.approx(D("-0.00009074"), abs=D("1e-8"))
    assert held.venue_coin_value == pytest.approx(held.coin_value, rel=D("1e-5"))
    assert rate(held) == pytest.approx(D("0.0070"), abs=D("1e-4"))
    (risk,) = assess(account(found), age=timedelta(0), target_distance=D("0.3")).pools
    assert risk.margin.liquidation_price_below == pytest.approx(D("23.9683"), abs=D("0.002"))


def test_the_rate_is_that_of_the_risk_and_of_the_price() -> None:
    rule = position().maintenance
    assert rule is not None
    assert (rule.basis, rule.fee_basis, rule.fee_rate) == (Basis.MARK, Basis.MARK, D("0.0005"))
    assert rule.tiers[0].rate == pytest.approx(D("0.005"), abs=D("1e-7"))
    assert rate(position(liquidationPrice=0)) == pytest.approx(D("0.0055"), abs=D("1e-7"))


def test_the_worse_of_two_rates_is_used() -> None:
    assert rate(position(riskRate="0.001")) == pytest.approx(D("0.00775"))
    assert rate(position(liquidationPrice="5800")) == pytest.approx(D("0.015"))


@pytest.mark.parametrize("untold", ["", None])
def test_a_rate_without_the_price_at_which_it_may_be_a_worse_one_is_none(untold: object) -> None:
    assert position(liquidationPrice=untold).maintenance is None


def test_two_rates_of_which_one_is_incredible_are_none() -> None:
    assert position(liquidationPrice="9000").maintenance is None


def test_a_short_has_a_price_above_the_mark() -> None:
    """0.1 + 0.2 - 0.25 = 0.05 of equity; 10000 * (1 - 0.0055) / 0.15 = 66300."""
    found = pool(LONG | SHORT | {"riskRate": "0.022", "liquidationPrice": 66300}, balance="0.1", equity="0.05")
    assert rate(found.positions[0]) == pytest.approx(D("0.0055"))
    (risk,) = assess(account(found), age=timedelta(0), target_distance=D("0.3")).pools
    assert risk.margin.liquidation_price_above == pytest.approx(D(66300))


@pytest.mark.parametrize("untold", ["0", "", None, "9", "-0.001", "0.00001"])
def test_without_a_credible_risk_rate_nothing_is_computed(untold: object) -> None:
    found = pool(LONG | {"riskRate": untold, "liquidationPrice": 0})
    assert found.positions[0].maintenance is None
    (risk,) = assess(account(found), age=timedelta(0), target_distance=D("0.3")).pools
    assert risk.margin.status is Status.UNASSESSED


@pytest.mark.parametrize(
    ("raw", "price"), [(0, None), ("0", None), (None, None), ("", None), ("0.1", "none"), ("-3", "none"), ("5700.5", D("5700.5"))]
)
def test_zero_is_no_price_and_a_tick_means_that_there_is_none(raw: object, price: object) -> None:
    assert position(liquidationPrice=raw).venue_liquidation_price == price


def test_the_balance_is_the_wallet_and_equity_holds_the_profit() -> None:
    found = pool(LONG)
    assert (found.coin, found.wallet_balance, found.venue_equity, found.order_margin) == ("BTC", D("1.5"), D("1.55"), D("0.01"))
    assert found.wallet_balance + sum(held.unrealized_pnl for held in found.cross) == found.venue_equity
    assert (found.venue_margin_ratio, found.venue_maintenance_margin, found.obstacle) == (D("0.00070968"), None, None)


def test_isolated_margin_is_inside_the_balance_but_no_part_of_the_pool() -> None:
    found = pool(LONG | ALONE)
    (held,) = found.isolated
    assert (found.wallet_balance, found.venue_equity, found.venue_margin_ratio) == (D("1.4"), D("1.4"), None)
    assert (found.obstacle, held.isolated_margin, held.venue_coin_value) == (None, D("0.1"), None)
    assert rate(held) == pytest.approx(D("0.0055"), abs=D("1e-7"))


def test_beside_an_isolated_position_the_shared_one_has_the_rest() -> None:
    """10000 * 1.0055 / (1.4 + 0.25) and 0.0011 / 1.45."""
    shared = LONG | {"riskRate": "0.00075862", "liquidationPrice": 6093.939393939394}
    found = pool(shared, LONG | ALONE, equity="1.6")
    assert (found.wallet_balance, found.venue_equity, found.obstacle) == (D("1.4"), D("1.45"), None)
    assert [rate(held) for held in found.positions] == [pytest.approx(D("0.0055"), abs=D("1e-6"))] * 2


@pytest.mark.parametrize(
    ("changes", "used"),
    [
        ({}, "0.15"),
        ({}, "0"),
        ({"maxMarginReduction": "0.02"}, "0.1"),
        ({"liquidationPrice": 25136.75}, "0.1"),
        ({"riskRate": "0.0055"}, "0.1"),
        ({"liquidationPrice": 0}, "0.1"),
        ({"riskRate": "0"}, "0.1"),
    ],
)
def test_an_isolated_margin_that_was_changed_is_not_known_and_neither_is_what_is_left(
    changes: dict[str, object], used: str
) -> None:
    found = pool(LONG | ALONE | changes, usedMargin=used)
    assert (found.isolated[0].isolated_margin, found.venue_equity) == (None, None)
    assert found.obstacle == "the margin of BTC/USD:BTC is not told, so that of the balance of BTC it is not known what is shared"
    (risk,) = assess(account(found), age=timedelta(0), target_distance=D("0.3")).pools
    assert risk.positions[0].margin is not None
    assert risk.positions[0].margin.status is Status.UNASSESSED


def test_a_used_margin_that_the_positions_do_not_explain_leaves_no_rate() -> None:
    assert pool(LONG, usedMargin="0.05").positions[0].maintenance is None


def test_long_and_short_of_one_coin_are_not_computed_together() -> None:
    found = pool(LONG, LONG | SHORT)
    assert found.obstacle == "2 positions share the margin of BTC, and how they back each other is not documented"
    assert [held.maintenance for held in found.positions] == [None, None]
    assert (found.venue_margin_ratio, found.venue_equity) == (None, None)


def test_positions_split_within_a_direction_are_told_apart_by_their_id() -> None:
    found = pool(LONG | ALONE, LONG | ALONE | {"positionId": "2"}, LONG)
    assert [held.id for held in found.positions] == [None, "1813080351385337856", "2"]
    assert len({held.identity for held in found.positions}) == 3


def test_a_contract_on_another_currency_bars_its_pool() -> None:
    listed = bingx_market.parse_instruments(says([CONTRACT | {"symbol": "BTC-EUR"}]))
    market = Market(instruments=listed, tickers={})
    (found,) = bingx.parse_pools(says([BALANCE]), bingx.held_rows(says([LONG | {"symbol": "BTC-EUR"}])), market)
    assert found.obstacle == "BTC/EUR:BTC is not an inverse contract on BTC, but shares its margin"


def test_a_position_in_an_unlisted_contract_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="a position in DOGE-USD, which the venue does not list"):
        position(symbol="DOGE-USD")


def test_a_position_without_a_balance_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="positions in BTC, but no balance of it"):
        bingx.parse_pools(says([BALANCE | {"asset": "ETH", "usedMargin": "0"}]), bingx.held_rows(says([LONG])), MARKET)


def test_empty_positions_and_balances_are_left_out() -> None:
    nothing = {"balance": "0", "equity": "0", "usedMargin": "0"}
    held = bingx.held_rows(says([LONG | {"positionAmt": "0"}]))
    assert bingx.parse_pools(says([BALANCE | nothing]), held, MARKET) == ()


@pytest.mark.parametrize("key", ["positionAmt", "avgPrice", "markPrice", "initialMargin", "isolated", "positionSide", "symbol"])
@pytest.mark.parametrize("bad", [None, "", "abc", "Infinity", {}])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`|does not list"):
        position(**{key: bad})


@pytest.mark.parametrize("key", ["balance", "equity", "usedMargin"])
@pytest.mark.parametrize("bad", [None, "", "abc", {}])
def test_a_balance_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`"):
        pool(LONG, **{key: bad})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"permissions": [2]}, (False, False)),
        ({"permissions": [2, 3]}, (True, False)),
        ({"permissions": [1]}, (True, False)),
        ({"permissions": [2, 5]}, (False, True)),
        ({"permissions": [2, 4]}, (True, False)),
        ({"permissions": [7]}, (True, False)),
        ({"permissions": [2, 9]}, (None, None)),
        ({"permissions": [3, 9]}, (True, None)),
        ({"permissions": []}, (False, False)),
        ({"permissions": ["2"]}, (None, None)),
        (says({"permissions": [2, 3, 5]}), (True, True)),
        (says({"enableReading": True, "permitsUniversalTransfer": False}), (None, None)),
    ],
)
def test_the_rights_of_a_key_are_numbers(answer: dict[str, object], told: tuple[bool | None, bool | None]) -> None:
    assert bingx.tells_rights(answer)
    found = bingx.parse_examination(0.0, answer)
    assert (found.may_trade, found.may_withdraw) == told


@pytest.mark.parametrize("answer", [{}, [], None, {"permissions": None}, {"code": 1, "data": {}}, {"code": 0}])
def test_an_answer_without_rights_is_none(answer: object) -> None:
    assert not bingx.tells_rights(answer)


async def test_a_book_is_put_in_order_and_its_sizes_are_contracts(venues: Venues) -> None:
    sides = {"bids": [["49999.5", "7"], ["50000", "5"]], "asks": [["50002", "3"], ["50001", "0"], ["50000.5", "2"]]}
    async with Loopback(answers() | {"/openApi/cswap/v1/market/depth": says(sides | {"T": 1})}) as loopback:
        book = await venues.open(SCENES["bingx"].access(loopback.origin)).order_book("BTC/USD:BTC")
        assert loopback.asked[-1].params["limit"] == "100"
    assert [(level.price, level.contracts) for level in book.bids] == [(50000, 5), (D("49999.5"), 7)]
    assert [(level.price, level.contracts) for level in book.asks] == [(D("50000.5"), 2), (50002, 3)]
