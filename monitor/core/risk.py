"""The risk of an account: what it is worth, how far it is from liquidation, what it is exposed to."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from enum import StrEnum

from monitor.core.account import Account, Pool, PoolMode, Position
from monitor.core.exposure import exposure, hedge_to_neutral, is_inverse_on, reference
from monitor.core.liquidation import Liquidation, convention_price, liquidation, top_up
from monitor.core.margin import Scope, bankruptcy, equity, requirement
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio
from monitor.core.piecewise import at


class Status(StrEnum):
    """Whether a scope (a pool's cross positions, or one isolated position) is safe, and whether we can tell.

    ``liquidatable``: its buffer is gone. ``unassessed``: positions, but no figures of our own; a reason says why.
    """

    OK = "ok"
    FLAT = "flat"
    LIQUIDATABLE = "liquidatable"
    UNASSESSED = "unassessed"


class PriceSource(StrEnum):
    """Where a liquidation price came from. ``none``: no price liquidates. ``unknown``: nobody can tell."""

    COMPUTED = "computed"
    VENUE = "venue"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """How many coins bring a scope to a distance; 0 where it is that far already."""

    to_distance: Ratio
    coin: Coin


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The state of one scope. All but ``status`` and ``reason`` are None where the scope is flat or unassessed.

    ``margin_ratio`` is maintenance margin / equity, None also when equity is not positive. ``distance`` and
    ``log_distance`` are None also where no price liquidates, and 0 where the scope is liquidatable.
    """

    status: Status
    reason: str | None = None
    equity: Coin | None = None
    maintenance_margin: Coin | None = None
    margin_ratio: Ratio | None = None
    buffer: Coin | None = None
    liquidation_price_below: Price | None = None
    liquidation_price_above: Price | None = None
    bankruptcy_price: Price | None = None
    distance: Ratio | None = None
    log_distance: Ratio | None = None
    top_up: TopUp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRisk:
    """One position with its figures. ``margin``: of an isolated position, its own; of a cross one None (see its pool).

    ``distance`` of a cross position is its pool's. ``disagreement``: between ``venue_convention_price`` (our arithmetic,
    the venue's convention) and what the venue reports, as a ratio of mark; None where either is not known.
    """

    position: Position
    margin: Margin | None
    liquidation_price: Price | None
    liquidation_price_source: PriceSource
    bankruptcy_price: Price | None
    distance: Ratio | None
    venue_convention_price: Price | None
    disagreement: Ratio | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRisk:
    """One pool with its figures. ``margin`` covers the cross positions; exposure covers all of them.

    The pool is ``delta`` coins minus ``dollars`` dollars at every price. ``mark_price`` is the reference contract's.
    Exposure is None where it cannot be known (a linear or foreign leg, an unknown isolated margin, no positions to price it).
    """

    pool: Pool
    margin: Margin
    positions: tuple[PositionRisk, ...]
    mark_price: Price | None
    notional: Quote | None
    leverage: Ratio | None
    delta: Coin | None
    dollars: Quote | None
    gamma: Coin | None
    hedge_to_neutral_contracts: Ratio | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRisk:
    """All pools of one reading. ``age``: how old the reading was when it was assessed."""

    account: Account
    age: timedelta
    pools: tuple[PoolRisk, ...]


SANE_VALUE_RATIO = (Decimal("0.8"), Decimal("1.25"))
"""Our coin value over the venue's must lie in here, else contract size or count is misread by a factor (design 5.6 `units`)."""


def assess(account: Account, *, age: timedelta, target_distance: Ratio) -> AccountRisk:
    """Return the risk of one reading, *age* old. ``top_up`` aims at *target_distance*, a ratio of mark under 1."""
    with localcontext(prec=40):
        pools = tuple(_pool(account.venue, pool, target_distance) for pool in account.pools)
    return AccountRisk(account=account, age=age, pools=pools)


def misread_units(position: Position) -> Ratio | None:
    """Return our coin value over the venue's where they differ by a factor; None: they agree, or the venue gives none."""
    if not position.venue_coin_value:
        return None
    ratio = position.coin_value / position.venue_coin_value
    low, high = SANE_VALUE_RATIO
    return None if low <= ratio <= high else ratio


def _pool(venue: str, pool: Pool, target: Ratio) -> PoolRisk:
    reason = _obstacle(pool)
    seen = None if reason else exposure(pool)
    contract = reference(pool)
    mark = contract.mark_price if contract else None
    margin = _pool_margin(pool, contract, target, reason)
    return PoolRisk(
        pool=pool,
        margin=margin,
        positions=tuple(_position(venue, pool, margin, p, target) for p in pool.positions),
        mark_price=mark,
        notional=seen.notional if seen else None,
        leverage=seen.leverage if seen else None,
        delta=seen.delta if seen else None,
        dollars=seen.dollars if seen else None,
        gamma=seen.gamma if seen else None,
        hedge_to_neutral_contracts=hedge_to_neutral(pool, seen) if seen else None,
    )


def _obstacle(pool: Pool) -> str | None:
    if pool.obstacle:
        return pool.obstacle
    if not pool.positions:
        return None
    if pool.mode is PoolMode.PORTFOLIO:
        return "the venue's portfolio margin decides here; its rule cannot be computed from outside"
    if pool.mode is PoolMode.MULTI_COIN:
        return "several coins back this pool together; it is not computed as if one did"
    return next((why for why in (_strange(pool.coin, p) for p in pool.positions) if why), None)


def _strange(coin: str, position: Position) -> str | None:
    if not is_inverse_on(coin, position):
        return f"{position.symbol} shares the margin but is not an inverse contract on {coin}"
    off = misread_units(position)
    if off is not None:
        return f"{position.symbol}: its value by contract size is {off:.4g} times what the venue says (units disagree)"
    return None


def _pool_margin(pool: Pool, contract: Position | None, target: Ratio, reason: str | None) -> Margin:
    reason = reason or _unknown_rule(pool.cross)
    if reason:
        return Margin(status=Status.UNASSESSED, reason=reason)
    if contract is None or not pool.cross:
        status = Status.OK if pool.positions else Status.FLAT
        return Margin(status=status, equity=pool.wallet_balance)
    return _margin(Scope(pool.wallet_balance, pool.cross, contract.mark_price), contract.tick_size, target)


def _isolated_margin(coin: str, position: Position, target: Ratio) -> Margin:
    reason = _strange(coin, position) or _unknown_rule((position,))
    if not reason and position.isolated_margin is None:
        reason = f"{position.symbol}: its isolated margin is not known"
    if reason or position.isolated_margin is None:
        return Margin(status=Status.UNASSESSED, reason=reason)
    return _margin(Scope(position.isolated_margin, (position,), position.mark_price), position.tick_size, target)


def _unknown_rule(positions: tuple[Position, ...]) -> str | None:
    return next((f"{p.symbol}: its maintenance margin rule is not known" for p in positions if p.maintenance is None), None)


def _margin(scope: Scope, tick_size: Price | None, target: Ratio) -> Margin:
    own, required = at(equity(scope), scope.x), at(requirement(scope), scope.x)
    is_liquidatable = own <= required
    prices = Liquidation(None, None) if is_liquidatable else liquidation(scope, tick_size)
    nearest = prices.nearest(scope.mark_price)
    bankrupt = bankruptcy(scope)
    return Margin(
        status=Status.LIQUIDATABLE if is_liquidatable else Status.OK,
        equity=own,
        maintenance_margin=required,
        margin_ratio=required / own if own > 0 else None,
        buffer=own - required,
        liquidation_price_below=prices.below,
        liquidation_price_above=prices.above,
        bankruptcy_price=None if bankrupt is None else 1 / bankrupt,
        distance=ZERO if is_liquidatable else _distance(scope.mark_price, nearest),
        log_distance=ZERO if is_liquidatable else _log_distance(scope.mark_price, nearest),
        top_up=TopUp(to_distance=target, coin=top_up(scope, target)),
    )


def _distance(mark: Price, price: Price | None) -> Ratio | None:
    return None if price is None else abs(mark - price) / mark


def _log_distance(mark: Price, price: Price | None) -> Ratio | None:
    return None if price is None else abs((mark / price).ln())


def _position(venue: str, pool: Pool, shared: Margin, position: Position, target: Ratio) -> PositionRisk:
    own = _isolated_margin(pool.coin, position, target) if position.is_isolated else None
    margin = own or shared
    mark = position.mark_price if own else (reference(pool) or position).mark_price
    price, source = _liquidation_price(position, margin, mark)
    convention = _convention(venue, pool, position, margin)
    return PositionRisk(
        position=position,
        margin=own,
        liquidation_price=price,
        liquidation_price_source=source,
        bankruptcy_price=_scaled(margin.bankruptcy_price, position, mark),
        distance=margin.distance,
        venue_convention_price=convention,
        disagreement=_disagreement(position, convention),
    )


def _liquidation_price(position: Position, margin: Margin, mark: Price) -> tuple[Price | None, PriceSource]:
    if margin.status is Status.UNASSESSED:
        said = position.venue_liquidation_price
        return (said, PriceSource.VENUE) if isinstance(said, Decimal) else (None, PriceSource.UNKNOWN)
    nearest = Liquidation(margin.liquidation_price_below, margin.liquidation_price_above).nearest(mark)
    never = nearest is None and margin.status is not Status.LIQUIDATABLE
    return _scaled(nearest, position, mark), PriceSource.NONE if never else PriceSource.COMPUTED


def _convention(venue: str, pool: Pool, position: Position, margin: Margin) -> Price | None:
    if margin.status is Status.UNASSESSED:
        return None
    legs, wallet = ((position,), position.isolated_margin) if position.is_isolated else (pool.cross, pool.wallet_balance)
    scope = Scope(wallet or ZERO, legs, position.mark_price)
    return convention_price(scope, position.symbol, venue, position.tick_size)


def _disagreement(position: Position, convention: Price | None) -> Ratio | None:
    said = position.venue_liquidation_price
    if convention is None or not isinstance(said, Decimal):
        return None
    return abs(convention - said) / position.mark_price


def _scaled(price: Price | None, position: Position, mark: Price) -> Price | None:
    return None if price is None else price * position.mark_price / mark
