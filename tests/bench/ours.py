"""The client under test, in a process of its own: whole cycles, and what they cost."""

import asyncio
import gc
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from monitor.bootstrap.monitor import Monitor
from tests.bench.engine import engine
from tests.bench.processes import answer_questions


class Ours:
    def __init__(self) -> None:
        self._running = AsyncExitStack()
        self._monitor: Monitor | None = None

    async def run(self) -> None:
        async with self._running:
            await answer_questions(self.answer)

    async def answer(self, question: Mapping[str, Any]) -> object:
        if self._monitor is None:
            values = question["values"] | {"poll_interval": timedelta(seconds=question["interval"])}
            self._monitor = await self._running.enter_async_context(engine(values))
            return None
        if question["do"] == "look":
            return await self._look(self._monitor, question["venue"])
        return await self._round(self._monitor, question["venue"], question["interval"])

    async def _look(self, monitor: Monitor, venue: str) -> object:
        """Read every account of *venue* once, and nothing more."""
        gc.collect()
        cpu = time.process_time()
        wards = [ward for ward in monitor.watch.wards.values() if ward.venue_id == venue]
        for ward in wards:
            await ward.venue.look()
        return {"cpu": (time.process_time() - cpu) / len(wards)}

    async def _round(self, monitor: Monitor, venue: str, interval: float) -> object:
        """Poll every account of *venue* once, and go on until all of it is published."""
        gc.collect()
        began, cpu = time.monotonic(), time.process_time()
        names = [ward.name for ward in monitor.watch.wards.values() if ward.venue_id == venue]
        for name in names:
            await monitor.watch.cycle(name)
        await asyncio.sleep(max(0.0, began + interval - time.monotonic()))
        failed = [name for name in names if monitor.watch.wards[name].failure]
        return {"cpu": (time.process_time() - cpu) / len(names), "failed": failed}


if __name__ == "__main__":
    asyncio.run(Ours().run())
