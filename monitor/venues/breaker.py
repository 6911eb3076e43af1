"""A venue that is dead costs a question a second, however many accounts there are at it."""

from collections.abc import Callable

from monitor.ports import VenueError, VenueUnavailable

MOST_FAILURES = 20
"""So many questions in a row without an answer, of whichever accounts, and the venue is taken for dead."""

PROBE_SECONDS = 1.0
"""How often a dead one is asked whether it lives again."""


class Breaker:
    """Counts what one way to a venue answers, and lets only probes out once it answers nothing."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._last: VenueUnavailable | None = None
        self._probe_at = 0.0

    def check(self) -> None:
        """Let a question out.

        Raises:
            VenueUnavailable: the venue is dead, and was asked less than `PROBE_SECONDS` ago; as it failed then.

        """
        if self._last is None or self._failures < MOST_FAILURES:
            return
        now = self._monotonic()
        if now < self._probe_at:
            told = f"{self._last.message}; it has not answered {self._failures} times, and is asked once a second until it does"
            raise VenueUnavailable(self._last.kind, told)
        self._probe_at = now + PROBE_SECONDS

    def answered(self) -> None:
        """Note that the venue lives, whatever it said."""
        self._failures, self._last = 0, None

    def failed(self, error: VenueError) -> None:
        """Note a failure: a venue that refuses a key or sends nonsense lives."""
        if not isinstance(error, VenueUnavailable):
            self.answered()
            return
        self._failures, self._last = self._failures + 1, error
