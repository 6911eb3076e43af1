"""A store without a disk, for commands that keep nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from monitor.ports import Backlog, Change, Memory, OutboxRow
from monitor.store.contents import Contents
from monitor.store.mirror import LIMIT, Mirror

START = datetime(2020, 1, 1, tzinfo=UTC)
"""Numbers begin here; nothing outlives the run, so any moment does."""


class MemoryStore:
    """The `Store` of a run that leaves nothing behind."""

    def __init__(self, channels: Iterable[str], *, limit: int = LIMIT, found: Contents | None = None) -> None:
        self._mirror = Mirror(channels, START, limit)
        self._mirror.adopt(found or Contents())

    @property
    def fault(self) -> str | None:
        """There is no disk that could fail."""
        return None

    @property
    def evicted(self) -> Mapping[str, int]:
        """How many rows each channel's bound has dropped."""
        return self._mirror.evicted

    async def load(self) -> Memory:
        """Return what was last committed."""
        return self._mirror.memory()

    def found_late(self) -> Memory | None:
        """There is no disk that could answer late."""
        return None

    async def commit(self, change: Change) -> None:
        """Remember *change*."""
        self._mirror.apply(change)

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        """Return the oldest undelivered rows of *channel*, oldest first."""
        return self._mirror.pending(channel, limit)

    async def delivered(self, channel: str, number: int) -> None:
        """Forget a row."""
        self._mirror.delivered(channel, number)

    def backlog(self, channel: str) -> Backlog:
        """Return what waits for *channel*."""
        return self._mirror.backlog(channel)

    def holds(self, channel: str, event_id: str) -> bool:
        """Whether that event still waits for *channel*."""
        return self._mirror.holds(channel, event_id)

    @property
    def is_moving(self) -> bool:
        """There is no disk that could hang."""
        return True
