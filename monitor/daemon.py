"""Lifetimes: the scheduler that polls, the guard that notices when time or polling goes wrong, and the end on a signal."""

import asyncio
import gc
import signal
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.ports import Clock
from monitor.pulse import sd_notify
from monitor.watch import Watch

log = structlog.get_logger(__name__)

EVENTS = {EVENT_JOB_ERROR: "error", EVENT_JOB_MISSED: "missed", EVENT_JOB_MAX_INSTANCES: "max_instances"}
LONGEST_START = timedelta(seconds=10)
BETWEEN_STARTS = timedelta(milliseconds=30)
"""First looks are spread over ten seconds, or longer where there are so many that they would come closer than this."""

GUARD_INTERVAL = 1.0
CANCEL_AGAIN = 3.0
CLOCK_STEP = 1.0
"""A change of wall clock minus monotonic clock above this many seconds is a step: APScheduler then stops until the clock
has caught up, and says nothing.

Source: agronholm/apscheduler, issues 351, 752, 1066 ("by design"); seen 2026-11.
"""


class Schedule:
    """One job per account, spread over its interval; counts what goes wrong."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._scheduler: Any = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for name in EVENTS.values():
            watch.vitals.scheduler_events[name] = 0
        self._scheduler.add_listener(self._count, sum(EVENTS))

    async def __aenter__(self) -> Self:
        """Start polling."""
        for ward in self._watch.wards.values():
            seconds = ward.interval.total_seconds()
            self._scheduler.add_job(
                self._cycle,
                "interval",
                args=[ward.name],
                seconds=seconds,
                id=ward.name,
                next_run_time=self._first(ward.name),
            )
        self._scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop polling; polls under way are cancelled, and lose nothing: what is decided is on disk."""
        self._scheduler.shutdown(wait=False)

    def restart(self, name: str | None = None) -> None:
        """Run again soon: one account, or all of them, spread anew."""
        for each in [name] if name else self._watch.wards:
            self._scheduler.modify_job(each, next_run_time=self._first(each))
        self._scheduler.wakeup()

    async def _cycle(self, name: str) -> None:
        """Look at an account. Its cancellation at the end is no failure, and nothing for the scheduler to report."""
        with suppress(asyncio.CancelledError):
            await self._watch.cycle(name)

    def _first(self, name: str) -> datetime:
        spread = min(self._watch.wards[name].interval, max(LONGEST_START, BETWEEN_STARTS * len(self._watch.wards)))
        return datetime.now(UTC) + spread * (zlib.crc32(name.encode()) % 1000) / 1000

    def _count(self, event: JobEvent) -> None:
        name = EVENTS[event.code]
        self._watch.vitals.scheduler_events[name] += 1
        log.warning("scheduler", event_name=name, account=event.job_id)


class Guard:
    """Once a second, outside the scheduler: notices clock steps, polls that do not end, and judges what needs no look."""

    def __init__(self, watch: Watch, schedule: Schedule, clock: Clock, alive: Callable[[], object]) -> None:
        self._watch, self._schedule, self._clock, self._alive = watch, schedule, clock, alive
        self._offset = self._wall_offset()

    async def run(self) -> None:
        """Guard until cancelled."""
        while True:
            began = self._clock.monotonic()
            await self._clock.sleep(GUARD_INTERVAL)
            self._watch.vitals.loop_lag_seconds = max(0.0, self._clock.monotonic() - began - GUARD_INTERVAL)
            await self.check()
            self._alive()

    async def check(self) -> None:
        """Look once."""
        offset = self._wall_offset()
        if abs(offset - self._offset) > CLOCK_STEP:
            log.warning("the clock was set", seconds=round(offset - self._offset, 1))
            self._watch.vitals.clock_steps += 1
            self._schedule.restart()
        self._offset = offset
        now = self._clock.now()
        for ward in self._watch.wards.values():
            if ward.is_overdue(now):
                log.warning("no poll has finished for three intervals: starting over", account=ward.name)
                ward.restarted_at = now
                self._schedule.restart(ward.name)
        await self._watch.tick()

    def _wall_offset(self) -> float:
        return self._clock.wall().timestamp() - self._clock.monotonic()


async def live(
    tasks: Mapping[str, Awaitable[None]], *, ready: Awaitable[None], until: Awaitable[None] | None, notify: str | None
) -> None:
    """Run *tasks* together until SIGTERM, SIGINT or the end of *until*. If one task fails, all end.

    *notify*: ``$NOTIFY_SOCKET``; systemd is told when *ready* is done, and when the end begins.
    """
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(_awaited(task), name=name) for name, task in tasks.items()]
        running.append(group.create_task(_announced(ready, notify), name="ready"))
        ends = [group.create_task(_told_to_stop(), name="signal")]
        if until is not None:
            ends.append(group.create_task(_awaited(until), name="until"))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        sd_notify("STOPPING=1", notify)
        await _end({*running, *ends})


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel *tasks* until they have ended: a library may lose a cancellation, and a daemon must not hang on that."""
    while pending := {task for task in tasks if not task.done()}:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_AGAIN)


async def _awaited(task: Awaitable[None]) -> None:
    await task


async def _announced(ready: Awaitable[None], notify: str | None) -> None:
    await ready
    gc.collect()
    gc.freeze()  # what is there by now stays: looking through it again and again would stop everything for 30 ms
    sd_notify("READY=1", notify)


async def _told_to_stop() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    try:
        await told.wait()
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
