"""The bar goes from the liquidation price to the mark, price growing to the right, on one scale for all."""

from dataclasses import replace
from decimal import Decimal

from monitor.core.account import Pool
from monitor.core.risk import Margin, Status
from monitor.views.page.gauge import Gauge, gauge
from monitor.views.scopes import Scope, assessed, scopes
from tests.build import D, isolated, long, pool, risk, short
from tests.views.build import swap


def only(of: Pool) -> Scope:
    (scope,) = (each for each in scopes([assessed(risk(of))]) if each.positions)
    return scope


def drawn(of: Pool) -> Gauge:
    found = gauge(only(of))
    assert found is not None
    return found


def test_a_long_is_filled_from_its_liquidation_price_up_to_the_mark() -> None:
    found, margin = drawn(pool(40, swap())), only(pool(40, swap())).margin
    assert margin is not None
    assert margin.distance is not None
    assert (found.start, found.end, found.mark) == (0, found.mark, (200 * margin.distance).quantize(D("0.1")))
    assert (found.low, found.price, found.high) == ("liquidation 38,326", "mark 45,000", "")
    assert found.words == "liquidation 38,326, mark 45,000"


def test_a_short_is_filled_from_the_mark_up_to_its_liquidation_price() -> None:
    found = drawn(pool(1, isolated(short(90_000, 45_000), "0.4")))
    assert (found.mark, found.end) == (found.start, 100)
    assert (found.low, found.high[:11], found.anchor) == ("", "liquidation", "middle")


def sided(below: str | None, above: str | None, **different: Decimal) -> Gauge:
    prices = {"liquidation_price_below": below and D(below), "liquidation_price_above": above and D(above)}
    margin = Margin(status=Status.OK, **(prices | different))  # type: ignore[arg-type]  # the keys are its fields
    found = gauge(replace(only(pool(40, swap())), margin=margin, mark_price=D(100)))
    assert found is not None
    return found


def test_between_two_near_prices_the_mark_stands_where_it_is() -> None:
    found = sided("90", "130")
    assert (found.start, found.mark, found.end) == (0, 25, 100)
    assert found.words == "liquidation 90.0000, mark 100.00, liquidation 130.00"


def test_a_far_price_on_the_other_side_does_not_squeeze_the_near_one() -> None:
    assert (sided("90", "500").mark, sided("10", "130").mark) == (20, 40)
    assert sided("90", "500").high == "liquidation 500.00"


def test_a_joint_move_of_several_coins_is_told_as_one() -> None:
    found = sided(None, None, joint_shock_below=D("-0.25"))
    assert (found.mark, found.low) == (50, "liquidation at a joint move of -25.0 %")


def test_what_no_price_liquidates_is_full_and_what_can_be_liquidated_now_is_empty() -> None:
    never, now = drawn(pool(1, short(45_000, 45_000))), drawn(pool("-1", long(10_000, 45_000)))
    assert (never.end - never.start, never.low) == (100, "no price liquidates it")
    assert (now.end - now.start, now.low, now.anchor) == (0, "can be liquidated now", "start")


def test_where_the_distance_is_not_known_nothing_is_drawn() -> None:
    assert gauge(only(pool(101, swap(maintenance=None)))) is None
