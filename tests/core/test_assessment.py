from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.account import Kind, Pool, PoolMode, Position
from monitor.core.assessment import assess
from monitor.core.risk import PriceSource, Status
from tests.build import BTC_QUARTERLY, D, account, isolated, long, pool, pool_risk, risk, rule, short, tiers

BINANCE_LADDER = tiers((0, "0.066975"), (200, "0.125"), amounts=(0, "11.605"))


def shown(value: Decimal | None, digits: str = "0.01") -> Decimal | None:
    return None if value is None else value.quantize(D(digits))


def test_the_example_of_the_contract_has_the_figures_printed_there() -> None:
    # design 5.3
    found = pool_risk(
        101, long(10_000_000, 45_000, contracts=D(100_000), contract_size=D(100), maintenance=rule(tiers=BINANCE_LADDER))
    )
    margin, only = found.margin, found.positions[0]
    assert margin.status is Status.OK
    assert (shown(margin.equity), shown(margin.maintenance_margin), shown(margin.buffer)) == (D("101.00"), D("16.17"), D("84.83"))
    assert shown(margin.margin_ratio, "0.0001") == D("0.1601")
    assert (shown(margin.liquidation_price_below), margin.liquidation_price_above) == (D("33599.42"), None)
    assert (shown(margin.distance, "0.0001"), shown(margin.log_distance, "0.0001")) == (D("0.2533"), D("0.2922"))
    assert (found.notional, shown(found.leverage), shown(found.delta)) == (10_000_000, D("2.20"), D("323.22"))
    assert (shown(found.dollars), shown(found.gamma, "0.1")) == (D("10000000.00"), D("-444.4"))
    assert margin.top_up is not None
    assert (margin.top_up.to_distance, shown(margin.top_up.coin)) == (D("0.3"), D("22.32"))
    assert shown(found.hedge_to_neutral_contracts) == D("-145450.00")
    assert (shown(only.bankruptcy_price), shown(only.liquidation_price)) == (D("30938.47"), D("33599.42"))
    assert only.liquidation_price_source is PriceSource.COMPUTED
    assert (shown(only.venue_convention_price), only.disagreement) == (D("33599.42"), None)


def touched(sigma: float | None, *pools: Pool) -> Mapping[timedelta, Decimal | None]:
    found = assess(account(*pools), age=timedelta(0), target_distance=D("0.3"), volatility={"BTC": sigma})
    return found.pools[0].touch_probability


def test_the_chance_to_touch_liquidation_follows_from_the_volatility_that_was_observed() -> None:
    # ln(10000 / 8375) = 0.17733; 0.0005 per root second is 0.147 a day: 2 * Phi(-1.2066) = 0.2276
    near = pool("0.2", long(10_000, 10_000))
    chances = touched(0.0005, near)
    assert chances[timedelta(hours=24)] == pytest.approx(D("0.2276"), abs=D("0.0002"))
    assert (chances[timedelta(hours=1)] or 0) < D("0.001")


def test_the_chance_is_unknown_where_volatility_or_figures_are() -> None:
    near = pool("0.2", long(10_000, 10_000))
    assert set(touched(None, near).values()) == {None}
    assert set(touched(0.0005, replace(near, obstacle="options")).values()) == {None}
    assert set(touched(0.0005, pool(1)).values()) == {None}


def test_what_cannot_be_liquidated_is_never_touched_and_what_is_lost_is() -> None:
    assert set(touched(0.0005, pool(2, short(10_000, 10_000))).values()) == {0}
    assert set(touched(None, pool("0.01", long(10_000, 10_000, 9_000))).values()) == {1}


def test_a_one_times_short_is_never_liquidated() -> None:
    found = pool_risk(1, short(50_000, 50_000))
    assert (found.margin.distance, found.margin.liquidation_price) == (None, None)
    assert found.positions[0].liquidation_price_source is PriceSource.NONE
    assert (found.delta, found.dollars) == (0, -50_000)


def test_each_leg_has_its_own_price_at_the_joint_root() -> None:
    found = pool_risk(8, long(400_000, 50_000), long(300_000, 51_000, symbol=BTC_QUARTERLY))
    perpetual, quarterly = found.positions
    assert shown(perpetual.liquidation_price) == D("31879.03")
    assert perpetual.liquidation_price is not None
    assert shown(quarterly.liquidation_price) == shown(perpetual.liquidation_price * D("1.02"))
    assert perpetual.distance == quarterly.distance == found.margin.distance


def test_the_disagreement_compares_the_venues_convention_with_the_venue() -> None:
    said = D("25271.2707182320441988950276243")
    found = pool_risk(8, long(400_000, 50_000, venue_liquidation_price=said), long(300_000, 51_000, symbol=BTC_QUARTERLY))
    assert shown(found.positions[0].disagreement, "0.0001") == D("0.0020")
    assert found.positions[1].disagreement is None


def test_a_pool_whose_buffer_is_gone_is_liquidatable_at_distance_zero() -> None:
    found = pool_risk("0.02", long(50_000, 50_000, 49_000))
    assert found.margin.status is Status.LIQUIDATABLE
    assert (found.margin.distance, found.margin.log_distance) == (0, 0)
    assert (found.margin.liquidation_price_below, found.margin.liquidation_price_above) == (None, None)
    assert (found.positions[0].liquidation_price, found.positions[0].liquidation_price_source) == (None, PriceSource.COMPUTED)


def test_equity_that_is_gone_has_no_ratio_and_no_leverage() -> None:
    found = pool_risk("0.02", long(50_000, 50_000, 40_000))
    assert found.margin.equity is not None
    assert found.margin.equity < 0
    assert (found.margin.margin_ratio, found.leverage) == (None, None)


def test_an_isolated_position_stands_beside_the_pool() -> None:
    cross, alone = long(100_000, 50_000), isolated(short(50_000, 50_000, symbol=BTC_QUARTERLY), "0.1")
    found, without = pool_risk(1, cross, alone), pool_risk(1, cross)
    assert found.margin == without.margin
    own = found.positions[1].margin
    assert own is not None
    assert own.equity == D("0.1")
    assert own.liquidation_price_above is not None
    assert found.positions[0].margin is None
    assert (found.notional, found.delta) == (150_000, D(1) + D("0.1") + 2 - 1)
    assert shown(found.leverage, "1e-9") == D("2.727272727")


def test_a_pool_of_isolated_positions_alone_has_no_margin_of_its_own() -> None:
    found = pool_risk(1, isolated(long(50_000, 50_000), "0.1"))
    assert found.margin.status is Status.OK
    assert (found.margin.equity, found.margin.maintenance_margin, found.margin.distance) == (1, None, None)


def test_a_pool_without_positions_is_flat() -> None:
    found = pool_risk(2)
    assert (found.margin.status, found.margin.equity, found.delta, found.dollars) == (Status.FLAT, 2, 2, 0)
    assert (found.mark_price, found.leverage, found.hedge_to_neutral_contracts) == (None, 0, None)


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"obstacle": "options share the margin"}, "options share the margin"),
        ({"mode": PoolMode.PORTFOLIO}, "portfolio margin"),
        ({"mode": PoolMode.MULTI_COIN}, "several coins"),
    ],
)
def test_what_shares_a_pool_makes_it_unassessed(different: dict[str, Any], reason: str) -> None:
    found = risk(pool(1, long(50_000, 50_000, venue_liquidation_price=D(30_000)), **different)).pools[0]
    assert found.margin.status is Status.UNASSESSED
    assert reason in (found.margin.reason or "")
    assert (found.margin.equity, found.delta, found.leverage) == (None, None, None)
    assert (found.positions[0].liquidation_price, found.positions[0].liquidation_price_source) == (30_000, PriceSource.VENUE)


@pytest.mark.parametrize("venue_says", ["none", None])
def test_where_nobody_can_tell_the_price_is_unknown_and_not_none(venue_says: str | None) -> None:
    found = risk(pool(1, long(50_000, 50_000, venue_liquidation_price=venue_says), obstacle="options")).pools[0]
    assert found.positions[0].liquidation_price_source is PriceSource.UNKNOWN


@pytest.mark.parametrize(
    ("leg", "reason"),
    [
        (long(50_000, 50_000, kind=Kind.LINEAR), "not an inverse contract on BTC"),
        (long(50_000, 50_000, settle="USDT"), "not an inverse contract on BTC"),
        (long(50_000, 50_000, symbol="ETH/USD:BTC"), "not an inverse contract on BTC"),
        (long(50_000, 50_000, symbol="BTC/USDT:USDT"), "not an inverse contract on BTC"),
        (long(50_000, 50_000, symbol="BTC/USD:BTC-261225-50000-C"), "not an inverse contract on BTC"),
        (long(50_000, 50_000, symbol="BTC/BTC:BTC"), "not an inverse contract on BTC"),
        (long(50_000, 50_000, maintenance=None), "maintenance margin rule is not known"),
        (long(50_000, 50_000, venue_coin_value=D(10)), "units disagree"),
        (long(50_000, 50_000, venue_coin_value=D("0.1")), "units disagree"),
    ],
)
def test_a_leg_that_cannot_be_trusted_makes_its_pool_unassessed(leg: Position, reason: str) -> None:
    found = pool_risk(1, long(1000, 50_000, symbol=BTC_QUARTERLY), leg)
    assert found.margin.status is Status.UNASSESSED
    assert reason in (found.margin.reason or "")
    assert found.margin.distance is None


def test_a_symbol_of_another_form_says_nothing() -> None:
    assert pool_risk(1, long(50_000, 50_000, symbol="XBTUSD")).margin.status is Status.OK


def test_a_bankruptcy_price_beyond_a_hundred_times_the_mark_is_none() -> None:
    found = pool_risk("7.999", short(400_000, 50_000))
    assert found.positions[0].bankruptcy_price is None


def test_units_within_a_quarter_agree() -> None:
    assert pool_risk(1, long(50_000, 50_000, venue_coin_value=D("1.24"))).margin.status is Status.OK


def test_exposure_is_known_where_only_the_maintenance_rule_is_not() -> None:
    found = pool_risk(1, long(50_000, 50_000, maintenance=None))
    assert (found.delta, found.dollars, found.leverage) == (2, 50_000, 1)


def test_an_isolated_position_without_a_rule_is_unassessed_and_its_pool_is_not() -> None:
    found = pool_risk(1, long(50_000, 50_000), isolated(long(50_000, 50_000, symbol=BTC_QUARTERLY, maintenance=None), "0.1"))
    assert found.margin.status is Status.OK
    own = found.positions[1].margin
    assert own is not None
    assert own.status is Status.UNASSESSED
    assert found.delta == D("3.1")


def test_an_isolated_position_of_unknown_margin_makes_the_exposure_unknown_too() -> None:
    alone = replace(isolated(long(50_000, 50_000, symbol=BTC_QUARTERLY), "0.1"), isolated_margin=None)
    found = pool_risk(1, long(50_000, 50_000), alone)
    assert found.margin.status is Status.OK
    assert found.positions[1].margin is not None
    assert found.positions[1].margin.status is Status.UNASSESSED
    assert found.delta is None


def test_the_largest_leg_stands_for_a_pool_without_a_perpetual() -> None:
    small, large = long(1000, 50_000, 50_000, symbol="BTC/USD:BTC-261225"), long(9000, 50_000, 52_000, symbol=BTC_QUARTERLY)
    found = pool_risk(1, small, large)
    assert found.mark_price == 52_000
    assert found.hedge_to_neutral_contracts is None


@given(st.integers(1, 40), st.integers(30_000, 70_000), st.integers(30_000, 70_000), st.integers(20_000, 90_000))
def test_the_pool_is_delta_coins_minus_dollars_at_every_price(lots: int, entry: int, mark: int, other: int) -> None:
    def at(price: int) -> tuple[Decimal, Decimal, Decimal]:
        ratio = D(price) / mark
        legs = (
            long(lots * 1000, entry, mark * ratio),
            short(30_000, entry + 500, (mark + 300) * ratio, symbol=BTC_QUARTERLY),
            isolated(long(5000, entry, mark * ratio, symbol="BTC/USD:BTC-261225"), "0.05"),
        )
        found = pool_risk(3, *legs)
        own = found.positions[2].margin
        assert found.delta is not None
        assert found.dollars is not None
        assert found.margin.equity is not None
        assert own is not None
        assert own.equity is not None
        return found.delta, found.dollars, found.margin.equity + own.equity

    (delta, dollars, equity), (delta_there, dollars_there, equity_there) = at(mark), at(other)
    assert abs(delta - delta_there) < D("1e-12")
    assert abs(dollars - dollars_there) < D("1e-8")
    assert abs(equity - (delta - dollars / mark)) < D("1e-12")
    assert abs(equity_there - (delta - dollars / other)) < D("1e-12")
