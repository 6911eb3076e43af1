"""What can be liquidated by itself, for people to look at: a pool's cross positions, or one isolated position."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from monitor.core.account import Pool, Position
from monitor.core.exposure import exposure
from monitor.core.number import ZERO, Coin, Price, Ratio
from monitor.core.risk import AccountRisk, Margin, PoolRisk, PositionRisk, PriceSource, Status
from monitor.core.subject import position_subjects
from monitor.picture import AccountPicture
from monitor.views.status import fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One account as it is to be shown. ``fault``: why it is not up; None: it is. ``risk`` None: it was never read."""

    account: str
    venue: str
    age: timedelta | None
    fault: str | None
    risk: AccountRisk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One row. ``margin`` None: the account was never read. ``reported``: the venue's price, where we have none of our own.

    ``pool``: that it is, or is in; ``alone``: the isolated position that it is; None: it is the pool's cross positions.
    ``subject``: what alerts about it are called; None: there are none. ``delta`` and ``leverage`` of a pool cover its isolated
    positions too; ``leverage`` None beside a known ``delta``: there is no equity.
    """

    seen: Seen
    name: str
    pool: PoolRisk | None = None
    alone: PositionRisk | None = None
    subject: str | None = None
    margin: Margin | None = None
    mark_price: Price | None = None
    reported: Price | None = None
    leverage: Ratio | None = None
    delta: Coin | None = None

    @property
    def is_current(self) -> bool:
        """Whether the figures are those of now, rather than the last that were known."""
        return self.seen.fault is None

    @property
    def is_known(self) -> bool:
        """Whether its danger is known now."""
        return self.is_current and self.status not in (None, Status.UNASSESSED)

    @property
    def coin(self) -> str:
        """Return what its amounts are in; "" where nothing is known."""
        if self.pool is None:
            return ""
        return self.pool.pool.unit_of(self.alone.position) if self.alone else self.pool.pool.coin

    @property
    def positions(self) -> tuple[PositionRisk, ...]:
        """Return what is liquidated together."""
        if self.alone:
            return (self.alone,)
        return tuple(risk for risk in self.pool.positions if risk.margin is None) if self.pool else ()

    @property
    def status(self) -> Status | None:
        """Return the status of the margin; None: not known."""
        return self.margin.status if self.margin else None


def seen(account: AccountPicture) -> Seen:
    """Return an account of the running monitor."""
    return Seen(account=account.name, venue=account.venue, age=account.age, fault=fault(account), risk=account.risk)


def assessed(risk: AccountRisk) -> Seen:
    """Return an account that was assessed just now."""
    return Seen(account=risk.account.name, venue=risk.account.venue, age=risk.age, fault=None, risk=risk)


def scopes(accounts: Iterable[Seen]) -> tuple[Scope, ...]:
    """Return every pool and isolated position, nearest danger first; an account that was never read is one unknown."""
    return tuple(sorted((scope for account in accounts for scope in _of(account)), key=_safety))


def _of(account: Seen) -> Iterator[Scope]:
    if account.risk is None:
        yield Scope(seen=account, name="unknown")
        return
    for pool in account.risk.pools:
        yield _pool(account, pool)
        subjects = position_subjects(risk.position for risk in pool.positions)
        for risk in pool.positions:
            if risk.margin:
                yield _isolated(account, pool, risk, subjects[risk.position.identity])


def _pool(account: Seen, pool: PoolRisk) -> Scope:
    return Scope(
        seen=account,
        name=pool.pool.coin,
        pool=pool,
        subject=pool.pool.coin,
        margin=pool.margin,
        mark_price=pool.mark_price,
        reported=_nearest_reported(risk for risk in pool.positions if risk.margin is None),
        leverage=pool.leverage,
        delta=pool.delta,
    )


def _isolated(account: Seen, pool: PoolRisk, risk: PositionRisk, subject: str) -> Scope:
    position = risk.position
    alone = exposure(Pool(coin=pool.pool.coin, wallet_balance=ZERO, positions=(position,)))
    return Scope(
        seen=account,
        name=_named(position),
        pool=pool,
        alone=risk,
        subject=subject,
        margin=risk.margin,
        mark_price=position.mark_price,
        reported=_nearest_reported((risk,)),
        leverage=alone.leverage if alone else None,
        delta=alone.delta if alone else None,
    )


def _named(position: Position) -> str:
    return " ".join(part for part in (position.symbol, position.side.value, "isolated", position.id) if part)


def _nearest_reported(positions: Iterable[PositionRisk]) -> Price | None:
    reported = {
        _apart(risk.position.mark_price, risk.liquidation_price): risk.liquidation_price
        for risk in positions
        if risk.liquidation_price is not None and risk.liquidation_price_source is PriceSource.VENUE
    }
    return reported[min(reported)] if reported else None


def _safety(scope: Scope) -> tuple[Decimal, str, str]:
    """Order by distance; where we know none, by the venue's price, and unknown before all else: unknown is not ok."""
    return (_distance(scope), scope.seen.account, scope.name)


def _distance(scope: Scope) -> Ratio:
    margin = scope.margin
    if margin is None or margin.status is Status.UNASSESSED:
        return _apart(scope.mark_price, scope.reported)
    return Decimal("Infinity") if margin.distance is None else margin.distance


def _apart(mark: Price | None, price: Price | None) -> Ratio:
    """Return how far *price* is from *mark*, as a ratio of it; 0 where either is not known."""
    return abs(price - mark) / mark if mark and price is not None else ZERO
