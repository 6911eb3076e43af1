"""Order books as venues send them: lists of price and size, best first or not."""

from collections.abc import Callable, Iterable

from monitor.core.liquidity import Level, OrderBook
from monitor.core.number import ZERO, Ratio, exact
from monitor.venues.parse import Row, invalid

Contracts = Callable[[Ratio], Ratio]
"""A venue's size of a level -> contracts."""


def order_book(row: Row, bids: str, asks: str, contracts: Contracts = lambda size: size) -> OrderBook:
    """Return the book whose sides are at the keys *bids* and *asks* of *row*; levels of size 0 are none.

    Raises:
        VenueDataInvalid: a side is missing, or it is no book: crossed, or a level is not a price and a size.

    """
    return book_of(row, levels(row, bids), levels(row, asks), contracts)


def levels(row: Row, side: str) -> list[tuple[Ratio, Ratio]]:
    """Return price and size of each level at *side*, which may be empty but must be there."""
    raw = row.raw.get(side)
    if not isinstance(raw, list):
        raise row.fault(side, "is missing or not a list")
    return [_level(row, side, each) for each in raw]


def book_of(
    row: Row, bids: Iterable[tuple[Ratio, Ratio]], asks: Iterable[tuple[Ratio, Ratio]], contracts: Contracts
) -> OrderBook:
    """Return the book of *bids* and *asks*, in whatever order they come; *row* is what complaints are about."""
    try:
        return OrderBook(bids=_side(bids, contracts, falling=True), asks=_side(asks, contracts, falling=False))
    except ValueError as error:
        fault = str(error)
    raise invalid(row.venue, f"{row.what} is not a book: {fault}")


def _side(given: Iterable[tuple[Ratio, Ratio]], contracts: Contracts, *, falling: bool) -> tuple[Level, ...]:
    held = (Level(price, contracts(size)) for price, size in given if size != ZERO)
    return tuple(sorted(held, key=lambda level: level.price, reverse=falling))


def _level(row: Row, side: str, raw: object) -> tuple[Ratio, Ratio]:
    fault = row.fault(side, "holds something that is not a price and a size")
    if not isinstance(raw, list) or len(raw) < 2:
        raise fault
    try:
        return exact(raw[0]), exact(raw[1])
    except ValueError:
        raise fault from None
