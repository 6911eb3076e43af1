"""How far the venue's clock is from ours, and the clock that requests are signed by."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from monitor.ports import Clock
from monitor.venues.kept import Kept

MEASURE_AGAIN = 5.0
"""Seconds for which a measurement serves every account that asks for one."""

CLOCK_STEP = 1.0
"""Seconds by which the wall clock is set, against the monotonic one, that make a measurement worthless."""


class SigningClock:
    """The venue's time: ours plus ``correction`` seconds, 0 until the venue has complained."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.correction = 0.0

    def now(self) -> datetime:
        """Return our own time."""
        return self._clock.wall()

    @property
    def lead(self) -> float:
        """Return by how many seconds the time that requests are signed by is ahead of the monotonic clock."""
        return self.shift + self.correction

    @property
    def shift(self) -> float:
        """Return by how many seconds our calendar is ahead of the monotonic clock: it changes when somebody sets the clock."""
        return self._clock.wall().timestamp() - self._clock.monotonic()

    def milliseconds(self) -> int:
        """Return the venue's time in milliseconds."""
        return int((self._clock.wall().timestamp() + self.correction) * 1000)


class Skew:
    """Measures one venue's clock for all its accounts. ``offset``: the last measurement, venue minus ours; None: none yet."""

    def __init__(self, ask: Callable[[], Awaitable[float]], signing: SigningClock, clock: Clock) -> None:
        self._ask = ask
        self._signing = signing
        self._clock = clock
        self._measured = Kept(self._measure, clock.monotonic)
        self._shift = 0.0
        self.offset: float | None = None

    async def measure(self) -> float:
        """Ask the venue what time it is and return its clock minus ours in seconds, half the round trip allowed for."""
        was_set = abs(self._signing.shift - self._shift) > CLOCK_STEP
        return await self._measured.get(0.0 if was_set else MEASURE_AGAIN)

    @property
    def lead(self) -> float:
        """Return `SigningClock.lead`, to be handed to `correct` should the venue refuse what is signed now."""
        return self._signing.lead

    async def correct(self, lead: float) -> float:
        """Sign by the venue's clock from now on; return by how many seconds that differs from signing with *lead*."""
        self._signing.correction = await self.measure()
        return self._signing.lead - lead

    def close(self) -> None:
        """Give up the measurement under way."""
        self._measured.cancel()

    async def _measure(self) -> float:
        sent = self._clock.monotonic()
        theirs = await self._ask()
        halfway = (self._clock.monotonic() - sent) / 2
        self._shift = self._signing.shift
        self.offset = theirs - (self._clock.wall().timestamp() - halfway)
        return self.offset
