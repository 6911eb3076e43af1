"""One account at one venue: the part of reading it that is the same everywhere."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.core.account import Account, Pool
from monitor.core.liquidity import OrderBook
from monitor.ports import Clock, Examination
from monitor.venues.client import Client
from monitor.venues.endpoint import Endpoint
from monitor.venues.parse import invalid, understood
from monitor.venues.public import Book
from monitor.venues.skew import Skew

T = TypeVar("T")

Read = Callable[..., Awaitable[object]]
"""`Client.read` or `Cycle.read`: an endpoint and its parameters -> the answer."""

PER_CYCLE = 0.9
"""Share of the interval after which what is public is read again: once per cycle, also where a cycle comes a little early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What an adapter works with. ``client`` has the account's key; ``book`` is shared by all accounts of the connection.

    ``options``: what ccxt's constructor was given.
    """

    account: str
    api_key: str
    interval: timedelta
    client: Client
    book: Book
    skew: Skew
    clock: Clock
    options: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def ticker_age(self) -> float:
        """Return the seconds for which tickers serve this account."""
        return self.interval.total_seconds() * PER_CYCLE


class Cycle:
    """One look at an account: its private answers, and when the oldest of them arrived."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._oldest: datetime | None = None

    async def read(self, endpoint: Endpoint, **params: object) -> object:
        """Ask with the account's key."""
        answer = await self._seat.client.read(endpoint, **params)
        self._oldest = self._oldest or self._seat.clock.wall()
        return answer

    @property
    def taken_at(self) -> datetime:
        """Return when the oldest private answer arrived; positions, balances and marks are all in these."""
        return self._oldest or self._seat.clock.wall()


class Adapter(ABC):
    """A venue as the program sees it (`monitor.ports.Venue`). A venue file says how its pools are read."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    @abstractmethod
    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read every pool of the account."""

    @abstractmethod
    async def examine(self) -> Examination:
        """Ask what the key may do, what kind of account it is and what time it is there."""

    async def look(self) -> Account:
        """Read the account once, whole.

        Raises:
            VenueUnavailable, VenueRefused, VenueDataInvalid: nothing of the reading may be used.

        """
        cycle = Cycle(self._seat)
        pools = await understood(self.venue, self.pools(cycle))
        self._check_identities(pools)
        self._check_completeness(pools)
        return Account(name=self._seat.account, venue=self.venue, taken_at=cycle.taken_at, pools=pools)

    async def order_book(self, symbol: str) -> OrderBook:
        """Read the order book of a contract, at most once per cycle for all accounts. Raises as `look`."""
        return await understood(self.venue, self._seat.book.order_book(symbol, self._seat.ticker_age))

    @property
    def venue(self) -> str:
        """Return the venue's id."""
        return self._seat.client.venue

    def _check_identities(self, pools: tuple[Pool, ...]) -> None:
        counted = Counter(position.identity for pool in pools for position in pool.positions)
        twice = next((identity for identity, times in counted.items() if times > 1), None)
        if twice:
            raise invalid(self.venue, f"{twice[0]} {twice[1]} is listed twice")

    def _check_completeness(self, pools: tuple[Pool, ...]) -> None:
        """Refuse a reading in which the venue reckons a margin for positions that it does not list: they are held back."""
        for pool in pools:
            if not pool.positions and pool.venue_maintenance_margin:
                raise invalid(self.venue, f"{pool.coin} has a maintenance margin and no position is listed")


async def together(first: Awaitable[T], *others: Awaitable[T]) -> list[T]:
    """Await all at once; where one fails the rest is cancelled and its error raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_as_coroutine(read)) for read in (first, *others)]
    except BaseExceptionGroup as failed:
        failure = failed.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise failure


async def _as_coroutine(read: Awaitable[T]) -> T:
    return await read
