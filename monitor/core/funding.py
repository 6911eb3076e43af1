"""What funding costs: a payment in coin on the position's value at the mark, brought to one span whatever the interval.

A rate is per interval and positive where longs pay shorts. A cost is the holder's: positive where the position pays,
negative where it earns. None: rate or interval is not known. A dated contract exchanges no funding: its cost is 0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from monitor.core.account import Funding, Position
from monitor.core.margin import Scope
from monitor.core.number import LARGEST, ONE, ZERO, Coin, Price, Quote, Ratio
from monitor.core.piecewise import highest

DAY = timedelta(days=1)
YEAR = timedelta(days=365)

_MICROSECOND = timedelta(microseconds=1)


def payment(position: Position) -> Coin | None:
    """Return the coins of one interval's payment: ``sign * notional / mark * rate``. The interval need not be known.

    Source: BitMEX, "Perpetual Contracts Guide Examples", bitmex.com/app/perpetualContractsGuideExamples; seen 2026-11
    (15,000 dollars long at 750, 0.25 %: pays 0.05).
    """
    if not position.is_perpetual:
        return ZERO
    if position.funding is None or position.funding.rate is None:
        return None
    return position.side.sign * position.coin_value * position.funding.rate


def cost(position: Position, over: timedelta) -> Coin | None:
    """Return the coins that funding takes in the span *over* at the current rate and mark: ``payment * over / interval``.

    Where funding accrues continuously (Deribit: a rate per 8 h, charged each millisecond) it is exact for any span; where
    it is charged at stamps, it is the mean.

    Source: Deribit, "Funding Specifications", support.deribit.com 31424939178397 (rate x size x time fraction of 8 hours);
    seen 2026-11.
    """
    if not position.is_perpetual:
        return ZERO
    paid, intervals = payment(position), _intervals(position.funding, over)
    return None if paid is None or intervals is None else paid * intervals


def compounded_cost(position: Position, over: timedelta) -> Coin | None:
    """Return the coins if the position follows the coins: each payment leaves it, or is added to it, before the next.

    ``value * (1 - (1 - sign * rate) ^ (over / interval))``. None also: earnings beyond any possible number.
    """
    if not position.is_perpetual:
        return ZERO
    funding, intervals = position.funding, _intervals(position.funding, over)
    if funding is None or funding.rate is None or intervals is None:
        return None
    growth = _growth(-position.side.sign * funding.rate, intervals)
    return None if growth is None else -position.coin_value * growth


def total_cost(positions: Iterable[Position], over: timedelta) -> Coin | None:
    """Return what funding takes from all *positions* together; None: one of them is not known."""
    costs = [cost(position, over) for position in positions]
    known = [coins for coins in costs if coins is not None]
    return sum(known, ZERO) if len(known) == len(costs) else None


def rate_over(funding: Funding | None, over: timedelta) -> Ratio | None:
    """Return the simple rate for the span *over*: ``rate * over / interval``; over `DAY` venues can be compared."""
    intervals = _intervals(funding, over)
    return None if funding is None or funding.rate is None or intervals is None else funding.rate * intervals


def compounded_rate_over(funding: Funding | None, over: timedelta) -> Ratio | None:
    """Return what a short earns on its coins when each payment is added to it: ``(1 + rate) ^ (over / interval) - 1``.

    None also: beyond any possible number. -1: one payment takes all.
    """
    intervals = _intervals(funding, over)
    return None if funding is None or funding.rate is None or intervals is None else _growth(funding.rate, intervals)


def share_of_buffer(coins: Coin | None, buffer: Coin | None) -> Ratio | None:
    """Return a cost as a share of a scope's buffer; None: either is not known, or nothing is left to take a share of."""
    return coins / buffer if coins is not None and buffer is not None and buffer > 0 else None


def coins_to_lose(scope: Scope, distance: Ratio) -> Coin:
    """Return the coins the wallet can lose before a price within *distance* of the mark liquidates; 0: one does already.

    The counterpart of a top-up: ``-(largest deficit in the range) / (1 - share of the fee at the bankruptcy price)``.
    *distance* is a ratio of mark, under 1; with 0 it is the loss that liquidates at once.
    """
    spare = _spare(scope, distance)
    # A fee at the bankruptcy price may begin only where the coins are gone: the rest of the way is linear again.
    poorer = replace(scope, wallet=scope.wallet - spare)
    return max(ZERO, spare + _spare(poorer, distance))


def days_until(scope: Scope, cost_per_day: Coin | None, distance: Ratio) -> Decimal | None:
    """Return after how many days funding alone, price and rate as they are, brings the scope within *distance*.

    0: it is that near already. None: the cost is not known, or funding earns and never does it.
    """
    return None if cost_per_day is None or cost_per_day <= 0 else coins_to_lose(scope, distance) / cost_per_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Where one coin's funding is cheapest and dearest. ``daily``: what long here and short there earn, per coin of value."""

    long_at: str
    short_at: str
    daily: Ratio


def spread(daily_rates: Mapping[str, Ratio | None]) -> Spread | None:
    """Return the spread of one coin's daily rates by venue; None: fewer than two are known."""
    known = sorted((rate, venue) for venue, rate in daily_rates.items() if rate is not None)
    if len(known) < 2:
        return None
    (cheapest, long_at), (dearest, short_at) = known[0], known[-1]
    return Spread(long_at=long_at, short_at=short_at, daily=dearest - cheapest)


class IntervalChange(NamedTuple):
    """A venue has changed how often it charges: the same rate is another cost."""

    before: timedelta
    after: timedelta


def interval_change(before: Funding | None, after: Funding | None) -> IntervalChange | None:
    """Return how the interval differs between two readings; None: it does not, or one of them does not say."""
    if before is None or after is None or before.interval is None or after.interval is None:
        return None
    return IntervalChange(before.interval, after.interval) if before.interval != after.interval else None


def until_next(funding: Funding | None, now: datetime) -> timedelta | None:
    """Return the time left until the next payment; None: not known, as when the stamp that was read has passed."""
    next_at = funding.next_at if funding else None
    return next_at - now if next_at is not None and next_at > now else None


def relative_rate(absolute: Coin, contract_size: Quote, mark_price: Price) -> Ratio:
    """Return an absolute rate (coins per contract and interval) as a share of the value: ``absolute * mark / contract_size``.

    So payments at the mark come out as the venue makes them; its own relative rate is on the index of the hour before.

    Source: Kraken, "Inverse Crypto Collateral Perpetual Contract Specifications", example 3, support.kraken.com
    360022835911; seen 2026-11 (0.05 % at 7,000: 0.00000007142 coins per contract of 1 dollar).
    """
    return absolute * mark_price / contract_size


def _intervals(funding: Funding | None, over: timedelta) -> Decimal | None:
    if funding is None or funding.interval is None or funding.interval <= timedelta(0):
        return None
    return Decimal(over // _MICROSECOND) / Decimal(funding.interval // _MICROSECOND)


def _growth(rate: Ratio, times: Decimal) -> Ratio | None:
    if rate <= -ONE:
        return -ONE
    exponent = times * (ONE + rate).ln()
    return exponent.exp() - ONE if exponent < LARGEST.ln() else None


def _spare(scope: Scope, distance: Ratio) -> Coin:
    left = -highest(scope.deficit, scope.x / (ONE + distance), scope.x / (ONE - distance))
    # A fee that shrinks faster than the wallet (longs and shorts nearly equal) is taken as constant: sooner rather than later.
    return left / (ONE - scope.fee_share) if scope.fee_share < 1 else left
