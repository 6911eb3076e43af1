from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.market import OPENING, STORY_SECONDS, Market, quarterly

SECONDS = st.floats(0, STORY_SECONDS, allow_nan=False)


@given(st.integers(0, 1000), SECONDS)
def test_the_same_seed_and_second_give_the_same_price(seed: int, t: float) -> None:
    assert Market(seed).at(t) == Market(seed).at(t)


@given(st.integers(0, 1000))
def test_the_script_repeats_without_a_step(seed: int) -> None:
    market = Market(seed)
    for coin, opening in OPENING.items():
        assert abs(market.price(coin, STORY_SECONDS - 0.001) - market.price(coin, 0)) < opening / 10_000
        assert market.price(coin, 7) == market.price(coin, 7 + STORY_SECONDS)


@given(st.integers(0, 1000), SECONDS)
def test_no_two_seconds_are_far_apart(seed: int, t: float) -> None:
    market = Market(seed)
    for coin in OPENING:
        here, there = market.price(coin, t), market.price(coin, t + 1)
        assert abs(there - here) / here < 0.05


def test_two_seeds_differ_only_a_little() -> None:
    one, other = Market(1).price("BTC", 60), Market(2).price("BTC", 60)
    assert one != other
    assert abs(one - other) / one < 0.003


def test_marks_are_whole_cents_and_the_index_is_close() -> None:
    quotes = Market(3).at(25.0)
    for coin in OPENING:
        for mark in (quotes.mark(coin), quotes.mark(coin, date(2026, 12, 25))):
            assert mark == round(mark, 2)
            assert abs(mark / quotes.index(coin) - 1) < 0.01


@pytest.mark.parametrize(
    ("today", "delivery"),
    [
        (date(2026, 11, 24), date(2026, 12, 25)),
        (date(2026, 12, 1), date(2027, 3, 26)),
        (date(2026, 12, 31), date(2027, 3, 26)),
        (date(2027, 1, 1), date(2027, 3, 26)),
    ],
)
def test_the_quarterly_has_four_weeks_left(today: date, delivery: date) -> None:
    assert quarterly(today) == delivery
