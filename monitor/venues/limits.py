"""How much may be asked: a venue's budget per address and per key, and its orders to wait."""

from collections.abc import Callable
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

from monitor.ports import ErrorKind, VenueUnavailable
from monitor.venues.breaker import Breaker

SHARE = 0.8
"""How much of a venue's budget we take; the rest is for whatever else its owner runs behind the same address."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So much weight in so many seconds."""

    weight: float
    seconds: float

    def limiter(self) -> AsyncLimiter:
        """Return a limiter for our share of it."""
        return AsyncLimiter(self.weight * SHARE, self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a venue allows: per address, and per key; None: it counts only by address."""

    address: Rate
    key: Rate | None


class Gate:
    """The way out to one venue through one address, shared by every account behind it."""

    def __init__(self, venue: str, rate: Rate, monotonic: Callable[[], float]) -> None:
        self._venue = venue
        self._limiter = rate.limiter()
        self._monotonic = monotonic
        self._held_until = float("-inf")
        self.breaker = Breaker(monotonic)

    def hold(self, seconds: float) -> None:
        """Let nobody out for *seconds*: the venue has said so, and asking on makes a ban longer."""
        self._held_until = max(self._held_until, self._monotonic() + seconds)

    async def passage(self, weight: float) -> None:
        """Wait until *weight* is within the budget.

        Raises:
            VenueUnavailable: the venue has told this address to wait, or it is dead; nothing is asked.

        """
        self._check_hold()
        await self.breaker.check()
        await self._limiter.acquire(min(weight, self._limiter.max_rate))
        self._check_hold()

    def _check_hold(self) -> None:
        left = self._held_until - self._monotonic()
        if left > 0:
            raise VenueUnavailable(
                ErrorKind.RATE_LIMITED,
                f"{self._venue}: it has told this address to wait, for {left:.0f} s more; nothing is asked until then",
                retry_after=left,
            )
