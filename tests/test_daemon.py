"""The schedule and its guard, on the real scheduler with short intervals and a clock that the test moves."""

import asyncio
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from monitor.daemon import Guard, Schedule, live
from monitor.outlook import Outlook
from monitor.store.memory import MemoryStore
from monitor.ward import Ward
from monitor.watch import Watch
from tests.build import D, account, long, pool
from tests.channels.fakes import until
from tests.fakes import FakeClock, FakeVenue
from tests.policy import FixedPolicy

INTERVAL = timedelta(milliseconds=200)


class Rig:
    def __init__(self, *names: str, interval: timedelta = INTERVAL) -> None:
        self.clock = FakeClock()
        self.venues = {name: FakeVenue(self.clock).feed(account(pool(1, long(1000, 10_000)), name=name)) for name in names}
        self.rules: list[str] = []
        wards = [
            Ward(name=name, venue_id="bybit", venue=venue, interval=interval, labels={}, seen_at=self.clock.now())
            for name, venue in self.venues.items()
        ]
        outlook = Outlook(policy=FixedPolicy(), target_distance=D("0.3"), holdings={})
        self.watch = Watch(
            wards,
            store=MemoryStore(()),
            clock=self.clock,
            outlook=outlook,
            tell=lambda _, events: self.rules.extend(event.alert.key.rule for event in events),
        )
        self.schedule = Schedule(self.watch)
        self.guard = Guard(self.watch, self.schedule, self.clock, lambda: None)

    async def looks(self, name: str, at_least: int) -> None:
        await until(lambda: self.venues[name].looks >= at_least)


async def test_every_account_is_looked_at_once_an_interval() -> None:
    rig = Rig("a", "b", "c")
    async with rig.schedule:
        for name in rig.venues:
            await rig.looks(name, 3)
    assert rig.watch.vitals.scheduler_events == {"error": 0, "missed": 0, "max_instances": 0}


async def test_first_looks_are_spread_over_the_interval() -> None:
    rig = Rig(*(f"account-{number}" for number in range(50)), interval=timedelta(seconds=15))
    starts = sorted((rig.schedule._first(name) - datetime.now(UTC)).total_seconds() for name in rig.venues)
    assert starts[0] > -0.1
    assert starts[-1] < 15
    assert max(later - earlier for earlier, later in pairwise(starts)) < 3


async def test_an_account_that_hangs_delays_nobody() -> None:
    rig = Rig("good", "stalled")
    rig.venues["stalled"].forget().feed(None)
    async with rig.schedule:
        await rig.looks("good", 4)
        await rig.looks("stalled", 2)


async def test_a_step_of_the_wall_clock_starts_polling_anew_and_is_counted() -> None:
    rig = Rig("a", interval=timedelta(hours=1))
    async with rig.schedule:
        await rig.guard.check()
        assert rig.watch.vitals.clock_steps == 0
        before = rig.schedule._scheduler.get_job("a").next_run_time
        rig.clock.set_calendar(-3600)
        await rig.guard.check()
        assert rig.watch.vitals.clock_steps == 1
        assert rig.schedule._scheduler.get_job("a").next_run_time >= before
        await rig.guard.check()
        assert rig.watch.vitals.clock_steps == 1


async def test_polls_that_never_end_are_noticed_and_started_anew() -> None:
    rig = Rig("a", interval=timedelta(hours=1))
    async with rig.schedule:
        rig.clock.advance(3 * 3600 + 1)
        await rig.guard.check()
    assert rig.rules == ["stale"]
    assert rig.watch.wards["a"].restarted_at == rig.clock.now()


async def test_the_guard_says_that_it_lives_and_how_late_it_is() -> None:
    rig, moves = Rig("a", interval=timedelta(hours=1)), list[float]()
    guard = Guard(rig.watch, rig.schedule, rig.clock, lambda: moves.append(rig.clock.monotonic()))
    task = asyncio.create_task(guard.run())
    await until(lambda: len(moves) >= 3)
    task.cancel()
    assert moves[:3] == [1.0, 2.0, 3.0]
    assert rig.watch.vitals.loop_lag_seconds == 0


async def _forever() -> None:
    await asyncio.Event().wait()


async def _nothing() -> None:
    return


async def test_the_daemon_ends_when_what_it_waits_for_ends() -> None:
    await asyncio.wait_for(live({"task": _forever()}, ready=_nothing(), until=_nothing(), notify=None), 5)


async def test_a_task_that_loses_its_cancellation_does_not_keep_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.daemon.CANCEL_AGAIN", 0.05)

    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    await asyncio.wait_for(live({"deaf": deaf()}, ready=_nothing(), until=_nothing(), notify=None), 5)


async def test_if_one_task_fails_all_end() -> None:
    async def broken() -> None:
        raise RuntimeError("a bug")

    with pytest.RaisesGroup(RuntimeError):
        await asyncio.wait_for(live({"a": _forever(), "b": broken()}, ready=_nothing(), until=None, notify=None), 5)


@pytest.mark.parametrize("is_abstract", [False, True])
async def test_systemd_is_told_when_it_is_ready_and_when_it_ends(tmp_path: Path, *, is_abstract: bool) -> None:
    name = f"@inverse-monitor-test-{tmp_path.name}" if is_abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name[1:] if is_abstract else name)
        await live({}, ready=_nothing(), until=asyncio.sleep(0.05), notify=name)
        assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"STOPPING=1"]


async def test_the_systems_clock_moves_with_the_monotonic_one() -> None:
    clock = SystemClock()
    before, began = clock.now(), clock.monotonic()
    await clock.sleep(0.02)
    passed = (clock.now() - before).total_seconds()
    assert passed == pytest.approx(clock.monotonic() - began, abs=0.05)
    assert abs((clock.wall() - clock.now()).total_seconds()) < 1
