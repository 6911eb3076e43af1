"""Several coins behind one pool (``mode: multi_coin``): equity and requirement in dollars, under a shock to prices.

``equity = sum over coins j of g_j((balance_j + PnL_j) * P_j)`` with ``g(z) = (1 - haircut) z`` for what is owned and ``g(z) = z``
for what is owed. Under a shock s the price of coin j is ``P_j (1 + beta_j s)``, and contracts on it keep their ratio to it.
Between tier boundaries the deficit ``requirement - equity`` is convex in s (g is concave, requirements are convex), so on each
stretch that begins below zero there is at most one crossing, found by bisection.

Source: OKX, "Multi-currency margin mode"; Bybit, "Unified trading account: margin calculations"; Kraken, "Multi-collateral
futures", help centres; seen 2026-11. Convexity and the joint shock: derived here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from monitor.core.account import Basis, Collateral, Kind, Maintenance, Pool, Position, TierUnit
from monitor.core.margin import deductions
from monitor.core.number import ONE, ZERO, Price, Quote, Ratio

Betas = Mapping[str, Ratio]
"""How much of the shock each coin takes; a coin that is not in it stands still."""

HIGHEST = Decimal(99)
"""A shock that multiplies prices by more than 100 is none (design 5.3)."""

ALMOST = Decimal("0.999999")
"""Prices do not become negative: the lowest shock takes this part of the price of the coin that moves most."""

STEPS = 110
"""Halvings of a stretch; the crossing is then known to about 30 digits."""


@dataclass(frozen=True, slots=True)
class Shocks:
    """The nearest shock on each side that liquidates, as a ratio (-0.3 is 30 % down); None: none does."""

    below: Ratio | None
    above: Ratio | None

    def nearest(self) -> Ratio | None:
        """Return the nearer one by ``|log(1 + s)|``."""
        if self.below is None or self.above is None:
            return self.above if self.below is None else self.below
        return self.below if (1 + self.below) * (1 + self.above) > 1 else self.above


@dataclass(frozen=True)
class Book:
    """A multi_coin pool's cross positions and what backs them. Made by `book`."""

    collateral: Mapping[str, Collateral]
    legs: tuple[Position, ...]

    @cached_property
    def betas(self) -> Betas:
        """Return the joint shock: each coin by its beta, contracts on a coin that is no collateral with beta 1."""
        underlying = {base(leg): ONE for leg in self.legs}
        return {**underlying, **{coin: row.beta for coin, row in self.collateral.items()}}

    @property
    def coins(self) -> tuple[str, ...]:
        """Return the coins whose price matters."""
        return tuple(sorted(self.betas))

    def equity(self, shock: Ratio, betas: Betas) -> Quote:
        """Return the margin equity in dollars."""
        return sum((self._value(row, shock, betas) for row in self.collateral.values()), ZERO)

    def requirement(self, shock: Ratio, betas: Betas, tier_at: Ratio | None = None) -> Quote:
        """Return the maintenance margin in dollars, closing fees included; tiers as they are at shock *tier_at* if given."""
        at = shock if tier_at is None else tier_at
        return sum((self._needed(leg, shock, betas, at) for leg in self.legs), ZERO)

    def shocks(self, betas: Betas) -> Shocks:
        """Return the nearest liquidating shocks when each coin takes its part of it. The pool must not be liquidatable now."""
        lowest = -ALMOST / max((beta for beta in betas.values() if beta > 0), default=ONE)
        bounds = sorted({ZERO, lowest, HIGHEST, *(s for s in self._tier_bounds(betas) if lowest < s < HIGHEST)})
        down, up = [s for s in bounds if s <= 0], [s for s in bounds if s >= 0]
        return Shocks(below=self._first(list(reversed(down)), betas), above=self._first(up, betas))

    def own_shocks(self) -> Mapping[str, Shocks]:
        """Return the nearest liquidating shocks of each coin moving alone."""
        return {coin: self.shocks({coin: ONE}) for coin in self.coins if self.betas[coin]}

    def deficit(self, shock: Ratio, betas: Betas, tier_at: Ratio | None = None) -> Quote:
        """Return ``requirement - equity`` in dollars."""
        return self.requirement(shock, betas, tier_at) - self.equity(shock, betas)

    def top_up(self, distance: Ratio) -> Quote:
        """Return the dollars to add (in cash) so that no joint shock within *distance* liquidates; 0 where none is needed."""
        edges = [-distance, *(s for s in self._tier_bounds(self.betas) if -distance < s < distance), distance]
        worst = max(self.deficit(s, self.betas, (low + high) / 2) for low, high in pairwise(sorted(edges)) for s in (low, high))
        return max(ZERO, worst)

    def _first(self, bounds: list[Ratio], betas: Betas) -> Ratio | None:
        for near, far in pairwise(bounds):
            middle = (near + far) / 2

            def lacks(shock: Ratio, at: Ratio = middle) -> bool:
                return self.deficit(shock, betas, at) >= 0

            if lacks(near):
                return near
            if lacks(far):
                return _bisected(lacks, near, far)
        return None

    def _value(self, row: Collateral, shock: Ratio, betas: Betas) -> Quote:
        gains = (self._gain(leg, shock, betas) for leg in self.legs if leg.settle == row.coin)
        value = row.balance * row.price * _factor(row.coin, shock, betas) + sum(gains, ZERO)
        return value * (ONE - row.haircut) if value > 0 else value

    def _gain(self, leg: Position, shock: Ratio, betas: Betas) -> Quote:
        return leg.pnl_at(_mark(leg, shock, betas)) * self._price(leg, shock, betas)

    def _needed(self, leg: Position, shock: Ratio, betas: Betas, tier_at: Ratio) -> Quote:
        rule, price = _rule(leg), self._price(leg, shock, betas)
        on_entry = rule.basis is Basis.ENTRY
        value = leg.entry_value if on_entry else leg.value_at(_mark(leg, shock, betas))
        size = leg.entry_value if on_entry else leg.value_at(_mark(leg, tier_at, betas))
        rate, amount = _tier(rule, size if rule.tier_unit is TierUnit.COIN else leg.contracts)
        per = ONE if rule.tier_unit is TierUnit.COIN else value / leg.contracts
        fee_value = leg.entry_value if rule.fee_basis is Basis.ENTRY else leg.value_at(_mark(leg, shock, betas))
        return ((rate + (rule.slope or ZERO) * value) * value - amount * per + rule.fee_rate * fee_value) * price

    def _price(self, leg: Position, shock: Ratio, betas: Betas) -> Quote:
        row = self.collateral[leg.settle or ""]
        return row.price * _factor(row.coin, shock, betas)

    def _tier_bounds(self, betas: Betas) -> Iterable[Ratio]:
        for leg in self.legs:
            rule, beta = _rule(leg), betas.get(base(leg), ZERO)
            if beta and rule.basis is Basis.MARK and rule.tier_unit is TierUnit.COIN:
                now = leg.coin_value
                for tier in rule.tiers[1:]:
                    growth = tier.floor / now if leg.kind is Kind.LINEAR else now / tier.floor
                    yield (growth - 1) / beta


def book(pool: Pool) -> Book:
    """Return the pool's cross positions with their collateral."""
    return Book({row.coin: row for row in pool.collateral}, pool.cross)


def obstacle(pool: Pool) -> str | None:
    """Return why the pool cannot be reckoned in dollars; None: it can."""
    coins = {row.coin for row in pool.collateral}
    if not coins:
        return "several coins back this pool together, and which is not known"
    for leg in pool.cross:
        if leg.settle not in coins:
            return f"{leg.symbol} settles in {leg.settle or 'an unknown coin'}, of which no balance is known"
        rule = leg.maintenance
        if rule and rule.fee_rate and rule.fee_basis is Basis.BANKRUPTCY:
            return f"{leg.symbol}: a fee at the bankruptcy price has no meaning where several coins back it"
        if rule and rule.tier_group:
            return f"{leg.symbol}: its ladder is shared with other positions, which is not reckoned across coins"
    return None


def base(leg: Position) -> str:
    """Return the coin whose price moves a contract: ``BTC`` of ``BTC/USD:BTC``."""
    return leg.symbol.partition("/")[0]


def _factor(coin: str, shock: Ratio, betas: Betas) -> Ratio:
    return ONE + betas.get(coin, ZERO) * shock


def _mark(leg: Position, shock: Ratio, betas: Betas) -> Price:
    return leg.mark_price * _factor(base(leg), shock, betas)


def _tier(rule: Maintenance, size: Ratio) -> tuple[Ratio, Ratio]:
    rungs = zip(rule.tiers, deductions(rule.tiers), strict=True)
    return next((tier.rate, amount) for tier, amount in reversed(tuple(rungs)) if tier.floor <= size)


def _rule(leg: Position) -> Maintenance:
    if leg.maintenance is None:
        raise ValueError(f"{leg.symbol}: its maintenance rule is not known, so it does not belong in a book")
    return leg.maintenance


def _bisected(lacks: Callable[[Ratio], bool], alive: Ratio, lost: Ratio) -> Ratio:
    for _ in range(STEPS):
        middle = (alive + lost) / 2
        alive, lost = (alive, middle) if lacks(middle) else (middle, lost)
    return lost
