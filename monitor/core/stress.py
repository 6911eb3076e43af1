"""What becomes of a pool along a row of shocks.

Source: derived here from "the pool is ``delta`` coins minus ``dollars`` dollars" (see `exposure`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitor.core.account import Pool
from monitor.core.course import Outcome, Outset, ScopeStress, leverage, outset
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio

SHOCKS: tuple[Ratio, ...] = tuple(Decimal(n) / 100 for n in (-50, -40, -30, -20, -10, -5, 5, 10, 20, 30, 40, 50))
"""The moves of price in a stress table."""


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
        return leverage(self.coin_value, self.equity)

    @property
    def liquidated(self) -> int:
        """Return how many scopes the way to the shock liquidates."""
        return self._count(Outcome.LIQUIDATED)

    @property
    def unknown(self) -> int:
        """Return of how many scopes it is not known what becomes of them."""
        return self._count(Outcome.UNKNOWN)

    def _count(self, outcome: Outcome) -> int:
        return sum(1 for one in (*self.isolated, self.cross) if one is not None and one.outcome is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinStress:
    """All pools of a coin after one shock: sums, ``leverage`` of the sums, scopes ``liquidated``.

    ``unknown``: scopes of which it is not known what becomes of them, also those of pools that are in no sum.
    """

    shock: Ratio
    equity: Coin
    equity_usd: Quote
    linear_equity: Quote
    leverage: Ratio | None
    liquidated: int
    unknown: int


def stress(pool: Pool, shocks: Iterable[Ratio] = SHOCKS) -> tuple[Stress, ...] | None:
    """Return *pool* after each of *shocks*, which must be above -1.

    ``liquidated`` is a scope whose liquidation price lies between the mark and the shock, or that is liquidatable now. None:
    as `outset`.
    """
    begun = outset(pool)
    return None if begun is None else tuple(_stress(begun, shock) for shock in shocks)


def coin_stress(tables: Iterable[tuple[Stress, ...]], others: int = 0) -> tuple[CoinStress, ...]:
    """Return the sums over the pools of one coin, row by row; their tables must be for the same shocks.

    *others*: how many scopes of the coin lie in pools that have no table, so that nothing is known of them.
    """
    return tuple(_coin_stress(rows, others) for rows in zip(*tables, strict=True))


def _stress(begun: Outset, shock: Ratio) -> Stress:
    seen, price = begun.exposure, begun.mark_price * (1 + shock)
    scopes = tuple(course.at(shock) for course in begun.courses)
    return Stress(
        shock=shock,
        price=price,
        equity=seen.equity_after(shock),
        coin_value=seen.coin_value / (1 + shock),
        linear_equity=seen.equity * begun.mark_price + seen.dollars * shock,
        cross=next((one for one in scopes if one.position is None), None),
        isolated=tuple(one for one in scopes if one.position is not None),
    )


def _coin_stress(rows: Sequence[Stress], others: int) -> CoinStress:
    if len({row.shock for row in rows}) > 1:
        raise ValueError("stress tables of different shocks do not add up")
    equity = sum((row.equity for row in rows), ZERO)
    return CoinStress(
        shock=rows[0].shock,
        equity=equity,
        equity_usd=sum((row.equity_usd for row in rows), ZERO),
        linear_equity=sum((row.linear_equity for row in rows), ZERO),
        leverage=leverage(sum((row.coin_value for row in rows), ZERO), equity),
        liquidated=sum(row.liquidated for row in rows),
        unknown=others + sum(row.unknown for row in rows),
    )
