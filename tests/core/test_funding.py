from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.account import Basis, Funding, Position
from monitor.core.contract import Side
from monitor.core.funding import (
    DAY,
    YEAR,
    IntervalChange,
    Spread,
    coins_to_lose,
    compounded_cost,
    compounded_rate_over,
    cost,
    days_until,
    interval_change,
    payment,
    rate_over,
    relative_rate,
    share_of_buffer,
    spread,
    total_cost,
    until_next,
)
from monitor.core.liquidation import liquidation, top_up
from monitor.core.margin import Scope, scope
from monitor.core.piecewise import at, highest
from tests.build import BTC_QUARTERLY, NOON, D, Figure, long, position, rule, short

HOUR = timedelta(hours=1)


def funding(rate: Figure | None = "0.0001", hours: Figure | None = 8, **different: Any) -> Funding:
    values: dict[str, Any] = {
        "rate": None if rate is None else D(rate),
        "interval": None if hours is None else float(hours) * HOUR,
    }
    return Funding(**(values | different))


def near(found: Decimal | None, printed: Figure, tolerance: Figure = "1e-12") -> bool:
    return found is not None and abs(found - D(printed)) <= D(tolerance) * abs(D(printed))


def whole(wallet: Figure, *positions: Position) -> Scope:
    return scope(D(wallet), positions, positions[0].mark_price)


# Worked examples


def test_a_long_pays_as_in_the_guide_of_bitmex() -> None:
    # bitmex.com/app/perpetualContractsGuideExamples: 20 XBT x 0.25 % = 0.05 XBT
    assert payment(long(15_000, 750, funding=funding("0.0025"))) == D("0.05")
    assert payment(short(15_000, 750, funding=funding("0.0025"))) == D("-0.05")


def test_a_short_receives_as_in_the_transaction_log_of_bybit() -> None:
    # vector bybit-funding-1: funding -0.00000156, printed with 8 decimals, cut off
    received = payment(short(1000, "63974.88", funding=funding("0.0001")))
    assert near(received, "-0.0000015631135220574077")
    assert near(received, "-0.00000156", "0.01")


def test_the_settlement_sample_of_kucoin_is_a_placeholder() -> None:
    # vector kucoin-funding-x1, not verified: prints 0.00000296 where its own figures make 0.0000821
    assert near(payment(long(100, "3610.85", funding=funding("-0.002966"))), "-0.00008214132406497085")


def test_kraken_pays_each_hour_as_in_its_specifications() -> None:
    # support.kraken.com 360022835911, example 1: 100,000 contracts short at 7,000, 0.01785 % per hour: 0.00255 BTC
    held = short(100_000, 7000, funding=funding("0.0001785", hours=1))
    assert near(payment(held), "-0.00255", "1e-12")
    assert near(cost(held, DAY), D("-0.00255") * 24)


def test_the_absolute_rate_of_kraken_pays_the_same_coins_at_every_mark() -> None:
    # support.kraken.com 360022835911, example 3: 0.05 % at an index of 7,000, then 125,000 contracts short at 8,000
    absolute = D("0.0005") / 7000
    assert near(absolute, "0.00000007142", "1e-3")
    assert near(relative_rate(absolute, D(1), D(7000)), "0.0005")
    for mark in (7000, 8000):
        held = short(125_000, mark, funding=funding(relative_rate(absolute, D(1), D(mark)), hours=1))
        assert near(payment(held), -125_000 * absolute)


def test_an_absolute_rate_is_per_contract_of_any_size() -> None:
    assert relative_rate(D("0.0001"), D(10), D(5000)) == D("0.05")


def test_deribit_accrues_by_the_time_fraction_of_eight_hours() -> None:
    # support.deribit.com 31424939178397: funding rate x position size x time / 8 h
    held = long(50_000, 50_000, funding=funding("0.0008"))
    assert near(cost(held, timedelta(minutes=1)), D("0.0008") / 480, "1e-20")
    assert cost(held, 8 * HOUR) == payment(held) == D("0.0008")


@pytest.mark.parametrize(("hours", "per_day"), [(8, "0.0003"), (4, "0.0006"), (1, "0.0024"), (24, "0.0001")])
def test_a_rate_per_day_and_per_year_whatever_the_interval(hours: int, per_day: str) -> None:
    assert rate_over(funding(hours=hours), DAY) == D(per_day)
    assert rate_over(funding(hours=hours), YEAR) == D(per_day) * 365


def test_the_usual_rate_makes_eleven_percent_a_year() -> None:
    # 0.01 % per 8 h: 10.95 % simple, 1.0001 ^ 1095 - 1 = 11.57 % compounded
    assert rate_over(funding(), YEAR) == D("0.1095")
    assert near(compounded_rate_over(funding(), YEAR), D("1.0001") ** 1095 - 1, "1e-20")


def test_a_long_that_follows_its_coins_pays_less_than_one_that_does_not() -> None:
    held = long(50_000, 50_000, funding=funding("0.001"))
    assert near(cost(held, YEAR), "1.095")
    assert near(compounded_cost(held, YEAR), 1 - D("0.999") ** 1095, "1e-20")


def test_a_short_that_adds_what_it_earns_earns_more() -> None:
    held = short(50_000, 50_000, funding=funding("0.001"))
    assert near(cost(held, YEAR), "-1.095")
    assert near(compounded_cost(held, YEAR), 1 - D("1.001") ** 1095, "1e-20")


def test_one_payment_of_everything_leaves_nothing_to_compound() -> None:
    assert compounded_rate_over(funding("-1.5"), YEAR) == -1
    assert compounded_cost(long(50_000, 50_000, funding=funding(1)), YEAR) == 1


def test_impossible_riches_are_not_known() -> None:
    assert compounded_rate_over(funding(9, hours=1), YEAR) is None
    assert compounded_cost(short(50_000, 50_000, funding=funding(9, hours=1)), YEAR) is None


def test_funding_alone_liquidates_as_in_the_reference() -> None:
    # liquidation.md 4: W = 2, 500,000 dollars at 50,000, mu 0.55 %: buffer 1.945, 0.001 per 8 h: 1,945 intervals
    held = long(500_000, 50_000, maintenance=rule("0.0055"), funding=funding())
    per_day = cost(held, DAY)
    assert per_day == D("0.003")
    assert days_until(whole(2, held), per_day, D(0)) == D("1.945") / D("0.003")
    before, after = (liquidation(whole(wallet, held), None).below for wallet in (2, "1.999"))
    assert before is not None
    assert after is not None
    assert round(after - before, 2) == D("3.49")


def test_the_days_until_a_distance_end_before_liquidation() -> None:
    held = long(500_000, 50_000, maintenance=rule("0.0055"))
    pool = whole(2, held)
    days = days_until(pool, D("0.003"), D("0.1"))
    assert days is not None
    assert days < D("1.945") / D("0.003")
    drained = whole(2 - days * D("0.003"), held)
    assert near(liquidation(drained, None).below, 45_000, "1e-20")


def test_a_scope_within_the_distance_has_no_days_left() -> None:
    held = long(500_000, 50_000, maintenance=rule("0.0055"))
    assert days_until(whole("0.5", held), D("0.003"), D("0.2")) == 0
    assert days_until(whole("0.01", held), D("0.003"), D(0)) == 0


def test_funding_that_earns_never_liquidates() -> None:
    pool = whole(2, long(500_000, 50_000))
    assert days_until(pool, D("-0.003"), D("0.1")) is None
    assert days_until(pool, D(0), D("0.1")) is None
    assert days_until(pool, None, D("0.1")) is None


def test_a_fee_at_bankruptcy_takes_its_share_of_what_is_lost() -> None:
    classic = rule("0.005", basis=Basis.ENTRY, fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    pool = whole("0.5", long(10_000, 8_000, maintenance=classic))
    drained = whole(D("0.5") - coins_to_lose(pool, D("0.1")), long(10_000, 8_000, maintenance=classic))
    assert near(liquidation(drained, None).below, 7_200, "1e-20")


def test_a_fee_that_begins_on_the_way_is_counted_from_where_it_begins() -> None:
    classic = rule("0.005", basis=Basis.ENTRY, fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    held = short(10_000, 8_000, maintenance=classic)
    pool = whole(3, held)
    assert pool.bankruptcy is None
    drained = whole(3 - coins_to_lose(pool, D("0.1")), held)
    assert drained.bankruptcy is not None
    assert near(liquidation(drained, None).above, 8_800, "1e-20")


def test_a_fee_that_shrinks_faster_than_the_wallet_is_taken_as_constant() -> None:
    classic = rule("0.00001", basis=Basis.ENTRY, fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    nearly_equal = (long(10_000, 8_000, maintenance=classic), short(10_001, 8_000, maintenance=classic))
    pool = whole("0.001", *nearly_equal)
    assert pool.fee_share > 1
    # with 0.000125 coins left there is no price of bankruptcy and so no fee, and 0.000025 coins are the maintenance
    assert 0 < coins_to_lose(pool, D(0)) < D("0.001") - D("0.000025")


def test_legs_that_cancel_pay_a_bounded_fee_and_leave_coins_to_lose() -> None:
    classic = rule("0.005", basis=Basis.ENTRY, fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    pool = whole(3, long(10_000, 8_000, maintenance=classic), short(10_000, 8_000, maintenance=classic))
    assert pool.fee_share == 0
    assert D("2.9") < coins_to_lose(pool, D("0.1")) < 3


def test_a_cost_is_a_share_of_what_is_left_of_the_buffer() -> None:
    assert share_of_buffer(D("0.003"), D("0.15")) == D("0.02")
    assert share_of_buffer(D("-0.003"), D("0.15")) == D("-0.02")
    assert share_of_buffer(None, D("0.15")) is None
    assert share_of_buffer(D("0.003"), None) is None
    assert share_of_buffer(D("0.003"), D(0)) is None


def test_the_spread_is_long_where_cheapest_and_short_where_dearest() -> None:
    rates = {"okx": D("0.0006"), "bybit": D("0.0003"), "deribit": D("-0.0001"), "gate": None}
    assert spread(rates) == Spread(long_at="deribit", short_at="okx", daily=D("0.0007"))


def test_a_spread_takes_two_venues() -> None:
    assert spread({"okx": D("0.0006"), "gate": None}) is None
    assert spread({"okx": D("0.0006"), "gate": D("0.0006")}) == Spread(long_at="gate", short_at="okx", daily=D(0))


def test_an_interval_that_changes_is_told_and_an_unknown_one_is_not() -> None:
    assert interval_change(funding(hours=8), funding(hours=4)) == IntervalChange(8 * HOUR, 4 * HOUR)
    assert interval_change(funding(hours=8), funding("0.5", hours=8)) is None
    assert interval_change(None, funding()) is None
    assert interval_change(funding(), None) is None
    assert interval_change(funding(hours=None), funding()) is None
    assert interval_change(funding(), funding(hours=None)) is None


def test_the_next_payment_is_the_one_the_venue_names() -> None:
    assert until_next(funding(next_at=NOON + HOUR), NOON) == HOUR
    assert until_next(funding(next_at=NOON), NOON) is None
    assert until_next(funding(), NOON) is None
    assert until_next(None, NOON) is None


# What is not known stays unknown


@pytest.mark.parametrize("known", [None, funding(None), funding(None, hours=None)])
def test_without_a_rate_there_is_no_figure(known: Funding | None) -> None:
    held = long(50_000, 50_000, funding=known)
    assert (payment(held), cost(held, DAY), compounded_cost(held, YEAR)) == (None, None, None)
    assert (rate_over(known, DAY), compounded_rate_over(known, YEAR)) == (None, None)


@pytest.mark.parametrize("known", [funding(hours=None), funding(hours=0), funding(hours=-8)])
def test_without_an_interval_there_is_a_payment_and_no_cost(known: Funding) -> None:
    held = long(50_000, 50_000, funding=known)
    assert (payment(held), cost(held, DAY), compounded_cost(held, YEAR)) == (D("0.0001"), None, None)
    assert (rate_over(known, DAY), compounded_rate_over(known, YEAR)) == (None, None)


def test_a_dated_contract_exchanges_no_funding() -> None:
    held = long(50_000, 50_000, symbol=BTC_QUARTERLY)
    assert (payment(held), cost(held, DAY), compounded_cost(held, YEAR)) == (0, 0, 0)


def test_a_pool_costs_what_its_positions_cost_or_is_not_known() -> None:
    pays, earns = long(100_000, 50_000, funding=funding()), short(50_000, 50_000, funding=funding("0.0002", hours=4))
    dated = long(100_000, 50_000, symbol=BTC_QUARTERLY)
    assert total_cost((pays, earns, dated), DAY) == D("0.0006") - D("0.0012")
    assert total_cost((pays, replace(earns, funding=None)), DAY) is None
    assert total_cost((), DAY) == 0


# Properties

rates = st.decimals("-0.02", "0.02", places=6)
hours = st.sampled_from([1, 2, 4, 8, 24])


@st.composite
def positions(draw: st.DrawFn) -> Position:
    return position(
        draw(st.sampled_from(list(Side))),
        draw(st.integers(1, 1_000_000)),
        draw(st.integers(10_000, 90_000)),
        funding=funding(draw(rates), hours=draw(hours)),
    )


@given(positions())
def test_what_one_side_pays_the_other_receives(held: Position) -> None:
    other = replace(held, side=Side.SHORT if held.side is Side.LONG else Side.LONG)
    for over in (8 * HOUR, DAY, YEAR):
        assert (cost(held, over) or 0) + (cost(other, over) or 0) == 0


@given(positions(), st.sampled_from([2, 3, 4, 5, 6, 8, 12]))
def test_a_cost_does_not_depend_on_how_the_interval_is_cut(held: Position, parts: int) -> None:
    known = held.funding
    assert known is not None
    assert known.rate is not None
    assert known.interval is not None
    cut = replace(held, funding=Funding(rate=known.rate / parts, interval=known.interval / parts))
    found, expected = cost(cut, DAY), cost(held, DAY)
    assert found is not None
    assert expected is not None
    assert abs(found - expected) <= abs(expected) * D("1e-20")


@given(positions(), st.integers(2, 1000))
def test_a_cost_grows_with_size_and_with_time(held: Position, factor: int) -> None:
    day = cost(held, DAY)
    assert day is not None
    assert near(cost(replace(held, contracts=held.contracts * factor), DAY), day * factor, "1e-20")
    assert near(cost(held, DAY * factor), day * factor, "1e-20")


@given(st.decimals("-0.002", "0.002", places=6), hours)
def test_compounding_never_earns_less_and_never_costs_more(rate: Decimal, every: int) -> None:
    simple, compounded = (over(funding(rate, hours=every), YEAR) for over in (rate_over, compounded_rate_over))
    assert simple is not None
    assert compounded is not None
    assert compounded >= simple - D("1e-20")
    assert compounded > -1


@given(positions(), st.decimals("0.1", 30, places=2), st.decimals("0.01", "0.5", places=2))
def test_what_can_be_lost_is_what_a_top_up_would_put_back(held: Position, wallet: Decimal, distance: Decimal) -> None:
    pool = whole(wallet, held)
    assume(at(pool.deficit, pool.x) < 0)
    spare = coins_to_lose(pool, distance)
    assert spare == 0 or top_up(pool, distance) == 0
    drained = whole(wallet - spare, held)
    worst = highest(drained.deficit, drained.x / (1 + distance), drained.x / (1 - distance))
    assert abs(worst) < D("1e-20") or (spare == 0 and worst > 0)


@given(st.dictionaries(st.sampled_from("abcdef"), st.none() | rates))
def test_no_pair_of_venues_earns_more_than_the_spread(daily: dict[str, Decimal | None]) -> None:
    found = spread(daily)
    known = [rate for rate in daily.values() if rate is not None]
    assert (found is None) == (len(known) < 2)
    if found:
        assert found.long_at != found.short_at
        assert found.daily == max(known) - min(known) == (daily[found.short_at] or 0) - (daily[found.long_at] or 0)
