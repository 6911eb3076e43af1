"""Functions of ``x = 1 / price`` that are polynomials piece by piece: margin requirements with tiers are of this form."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from monitor.core.number import ZERO

Coefficients = tuple[Decimal, Decimal, Decimal]


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


Piecewise = tuple[Piece, ...]
"""Pieces in order that cover ``[0, infinity)`` without a hole. It may jump where two of them meet."""


def constant(value: Decimal) -> Piecewise:
    """Return the function that is *value* everywhere."""
    return (Piece(ZERO, None, value),)


def plus_line(function: Piecewise, at_zero: Decimal, slope: Decimal) -> Piecewise:
    """Return *function* plus ``at_zero + slope * x``."""
    return tuple(Piece(start, end, c + at_zero, b + slope, a) for start, end, c, b, a in function)


def total(parts: Iterable[Piecewise]) -> Piecewise:
    """Return the sum of *parts*: one sweep over where any of them changes."""
    functions = tuple(parts) or (constant(ZERO),)
    if len(functions) == 1:
        return functions[0]
    changes: defaultdict[Decimal, Coefficients] = defaultdict(lambda: (ZERO, ZERO, ZERO))
    for part in functions:
        before = (ZERO, ZERO, ZERO)
        for piece in part:
            after = piece[2:]
            changes[piece.start] = _plus(changes[piece.start], _minus(after, before))
            before = after
    return _swept(sorted(changes.items()))


def at(function: Piecewise, x: Decimal) -> Decimal:
    """Return the value at *x*, which must not be negative."""
    return next(piece for piece in reversed(function) if piece.start <= x).at(x)


def first_above(function: Piecewise, x: Decimal) -> Decimal | None:
    """Return the smallest point above *x* where the function is not negative; None: there is none.

    The function must be negative at *x*. Where it jumps from below to above zero, the point is the jump.
    """
    for piece in function:
        if piece.end is not None and piece.end <= x:
            continue
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
    for piece in reversed(function):
        if piece.start >= x:
            continue
        high = x if piece.end is None else min(piece.end, x)
        if piece.end == high and piece.at(high) >= 0:
            return high
        inside = [root for root in piece.roots() if piece.start <= root < high and root > 0]
        if inside:
            return inside[-1]
    return None


def highest(function: Piecewise, low: Decimal, high: Decimal) -> Decimal:
    """Return the largest value on ``[low, high]`` of a function whose pieces are convex (so it lies at an end of one)."""
    inside = [p for p in function if p.start <= high and (p.end is None or p.end > low)]
    return max(value for p in inside for value in (p.at(max(p.start, low)), p.at(high if p.end is None else min(p.end, high))))


def _plus(left: Coefficients, right: Coefficients) -> Coefficients:
    return (left[0] + right[0], left[1] + right[1], left[2] + right[2])


def _minus(left: Coefficients, right: Coefficients) -> Coefficients:
    return (left[0] - right[0], left[1] - right[1], left[2] - right[2])


def _swept(changes: list[tuple[Decimal, Coefficients]]) -> Piecewise:
    pieces = []
    now = (ZERO, ZERO, ZERO)
    for (start, change), end in zip(changes, [start for start, _ in changes[1:]] + [None], strict=True):
        now = _plus(now, change)
        pieces.append(Piece(start, end, *now))
    return tuple(pieces)
