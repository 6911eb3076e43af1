"""How leverage, distance and tiers feed on each other while a price goes to where it liquidates."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.account import Basis, GroupSize, Pool, Position, TierUnit
from monitor.core.contract import Side
from monitor.core.course import Course, leverage, outset
from monitor.core.liquidation import FARTHEST, Liquidation
from monitor.core.margin import Scope
from monitor.core.number import ZERO, Coin, Price, Ratio
from monitor.core.piecewise import at

STEPS = 10
"""Equal steps of price from the mark to the liquidation price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A scope at one price of its reference contract, on the way to liquidation.

    ``leverage``: gross coin value / equity, None where equity is not positive. ``distance``: to the nearest liquidation price,
    as a ratio of this price. ``tiers``: the rung in force of each of the scope's positions, counted from 1.
    """

    price: Price
    coin_value: Coin
    leverage: Ratio | None
    distance: Ratio | None
    maintenance_margin: Coin
    tiers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A scope from the mark to its liquidation price on each side; empty where no price on that side does it.

    Both are empty where the scope is liquidatable already. ``position``: the isolated one; None: the cross positions.
    """

    position: Position | None
    below: tuple[Step, ...]
    above: tuple[Step, ...]


def feedback(pool: Pool, steps: int = STEPS) -> tuple[Feedback, ...] | None:
    """Return the way to liquidation of each scope whose rule is known; None: as `outset`.

    It shows leverage run away and tiers step up: ``leverage = L0 / ((1 + L0) * p - L0)`` of a long at ``p = price / mark``.
    """
    begun = outset(pool)
    return None if begun is None else tuple(_feedback(one, steps) for one in begun.courses if one.prices is not None)


def _feedback(course: Course, steps: int) -> Feedback:
    ends = course.prices or Liquidation(None, None)
    farthest = FARTHEST * course.scope.mark_price
    return Feedback(
        position=course.position,
        below=_way(course, ends.below, steps),
        above=_way(course, None if ends.above is None or ends.above > farthest else ends.above, steps),
    )


def _way(course: Course, end: Price | None, steps: int) -> tuple[Step, ...]:
    mark = course.scope.mark_price
    if end is None or end == mark:
        return ()
    between = (mark + (end - mark) * n / steps for n in range(steps))
    return tuple(_step(course, price) for price in (*between, end))


def _step(course: Course, price: Price) -> Step:
    whole = course.scope
    value = course.coin_value_at(price)
    return Step(
        price=price,
        coin_value=value,
        leverage=leverage(value, whole.coins - whole.dollars / price),
        distance=course.distance(price),
        maintenance_margin=at(whole.requirement, 1 / price),
        tiers=_tiers(whole, whole.mark_price / price),
    )


def _tiers(whole: Scope, growth: Ratio) -> tuple[int, ...]:
    rungs = {leg.identity: _rung(ladder.legs, growth) for ladder in whole.ladders for leg in ladder.legs}
    return tuple(rungs[p.identity] for p in whole.positions)


def _rung(legs: Sequence[Position], growth: Ratio) -> int:
    """Return which tier of the ladder that *legs* share is in force, from 1, where coin values have grown by *growth*."""
    rule = next(leg.maintenance for leg in legs if leg.maintenance)
    longs, shorts = (sum((_size(p, growth) for p in legs if p.side is side), ZERO) for side in Side)
    sizes = {GroupSize.SUM: longs + shorts, GroupSize.NET: abs(longs - shorts), GroupSize.MAX: max(longs, shorts)}
    size = sizes[rule.tier_group.size if rule.tier_group else GroupSize.SUM]
    return sum(1 for tier in rule.tiers if tier.floor <= size)


def _size(position: Position, growth: Ratio) -> Ratio:
    rule = position.maintenance
    if rule is not None and rule.tier_unit is TierUnit.CONTRACTS:
        return position.contracts
    return position.entry_value if rule is not None and rule.basis is Basis.ENTRY else position.coin_value * growth
