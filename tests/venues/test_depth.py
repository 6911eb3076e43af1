"""Order books are read into contracts, whatever their order, and what is no book is refused."""

from decimal import Decimal

import pytest

from monitor.core.liquidity import Level
from monitor.ports import VenueDataInvalid
from monitor.venues.depth import order_book
from monitor.venues.parse import Row


def row(bids: object, asks: object) -> Row:
    return Row({"b": bids, "a": asks}, "bybit", "the order book of BTCUSD")


def test_sides_are_ordered_and_sizes_become_contracts() -> None:
    book = order_book(
        row([["49990", "300"], [49999.5, 100]], [["50010", "1000", 7], ["50000.5", "0"]]), "b", "a", lambda size: size / 10
    )
    assert book.bids == (Level(Decimal("49999.5"), Decimal(10)), Level(Decimal(49990), Decimal(30)))
    assert book.asks == (Level(Decimal(50010), Decimal(100)),)


def test_an_empty_side_is_a_thin_book_not_an_error() -> None:
    assert order_book(row([], [["50010", "1000"]]), "b", "a").bids == ()


@pytest.mark.parametrize(
    ("bids", "asks", "complaint"),
    [
        (None, [], "`b` is missing or not a list"),
        ([["1"]], [], "`b` holds something"),
        ([["1", "x"]], [], "`b` holds something"),
        (["1"], [], "`b` holds something"),
        ([["2", "1"]], [["1", "1"]], "crossed"),
        ([["-2", "1"]], [], "must be above 0"),
    ],
)
def test_what_is_no_book_is_refused(bids: object, asks: object, complaint: str) -> None:
    with pytest.raises(VenueDataInvalid, match=complaint):
        order_book(row(bids, asks), "b", "a")
