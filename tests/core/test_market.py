"""A market stands still, drifts from its index or from the others: each is seen, and none is imagined."""

from datetime import timedelta

import pytest

from monitor.core.market import FROZEN_AFTER, Market, from_index, from_others, frozen_for, sighted
from tests.build import BTC_QUARTERLY, NOON, D, Figure, long

MINUTE = timedelta(minutes=1)


def market(mark: Figure, index: Figure | None = None, venue: str = "bybit", **different: object) -> Market:
    held = long(100, 10_000, mark, index_price=None if index is None else D(index), **different)
    return sighted(None, venue, held, NOON)


def later(before: Market, mark: Figure, index: Figure | None, minutes: int) -> Market:
    held = long(100, 10_000, mark, index_price=None if index is None else D(index))
    return sighted(before, before.venue, held, NOON + minutes * MINUTE)


def test_a_mark_that_rests_while_its_index_moves_is_frozen() -> None:
    seen = later(market(10_000, 10_000), 10_000, 10_011, 6)
    assert frozen_for(seen, NOON + 6 * MINUTE) == 6 * MINUTE


@pytest.mark.parametrize(
    ("mark", "index", "minutes"),
    [(10_000, 10_009, 6), (10_000, 10_011, 4), (10_001, 10_011, 6), (10_000, None, 6)],
    ids=["the index rests too", "not for long", "it moved", "no index"],
)
def test_a_calm_market_is_not_frozen(mark: int, index: int | None, minutes: int) -> None:
    seen = later(market(10_000, 10_000), mark, index, minutes)
    assert frozen_for(seen, NOON + minutes * MINUTE) is None


def test_without_a_first_index_nothing_can_be_called_frozen() -> None:
    seen = later(market(10_000), 10_000, 10_500, 10)
    assert frozen_for(seen, NOON + 10 * MINUTE) is None


def test_a_thaw_begins_anew() -> None:
    first = later(market(10_000, 10_000), 10_500, 10_500, 6)
    assert first.since == NOON + 6 * MINUTE
    assert frozen_for(later(first, 10_500, 10_600, 10), NOON + 10 * MINUTE) is None
    assert FROZEN_AFTER == 5 * MINUTE


def test_a_perpetual_is_held_against_its_index_and_a_dated_contract_is_not() -> None:
    assert from_index(market(10_100, 10_000)) == D("0.01")
    assert from_index(market(9_900, 10_000)) == D("0.01")
    assert from_index(market(10_100)) is None
    assert from_index(market(10_500, 10_000, symbol=BTC_QUARTERLY)) is None


def test_a_mark_is_held_against_the_median_of_the_others() -> None:
    mine, others = market(11_000), [market(10_000, venue="deribit"), market(10_100, venue="okx"), market(90_000, venue="htx")]
    assert from_others(mine, [mine, *others]) == D(11_000) / D(10_100) - 1
    assert from_others(mine, [mine]) is None
    assert from_others(mine, [mine, market(9_000, venue="deribit", symbol=BTC_QUARTERLY)]) is None
