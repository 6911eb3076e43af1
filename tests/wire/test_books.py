"""Order books beside a snapshot."""

import pytest

from monitor.core.liquidity import Level
from monitor.wire.books import read_order_books
from monitor.wire.node import SnapshotError
from tests.build import BTC_PERPETUAL, D


def test_books_are_read_by_symbol() -> None:
    read = read_order_books({"order_books": {BTC_PERPETUAL: {"bids": [["49990", 100]], "asks": []}}})
    assert read[BTC_PERPETUAL].bids == (Level(D(49_990), D(100)),)


@pytest.mark.parametrize("raw", [{}, {"order_books": None}])
def test_a_snapshot_needs_none(raw: object) -> None:
    assert read_order_books(raw) == {}


@pytest.mark.parametrize(
    ("books", "complaint"),
    [
        ([], "order_books: an object is needed"),
        ({"X": {"bids": []}}, "order_books.X: the key 'asks' is missing"),
        ({"X": {"bids": [[1]], "asks": []}}, r"order_books.X.bids\[0\]: a price and a number of contracts"),
        ({"X": {"bids": [[-1, 1]], "asks": []}}, r"order_books.X.bids\[0\]\[0\]: it must be above 0"),
        ({"X": {"bids": [[2, 1]], "asks": [[1, 1]]}}, "order_books.X: the book is crossed"),
    ],
)
def test_what_is_no_book_is_refused_with_its_path(books: object, complaint: str) -> None:
    with pytest.raises(SnapshotError, match=f"^{complaint}"):
        read_order_books({"order_books": books})
