"""What becomes of a pool along a row of shocks, and on its way to liquidation.

Source: derived here from "the pool is ``delta`` coins minus ``dollars`` dollars" (see `exposure`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from monitor.core.account import Basis, GroupSize, Pool, PoolMode, Position, TierUnit
from monitor.core.contract import Side
from monitor.core.exposure import Exposure, exposure, reference
from monitor.core.liquidation import FARTHEST, Liquidation
from monitor.core.margin import Scope, scope
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio
from monitor.core.piecewise import at, first_above, first_below

SHOCKS: tuple[Ratio, ...] = tuple(Decimal(n) / 100 for n in (-50, -40, -30, -20, -10, -5, 5, 10, 20, 30, 40, 50))
"""The moves of price in a stress table."""


STEPS = 10
"""Equal steps of price from the mark to the liquidation price."""


class Outcome(StrEnum):
    """What becomes of a scope on the way from the mark to a shock. ``unknown``: its maintenance rule is not known."""

    OK = "ok"
    LIQUIDATED = "liquidated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeStress:
    """One scope after a shock. ``position``: the isolated one; None: the pool's cross positions.

    ``equity`` is what it would be worth if it had been carried through, also where it is liquidated on the way, ``coin_value``
    the gross value of its positions. ``distance`` is what is left to the nearest liquidation price, as a ratio of the shocked
    price: 0 where liquidated, None where no price does it or the outcome is unknown.
    """

    position: Position | None
    equity: Coin
    coin_value: Coin
    distance: Ratio | None
    outcome: Outcome

    @property
    def leverage(self) -> Ratio | None:
        """Return gross coin value / equity; None where equity is not positive."""
        return _leverage(self.coin_value, self.equity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """A pool after a shock to its coin's price, all scopes carried through. ``price``: of the reference contract.

    ``linear_equity`` (dollars) is what people carry in their heads: dollar collateral and a linear contract of the same dollar
    size, ``equity_usd now + dollars * shock``; the truth is ``equity_usd now + (equity_usd now + dollars) * shock``.
    ``cross``: None where the pool has no cross positions.
    """

    shock: Ratio
    price: Price
    equity: Coin
    coin_value: Coin
    linear_equity: Quote
    cross: ScopeStress | None
    isolated: tuple[ScopeStress, ...]

    @property
    def equity_usd(self) -> Quote:
        """Return the equity in dollars at the shocked price."""
        return self.equity * self.price

    @property
    def leverage(self) -> Ratio | None:
        """Return gross coin value / equity; None where equity is not positive."""
        return _leverage(self.coin_value, self.equity)

    @property
    def liquidated(self) -> int:
        """Return how many scopes the way to the shock liquidates."""
        scopes = (*self.isolated, self.cross)
        return sum(1 for one in scopes if one is not None and one.outcome is Outcome.LIQUIDATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinStress:
    """All pools of a coin after one shock: sums, ``leverage`` of the sums, scopes ``liquidated``."""

    shock: Ratio
    equity: Coin
    equity_usd: Quote
    linear_equity: Quote
    leverage: Ratio | None
    liquidated: int


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


def stress(pool: Pool, shocks: Iterable[Ratio] = SHOCKS) -> tuple[Stress, ...] | None:
    """Return *pool* after each of *shocks*, which must be above -1.

    ``liquidated`` is a scope whose liquidation price lies between the mark and the shock, or that is liquidatable now. None:
    no positions, not backed by its coin alone, an obstacle, or no exposure. Not for pools whose units are misread.
    """
    seen = _exposure(pool)
    if seen is None or seen.mark_price is None:
        return None
    courses = _courses(pool, seen.mark_price)
    return tuple(_stress(seen, seen.mark_price, shock, courses) for shock in shocks)


def coin_stress(tables: Iterable[tuple[Stress, ...]]) -> tuple[CoinStress, ...]:
    """Return the sums over the pools of one coin, row by row; their tables must be for the same shocks."""
    return tuple(_coin_stress(rows) for rows in zip(*tables, strict=True))


def feedback(pool: Pool, steps: int = STEPS) -> tuple[Feedback, ...] | None:
    """Return the way to liquidation of each scope whose rule is known; None: as `stress`.

    It shows leverage run away and tiers step up: ``leverage = L0 / ((1 + L0) * p - L0)`` of a long at ``p = price / mark``.
    """
    seen = _exposure(pool)
    if seen is None or seen.mark_price is None:
        return None
    return tuple(_feedback(course, steps) for course in _courses(pool, seen.mark_price) if course.prices is not None)


@dataclass(frozen=True, slots=True)
class _Course:
    """A scope and the prices that liquidate it, however far; None: its rule is not known. Both at the mark: liquidatable."""

    position: Position | None
    scope: Scope
    prices: Liquidation | None

    def at(self, shock: Ratio) -> ScopeStress:
        price = self.scope.mark_price * (1 + shock)
        outcome = self._outcome(price)
        return ScopeStress(
            position=self.position,
            equity=self.scope.coins - self.scope.dollars / price,
            coin_value=self.coin_value_at(price),
            distance=ZERO if outcome is Outcome.LIQUIDATED else self.distance(price),
            outcome=outcome,
        )

    def coin_value_at(self, price: Price) -> Coin:
        return sum((p.coin_value for p in self.scope.positions), ZERO) * self.scope.mark_price / price

    def distance(self, price: Price) -> Ratio | None:
        if self.prices is None:
            return None
        above = self.prices.above
        is_none = above is None or above > FARTHEST * price
        nearest = Liquidation(self.prices.below, None if is_none else above).nearest(price)
        return None if nearest is None else abs(price - nearest) / price

    def _outcome(self, price: Price) -> Outcome:
        if self.prices is None:
            return Outcome.UNKNOWN
        below, above = self.prices.below, self.prices.above
        is_lost = (below is not None and price <= below) or (above is not None and price >= above)
        return Outcome.LIQUIDATED if is_lost else Outcome.OK


def _exposure(pool: Pool) -> Exposure | None:
    return None if pool.obstacle or pool.mode is not PoolMode.COIN else exposure(pool)


def _courses(pool: Pool, mark: Price) -> tuple[_Course, ...]:
    contract = reference(pool)
    whole = [(None, pool.wallet_balance, pool.cross, mark, contract.tick_size if contract else None)] if pool.cross else []
    alone = [(p, p.isolated_margin or ZERO, (p,), p.mark_price, p.tick_size) for p in pool.isolated]
    return tuple(_course(*each) for each in (*whole, *alone))


def _course(own: Position | None, wallet: Coin, legs: tuple[Position, ...], mark: Price, tick: Price | None) -> _Course:
    if any(leg.maintenance is None for leg in legs):
        return _Course(own, Scope(wallet, legs, mark, ()), None)
    whole = scope(wallet, legs, mark)
    if at(whole.deficit, whole.x) >= 0:
        return _Course(own, whole, Liquidation(mark, mark))
    below, above = first_above(whole.deficit, whole.x), first_below(whole.deficit, whole.x)
    lowest = None if below is None or 1 / below < (tick or ZERO) else 1 / below
    return _Course(own, whole, Liquidation(lowest, None if above is None else 1 / above))


def _stress(seen: Exposure, mark: Price, shock: Ratio, courses: Iterable[_Course]) -> Stress:
    price = mark * (1 + shock)
    scopes = tuple(course.at(shock) for course in courses)
    return Stress(
        shock=shock,
        price=price,
        equity=seen.equity_after(shock),
        coin_value=seen.coin_value / (1 + shock),
        linear_equity=seen.equity * mark + seen.dollars * shock,
        cross=next((one for one in scopes if one.position is None), None),
        isolated=tuple(one for one in scopes if one.position is not None),
    )


def _coin_stress(rows: Sequence[Stress]) -> CoinStress:
    if len({row.shock for row in rows}) > 1:
        raise ValueError("stress tables of different shocks do not add up")
    equity = sum((row.equity for row in rows), ZERO)
    return CoinStress(
        shock=rows[0].shock,
        equity=equity,
        equity_usd=sum((row.equity_usd for row in rows), ZERO),
        linear_equity=sum((row.linear_equity for row in rows), ZERO),
        leverage=_leverage(sum((row.coin_value for row in rows), ZERO), equity),
        liquidated=sum(row.liquidated for row in rows),
    )


def _leverage(coin_value: Coin, equity: Coin) -> Ratio | None:
    return coin_value / equity if equity > 0 else None


def _feedback(course: _Course, steps: int) -> Feedback:
    ends = course.prices or Liquidation(None, None)
    farthest = FARTHEST * course.scope.mark_price
    return Feedback(
        position=course.position,
        below=_way(course, ends.below, steps),
        above=_way(course, None if ends.above is None or ends.above > farthest else ends.above, steps),
    )


def _way(course: _Course, end: Price | None, steps: int) -> tuple[Step, ...]:
    mark = course.scope.mark_price
    if end is None or end == mark:
        return ()
    between = (mark + (end - mark) * n / steps for n in range(steps))
    return tuple(_step(course, price) for price in (*between, end))


def _step(course: _Course, price: Price) -> Step:
    whole = course.scope
    value = course.coin_value_at(price)
    return Step(
        price=price,
        coin_value=value,
        leverage=_leverage(value, whole.coins - whole.dollars / price),
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
