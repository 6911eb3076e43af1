"""An order book around a mark price: thin at the touch, deeper behind."""

from decimal import Decimal

from monitor.core.number import Price, Quote

Level = tuple[Price, Quote]
"""A price and the dollars offered there."""


def levels(mark: Price, tick: Price, *, count: int) -> tuple[list[Level], list[Level]]:
    """Return bids (falling) and asks (rising) around *mark*, at most *count* and fifty a side, on the tick."""
    steps = range(1, min(count, 50) + 1)
    touch = mark // tick * tick
    spread = max(tick, (mark * Decimal("0.0001")) // tick * tick)
    bids = [(touch - spread * n, _size(n)) for n in steps]
    asks = [(touch + spread * n, _size(n)) for n in steps]
    return bids, asks


def _size(step: int) -> Quote:
    return Decimal(10_000) * step
