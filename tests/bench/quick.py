"""The whole daemon in a process of its own, with holds so short that an alert comes and goes every few seconds."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from monitor import config as configuration
from monitor.bootstrap.monitor import Monitor
from monitor.bootstrap.program import program
from monitor.ports import OutboxRow
from tests.bench.processes import answer_questions
from tests.channels.fakes import end

SPEED = 1000.0


class Quick:
    def __init__(self) -> None:
        self._running = AsyncExitStack()
        self._acknowledged: list[tuple[str, str, str, float]] = []

    async def run(self) -> None:
        async with self._running:
            await answer_questions(self.answer)

    async def answer(self, question: Mapping[str, Any]) -> object:
        if question["do"] == "acknowledged":
            return self._acknowledged
        values = question["values"] | {"poll_interval": timedelta(seconds=question["interval"])}
        config = configuration.build("the benchmark", values, {})
        running = await self._running.enter_async_context(program(config, speed=SPEED))
        self._stamp(running.monitor)
        for name, task in running.tasks.items():
            self._running.push_async_callback(end, asyncio.create_task(_awaited(task), name=name))
        await running.monitor.all_tried()
        return None

    def _stamp(self, monitor: Monitor) -> None:
        """Note when the broker has acknowledged each event: account, venue, type and moment."""
        mqtt = monitor._mqtt
        assert mqtt
        deliver = mqtt.deliver

        async def stamped(rows: Sequence[OutboxRow]) -> bool:
            await deliver(rows)
            at = time.monotonic()
            for event in (json.loads(row.body) for row in rows):
                self._acknowledged.append((event["alert"]["account"], event["alert"]["venue"], event["type"], at))
            return True

        vars(mqtt)["deliver"] = stamped


async def _awaited(task: Any) -> None:
    await task


if __name__ == "__main__":
    asyncio.run(Quick().run())
