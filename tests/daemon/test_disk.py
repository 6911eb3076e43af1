"""A disk that takes nothing in a storm of alerts: they go out all the same, it is told, and all is written later."""

import os
import random
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.channels.brokers import Listener, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import HASTY, Daemon, House, all_up, firing_across
from tests.daemon.storm import agree, broken_links, crowd, decided, figures, storm, told

MORE = 20
"""Events that must arrive while nothing can be written."""

Switch = Callable[[Daemon], None]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system does not let us mount a small disk: run as root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


def limit(daemon: Daemon, size: int) -> None:
    """Let no file of *daemon* grow beyond *size* bytes."""
    _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, hard))


async def lived_through(home: House, listener: Listener, breaks: Switch, mends: Switch, port: int) -> None:
    """Let the disk break and work again in a storm; nothing is lost, and all is written in the end."""
    async with home.daemon(HASTY) as daemon:
        await daemon.until(all_up)
        async with storm(home, random.Random(7)):
            before = len(told(listener))
            await until(lambda: len(told(listener)) > before + 5, 30)
            breaks(daemon)
            said = await daemon.until(lambda said: firing_across(said).get("store") == "critical")
            assert "state cannot be" in said["store_fault"]
            then = len(told(listener))
            await until(lambda: len(told(listener)) >= then + MORE, 60)
            mends(daemon)
            await daemon.until(lambda said: said["store_fault"] is None and "store" not in firing_across(said))
        await agree(home, daemon, port)
        decisions = decided(home.state)
        await until(lambda: set(told(listener)) >= set(decisions), 20)
    print(f"at least {MORE} events without a disk: {figures(listener, decisions)}")
    assert told(listener) == decisions
    assert broken_links(listener) == []


@pytest.mark.prove
@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the limit of a running program is set as Linux has it")
async def test_a_disk_that_takes_no_more_loses_nothing(home: House, tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        home.settings["mqtt"] = {"host": "127.0.0.1", "port": broker.port}
        crowd(home)
        await lived_through(home, listener, lambda d: limit(d, 4096), lambda d: limit(d, resource.RLIM_INFINITY), broker.port)


@pytest.mark.prove
async def test_a_disk_that_is_full_loses_nothing(home: House, tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        with small_disk(tmp_path) as disk:
            home.settings |= {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "state": {"path": str(disk / "state.db")}}
            crowd(home)
            await lived_through(home, listener, lambda _: fill(disk), lambda _: (disk / "filler").unlink(), broker.port)


@pytest.mark.prove
async def test_a_disk_that_may_only_be_read_is_read_and_loses_nothing(home: House, tmp_path: Path) -> None:
    """It becomes so between two runs: what an earlier run left is known, and goes on from there."""
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        with small_disk(tmp_path) as disk:
            home.settings |= {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "state": {"path": str(disk / "state.db")}}
            crowd(home)
            async with home.daemon(HASTY) as daemon, storm(home, random.Random(7)):
                await daemon.until(all_up)
                await until(lambda: len(told(listener)) > 5, 30)
            remount(disk, "ro")
            await lived_through(home, listener, lambda _: None, lambda _: remount(disk, "rw"), broker.port)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)
