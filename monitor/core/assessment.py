"""From what a venue says to what it means: an account's risk, every pool and isolated position of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from math import log
from types import MappingProxyType

from monitor.core import collateral
from monitor.core.account import Account, Pool, PoolMode, Position
from monitor.core.convention import convention_price
from monitor.core.exposure import Exposure, exposure, hedge_to_neutral, is_inverse_on, misread_units, reference
from monitor.core.liquidation import Liquidation, bankruptcy_price, liquidation, top_up
from monitor.core.margin import Scope, scope
from monitor.core.number import ONE, ZERO, Price, Ratio
from monitor.core.risk import AccountRisk, CoinShock, Margin, PoolRisk, PositionRisk, PriceSource, Status, TopUp
from monitor.core.volatility import touch_probability_either

PRECISION = 40
"""Digits carried inside; venues send at most 20."""

HORIZONS = (timedelta(hours=1), timedelta(hours=24))
NOT_OBSERVED: Mapping[str, float | None] = MappingProxyType({})


def assess(
    account: Account, *, age: timedelta, target_distance: Ratio, volatility: Mapping[str, float | None] = NOT_OBSERVED
) -> AccountRisk:
    """Return the risk of one reading, *age* old. ``top_up`` aims at *target_distance*, a ratio of mark under 1.

    *volatility*: of each coin whose is known, the standard deviation of its log price after one second.
    """
    with localcontext(prec=PRECISION):
        pools = (_pool(account.venue, pool, target_distance) for pool in account.pools)
        known = tuple(replace(p, touch_probability=_touches(p, volatility.get(p.pool.coin))) for p in pools)
    return AccountRisk(account=account, age=age, pools=known)


def _touches(risk: PoolRisk, per_root_second: float | None) -> Mapping[timedelta, Ratio | None]:
    return {horizon: _touch(risk, per_root_second, horizon) for horizon in HORIZONS}


def _touch(risk: PoolRisk, per_root_second: float | None, horizon: timedelta) -> Ratio | None:
    margin, mark = risk.margin, risk.mark_price
    if margin.status is Status.LIQUIDATABLE:
        return ONE
    if margin.status is not Status.OK or mark is None or not risk.pool.cross:
        return None
    sides = (margin.liquidation_price_below, margin.liquidation_price_above)
    below, above = (_log_distance(mark, price) for price in sides)
    return touch_probability_either(below, above, per_root_second, horizon)


def _pool(venue: str, pool: Pool, target: Ratio) -> PoolRisk:
    if pool.mode is PoolMode.MULTI_COIN and pool.positions and not pool.obstacle:
        return _multi_coin(venue, pool, target)
    obstacle = _obstacle(pool)
    reason = obstacle or _unknown_rule(pool.cross)
    contract = reference(pool)
    whole = None if reason or contract is None else scope(pool.wallet_balance, pool.cross, contract.mark_price)
    margin = _pool_margin(pool, whole, contract, target, reason)
    positions = (
        _isolated(venue, pool.coin, p, target) if p.is_isolated else _cross(venue, p, margin, whole) for p in pool.positions
    )
    return _with_exposure(pool, None if obstacle else exposure(pool), margin, tuple(positions))


def _multi_coin(venue: str, pool: Pool, target: Ratio) -> PoolRisk:
    reason = collateral.obstacle(pool) or _unknown_rule(pool.cross) or next(filter(None, map(_misread, pool.cross)), None)
    margin = Margin(status=Status.UNASSESSED, reason=reason) if reason else _joint_margin(collateral.book(pool), target)
    positions = (
        _isolated(venue, p.settle or pool.coin, p, target) if p.is_isolated else _shocked(p, margin, pool) for p in pool.positions
    )
    return _with_exposure(pool, None, margin, tuple(positions))


def _joint_margin(book: collateral.Book, target: Ratio) -> Margin:
    own, required = book.equity(ZERO, book.betas), book.requirement(ZERO, book.betas)
    is_liquidatable = own <= required
    joint = collateral.Shocks(None, None) if is_liquidatable else book.shocks(book.betas)
    nearest = joint.nearest()
    return Margin(
        status=Status.LIQUIDATABLE if is_liquidatable else Status.OK,
        equity=own,
        maintenance_margin=required,
        margin_ratio=required / own if own > 0 else None,
        buffer=own - required,
        distance=ZERO if is_liquidatable else nearest if nearest is None else abs(nearest),
        log_distance=ZERO if is_liquidatable else nearest if nearest is None else _log(1 + nearest),
        top_up=TopUp(to_distance=target, coin=book.top_up(target)),
        joint_shock_below=joint.below,
        joint_shock_above=joint.above,
        own_shocks=()
        if is_liquidatable
        else tuple(CoinShock(coin=coin, below=s.below, above=s.above) for coin, s in book.own_shocks().items()),
    )


def _shocked(position: Position, margin: Margin, pool: Pool) -> PositionRisk:
    """Return a leg of a multi_coin pool: its own price at the pool's nearest joint shock."""
    if margin.status is Status.UNASSESSED:
        return _with_prices("", position, margin, None, own=None)
    shock = collateral.Shocks(margin.joint_shock_below, margin.joint_shock_above).nearest()
    beta = collateral.book(pool).betas[collateral.base(position)]
    never = shock is None and margin.status is not Status.LIQUIDATABLE
    return PositionRisk(
        position=position,
        margin=None,
        liquidation_price=None if shock is None else position.mark_price * (1 + beta * shock),
        liquidation_price_source=PriceSource.NONE if never else PriceSource.COMPUTED,
        bankruptcy_price=None,
        distance=margin.distance,
        venue_convention_price=None,
        disagreement=None,
    )


def _with_exposure(pool: Pool, seen: Exposure | None, margin: Margin, positions: tuple[PositionRisk, ...]) -> PoolRisk:
    contract = reference(pool)
    return PoolRisk(
        pool=pool,
        margin=margin,
        positions=positions,
        mark_price=contract.mark_price if contract and pool.mode is not PoolMode.MULTI_COIN else None,
        notional=seen.notional if seen else None,
        leverage=seen.leverage if seen else None,
        delta=seen.delta if seen else None,
        dollars=seen.dollars if seen else None,
        gamma=seen.gamma if seen else None,
        hedge_to_neutral_contracts=hedge_to_neutral(pool, seen) if seen else None,
        touch_probability={},
    )


def _obstacle(pool: Pool) -> str | None:
    if pool.obstacle:
        return pool.obstacle
    if not pool.positions:
        return None
    if pool.mode is PoolMode.PORTFOLIO:
        return "the venue's portfolio margin decides here; its rule cannot be computed from outside"
    return next((why for why in (_strange(pool.coin, p) for p in pool.positions) if why), None)


def _strange(coin: str, position: Position) -> str | None:
    if not is_inverse_on(coin, position):
        return f"{position.symbol} shares the margin but is not an inverse contract on {coin}"
    return _misread(position)


def _misread(position: Position) -> str | None:
    off = misread_units(position)
    return (
        None
        if off is None
        else f"{position.symbol}: its value by contract size is {off:.4g} times what the venue says (units disagree)"
    )


def _unknown_rule(positions: tuple[Position, ...]) -> str | None:
    return next((f"{p.symbol}: its maintenance margin rule is not known" for p in positions if p.maintenance is None), None)


def _pool_margin(pool: Pool, whole: Scope | None, contract: Position | None, target: Ratio, reason: str | None) -> Margin:
    if reason:
        return Margin(status=Status.UNASSESSED, reason=reason)
    if whole is None or contract is None or not whole.positions:
        return Margin(status=Status.OK if pool.positions else Status.FLAT, equity=pool.wallet_balance)
    return _margin(whole, contract.tick_size, target)


def _margin(whole: Scope, tick_size: Price | None, target: Ratio) -> Margin:
    own, required = whole.equity, whole.required
    is_liquidatable = own <= required
    prices = Liquidation(None, None) if is_liquidatable else liquidation(whole, tick_size)
    nearest = prices.nearest(whole.mark_price)
    return Margin(
        status=Status.LIQUIDATABLE if is_liquidatable else Status.OK,
        equity=own,
        maintenance_margin=required,
        margin_ratio=required / own if own > 0 else None,
        buffer=own - required,
        liquidation_price=nearest,
        liquidation_price_below=prices.below,
        liquidation_price_above=prices.above,
        bankruptcy_price=bankruptcy_price(whole),
        distance=ZERO if is_liquidatable else _distance(whole.mark_price, nearest),
        log_distance=ZERO if is_liquidatable else _log_distance(whole.mark_price, nearest),
        top_up=TopUp(to_distance=target, coin=top_up(whole, target)),
    )


def _distance(mark: Price, price: Price | None) -> Ratio | None:
    return None if price is None else abs(mark - price) / mark


def _log_distance(mark: Price, price: Price | None) -> Ratio | None:
    return None if price is None else _log(mark / price)


def _log(ratio: Ratio) -> Ratio:
    """Return ``|ln ratio|`` to a float's sixteen digits: it goes into statistics alone, and more of them would cost 50 us."""
    return abs(Decimal(repr(log(ratio))))


def _isolated(venue: str, coin: str, position: Position, target: Ratio) -> PositionRisk:
    reason = _strange(coin, position) or _unknown_rule((position,))
    if position.isolated_margin is None or reason:
        reason = reason or f"{position.symbol}: its isolated margin is not known"
        margin = Margin(status=Status.UNASSESSED, reason=reason)
        return _with_prices(venue, position, margin, None, own=margin)
    whole = scope(position.isolated_margin, (position,), position.mark_price)
    margin = _margin(whole, position.tick_size, target)
    return _with_prices(venue, position, margin, whole, own=margin)


def _cross(venue: str, position: Position, margin: Margin, whole: Scope | None) -> PositionRisk:
    return _with_prices(venue, position, margin, whole, own=None)


def _with_prices(venue: str, position: Position, margin: Margin, whole: Scope | None, *, own: Margin | None) -> PositionRisk:
    price, source = _liquidation_price(position, margin, whole)
    convention = None if whole is None else convention_price(whole, position.symbol, venue, position.tick_size)
    return PositionRisk(
        position=position,
        margin=own,
        liquidation_price=price,
        liquidation_price_source=source,
        bankruptcy_price=_own_price(margin.bankruptcy_price, position, whole),
        distance=margin.distance,
        venue_convention_price=convention,
        disagreement=_disagreement(position, convention),
    )


def _liquidation_price(position: Position, margin: Margin, whole: Scope | None) -> tuple[Price | None, PriceSource]:
    if whole is None:
        said = position.venue_liquidation_price
        return (said, PriceSource.VENUE) if isinstance(said, Decimal) else (None, PriceSource.UNKNOWN)
    never = margin.liquidation_price is None and margin.status is not Status.LIQUIDATABLE
    return _own_price(margin.liquidation_price, position, whole), PriceSource.NONE if never else PriceSource.COMPUTED


def _own_price(price: Price | None, position: Position, whole: Scope | None) -> Price | None:
    return None if price is None or whole is None else price * position.mark_price / whole.mark_price


def _disagreement(position: Position, convention: Price | None) -> Ratio | None:
    said = position.venue_liquidation_price
    return abs(convention - said) / position.mark_price if convention is not None and isinstance(said, Decimal) else None
