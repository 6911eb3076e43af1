"""The system's clock, read so that decisions never jump: UTC at the start plus monotonic time elapsed (design 5.6)."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """Implements `ports.Clock`."""

    def __init__(self) -> None:
        self._started, self._anchor = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """Return UTC at the start plus monotonic time elapsed."""
        return self._started + timedelta(seconds=time.monotonic() - self._anchor)

    def wall(self) -> datetime:
        """Return what a calendar says."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds of the monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
