"""Stand-ins with verbs: a clock that is set by hand, and a channel that does as it is told."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from monitor.ports import DeliveryFailed, OutboxRow
from tests.channels.build import NOON


async def until(is_so: Callable[[], object], seconds: float = 10) -> None:
    """Wait for what other tasks or programs bring about; fail after *seconds*."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for is seen from outside, where there is no event for it
            await asyncio.sleep(0.005)


async def end(task: asyncio.Task[None]) -> None:
    """Cancel until it has ended, as the daemon does: in Python 3.11 ``wait_for`` can lose a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=3)


class FakeClock:
    """Sleeping takes no time but is noted; the clock goes on by as much."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed)

    def wall(self) -> datetime:
        return self.now()

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds
        await asyncio.sleep(0)


class RealClock:
    """Real time, but waiting between attempts is ten times as short."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 10)


class FakeChannel:
    """A `Channel` that takes everything until it is told to refuse."""

    def __init__(self, name: str = "mqtt", *, patience: float = 0, longest_pause: float = 5) -> None:
        self.name, self.patience, self.longest_pause = name, patience, longest_pause
        self.groups: list[list[OutboxRow]] = []
        self._refuses: Exception | None = None
        self._refusals_left: int | None = None
        self._sends = True

    def refuse(self, why: Exception | None = None, *, times: int | None = None) -> None:
        self._refuses = why or DeliveryFailed("nobody listens")
        self._refusals_left = times

    def accept(self) -> None:
        self._refuses = None

    def withhold(self) -> None:
        """Take rows without sending them."""
        self._sends = False

    @property
    def taken(self) -> list[OutboxRow]:
        return [row for group in self.groups for row in group]

    async def deliver(self, rows: Sequence[OutboxRow]) -> bool:
        await asyncio.sleep(0)
        if self._refuses is None or self._refusals_left == 0:
            self.groups.append(list(rows))
            return self._sends
        if self._refusals_left is not None:
            self._refusals_left -= 1
        raise self._refuses
