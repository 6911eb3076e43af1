from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import exp, isclose, log, sqrt
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.volatility import (
    HALF_LIFE,
    Approach,
    Volatility,
    approach_speed,
    sighted,
    time_to_liquidation,
    touch_probability,
    touch_probability_either,
    updated,
)
from tests.build import NOON, D, Figure

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CALM = 0.0001
"""Per root second: 2.9 % a day."""


def price(logarithm: float) -> Decimal:
    return D(f"{50_000 * exp(logarithm):.12f}")


def walk(state: Volatility | None, spans: list[float], sigma: float = CALM, seed: int = 1, start: datetime = NOON) -> Volatility:
    """A random walk of the log price, seen after each of *spans* seconds."""
    chance, at, logarithm = Random(seed), start, 0.0
    state = state or updated(None, price(0), at)
    logarithm = log(float(state.price) / 50_000)
    for span in spans:
        at += span * SECOND
        logarithm += chance.gauss(0, sigma * sqrt(span))
        state = updated(state, price(logarithm), at)
    return state


def sigma_of(state: Volatility) -> float:
    assert state.per_root_second is not None
    return state.per_root_second


# Volatility


def test_the_square_of_a_return_counts_by_its_age_as_in_riskmetrics() -> None:
    # s2 = l s2 + (1 - l) r2 with l = 1/2, a half-life of one step; from 0.04 and r = 0.02 by the ratio of two such sums
    state = updated(None, D(100), NOON, half_life=HOUR)
    moves = [0.01, -0.02, 0.015, 0.005] * 10
    spans, level, variance, weight = timedelta(minutes=4), 0.0, 0.0, 0.0
    for n, move in enumerate(moves, 1):
        level += move
        state = updated(state, D(f"{100 * exp(level):.20f}"), NOON + n * spans, half_life=HOUR)
        kept = 0.5 ** (4 / 60)
        variance, weight = kept * variance + (1 - kept) * move**2, kept * weight + 1 - kept
    assert state.returns < 20 <= len(moves)
    assert isclose(state.squares / state.seconds, variance / weight / 240, rel_tol=1e-9)


def test_steady_moves_have_their_own_size_whatever_the_spacing() -> None:
    for spacing in (10, 60, 600):
        state = updated(None, D(100), NOON)
        for n in range(1, 2 + 86_400 // spacing):
            state = updated(
                state, D(100) if n % 2 else price(log(100 / 50_000) + CALM * sqrt(spacing)), NOON + n * spacing * SECOND
            )
        assert isclose(sigma_of(state), CALM, rel_tol=0.02)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sigma", [CALM, 0.0005])
def test_it_finds_the_volatility_of_a_simulated_walk(seed: int, sigma: float) -> None:
    found = sigma_of(walk(None, [30.0] * 2880, sigma, seed))
    assert isclose(found, sigma, rel_tol=0.08)  # standard error 1.6 %


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_it_at_irregular_times_too(seed: int) -> None:
    chance = Random(100 + seed)
    spans = [chance.choice([1.0, 7.0, 30.0, 31.5, 240.0, 900.0]) for _ in range(2000)]
    assert isclose(sigma_of(walk(None, spans, CALM, seed)), CALM, rel_tol=0.3)


def test_it_follows_a_change_of_mood_within_two_half_lives() -> None:
    calm = walk(None, [30.0] * 2880)
    wild = walk(calm, [30.0] * 1440, 10 * CALM, start=calm.at)
    assert 0.8 < sigma_of(wild) / (10 * CALM) < 1


def test_less_than_an_hour_is_too_little() -> None:
    assert walk(None, [30.0] * 119).per_root_second is None
    assert walk(None, [30.0] * 135).per_root_second is not None


def test_fewer_than_twenty_returns_are_too_little() -> None:
    assert walk(None, [600.0] * 19).per_root_second is None
    assert walk(None, [600.0] * 40).per_root_second is not None


@pytest.mark.parametrize(
    ("seconds", "returns", "known"), [(3600, 20, True), (3599, 20, False), (3600, 19.9, False), (9000, 20, True)]
)
def test_an_hour_and_twenty_returns_are_enough(seconds: float, returns: float, known: bool) -> None:  # noqa: FBT001 - a column
    state = Volatility(price=D(50_000), at=NOON, squares=0.0001, seconds=seconds, returns=returns)
    assert (state.per_root_second is not None) == known


def test_marks_a_fraction_of_a_second_apart_count() -> None:
    state = updated(updated(None, D(50_000), NOON), D(50_001), NOON + SECOND / 2)
    assert (state.seconds, state.returns) == (0.5, 1)
    assert isclose(state.squares, log(50_001 / 50_000) ** 2)


def test_the_slowest_marks_that_are_no_gaps_suffice_in_the_end() -> None:
    assert walk(None, [HALF_LIFE.total_seconds() / 15] * 100).per_root_second is not None


def test_a_mark_that_never_moves_is_a_frozen_feed() -> None:
    state = None
    for n in range(1000):
        state = updated(state, D(50_000), NOON + n * MINUTE)
    assert state is not None
    assert state.seconds > 3600
    assert state.per_root_second is None


def test_the_same_time_and_an_earlier_one_add_nothing() -> None:
    state = walk(None, [30.0] * 200)
    assert updated(state, D(99_999), state.at) is state
    assert updated(state, D(99_999), state.at - MINUTE) is state


def test_a_gap_is_no_calm() -> None:
    before = walk(None, [30.0] * 2880)
    after = updated(before, before.price, before.at + 2 * HOUR)
    assert isclose(sigma_of(after), sigma_of(before), rel_tol=1e-12)
    assert after.seconds < before.seconds


def test_a_calm_of_that_length_that_was_seen_is_a_calm() -> None:
    before = walk(None, [30.0] * 2880)
    after = before
    for n in range(1, 241):
        after = updated(after, before.price, before.at + n * 30 * SECOND)
    assert sigma_of(after) < 0.95 * sigma_of(before)


def test_a_gap_with_a_crash_in_it_counts_as_one_return() -> None:
    before = walk(None, [30.0] * 2880)
    after = updated(before, before.price * D("0.8"), before.at + 2 * HOUR)
    assert sigma_of(after) > 3 * sigma_of(before)
    assert after.returns == before.returns * 0.5 ** (1 / 3) + 1


@pytest.mark.parametrize(("of_what_is_usual", "counted"), [(0.99, 0), (1.01, 1440)])
def test_a_gap_counts_where_it_is_wilder_than_usual(of_what_is_usual: float, counted: float) -> None:
    before = walk(None, [30.0] * 2880)
    move = of_what_is_usual * sigma_of(before) * sqrt(7200)
    after = updated(before, price(log(float(before.price) / 50_000) + move), before.at + 2 * HOUR)
    assert isclose(after.seconds, before.seconds * 0.5 ** (1 / 3) + counted)


def test_a_first_gap_teaches_nothing() -> None:
    state = updated(updated(None, D(50_000), NOON), D(40_000), NOON + 3 * HOUR)
    assert (state.squares, state.seconds, state.returns) == (0, 0, 0)
    assert (state.price, state.at) == (40_000, NOON + 3 * HOUR)


def test_after_a_long_silence_there_is_none_until_enough_is_seen_again() -> None:
    before = walk(None, [30.0] * 2880)
    silent = updated(before, before.price, before.at + 2 * DAY)
    assert silent.per_root_second is None
    assert walk(silent, [30.0] * 140, start=silent.at).per_root_second is not None


@given(st.decimals("0.0001", "1000", places=4))
def test_it_does_not_depend_on_the_unit_of_the_price(unit: Decimal) -> None:
    plain = walk(None, [30.0] * 150)
    other = updated(None, D(50_000) * unit, NOON)
    chance, logarithm = Random(1), 0.0
    for n in range(1, 151):
        logarithm += chance.gauss(0, CALM * sqrt(30))
        other = updated(other, price(logarithm) * unit, NOON + n * 30 * SECOND)
    assert isclose(sigma_of(other), sigma_of(plain), rel_tol=1e-9)


# Chance to touch


@pytest.mark.parametrize(
    ("deviations", "chance"),
    [
        # twice the upper tail of the normal distribution
        ("0.6744897501960817", "0.5"),
        ("1", "0.317310507863"),
        ("1.959963984540054", "0.05"),
        ("3", "0.002699796063"),
        ("40", "0"),
    ],
)
def test_the_chance_to_touch_is_twice_the_tail(deviations: str, chance: str) -> None:
    found = touch_probability(D(deviations) * D("0.0001") * 60, 0.0001, HOUR)
    assert found is not None
    assert abs(found - D(chance)) < D("1e-11")


def test_a_level_that_is_reached_is_touched() -> None:
    assert touch_probability(D(0), None, DAY) == touch_probability(D(0), 0.0001, DAY) == 1


def test_the_chance_is_not_known_without_distance_or_volatility() -> None:
    assert touch_probability(None, 0.0001, DAY) is None
    assert touch_probability(D("0.1"), None, DAY) is None


def test_nothing_is_touched_without_movement_or_time() -> None:
    assert touch_probability(D("0.1"), 0.0, DAY) == touch_probability(D("0.1"), 0.0001, timedelta(0)) == 0


@pytest.mark.parametrize("deviations", [0.5, 1.0, 2.0])
def test_the_chance_is_that_of_simulated_walks(deviations: float) -> None:
    # 400 steps of equal size up or down: by the reflection principle of the walk itself, P(max >= k), counted here
    chance, steps, walks = Random(7), 400, 4000
    level, touched = round(deviations * sqrt(steps)), 0
    for _ in range(walks):
        at = 0
        for bit in range(steps) if (bits := chance.getrandbits(steps)) else ():
            at += 1 if bits >> bit & 1 else -1
            if at >= level:
                touched += 1
                break
    found = touch_probability(D(level), 1.0, steps * SECOND)
    assert found is not None
    assert abs(float(found) - touched / walks) < 0.04


def test_two_levels_add_up_and_never_beyond_certainty() -> None:
    one = touch_probability(D("0.01"), 0.0001, HOUR)
    other = touch_probability(D("0.02"), 0.0001, HOUR)
    assert one is not None
    assert other is not None
    assert touch_probability_either(D("0.01"), D("0.02"), 0.0001, HOUR) == one + other
    assert touch_probability_either(D("0.0001"), D("0.0001"), 0.0001, HOUR) == 1


def test_a_side_without_a_level_adds_nothing() -> None:
    one = touch_probability(D("0.01"), 0.0001, HOUR)
    assert touch_probability_either(D("0.01"), None, 0.0001, HOUR) == one
    assert touch_probability_either(None, D("0.01"), 0.0001, HOUR) == one
    assert touch_probability_either(None, None, 0.0001, HOUR) == 0
    assert touch_probability_either(None, None, None, HOUR) == 0


def test_two_levels_need_a_volatility_too() -> None:
    assert touch_probability_either(D("0.01"), D("0.02"), None, HOUR) is None
    assert touch_probability_either(D("0.01"), D(0), None, HOUR) == 1


distances = st.decimals("0.0001", 5, places=4)
sigmas = st.floats(1e-6, 0.01)
horizons = st.integers(1, 10_000_000).map(lambda seconds: seconds * SECOND)


@given(distances, sigmas, horizons)
def test_the_chance_is_exactly_that_of_the_normal_distribution(distance: Decimal, sigma: float, horizon: timedelta) -> None:
    found = touch_probability(distance, sigma, horizon)
    tail = 2 * NormalDist().cdf(-float(distance) / (sigma * sqrt(horizon.total_seconds())))
    assert found is not None
    assert 0 <= found <= 1
    assert abs(float(found) - tail) < 1e-9


@given(distances, sigmas, horizons, st.floats(1, 10))
def test_the_chance_rises_with_volatility_and_time_and_falls_with_distance(
    distance: Decimal, sigma: float, horizon: timedelta, factor: float
) -> None:
    here = touch_probability(distance, sigma, horizon)
    assert here is not None
    assert (touch_probability(distance, sigma * factor, horizon) or 0) >= here
    assert (touch_probability(distance, sigma, horizon * factor) or 0) >= here
    assert (touch_probability(distance * D(str(factor)), sigma, horizon) or 0) <= here


# Approach


def approach(*seen: Figure, every: timedelta = 5 * MINUTE) -> Approach:
    found: Approach = ()
    for n, distance in enumerate(seen):
        found = sighted(found, D(distance), NOON + n * every)
    return found


def test_a_steady_approach_has_a_speed_and_an_end() -> None:
    # from 0.30 to 0.24 in half an hour: 0.12 an hour, so 2 h are left
    speed = approach_speed(approach("0.30", "0.29", "0.28", "0.27", "0.26", "0.25", "0.24"))
    assert speed is not None
    assert isclose(speed, 0.12 / 3600, rel_tol=1e-9)
    left = time_to_liquidation(D("0.24"), speed)
    assert left is not None
    assert abs(left - 2 * HOUR) < SECOND


def test_funding_is_a_speed_of_its_own() -> None:
    assert time_to_liquidation(D("0.24"), 0.00002, 0.00004) == timedelta(seconds=4000)
    assert time_to_liquidation(D("0.24"), -0.00002, 0.00008) == timedelta(seconds=4000)
    assert time_to_liquidation(D("0.24"), 0.0, 0.24 / 86_400) == DAY


def test_less_than_half_an_hour_is_too_little() -> None:
    assert approach_speed(()) is None
    assert approach_speed(approach("0.30", "0.29", "0.28", "0.27", "0.26", "0.25")) is None
    assert approach_speed(approach("0.30", "0.29", "0.28", "0.27", every=20 * MINUTE)) is None


def test_five_sightings_over_half_an_hour_are_enough() -> None:
    assert approach_speed(approach("0.30", "0.29", "0.28", "0.27", "0.26", every=7.5 * MINUTE)) is not None


def test_a_retreat_has_no_end() -> None:
    speed = approach_speed(approach("0.24", "0.25", "0.26", "0.27", "0.28", "0.29", "0.30"))
    assert speed is not None
    assert speed < 0
    assert time_to_liquidation(D("0.30"), speed) is None
    assert time_to_liquidation(D("0.30"), 0.0) is None


def test_an_end_beyond_a_year_is_none() -> None:
    year = 365 * 86_400
    assert time_to_liquidation(D("0.5"), 0.49 / year) is None
    assert time_to_liquidation(D("0.5"), 0.51 / year) is not None
    assert time_to_liquidation(D("0.5"), 1e-300) is None


def test_the_time_is_not_known_without_distance_or_speed() -> None:
    assert time_to_liquidation(None, 0.0001) is None
    assert time_to_liquidation(D("0.3"), None, 0.0001) is None


def test_no_time_is_left_where_a_scope_is_liquidatable() -> None:
    assert time_to_liquidation(D(0), None) == time_to_liquidation(D(0), -1.0) == timedelta(0)


def test_only_the_last_hour_counts() -> None:
    found = approach(*("0.30" for _ in range(12)), *(D("0.30") - D("0.01") * n for n in range(13)))
    assert len(found) == 13
    speed = approach_speed(found)
    assert speed is not None
    assert isclose(speed, 0.12 / 3600, rel_tol=1e-9)


def test_sightings_too_near_in_time_or_out_of_order_add_nothing() -> None:
    once = sighted((), D("0.3"), NOON)
    assert sighted(once, D("0.1"), NOON) == once
    assert sighted(once, D("0.1"), NOON + 29 * SECOND) == once
    assert sighted(once, D("0.1"), NOON - HOUR / 2) == once
    assert len(sighted(once, D("0.1"), NOON + 30 * SECOND)) == 2


def test_a_look_without_a_distance_adds_nothing_and_time_still_passes() -> None:
    once = sighted((), D("0.3"), NOON)
    assert sighted(once, None, NOON + MINUTE) == once
    assert sighted(once, None, NOON + 2 * HOUR) == ()


def test_one_bad_reading_at_the_end_moves_it_little() -> None:
    steady = approach(*("0.3" for _ in range(60)), every=MINUTE)
    spoilt = (*steady[:-1], steady[-1]._replace(log_distance=0.2))
    speed = approach_speed(spoilt)
    assert speed is not None
    assert 0 < speed < 0.11 * 0.1 / (59 * 60)  # 6/n of the difference between the ends


@given(st.lists(st.decimals("0.01", 2, places=4), min_size=7, max_size=13), st.integers(1, 50))
def test_speed_scales_with_distance_and_turns_with_its_direction(seen: list[Decimal], factor: int) -> None:
    plain = approach_speed(approach(*seen))
    assert plain is not None
    scaled = approach_speed(approach(*(distance * factor for distance in seen)))
    mirrored = approach_speed(approach(*(D(3) - distance for distance in seen)))
    assert scaled is not None
    assert mirrored is not None
    assert isclose(scaled, plain * factor, rel_tol=1e-6, abs_tol=1e-12)
    assert isclose(mirrored, -plain, rel_tol=1e-6, abs_tol=1e-12)


@given(st.decimals("0.001", 2, places=4), st.floats(1e-6, 0.01), st.floats(0, 0.01))
def test_a_scope_moving_at_that_speed_is_there_in_that_time(distance: Decimal, speed: float, bleed: float) -> None:
    left = time_to_liquidation(distance, speed, bleed)
    assert left is not None
    assert isclose(left.total_seconds() * (speed + bleed), float(distance), rel_tol=1e-3, abs_tol=1e-6)


def test_states_are_values() -> None:
    state = updated(None, D(50_000), NOON)
    assert state == replace(state)
    assert hash(state) == hash(replace(state))
