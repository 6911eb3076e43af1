"""The hour before the story: what each account would have shown while the market came down a little, restlessly.

What is read from the course of time, how restless a coin is and how fast a pool nears liquidation, is not known without it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from monitor.core.account import Account, Pool, Position
from monitor.core.number import ONE, Ratio

SPAN = timedelta(minutes=70)
"""A little more than the hour that the monitor wants to have seen, as older time counts for less."""
STEP = timedelta(seconds=30)

FALL_PER_HOUR = ONE / 100
"""By how much prices fell: slowly enough that all looks calm, fast enough that time to liquidation is known."""
RESTLESS = 0.0003
"""Standard deviation of prices about that line: 2 % a day, as differences of neighbours."""


def past(account: Account, seed: int) -> Iterator[tuple[timedelta, Account]]:
    """Yield how *account* would have looked before, oldest first, each with how long ago; the same market for every account."""
    chance = Random(seed)
    for number in range(SPAN // STEP, 0, -1):
        ago = number * STEP
        fallen = FALL_PER_HOUR * Decimal(ago / timedelta(hours=1))
        yield ago, _retold(account, ago, ONE + round(fallen + Decimal(chance.gauss(0, RESTLESS)), 8))


def _retold(account: Account, ago: timedelta, factor: Ratio) -> Account:
    pools = tuple(_pool(pool, factor) for pool in account.pools)
    return replace(account, taken_at=account.taken_at - ago, pools=pools)


def _pool(pool: Pool, factor: Ratio) -> Pool:
    return replace(pool, positions=tuple(_position(position, factor) for position in pool.positions))


def _position(position: Position, factor: Ratio) -> Position:
    index = position.index_price
    return replace(position, mark_price=position.mark_price * factor, index_price=None if index is None else index * factor)
