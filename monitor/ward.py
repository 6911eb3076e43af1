"""One account in the monitor's care: what is known of it, what was tried, and how it is shown."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog

from monitor.core.account import Account
from monitor.core.liquidity import OrderBook
from monitor.core.number import Price
from monitor.core.pace import Courses
from monitor.core.risk import AccountRisk
from monitor.core.rules.facts import Facts, Rights
from monitor.picture import AccountPicture, Failure
from monitor.ports import ErrorKind, Venue, VenueError, VenueRefused

STALE_AFTER_INTERVALS = 3
"""Data older than this many intervals are history, not state (design 5.5)."""

log = structlog.get_logger(__name__)

CURRENT_INTERVALS = 1.5

STUCK_INTERVALS = 10
STUCK_AFTER = timedelta(minutes=2)

LONGEST_PAUSE = timedelta(minutes=5)
"""A venue that refuses us is asked again at least so often: clocks and bans look like wrong keys (never stop for ever)."""

LONGEST_ANSWER = timedelta(seconds=5)

BETWEEN_EXAMINATIONS = timedelta(hours=24)

RATE_LIMIT_PAUSE = timedelta(seconds=60)
"""After a rate limit without Retry-After.

Source: Binance, "General API information": repeated violation is an IP ban from 2 minutes on; seen 2026-11.
"""


class BookSeen(NamedTuple):
    """An order book, and the mark price around which it was seen."""

    book: OrderBook
    mark: Price


@dataclass(slots=True, kw_only=True)
class Ward:
    """The state of one account. ``account`` and ``risk``: the last validated reading; None before the first.

    ``seen_at``: when it came in, by the monitor's clock; before the first, when the monitor started. ``not_before``: until
    then the venue is not asked. ``refusals``: refused polls in a row. ``coins``: that are to be read; None: all. ``courses``: how
    each pool has moved. ``rights``: what the key may do, asked at ``examined_at``; None: not asked yet.
    """

    name: str
    venue_id: str
    venue: Venue
    interval: timedelta
    labels: Mapping[str, str]
    seen_at: datetime
    coins: frozenset[str] | None = None
    account: Account | None = None
    risk: AccountRisk | None = None
    attempts: int = 0
    finished_at: datetime | None = None
    restarted_at: datetime | None = None
    failure: Failure | None = None
    refusals: int = 0
    errors: Counter[ErrorKind] = field(default_factory=Counter)
    poll_seconds: float | None = None
    not_before: datetime | None = None
    courses: Courses = field(default_factory=dict)
    order_books: Mapping[str, BookSeen] = field(default_factory=dict)
    rights: Rights | None = None
    examined_at: datetime | None = None

    async def look(self) -> Account:
        """Read the account once, limited to its coins. Raises as `Venue.look`."""
        return (await self.venue.look()).limited_to(self.coins)

    async def read_order_books(self, symbols: Iterable[str]) -> None:
        """Read the order books of *symbols* and forget all others; one that cannot be read is not there."""
        marks = _marks(self.account)
        read = {symbol: await self._order_book(symbol) for symbol in symbols if symbol in marks}
        self.order_books = {symbol: BookSeen(book, marks[symbol]) for symbol, book in read.items() if book is not None}

    def order_books_for(self, account: Account) -> Mapping[str, OrderBook]:
        """Return the books as they lie around the marks of *account*.

        They were read after the last look: a book left where the mark was then would price the market's move, not the exit.
        """
        marks = _marks(account)
        return {name: seen.book.moved(marks[name] / seen.mark) for name, seen in self.order_books.items() if name in marks}

    async def examine(self, now: datetime) -> None:
        """Ask what the key may do, where it is time to; a venue that does not answer is asked again the next time."""
        if not self._is_examination_due(now):
            return
        try:
            async with asyncio.timeout(LONGEST_ANSWER.total_seconds()):
                seen = await self.venue.examine()
        except (VenueError, TimeoutError) as error:
            log.warning("examination failed", account=self.name, reason=str(error) or "it took too long")
            return
        self.rights, self.examined_at = Rights(may_trade=seen.may_trade, may_withdraw=seen.may_withdraw), now

    def succeeded(self, risk: AccountRisk, now: datetime) -> None:
        """Take a validated reading."""
        self.account, self.risk = risk.account, risk
        self.seen_at, self.failure, self.refusals, self.not_before = now, None, 0, None

    def failed(self, error: VenueError, now: datetime) -> None:
        """Take a failed poll: what was known stays, and is history once it is old."""
        self.failure = Failure(kind=error.kind, message=error.message)
        self.errors[error.kind] += 1
        self.refusals = self.refusals + 1 if isinstance(error, VenueRefused) else 0
        self.not_before = now + pause if (pause := _pause(error, self)) else None

    def is_fresh(self, now: datetime) -> bool:
        """Whether the reading is younger than three intervals."""
        return self.risk is not None and now - self.seen_at < STALE_AFTER_INTERVALS * self.interval

    def is_current(self, now: datetime) -> bool:
        """Whether the last look went well, not much more than an interval ago: its prices are those of now."""
        return self.risk is not None and self.failure is None and now - self.seen_at < CURRENT_INTERVALS * self.interval

    def is_overdue(self, now: datetime) -> bool:
        """Whether no poll has finished for three intervals, well or badly, since it was last started over."""
        since = max(self.finished_at or self.seen_at, self.restarted_at or self.seen_at)
        return now - since > STALE_AFTER_INTERVALS * self.interval

    def is_stuck(self, now: datetime) -> bool:
        """Whether starting over has not helped either: no poll has finished for long, well or badly."""
        return now - (self.finished_at or self.seen_at) > max(STUCK_AFTER, STUCK_INTERVALS * self.interval)

    def facts(self, now: datetime) -> partial[Facts]:
        """Return what is known of the account without a new reading, for the rules; the rest is for the caller to add."""
        return partial(
            Facts,
            account=self.name,
            venue=self.venue_id,
            now=now,
            interval=self.interval,
            seen_at=self.seen_at,
            refusals=self.refusals,
            failure=self.failure.message if self.failure else None,
            rights=self.rights,
            coins=self.coins,
        )

    def picture(self, now: datetime) -> AccountPicture:
        """Return what is shown of the account at *now*."""
        age = now - self.seen_at if self.risk else self._age_of_history(now)
        return AccountPicture(
            name=self.name,
            venue=self.venue_id,
            labels=self.labels,
            interval=self.interval,
            is_up=self.is_fresh(now),
            attempts=self.attempts,
            failure=self.failure,
            last_success=self.seen_at if self.risk else None,
            age=age,
            poll_seconds=self.poll_seconds,
            errors=dict(self.errors),
            account=self.account,
            risk=self.risk and (self.risk if age is None else replace(self.risk, age=age)),
        )

    def _age_of_history(self, now: datetime) -> timedelta | None:
        """Return the age of a reading that an earlier run has left; None: there is none."""
        return None if self.account is None else max(timedelta(0), now - self.account.taken_at)

    def _is_examination_due(self, now: datetime) -> bool:
        """Whether it is time to ask what the key may do: at the start, and once a day as rights can be given later."""
        return self.examined_at is None or now - self.examined_at >= BETWEEN_EXAMINATIONS

    async def _order_book(self, symbol: str) -> OrderBook | None:
        try:
            async with asyncio.timeout(LONGEST_ANSWER.total_seconds()):
                return await self.venue.order_book(symbol)
        except (VenueError, TimeoutError) as error:
            log.warning("order book failed", account=self.name, symbol=symbol, reason=str(error) or "it took too long")
            return None


def _marks(account: Account | None) -> Mapping[str, Price]:
    return {position.symbol: position.mark_price for position in account.positions} if account else {}


def _pause(error: VenueError, ward: Ward) -> timedelta | None:
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    if error.kind is ErrorKind.RATE_LIMITED:
        return RATE_LIMIT_PAUSE
    if ward.refusals > 1:
        return min(LONGEST_PAUSE, ward.interval * (1 << min(ward.refusals, 10)))
    return None
