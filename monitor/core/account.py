"""What a venue says about one account at one moment: pools of margin and the positions they carry.

None in a field means "not known" unless its comment says otherwise. Nothing here is computed from anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from monitor.core.contract import Side, coin_value, unrealized_pnl
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio


class MarginMode(StrEnum):
    """Whether a position shares the pool's collateral or has its own."""

    CROSS = "cross"
    ISOLATED = "isolated"


class PoolMode(StrEnum):
    """What backs a pool: one coin, several coins in dollars, or a venue's portfolio margin."""

    COIN = "coin"
    MULTI_COIN = "multi_coin"
    PORTFOLIO = "portfolio"


class Kind(StrEnum):
    """How a contract pays: in its own coin, or in the quote currency (only inside a multi_coin pool)."""

    INVERSE = "inverse"
    LINEAR = "linear"


class Basis(StrEnum):
    """The price at which a requirement is reckoned."""

    MARK = "mark"
    ENTRY = "entry"
    BANKRUPTCY = "bankruptcy"


class TierUnit(StrEnum):
    """What the bounds of tiers count."""

    COIN = "coin"
    CONTRACTS = "contracts"


class GroupSize(StrEnum):
    """How positions on one ladder of tiers add up: all, long minus short, or the larger direction."""

    SUM = "sum"
    NET = "net"
    MAX = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a maintenance ladder, for sizes in ``[floor, cap)``; the last one holds above its cap too.

    ``amount`` is the deduction, in the ladder's unit; None: derive it so that the requirement is continuous.
    ``cap`` None: without end.
    """

    floor: Ratio
    cap: Ratio | None
    rate: Ratio
    amount: Ratio | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierGroup:
    """Positions of one ``id`` in a pool share one ladder, entered with their combined size."""

    id: str
    size: GroupSize


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """How a venue reckons the least margin of a position.

    ``basis``: maintenance on mark or entry value. ``fee_rate`` with ``fee_basis``: the closing fee inside the requirement.
    ``slope``: added to the rate for each coin of the position's value (Deribit); None: the rate does not grow so.
    """

    basis: Basis
    tiers: tuple[Tier, ...]
    tier_unit: TierUnit = TierUnit.COIN
    fee_rate: Ratio = ZERO
    fee_basis: Basis = Basis.MARK
    slope: Ratio | None = None
    tier_group: TierGroup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """The rate of the current interval (positive: longs pay), how long an interval lasts, and when it ends.

    ``is_continuous``: charged all the time, so that every reading of the wallet has it in already.
    """

    rate: Ratio | None
    interval: timedelta | None
    next_at: datetime | None = None
    is_continuous: bool = False


NoPrice = Literal["none"]
"""The venue says that no price liquidates the position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One open position as the venue reports it.

    ``contracts`` is unsigned, direction is in ``side``. ``isolated_margin``: coin assigned to an isolated position, without
    unrealised PnL. ``maintenance`` None: the venue's rule or tiers are not known, so its pool cannot be assessed.
    ``venue_liquidation_price``: a price, "none" (the venue says there is none), or None (it does not say).
    ``venue_coin_value``: the venue's own value of the position in coin at ``mark_price``, to check our arithmetic against.
    ``basis``: ``mark / index - 1`` of one answer, where mark and index of the position come from two; None: they come from one.
    ``id``: the venue's identifier where it splits one symbol and side into several positions. ``taker_fee``: what closing at
    market costs, as a ratio of coin value. ``market_notice``: why its market does not trade as usual, in words; None: it does,
    or the venue does not say.
    """

    symbol: str
    side: Side
    contracts: Ratio
    contract_size: Quote
    entry_price: Price
    mark_price: Price
    margin_mode: MarginMode
    maintenance: Maintenance | None
    isolated_margin: Coin | None = None
    id: str | None = None
    kind: Kind = Kind.INVERSE
    settle: str | None = None
    index_price: Price | None = None
    basis: Ratio | None = None
    tick_size: Price | None = None
    adl_rank: int | None = None
    open_interest: Ratio | None = None
    venue_liquidation_price: Price | NoPrice | None = None
    venue_coin_value: Coin | None = None
    funding: Funding | None = None
    taker_fee: Ratio | None = None
    market_notice: str | None = None

    @property
    def notional(self) -> Quote:
        """Return ``contracts * contract_size``, unsigned: dollars of an inverse contract (it does not move with price).

        Of a linear contract it is the amount of the underlying coin.
        """
        return self.contracts * self.contract_size

    @property
    def signed_notional(self) -> Quote:
        """Return the notional, positive for long and negative for short."""
        return self.side.sign * self.notional

    @property
    def coin_value(self) -> Coin:
        """Return the position's value in its settle coin at its mark price, unsigned."""
        return self.value_at(self.mark_price)

    @property
    def entry_value(self) -> Coin:
        """Return the position's value in its settle coin at its entry price, unsigned."""
        return self.value_at(self.entry_price)

    @property
    def unrealized_pnl(self) -> Coin:
        """Return the profit in the settle coin at the mark price."""
        return self.pnl_at(self.mark_price)

    def value_at(self, price: Price) -> Coin:
        """Return the value in the settle coin at *price*: ``face / price``, of a linear contract ``amount * price``."""
        return self.notional * price if self.kind is Kind.LINEAR else coin_value(self.notional, price)

    def pnl_at(self, price: Price) -> Coin:
        """Return the profit in the settle coin at *price*."""
        if self.kind is Kind.LINEAR:
            return self.signed_notional * (price - self.entry_price)
        return unrealized_pnl(self.side, self.notional, self.entry_price, price)

    @property
    def basis_ratio(self) -> Ratio | None:
        """Return ``mark / index - 1``, of prices of one moment; None: the index is not known."""
        if self.basis is not None or not self.index_price:
            return self.basis
        return self.mark_price / self.index_price - 1

    @property
    def is_isolated(self) -> bool:
        """Whether the position has collateral of its own."""
        return self.margin_mode is MarginMode.ISOLATED

    @property
    def is_perpetual(self) -> bool:
        """Whether the contract has no expiry: ``BTC/USD:BTC``; a dated one is ``BTC/USD:BTC-261225``."""
        return "-" not in self.symbol.partition(":")[2]

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Return what makes it the same position at the next look: symbol, side, margin mode, the venue's id."""
        return (self.symbol, self.side.value, self.margin_mode.value, self.id or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collateral:
    """One coin of a multi_coin pool. ``beta``: how it moves, relative to the joint shock."""

    coin: str
    balance: Coin
    price: Price
    haircut: Ratio
    beta: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One pool of margin: the cross positions that a coin backs, and beside them that coin's isolated positions.

    ``wallet_balance``: the coin W for which ``W + sum signed_notional * (1 / entry - 1 / mark)`` over the cross positions is
    the venue's own equity of this pool: no unrealised PnL, no isolated margin, settled session PnL not counted twice.
    ``obstacle``: why the pool must not be computed (options, foreign collateral ...); None: nothing stands in the way.
    """

    coin: str
    wallet_balance: Coin
    positions: tuple[Position, ...]
    mode: PoolMode = PoolMode.COIN
    order_margin: Coin | None = None
    venue_equity: Coin | None = None
    venue_maintenance_margin: Coin | None = None
    venue_margin_ratio: Ratio | None = None
    collateral: tuple[Collateral, ...] = ()
    obstacle: str | None = None

    @property
    def cross(self) -> tuple[Position, ...]:
        """Return the positions that share the pool's collateral."""
        return tuple(p for p in self.positions if not p.is_isolated)

    @property
    def isolated(self) -> tuple[Position, ...]:
        """Return the positions that have their own."""
        return tuple(p for p in self.positions if p.is_isolated)

    @property
    def wallets(self) -> Mapping[str, Coin]:
        """Return what backs the cross positions, by coin: of a multi_coin pool each coin of its collateral."""
        several = {row.coin: row.balance for row in self.collateral}
        return several if self.mode is PoolMode.MULTI_COIN else {self.coin: self.wallet_balance}

    def in_own_unit(self, position: Position, coins: Coin) -> Coin:
        """Return an amount in a position's settle coin in the unit of the margin that it lives on.

        That is dollars where several coins back it together, else its coin: an isolated position has margin of its own, and so
        has a pool of one coin in an account whose coins back each other.
        """
        is_of_coin = position.is_isolated or position.symbol.partition("/")[0] == self.coin
        is_in_dollars = self.mode is PoolMode.MULTI_COIN and position.kind is Kind.INVERSE and not is_of_coin
        return coins * position.mark_price if is_in_dollars else coins

    def unit_of(self, position: Position) -> str:
        """Return what the margin that a position lives on is counted in, as people call it."""
        return self.settle_of(position) if position.is_isolated else self.coin

    def settle_of(self, position: Position) -> str:
        """Return the coin in which a position pays: its own, that of its symbol where several back it, else the pool's."""
        named = position.symbol.partition(":")[2].partition("-")[0] if self.mode is PoolMode.MULTI_COIN else ""
        return position.settle or named or self.coin


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One validated reading of one account. ``taken_at``: wall time at which the oldest of its answers arrived."""

    name: str
    venue: str
    taken_at: datetime
    pools: tuple[Pool, ...]

    @property
    def positions(self) -> tuple[Position, ...]:
        """Return the positions of all pools."""
        return tuple(p for pool in self.pools for p in pool.positions)

    def limited_to(self, coins: frozenset[str] | None) -> "Account":
        """Return the account with the pools of *coins* alone, and every pool that carries positions or backs any; None: all."""
        if coins is None:
            return self
        return replace(self, pools=tuple(p for p in self.pools if p.positions or p.collateral or p.coin in coins))
