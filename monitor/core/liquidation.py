"""Where a scope is liquidated: the prices at which equity falls to the requirement, exactly, all its contracts together.

The deficit ``requirement - equity`` is solved piece by piece in ``x = 1 / price``. With marginal tiers it is convex, so there
is at most one liquidation price below the mark and one above it; with plain slabs it may jump, and the first crossing counts.

Source: derived here; the single-contract case is Binance, "How to calculate liquidation price of COIN-M futures contracts",
help centre; seen 2026-11 (101 BTC, 10,000,000 dollars long at 45,000: 33,599.4).
"""

from dataclasses import dataclass
from decimal import Decimal

from monitor.core.margin import Scope
from monitor.core.number import ZERO, Coin, Price, Ratio
from monitor.core.piecewise import at, first_above, first_below, highest

FARTHEST = Decimal(100)
"""A price more than this many times the mark is no liquidation price: venues print a sentinel there (design 5.3)."""


@dataclass(frozen=True, slots=True)
class Liquidation:
    """Prices of the scope's reference contract at which it is liquidated; None: no price on that side does it."""

    below: Price | None
    above: Price | None

    def nearest(self, mark: Price) -> Price | None:
        """Return the nearer of the two by ``|log(price / mark)|``; None: no price liquidates.

        Of two equally near it is the one below, whose distance as a ratio of mark is the smaller.
        """
        if self.below is None or self.above is None:
            return self.above if self.below is None else self.below
        return self.below if self.below * self.above >= mark * mark else self.above


def liquidation(scope: Scope, tick_size: Price | None) -> Liquidation:
    """Return the nearest liquidation price on each side of the mark.

    The scope must not be liquidatable at the mark. A price beyond 100 x mark or under *tick_size* is none.
    """
    below, above = first_above(scope.deficit, scope.x), first_below(scope.deficit, scope.x)
    return Liquidation(
        below=None if below is None or 1 / below < (tick_size or ZERO) else 1 / below,
        above=None if above is None or 1 / above > FARTHEST * scope.mark_price else 1 / above,
    )


def bankruptcy_price(scope: Scope) -> Price | None:
    """Return the price at which equity equals the closing fee; None: none does, or one beyond 100 x mark."""
    if scope.bankruptcy is None or 1 / scope.bankruptcy > FARTHEST * scope.mark_price:
        return None
    return 1 / scope.bankruptcy


def top_up(scope: Scope, distance: Ratio) -> Coin:
    """Return the coins to add so that no price within *distance* (a ratio of mark, under 1) on either side liquidates.

    The largest deficit in that range; 0 where there is none. A closing fee at the bankruptcy price takes its part of what is
    added, and begins or ends with it.
    """
    worst = highest(scope.deficit, scope.x / (1 + distance), scope.x / (1 - distance))
    if worst <= 0:
        return ZERO
    kept = scope.kept
    return first_above(kept.plus_line(-worst - at(kept, ZERO), ZERO), ZERO) or worst
