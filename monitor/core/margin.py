"""Equity and maintenance margin of a scope, as functions of ``x = 1 / price`` of its reference contract.

Each leg i is priced ``b_i / x`` with ``b_i = mark_i / mark_reference`` held fixed, so a leg's coin value is
``face_i / b_i * x``: linear. Tiers turn the requirement into pieces, Deribit's slope into parabolas.

Source: Binance, "Leverage and margin of COIN-M futures" (maintenance amount), help centre; Bybit, "Maintenance margin
(inverse contract)", help centre; seen 2026-11. The pieces: derived here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitor.core.account import Basis, GroupSize, Maintenance, Position, Tier, TierUnit
from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio
from monitor.core.piecewise import Piece, Piecewise, constant, line, total


@dataclass(frozen=True, slots=True)
class Scope:
    """What is liquidated together: a pool's cross positions on its wallet, or one isolated position on its margin.

    ``mark_price``: the mark of the reference contract, whose price stands for all of them. Every position's
    ``maintenance`` is known.
    """

    wallet: Coin
    positions: tuple[Position, ...]
    mark_price: Price

    @property
    def x(self) -> Decimal:
        """Return ``1 / price`` at the mark."""
        return 1 / self.mark_price

    @property
    def coins(self) -> Coin:
        """Return ``N = wallet + sum signed_face / entry``: what equity tends to as price grows without end."""
        return self.wallet + sum((p.side.sign * p.entry_value for p in self.positions), ZERO)

    @property
    def dollars(self) -> Quote:
        """Return ``D = sum signed_face / b``: equity is ``N - D * x``."""
        return sum((p.side.sign * self.weight(p) for p in self.positions), ZERO)

    def weight(self, position: Position) -> Quote:
        """Return ``face / b``: a leg's coin value is ``weight * x``."""
        return position.notional * self.mark_price / position.mark_price


def equity(scope: Scope) -> Piecewise:
    """Return wallet plus unrealised PnL: ``N - D * x``."""
    return line(scope.coins, -scope.dollars)


def requirement(scope: Scope) -> Piecewise:
    """Return the least equity before liquidation: maintenance of every ladder, closing fees included."""
    return total([*(_ladder(scope, legs) for legs in _ladders(scope.positions)), _fees(scope)])


def bankruptcy(scope: Scope) -> Decimal | None:
    """Return the x at which equity equals the closing fee; None: no positive price does it.

    ``N - entry fees = x * (D + sum fee_rate * face / b)``, the sum over legs whose fee moves with the closing price.

    Source: Bybit, "How to calculate liquidation price (inverse contract)", help centre; seen 2026-11.
    """
    moving = scope.dollars + _moving_fees(scope, Basis.MARK) + _moving_fees(scope, Basis.BANKRUPTCY)
    return _positive(scope.coins - _entry_fees(scope), moving)


def fee_share(scope: Scope) -> Ratio:
    """Return how much of one more coin in the wallet the fee at the bankruptcy price takes; 0 without such a fee."""
    if bankruptcy(scope) is None:
        return ZERO
    at_bankruptcy = _moving_fees(scope, Basis.BANKRUPTCY)
    return at_bankruptcy / (scope.dollars + _moving_fees(scope, Basis.MARK) + at_bankruptcy)


def deductions(tiers: Sequence[Tier]) -> tuple[Ratio, ...]:
    """Return each tier's deduction, derived where it is not given: ``floor * (rate - rate_before) + deduction_before``.

    Source: Binance, "Leverage and margin of COIN-M futures", help centre; seen 2026-11 (0.56, 1.81, 11.605 for its ladder).
    """
    found: list[Ratio] = []
    for index, tier in enumerate(tiers):
        derived = tier.floor * (tier.rate - tiers[index - 1].rate) + found[-1] if index else ZERO
        found.append(derived if tier.amount is None else tier.amount)
    return tuple(found)


def _ladders(positions: Iterable[Position]) -> Iterable[Sequence[Position]]:
    shared: dict[str, list[Position]] = {}
    for position in positions:
        group = _rule(position).tier_group
        if group is None:
            yield (position,)
        else:
            shared.setdefault(group.id, []).append(position)
    yield from shared.values()


def _ladder(scope: Scope, legs: Sequence[Position]) -> Piecewise:
    rule = _rule(legs[0])
    size = rule.tier_group.size if rule.tier_group else GroupSize.SUM
    contracts = _combined(legs, size, lambda p: p.contracts)
    if rule.basis is Basis.ENTRY:
        value = _combined(legs, size, lambda p: p.entry_value)
        return constant(_requirement_at(rule, value, contracts))
    weight = _combined(legs, size, scope.weight)
    if not weight:
        return constant(ZERO)
    return _rungs(rule, weight) if rule.tier_unit is TierUnit.COIN else (_rung_by_contracts(rule, weight, contracts),)


def _rungs(rule: Maintenance, weight: Quote) -> Piecewise:
    bounds = [tier.floor / weight for tier in rule.tiers[1:]]
    slope = (rule.slope or ZERO) * weight * weight
    steps = zip([ZERO, *bounds], [*bounds, None], rule.tiers, deductions(rule.tiers), strict=True)
    return tuple(Piece(low, high, -amount, tier.rate * weight, slope) for low, high, tier, amount in steps)


def _rung_by_contracts(rule: Maintenance, weight: Quote, contracts: Ratio) -> Piece:
    tier, amount = _tier(rule.tiers, contracts)
    slope = (rule.slope or ZERO) * weight * weight
    return Piece(ZERO, None, ZERO, (tier.rate - _per(amount, contracts)) * weight, slope)


def _requirement_at(rule: Maintenance, value: Coin, contracts: Ratio) -> Coin:
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


def _fees(scope: Scope) -> Piecewise:
    at_bankruptcy = _moving_fees(scope, Basis.BANKRUPTCY) * (bankruptcy(scope) or ZERO)
    return line(_entry_fees(scope) + at_bankruptcy, _moving_fees(scope, Basis.MARK))


def _moving_fees(scope: Scope, basis: Basis) -> Quote:
    return sum((_rule(p).fee_rate * scope.weight(p) for p in scope.positions if _rule(p).fee_basis is basis), ZERO)


def _entry_fees(scope: Scope) -> Coin:
    return sum((_rule(p).fee_rate * p.entry_value for p in scope.positions if _rule(p).fee_basis is Basis.ENTRY), ZERO)


def _rule(position: Position) -> Maintenance:
    if position.maintenance is None:
        raise ValueError(f"{position.symbol}: its maintenance rule is not known, so it does not belong in a scope")
    return position.maintenance


def _positive(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    return dividend / divisor if divisor and dividend / divisor > 0 else None
