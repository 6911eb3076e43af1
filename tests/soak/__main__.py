"""``make soak``: does anything grow while the monitor goes on and on?

The real watch, state file, MQTT link, delivery and metrics over accounts whose venues answer at once: each look is fifteen
seconds after the last by the watch's clock, so that a hundred thousand of them are days in which alerts come and go.
"""

import asyncio
import gc
import math
import sys
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from monitor.bootstrap.monitor import Monitor, Outlets
from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from monitor.clock import SystemClock
from monitor.core.account import Account
from monitor.core.liquidity import OrderBook
from monitor.log import set_up
from monitor.outlook import Outlook
from monitor.ports import ErrorKind, Examination, VenueUnavailable
from monitor.store.sqlite import open_store
from monitor.venues import Venues
from monitor.views.metrics import render
from monitor.ward import Ward
from monitor.watch import Watch
from tests.build import D, account, long, pool
from tests.channels.brokers import HOST, mosquitto
from tests.channels.fakes import end
from tests.fakes import READER
from tests.policy import FixedPolicy

CYCLES = 100_000
WARM = 0.3
"""Share of the cycles after which nothing may grow any more: what is bounded by number or age is full by then."""

INTERVAL = timedelta(seconds=15)
ACCOUNTS = 5
WAVE = 240
"""Looks from one high of the market to the next: an hour."""

OUTAGE = (100, 110)
"""Looks of every wave at which the venue does not answer."""

MOST_GROWTH = 0.01
LOOKED = 20
"""How often the process is looked at."""


class StoryClock(SystemClock):
    """Goes on by fifteen seconds with each round of looks, and never waits longer than a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.told = timedelta(0)

    def now(self) -> datetime:
        return self._started + self.told

    def wall(self) -> datetime:
        return self.now()

    def monotonic(self) -> float:
        return self._anchor + self.told.total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.02))


class Waves:
    """A venue with a long that the market brings close to liquidation and away again."""

    def __init__(self, clock: StoryClock, name: str, phase: float) -> None:
        self._clock, self._name, self._phase, self._looks = clock, name, phase, 0

    async def look(self) -> Account:
        self._looks += 1
        if OUTAGE[0] <= self._looks % WAVE < OUTAGE[1]:
            raise VenueUnavailable(ErrorKind.MAINTENANCE, "the venue is down for maintenance")
        height = math.cos(math.tau * (self._looks / WAVE + self._phase))
        mark = round(14_500 + 5_500 * height + 10 * math.sin(self._looks), 2)
        size = 10_000 + self._looks // WAVE % 2 * 100
        held = account(pool("0.2", long(size, 10_000, D(str(mark)))), name=self._name, venue="bybit")
        return replace(held, taken_at=self._clock.now())

    async def order_book(self, symbol: str) -> OrderBook:
        raise VenueUnavailable(ErrorKind.UNAVAILABLE, f"nobody asks for the order book of {symbol}")

    async def examine(self) -> Examination:
        return READER


@dataclass(frozen=True, slots=True)
class Figures:
    cycles: int
    resident: float
    objects: int
    files: int
    tasks: int

    def __str__(self) -> str:
        mib = self.resident / 1024 / 1024
        return f"{self.cycles:>7} cycles: {mib:6.2f} MiB, {self.objects} objects, {self.files} open files, {self.tasks} tasks"


def seen(cycles: int) -> Figures:
    gc.collect()
    process = psutil.Process()
    return Figures(cycles, process.memory_info().rss, len(gc.get_objects()), process.num_fds(), len(asyncio.all_tasks()))


@asynccontextmanager
async def world() -> AsyncIterator[tuple[Watch, Monitor, StoryClock]]:
    clock, names = StoryClock(), [f"a{number}" for number in range(ACCOUNTS)]
    with tempfile.TemporaryDirectory(prefix="inverse-monitor-soak-") as folder:
        async with (
            mosquitto(Path(folder)) as broker,
            open_store(Path(folder) / "state.db", channels=("mqtt",), wall=clock.wall) as store,
            Venues(clock) as venues,
        ):
            mqtt = Mqtt(MqttSettings(host=HOST, port=broker.port, root="im"), SystemClock())
            monitor = Monitor(Outlets(mqtt=mqtt, root="im"), store=store, venues=venues, clock=clock)
            outlook = Outlook(policy=FixedPolicy(), target_distance=D("0.3"), holdings={})
            wards = [_ward(clock, name, number / ACCOUNTS) for number, name in enumerate(names)]
            watch = Watch(wards, store=store, clock=clock, outlook=outlook, tell=monitor.tell, faults=monitor.faults)
            monitor.adopt(watch)
            tasks = [asyncio.create_task(work) for work in (monitor.link(), monitor.publish(), *monitor.deliveries().values())]
            yield watch, monitor, clock
            for task in tasks:
                await end(task)


def _ward(clock: StoryClock, name: str, phase: float) -> Ward:
    venue = Waves(clock, name, phase)
    return Ward(name=name, venue_id="bybit", venue=venue, interval=INTERVAL, labels={}, seen_at=clock.now())


async def soak(cycles: int) -> bool:
    """Go through *cycles* looks; whether nothing grew."""
    async with world() as (watch, monitor, clock):
        began, found = time.monotonic(), [seen(0)]
        for share in range(1, LOOKED + 1):
            await looks(watch, monitor, clock, cycles // LOOKED)
            found.append(seen(share * (cycles // LOOKED)))
            print(found[-1], flush=True)
        took = time.monotonic() - began
        print(
            f"{took:.0f} s, {cycles / took:.0f} looks a second, {len(watch.register.alerts)} alerts, {monitor.picture().channels}"
        )
        await traced(watch, monitor, clock)
    return verdict([one for one in found if one.cycles >= WARM * cycles])


async def looks(watch: Watch, monitor: Monitor, clock: StoryClock, count: int) -> None:
    for number in range(count // ACCOUNTS):
        clock.told += INTERVAL
        for name in watch.wards:
            await watch.cycle(name)
        await watch.tick()
        if number % 20 == 0:
            render(monitor.picture(), None)
        await asyncio.sleep(0)


async def traced(watch: Watch, monitor: Monitor, clock: StoryClock) -> None:
    """Say which lines hold more than before, over some more looks."""
    tracemalloc.start()
    await looks(watch, monitor, clock, WAVE * ACCOUNTS)
    gc.collect()
    before = tracemalloc.take_snapshot()
    await looks(watch, monitor, clock, WAVE * ACCOUNTS)
    gc.collect()
    after = tracemalloc.take_snapshot()
    tracemalloc.stop()
    for line in after.compare_to(before, "lineno")[:5]:
        print(f"  {line}")


def verdict(after: Sequence[Figures]) -> bool:
    """Say how much more there is at the end, and whether that is little. Some tasks live for a moment: the least counts."""
    first, last, middle = after[0], after[-1], len(after) // 2
    growth = last.resident / first.resident - 1
    tasks = [min(one.tasks for one in part) for part in (after[:middle], after[middle:])]
    print(
        f"resident memory {growth:+.2%} from cycle {first.cycles} to {last.cycles} (target < {MOST_GROWTH:.0%}), "
        f"objects {last.objects / first.objects - 1:+.2%}, open files {first.files} -> {last.files}, "
        f"tasks {tasks[0]} -> {tasks[1]}"
    )
    return growth < MOST_GROWTH and last.files == first.files and tasks[0] == tasks[1]


if __name__ == "__main__":
    set_up("critical")
    sys.exit(0 if asyncio.run(soak(int(sys.argv[1]) if sys.argv[1:] else CYCLES)) else 1)
