"""One poll of everything, without leaving anything behind."""

import asyncio
from collections.abc import Iterable

from monitor.bootstrap.plain import outlook, wards
from monitor.clock import SystemClock
from monitor.config.settings import Config
from monitor.core.rules.finding import Level
from monitor.picture import Picture
from monitor.store.memory import MemoryStore
from monitor.venues import Venues
from monitor.watch import Watch

OK, WARNING, CRITICAL, UNKNOWN = range(4)
"""Exit statuses of a check plugin (design 5.1)."""


async def look_once(config: Config, only: str | None = None) -> Picture:
    """Return what one poll of every account (or *only* one) shows, its alerts included.

    Raises:
        CannotStart: an account cannot be opened as it is configured.

    """
    clock = SystemClock()
    async with Venues(clock) as venues:
        watch = Watch(
            wards(config, venues, clock, only),
            store=MemoryStore(()),
            clock=clock,
            outlook=outlook(config),
            tell=lambda _name, _events: None,
        )
        await asyncio.gather(*(watch.cycle(name) for name in watch.wards))
        return watch.picture()


def verdict(levels: Iterable[Level], ups: Iterable[bool]) -> int:
    """Return the exit status: the worst of all in the order critical, unknown, warning, ok."""
    worst = max(levels, default=Level.OK)
    if worst >= Level.CRITICAL:
        return CRITICAL
    if not all(ups):
        return UNKNOWN
    return WARNING if worst else OK
