"""A venue that is dead costs a question a second, however many accounts there are at it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from monitor.ports import VenueError, VenueUnavailable

MOST_FAILURES = 20
"""So many questions in a row without an answer, of whichever accounts, and the venue is taken for dead."""

PROBE_SECONDS = 1.0
"""How often a dead one is asked whether it lives again."""


class Breaker:
    """Counts what one way to a venue answers, and lets only probes out once it answers nothing.

    One poll asks several questions at once, and if one of them fails the others are given up: were they refused while the
    probe among them is on its way, no probe would ever come back, and the venue stay dead. So they wait for what it brings.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._last: VenueUnavailable | None = None
        self._probe_at = 0.0
        self._probed = asyncio.Event()

    async def check(self) -> None:
        """Let a question out; while a probe is on its way, once it is answered.

        Raises:
            VenueUnavailable: the venue is dead, and was asked less than `PROBE_SECONDS` ago; as it failed then.

        """
        left = self._probe_at - self._monotonic()
        if self._dead is None:
            return
        if left <= 0:
            self._probe_at = self._monotonic() + PROBE_SECONDS
            self._probed.clear()
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._probed.wait()
        if self._dead is not None:
            told = f"{self._dead.message}; it has not answered {self._failures} times, and is asked once a second until it does"
            raise VenueUnavailable(self._dead.kind, told)

    def answered(self) -> None:
        """Note that the venue lives, whatever it said."""
        self._failures, self._last = 0, None
        self._probed.set()

    def failed(self, error: VenueError) -> None:
        """Note a failure: a venue that refuses a key or sends nonsense lives."""
        if not isinstance(error, VenueUnavailable):
            self.answered()
            return
        self._failures, self._last = self._failures + 1, error
        self._probed.set()

    @property
    def _dead(self) -> VenueUnavailable | None:
        """Return how it failed last, where that was once too often; None: it is taken to be alive."""
        return self._last if self._failures >= MOST_FAILURES else None
