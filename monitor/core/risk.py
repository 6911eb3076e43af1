"""The risk of an account: what it is worth, how far it is from liquidation, what it is exposed to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from monitor.core.account import Account, Pool, Position
from monitor.core.liquidity import ExitCost
from monitor.core.number import ONE, Coin, Price, Quote, Ratio


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
class CoinShock:
    """The nearest move of one coin alone that liquidates a multi_coin pool, as ratios of its price; None: none does."""

    coin: str
    below: Ratio | None
    above: Ratio | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The state of one scope. All but ``status`` and ``reason`` are None where the scope is flat or unassessed.

    Of a multi_coin pool amounts are in dollars, ``distance`` is the nearest joint shock, and the ``shock`` fields are set: the
    nearest joint shocks on each side, and those of each coin alone; it has no liquidation price of its own.

    ``margin_ratio`` is maintenance margin / equity, None also when equity is not positive. ``liquidation_price`` is the nearer
    of the two by ``|log(price / mark)|``; prices are those of the scope's reference contract. ``distance`` and
    ``log_distance`` are None also where no price liquidates, and 0 where the scope is liquidatable.
    """

    status: Status
    reason: str | None = None
    equity: Coin | None = None
    maintenance_margin: Coin | None = None
    margin_ratio: Ratio | None = None
    buffer: Coin | None = None
    liquidation_price: Price | None = None
    liquidation_price_below: Price | None = None
    liquidation_price_above: Price | None = None
    bankruptcy_price: Price | None = None
    distance: Ratio | None = None
    log_distance: Ratio | None = None
    top_up: TopUp | None = None
    joint_shock_below: Ratio | None = None
    joint_shock_above: Ratio | None = None
    own_shocks: tuple[CoinShock, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRisk:
    """One position with its figures. ``margin``: of an isolated position, its own; of a cross one None (see its pool).

    ``distance`` of a cross position is its pool's. ``disagreement``: between ``venue_convention_price`` (our arithmetic,
    the venue's convention) and what the venue reports, as a ratio of mark; None where either is not known. ``exit_cost``: of
    closing now; None: the order book was not read.
    """

    position: Position
    margin: Margin | None
    liquidation_price: Price | None
    liquidation_price_source: PriceSource
    bankruptcy_price: Price | None
    distance: Ratio | None
    venue_convention_price: Price | None
    disagreement: Ratio | None
    exit_cost: ExitCost | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRisk:
    """One pool with its figures. ``margin`` covers the cross positions; exposure covers all of them.

    The pool is ``delta`` coins minus ``dollars`` dollars at every price. ``mark_price`` is the reference contract's.
    ``touch_probability``: by horizon, the chance that price touches a liquidation price of the cross positions, at the
    volatility that was observed; None: that is not known (too little seen, or no figures of our own). ``approach_speed``: log
    distance lost per second, positive when liquidation comes nearer; ``time_to_liquidation``: at that speed, funding included.
    None: too little was seen; of the time also: it comes no nearer. Exposure is None where it cannot be known (a linear or
    foreign leg, an unknown isolated margin, no positions to price it).
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
    touch_probability: Mapping[timedelta, Ratio | None]
    approach_speed: float | None = None
    time_to_liquidation: timedelta | None = None

    def margin_of(self, risk: PositionRisk) -> Margin:
        """Return the margin that a position lives on: its own where it is isolated, else the pool's."""
        return risk.margin or self.margin

    def buffer_of(self, risk: PositionRisk) -> Coin | None:
        """Return the buffer that a position lives on, in the position's settle coin; None: not known."""
        buffer = self.margin_of(risk).buffer
        return None if buffer is None else buffer / self.pool.in_own_unit(risk.position, ONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRisk:
    """All pools of one reading. ``age``: how old the reading was when it was assessed."""

    account: Account
    age: timedelta
    pools: tuple[PoolRisk, ...]
