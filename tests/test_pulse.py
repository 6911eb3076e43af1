"""Signs of life go on while polls fail, and stop where nothing moves."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from monitor.ports import VenueUnavailable
from monitor.pulse import Pulse, sd_notify
from monitor.store.memory import MemoryStore
from tests.fakes import failing
from tests.test_watch import CALM, Rig, held


class HangingStore(MemoryStore):
    """A store whose disk hangs when it is told to."""

    hangs = False

    @property
    def is_moving(self) -> bool:
        return not self.hangs


@contextmanager
def systemd(folder: Path) -> Iterator[tuple[str, socket.socket]]:
    name = str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(name)
        heard.setblocking(False)
        yield name, heard


def said(heard: socket.socket) -> list[str]:
    found = []
    try:
        while True:
            found.append(heard.recv(1000).decode())
    except BlockingIOError:
        return found


def pulse(rig: Rig, notify: str | None = None) -> Pulse:
    return Pulse(rig.watch, rig.store, rig.clock, status=lambda: "1 of 1 accounts up", notify=notify)


async def test_systemd_hears_now_and_then_that_all_moves(tmp_path: Path) -> None:
    rig = Rig()
    with systemd(tmp_path) as (name, heard):
        beat = pulse(rig, name)
        for _ in range(21):
            assert beat.is_beating()
            rig.clock.advance(1)
        assert said(heard) == ["WATCHDOG=1\nSTATUS=1 of 1 accounts up"] * 3


async def test_polls_that_fail_are_progress_too() -> None:
    rig = Rig()
    rig.venues["main"].feed(failing(VenueUnavailable, "unavailable"))
    beat = pulse(rig)
    for _ in range(100):
        await rig.cycle()
        assert beat.is_beating()


async def test_a_job_that_does_not_end_and_cannot_be_started_over_stops_the_pulse(tmp_path: Path) -> None:
    rig = Rig()
    rig.venues["main"].feed(held(CALM))
    await rig.cycle()
    with systemd(tmp_path) as (name, heard):
        beat = pulse(rig, name)
        assert beat.is_beating()
        said(heard)
        rig.clock.advance(timedelta(minutes=3).total_seconds())
        assert not beat.is_beating()
        assert said(heard) == []
        await rig.cycle()
        assert beat.is_beating()


async def test_a_disk_that_hangs_stops_it() -> None:
    store = HangingStore(("mqtt",))
    beat = pulse(Rig(store=store))
    assert beat.is_beating()
    store.hangs = True
    assert not beat.is_beating()


def test_nobody_to_tell_is_no_error(tmp_path: Path) -> None:
    sd_notify("READY=1", None)
    sd_notify("READY=1", str(tmp_path / "nobody"))
    assert not list(tmp_path.iterdir())
