"""Equity and maintenance margin of a scope, as functions of ``x = 1 / price`` of its reference contract.

Each leg i is priced ``b_i / x`` with ``b_i = mark_i / mark_reference`` held fixed, so a leg's coin value is
``face_i / b_i * x``: linear. Tiers turn the requirement into pieces, Deribit's slope into parabolas.

Source: Binance, "Leverage and margin of COIN-M futures" (maintenance amount), help centre; Bybit, "Maintenance margin
(inverse contract)", help centre; seen 2026-11. The pieces: derived here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from typing import NamedTuple

from monitor.core.account import Basis, GroupSize, Maintenance, Position, Tier, TierUnit
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Price, Quote, Ratio
from monitor.core.piecewise import Piece, Piecewise, at, constant, total

LOWEST_CLOSE = Decimal(2)
"""Half the mark, as a multiple of ``x``: see `Scope.closing_x`."""

INFINITY = Decimal("Infinity")


class Ladder(NamedTuple):
    """One ladder of tiers and the legs on it, as a function of x. Closing fees are not in it."""

    legs: tuple[Position, ...]
    maintenance: Piecewise


@dataclass(frozen=True)
class Scope:
    """What is liquidated together: a pool's cross positions on its wallet, or one isolated position on its margin.

    ``mark_price``: the mark of the reference contract, whose price stands for all of them. Made by `scope`.
    """

    wallet: Coin
    positions: tuple[Position, ...]
    mark_price: Price
    ladders: tuple[Ladder, ...]

    @cached_property
    def x(self) -> Decimal:
        """Return ``1 / price`` at the mark."""
        return 1 / self.mark_price

    @cached_property
    def coins(self) -> Coin:
        """Return ``N = wallet + sum signed_face / entry``: what equity tends to as price grows without end."""
        return self.wallet + sum((p.side.sign * p.entry_value for p in self.positions), ZERO)

    @cached_property
    def dollars(self) -> Quote:
        """Return ``D = sum signed_face / b``."""
        return sum((p.side.sign * _weight(p, self.mark_price) for p in self.positions), ZERO)

    @cached_property
    def equity(self) -> Coin:
        """Return wallet plus unrealised PnL at the mark: ``N - D * x``."""
        return self.coins - self.dollars * self.x

    @cached_property
    def requirement(self) -> Piecewise:
        """Return the least equity before liquidation: maintenance of every ladder, closing fees included."""
        return self._maintenance.plus_line(self.fees_at(ZERO, self.closing_x), self._fees.at_mark)

    @cached_property
    def required(self) -> Coin:
        """Return the requirement at the mark."""
        return at(self.requirement, self.x)

    @cached_property
    def deficit(self) -> Piecewise:
        """Return ``requirement - equity``, which is negative where the scope lives."""
        at_zero = self.fees_at(ZERO, self.closing_x) - self.coins
        return self._maintenance.plus_line(at_zero, self._fees.at_mark + self.dollars)

    @cached_property
    def by_symbol(self) -> Mapping[str, tuple[tuple[Position, ...], tuple[Ladder, ...]]]:
        """Return the legs of each contract, and the ladders that begin with one of them."""
        legs: dict[str, list[Position]] = {}
        ladders: dict[str, list[Ladder]] = {}
        for position in self.positions:
            legs.setdefault(position.symbol, []).append(position)
        for ladder in self.ladders:
            ladders.setdefault(ladder.legs[0].symbol, []).append(ladder)
        return {symbol: (tuple(of), tuple(ladders.get(symbol, ()))) for symbol, of in legs.items()}

    @cached_property
    def bankruptcy(self) -> Decimal | None:
        """Return the x at which equity equals the closing fee; None: no positive price does it.

        ``N - entry fees = x * (D + sum fee_rate * face / b)``, the sum over legs whose fee moves with the closing price.

        Source: Bybit, "How to calculate liquidation price (inverse contract)", help centre; seen 2026-11.
        """
        return _positive(self.coins - self._fees.at_entry, self._moving)

    @cached_property
    def closing_x(self) -> Decimal:
        """Return the x at which a fee at the bankruptcy price is reckoned; 0 where no price is.

        Longs and shorts that nearly cancel go bankrupt together only at a price near zero, at which the fee would eat all equity.
        Where a scope holds both, the fee is therefore reckoned at half the mark at the lowest.

        Source: derived here; Bybit reckons the fee of each position at its own bankruptcy price, which is never so far.
        """
        return ZERO if self.bankruptcy is None else min(self.bankruptcy, self._farthest_x)

    @cached_property
    def fee_share(self) -> Ratio:
        """Return how much of one more coin in the wallet a fee at the bankruptcy price takes; 0 where there is none."""
        if self.bankruptcy is None or self.closing_x != self.bankruptcy:
            return ZERO
        return self._fees.at_bankruptcy / self._moving

    @cached_property
    def kept(self) -> Piecewise:
        """Return what coins added to the wallet leave after the fee at the bankruptcy price, as a function of how many.

        The fee is 0 where no price bankrupts, ``fee * (N + added - entry fees) / moving`` up to its bound, and constant there.
        """
        if not self._moving or not self._fees.at_bankruptcy:
            return Piecewise((Piece(ZERO, None, ZERO, ONE),))
        share, none = self._fees.at_bankruptcy / self._moving, self._fees.at_entry - self.coins
        lines = [(ZERO, ONE), (share * none, ONE - share), (-self._fees.at_bankruptcy * self._farthest_x, ONE)]
        first, second = sorted((none, none + self._moving * self._farthest_x))
        begin, end = max(ZERO, first), max(ZERO, second)
        before, between, after = lines if self._moving > 0 else lines[::-1]
        return Piecewise((Piece(ZERO, begin, *before), Piece(begin, end, *between), Piece(end, None, *after)))

    @cached_property
    def _moving(self) -> Quote:
        return self.dollars + self._fees.at_mark + self._fees.at_bankruptcy

    @cached_property
    def _farthest_x(self) -> Decimal:
        holds_both = len({p.side for p in self.positions}) > 1
        return LOWEST_CLOSE * self.x if holds_both else INFINITY

    @cached_property
    def _maintenance(self) -> Piecewise:
        return total(ladder.maintenance for ladder in self.ladders)

    @cached_property
    def _fees(self) -> "_Fees":
        fees = {Basis.ENTRY: ZERO, Basis.MARK: ZERO, Basis.BANKRUPTCY: ZERO}
        for position in self.positions:
            rule = _rule(position)
            if rule.fee_rate:
                value = position.entry_value if rule.fee_basis is Basis.ENTRY else _weight(position, self.mark_price)
                fees[rule.fee_basis] += rule.fee_rate * value
        return _Fees(fees[Basis.ENTRY], fees[Basis.MARK], fees[Basis.BANKRUPTCY])

    def fees_at(self, x: Decimal, closing_x: Decimal) -> Coin:
        """Return the closing fees inside the requirement at *x*; those at the bankruptcy price are reckoned at *closing_x*."""
        return self._fees.at_entry + self._fees.at_mark * x + self._fees.at_bankruptcy * closing_x


class _Fees(NamedTuple):
    """Closing fees of a scope by the price that they are of: coins, then dollars to be multiplied by x."""

    at_entry: Coin
    at_mark: Quote
    at_bankruptcy: Quote


def scope(wallet: Coin, positions: tuple[Position, ...], mark_price: Price) -> Scope:
    """Return what *positions* and *wallet* are together, by the price of the reference contract at *mark_price*.

    Raises:
        ValueError: a position's maintenance rule is not known.

    """
    ladders = tuple(Ladder(legs, _maintenance(legs, mark_price)) for legs in _ladders(positions))
    return Scope(wallet, positions, mark_price, ladders)


def deductions(tiers: Sequence[Tier]) -> tuple[Ratio, ...]:
    """Return each tier's deduction, derived where it is not given: ``floor * (rate - rate_before) + deduction_before``.

    Source: Binance, "Leverage and margin of COIN-M futures", help centre; seen 2026-11 (0.56, 1.81, 11.605 for its ladder).
    """
    found: list[Ratio] = []
    for index, tier in enumerate(tiers):
        derived = tier.floor * (tier.rate - tiers[index - 1].rate) + found[-1] if index else ZERO
        found.append(derived if tier.amount is None else tier.amount)
    return tuple(found)


def _ladders(positions: Iterable[Position]) -> Iterable[tuple[Position, ...]]:
    shared: dict[str, list[Position]] = {}
    for position in positions:
        group = _rule(position).tier_group
        if group is None:
            yield (position,)
        else:
            shared.setdefault(group.id, []).append(position)
    yield from map(tuple, shared.values())


def _maintenance(legs: Sequence[Position], mark_price: Price) -> Piecewise:
    rule = _rule(legs[0])
    size = rule.tier_group.size if rule.tier_group else GroupSize.SUM
    combined = partial(_combined, legs, size)
    if rule.basis is Basis.ENTRY:
        return constant(_maintenance_at(rule, combined(lambda p: p.entry_value), combined(lambda p: p.contracts)))
    weight = combined(lambda p: _weight(p, mark_price))
    if not weight:
        return constant(ZERO)
    if rule.tier_unit is TierUnit.COIN:
        return _rungs(rule, weight)
    return _rung_by_contracts(rule, weight, combined(lambda p: p.contracts))


def _rungs(rule: Maintenance, weight: Quote) -> Piecewise:
    bounds = [tier.floor / weight for tier in rule.tiers[1:]]
    slope = (rule.slope or ZERO) * weight * weight
    steps = zip([ZERO, *bounds], [*bounds, None], rule.tiers, deductions(rule.tiers), strict=True)
    return Piecewise(tuple(Piece(low, high, -amount, tier.rate * weight, slope) for low, high, tier, amount in steps))


def _rung_by_contracts(rule: Maintenance, weight: Quote, contracts: Ratio) -> Piecewise:
    tier, amount = _tier(rule.tiers, contracts)
    slope = (rule.slope or ZERO) * weight * weight
    return Piecewise((Piece(ZERO, None, ZERO, (tier.rate - _per(amount, contracts)) * weight, slope),))


def _maintenance_at(rule: Maintenance, value: Coin, contracts: Ratio) -> Coin:
    by_coin = rule.tier_unit is TierUnit.COIN
    tier, amount = _tier(rule.tiers, value if by_coin else contracts)
    deduction = amount if by_coin else _per(amount, contracts) * value
    return (tier.rate + (rule.slope or ZERO) * value) * value - deduction


def _tier(tiers: Sequence[Tier], size: Ratio) -> tuple[Tier, Ratio]:
    return next(rung for rung in reversed(tuple(zip(tiers, deductions(tiers), strict=True))) if rung[0].floor <= size)


def _per(amount: Ratio, contracts: Ratio) -> Ratio:
    return amount / contracts if contracts else ZERO


def _combined(legs: Sequence[Position], size: GroupSize, measure: Callable[[Position], Decimal]) -> Decimal:
    longs = sum((measure(p) for p in legs if p.side is Side.LONG), ZERO)
    shorts = sum((measure(p) for p in legs if p.side is Side.SHORT), ZERO)
    return {GroupSize.SUM: longs + shorts, GroupSize.NET: abs(longs - shorts), GroupSize.MAX: max(longs, shorts)}[size]


def _weight(position: Position, mark_price: Price) -> Quote:
    return position.notional * mark_price / position.mark_price


def _rule(position: Position) -> Maintenance:
    if position.maintenance is None:
        raise ValueError(f"{position.symbol}: its maintenance rule is not known, so it does not belong in a scope")
    return position.maintenance


def _positive(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    return dividend / divisor if dividend * divisor > 0 else None
