"""A scope on its course: what is left of it at any price of its coin, and whether it was liquidated on the way there.

Source: derived here from "the pool is ``delta`` coins minus ``dollars`` dollars" (see `exposure`).
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.account import Pool, PoolMode, Position
from monitor.core.exposure import Exposure, exposure, reference
from monitor.core.liquidation import FARTHEST, Liquidation
from monitor.core.margin import Scope, scope
from monitor.core.number import ZERO, Coin, Price, Ratio
from monitor.core.piecewise import at, first_above, first_below


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
        return leverage(self.coin_value, self.equity)


@dataclass(frozen=True, slots=True)
class Course:
    """A scope and the prices that liquidate it, however far; None: its rule is not known. Both at the mark: liquidatable."""

    position: Position | None
    scope: Scope
    prices: Liquidation | None

    def at(self, shock: Ratio) -> ScopeStress:
        """Return the scope after a move of its price by *shock*."""
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
        """Return the gross coin value of its positions at *price* of the reference contract."""
        return sum((p.coin_value for p in self.scope.positions), ZERO) * self.scope.mark_price / price

    def distance(self, price: Price) -> Ratio | None:
        """Return the distance from *price* to the nearest liquidation price, as a ratio of *price*; None: there is none."""
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


@dataclass(frozen=True, slots=True)
class Outset:
    """A pool at the mark, from which the courses of all its scopes begin."""

    exposure: Exposure
    mark_price: Price
    courses: tuple[Course, ...]


def outset(pool: Pool) -> Outset | None:
    """Return where the courses of *pool* begin.

    None: no positions, not backed by its coin alone, an obstacle, or no exposure. Not for pools whose units are misread.
    """
    seen = None if pool.obstacle or pool.mode is not PoolMode.COIN else exposure(pool)
    if seen is None or seen.mark_price is None:
        return None
    return Outset(seen, seen.mark_price, _courses(pool, seen.mark_price))


def leverage(coin_value: Coin, equity: Coin) -> Ratio | None:
    """Return gross coin value / equity; None where equity is not positive."""
    return coin_value / equity if equity > 0 else None


def _courses(pool: Pool, mark: Price) -> tuple[Course, ...]:
    contract = reference(pool)
    whole = [(None, pool.wallet_balance, pool.cross, mark, contract.tick_size if contract else None)] if pool.cross else []
    alone = [(p, p.isolated_margin or ZERO, (p,), p.mark_price, p.tick_size) for p in pool.isolated]
    return tuple(_course(*each) for each in (*whole, *alone))


def _course(own: Position | None, wallet: Coin, legs: tuple[Position, ...], mark: Price, tick: Price | None) -> Course:
    if any(leg.maintenance is None for leg in legs):
        return Course(own, Scope(wallet, legs, mark, ()), None)
    whole = scope(wallet, legs, mark)
    if at(whole.deficit, whole.x) >= 0:
        return Course(own, whole, Liquidation(mark, mark))
    below, above = first_above(whole.deficit, whole.x), first_below(whole.deficit, whole.x)
    lowest = None if below is None or 1 / below < (tick or ZERO) else 1 / below
    return Course(own, whole, Liquidation(lowest, None if above is None else 1 / above))
