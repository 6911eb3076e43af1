"""Functions of ``x = 1 / price`` that are polynomials piece by piece: margin requirements with tiers are of this form."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import takewhile
from operator import attrgetter
from typing import NamedTuple

from monitor.core.number import ZERO

_start = attrgetter("start")


class Piece(NamedTuple):
    """``constant + linear * x + quadratic * x^2`` for x in ``[start, end)``; ``end`` None: without end."""

    start: Decimal
    end: Decimal | None
    constant: Decimal
    linear: Decimal = ZERO
    quadratic: Decimal = ZERO

    def at(self, x: Decimal) -> Decimal:
        """Return the polynomial's value, also outside the piece."""
        return (self.quadratic * x + self.linear) * x + self.constant

    def roots(self) -> tuple[Decimal, ...]:
        """Return the polynomial's real roots in rising order, also outside the piece; none where it is constant."""
        if not self.quadratic:
            return (-self.constant / self.linear,) if self.linear else ()
        discriminant = self.linear * self.linear - 4 * self.quadratic * self.constant
        if discriminant < 0:
            return ()
        # The sum of like signs, then the product of the roots: no digits are lost by cancellation.
        half = -(self.linear + discriminant.sqrt().copy_sign(self.linear)) / 2
        return tuple(sorted({half / self.quadratic, self.constant / half if half else ZERO}))


class Piecewise(NamedTuple):
    """Pieces in order that cover ``[0, infinity)`` without a hole, and a line that is added to all of them.

    It may jump where two pieces meet. The line is put on a piece when that is asked for: who looks for the nearest crossing needs
    two or three of them.
    """

    pieces: tuple[Piece, ...]
    at_zero: Decimal = ZERO
    slope: Decimal = ZERO

    def plus_line(self, at_zero: Decimal, slope: Decimal) -> "Piecewise":
        """Return this function plus ``at_zero + slope * x``."""
        return Piecewise(self.pieces, self.at_zero + at_zero, self.slope + slope)

    def from_left(self, x: Decimal) -> Iterator[Piece]:
        """Yield the piece that holds the point *x*, then those above it."""
        return map(self._whole, self.pieces[bisect_right(self.pieces, x, key=_start) - 1 :])

    def from_right(self, x: Decimal) -> Iterator[Piece]:
        """Yield the piece that holds what lies directly below *x*, then those below it."""
        return map(self._whole, self.pieces[: bisect_left(self.pieces, x, key=_start)][::-1])

    def _whole(self, piece: Piece) -> Piece:
        start, end, c, b, a = piece
        return Piece(start, end, c + self.at_zero, b + self.slope, a)


def constant(value: Decimal) -> Piecewise:
    """Return the function that is *value* everywhere."""
    return Piecewise((Piece(ZERO, None, value),))


def total(parts: Iterable[Piecewise]) -> Piecewise:
    """Return the sum of *parts*: one sweep over where any of them changes."""
    functions = tuple(parts) or (constant(ZERO),)
    if len(functions) == 1:
        return functions[0]
    changes: defaultdict[Decimal, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for function in functions:
        before = Piece(ZERO, None, -function.at_zero, -function.slope)
        for piece in function.pieces:
            change = changes[piece.start]
            change[0] += piece.constant - before.constant
            change[1] += piece.linear - before.linear
            change[2] += piece.quadratic - before.quadratic
            before = piece
    return Piecewise(tuple(_swept(sorted(changes.items()))))


def at(function: Piecewise, x: Decimal) -> Decimal:
    """Return the value at *x*, which must not be negative."""
    return next(function.from_left(x)).at(x)


def first_above(function: Piecewise, x: Decimal) -> Decimal | None:
    """Return the smallest point above *x* where the function is not negative; None: there is none.

    The function must be negative at *x*. Where it jumps from below to above zero, the point is the jump.
    """
    for piece in function.from_left(x):
        low = max(piece.start, x)
        if low > x and piece.at(low) >= 0:
            return low
        inside = [root for root in piece.roots() if root > low and (piece.end is None or root < piece.end)]
        if inside:
            return inside[0]
    return None


def first_below(function: Piecewise, x: Decimal) -> Decimal | None:
    """Return the largest positive point below *x* where the function is not negative, seen from above; None: there is none.

    The function must be negative at *x*. Where it jumps, the point is the jump.
    """
    for piece in function.from_right(x):
        high = x if piece.end is None else min(piece.end, x)
        if piece.end == high and piece.at(high) >= 0:
            return high
        inside = [root for root in piece.roots() if piece.start <= root < high and root > 0]
        if inside:
            return inside[-1]
    return None


def highest(function: Piecewise, low: Decimal, high: Decimal) -> Decimal:
    """Return the largest value on ``[low, high]`` of a function whose pieces are convex (so it lies at an end of one)."""
    inside = takewhile(lambda piece: piece.start <= high, function.from_left(low))
    return max(value for p in inside for value in (p.at(max(p.start, low)), p.at(high if p.end is None else min(p.end, high))))


def _swept(changes: Sequence[tuple[Decimal, Sequence[Decimal]]]) -> Iterator[Piece]:
    ends = [start for start, _ in changes[1:]]
    c, b, a = ZERO, ZERO, ZERO
    for (start, change), end in zip(changes, [*ends, None], strict=True):
        c += change[0]
        b += change[1]
        a += change[2]
        yield Piece(start, end, c, b, a)
