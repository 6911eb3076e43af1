"""Fakes with verbs for what the monitor needs from the outside."""

import asyncio
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.account import Account
from monitor.core.liquidity import OrderBook
from monitor.ports import ErrorKind, Examination, VenueDataInvalid, VenueError
from tests.build import NOON


class FakeClock:
    """Time that moves when it is told to; sleeping moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        self._start, self._elapsed, self._set_by = start, 0.0, 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed += seconds

    def set_calendar(self, seconds: float) -> None:
        """Step the wall clock, as an operator or NTP does; the monotonic clock does not notice."""
        self._set_by += seconds

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed + self._set_by)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self._elapsed += seconds
        await asyncio.sleep(0)


READER = Examination(clock_offset_seconds=0.0, may_trade=False, may_withdraw=False, mode="fake")


class FakeVenue:
    """Shows what it was fed, in order; the last answer again and again."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._answers: deque[Account | Exception | None] = deque()
        self.looks = 0
        self.order_books: dict[str, OrderBook] = {}
        self.quotes: list[str] = []
        self.examinations = 0
        self._says: Examination | Exception = Examination(
            clock_offset_seconds=0.0, may_trade=False, may_withdraw=False, mode="fake"
        )

    def quote(self, symbol: str, book: OrderBook) -> "FakeVenue":
        """Show *book* whenever that of *symbol* is asked for."""
        self.order_books[symbol] = book
        return self

    def feed(self, *answers: Account | Exception | None) -> "FakeVenue":
        """Add answers: an account, an error to raise, or None to hang."""
        self._answers.extend(answers)
        return self

    def forget(self) -> "FakeVenue":
        """Drop what is left to answer."""
        self._answers.clear()
        return self

    async def look(self) -> Account:
        self.looks += 1
        answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            raise AssertionError("an event that nobody sets was set")
        return replace(answer, taken_at=self._clock.now())

    def grant(self, says: Examination | Exception) -> "FakeVenue":
        """Answer the next examinations so."""
        self._says = says
        return self

    async def order_book(self, symbol: str) -> OrderBook:
        self.quotes.append(symbol)
        if symbol not in self.order_books:
            raise failing(VenueDataInvalid, "invalid")
        return self.order_books[symbol]

    async def examine(self) -> Examination:
        self.examinations += 1
        if isinstance(self._says, Exception):
            raise self._says
        return self._says


def failing(kind: type[VenueError], what: str, **different: float) -> VenueError:
    return kind(ErrorKind(what), f"the venue says {what}", **different)
