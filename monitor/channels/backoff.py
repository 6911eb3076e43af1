"""How long to wait before the next attempt."""

from collections.abc import Callable

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 5.0
"""Where nothing else is said: a broker of one's own can be asked so often."""


class Backoff:
    """Doubles from 0.2 s up to *longest* seconds, each give or take half, so that many clients do not come back at one moment.

    ``chance`` returns a number in ``[0, 1)``.
    """

    def __init__(self, chance: Callable[[], float], longest: float = LONGEST_SECONDS) -> None:
        self._chance, self._longest = chance, longest
        self._next = FIRST_SECONDS

    def seconds(self) -> float:
        """Return how long to wait after one more failure."""
        now, self._next = self._next, min(2 * self._next, self._longest)
        return now * (0.5 + self._chance())

    def reset(self) -> None:
        """Begin again: it worked."""
        self._next = FIRST_SECONDS
