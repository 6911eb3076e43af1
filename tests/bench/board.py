"""The daemon's web part with many accounts, in a process of its own: it tells how late its event loop was."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

from monitor.bootstrap.monitor import Monitor, Outlets
from monitor.clock import SystemClock
from monitor.core.assessment import assess
from monitor.outlook import Outlook
from monitor.store.memory import MemoryStore
from monitor.venues import Venues
from monitor.views.board import HttpSettings
from monitor.views.serving import serving
from monitor.views.web import application
from monitor.ward import Ward
from monitor.watch import Watch
from tests.bench.processes import answer_questions
from tests.fakes import FakeClock, FakeVenue
from tests.policy import FixedPolicy
from tests.views.build import reading

BEAT_SECONDS = 0.001


class Board:
    def __init__(self) -> None:
        self._late: list[float] = []
        self._running = AsyncExitStack()

    async def run(self) -> None:
        beating = asyncio.create_task(self._beat())
        async with self._running:
            await answer_questions(self.answer)
        beating.cancel()

    async def answer(self, question: Mapping[str, Any]) -> object:
        match question["do"]:
            case "open":
                app = application(monitor(question["accounts"]), HttpSettings())
                return (await self._running.enter_async_context(serving(app, "127.0.0.1", 0)))[1]
            case _:
                late, self._late = self._late, []
                return late

    async def _beat(self) -> None:
        """Note how much later than due the loop comes back."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(BEAT_SECONDS)
            self._late.append(max(0.0, time.perf_counter() - began - BEAT_SECONDS))


def monitor(accounts: int) -> Monitor:
    """Return a monitor that has just read *accounts*, each with three positions on two coins."""
    clock, store = SystemClock(), MemoryStore(())
    built = Monitor(Outlets(), store=store, venues=Venues(clock), clock=clock)
    outlook = Outlook(policy=FixedPolicy(), target_distance=Decimal("0.3"), holdings={})
    wards = [ward(f"account-{number}", clock) for number in range(accounts)]
    built.adopt(Watch(wards, store=store, clock=clock, outlook=outlook, tell=built.tell))
    return built


def ward(name: str, clock: SystemClock) -> Ward:
    read = Ward(
        name=name,
        venue_id="binancecoinm",
        venue=FakeVenue(FakeClock()),
        interval=timedelta(hours=1),
        labels={},
        seen_at=clock.now(),
    )
    read.succeeded(assess(reading(name), age=timedelta(0), target_distance=Decimal("0.3")), clock.now())
    return read


if __name__ == "__main__":
    asyncio.run(Board().run())
