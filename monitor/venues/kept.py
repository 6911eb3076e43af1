"""A value that is read at most so often, by one reader for all who want it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from monitor.ports import VenueError

T = TypeVar("T")

RETRY = 60.0
"""Seconds before a value that is kept in spite of its age is asked for again after a failure."""


class Kept(Generic[T]):
    """One value with an age. Readers share a flight: a cancelled reader does not cancel it for the others."""

    def __init__(self, read: Callable[[], Awaitable[T]], monotonic: Callable[[], float]) -> None:
        self._read = read
        self._monotonic = monotonic
        self._value: tuple[T] | None = None
        self._read_at = float("-inf")
        self._failed_at = float("-inf")
        self._flight: asyncio.Task[T] | None = None

    @property
    def age(self) -> float:
        """Return seconds since it was read; infinite before that."""
        return self._monotonic() - self._read_at

    async def get(self, max_age: float) -> T:
        """Return the value, read anew where it is *max_age* seconds old.

        Raises:
            VenueError: it could not be read; nothing older is given instead.

        """
        if self._value is not None and self.age < max_age:
            return self._value[0]
        return await asyncio.shield(self._fly())

    async def get_or_keep(self, max_age: float) -> T:
        """Return the value as `get`, but an older one where it cannot be read now.

        Raises:
            VenueError: it could not be read and never was before.

        """
        if self._value is not None and self._monotonic() - self._failed_at < RETRY:
            return self._value[0]
        try:
            return await self.get(max_age)
        except VenueError:
            self._failed_at = self._monotonic()
            if self._value is None:
                raise
            return self._value[0]

    def cancel(self) -> None:
        """Give up the flight under way, at the end of the program."""
        if self._flight is not None:
            self._flight.cancel()

    def _fly(self) -> "asyncio.Task[T]":
        if self._flight is None:
            self._flight = asyncio.create_task(self._renew(), name="shared read")
            self._flight.add_done_callback(self._land)
        return self._flight

    async def _renew(self) -> T:
        value = await self._read()
        self._value, self._read_at = (value,), self._monotonic()
        return value

    def _land(self, flight: "asyncio.Task[T]") -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # every reader may have been cancelled; asyncio would complain that nobody looked
