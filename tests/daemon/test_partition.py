"""A network that is cut between daemon and broker: packets vanish, and nobody is told (network namespaces of Linux)."""

import asyncio
import os
import random
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels.brokers import listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import HASTY, House, all_up
from tests.daemon.storm import agree, broken_links, crowd, decided, figures, storm, told

CUT_SECONDS = 20.0


@dataclass(frozen=True)
class Cable:
    """A cable from this machine to a room where only the broker is: ``near`` and ``far`` are the ends' addresses."""

    room: str
    plug: str
    near: str
    far: str

    def cut(self) -> None:
        ip("-n", self.room, "link", "set", "inside", "down")

    def mend(self) -> None:
        ip("-n", self.room, "link", "set", "inside", "up")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@asynccontextmanager
async def cable() -> AsyncIterator[Cable]:
    name, third = f"im{os.getpid()}", random.SystemRandom().randrange(1, 255)
    one = Cable(room=name, plug=f"{name}a", near=f"10.213.{third}.1", far=f"10.213.{third}.2")
    try:
        ip("netns", "add", one.room)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system does not let us make a network namespace: run as root with iproute2 installed")
    try:
        ip("link", "add", one.plug, "type", "veth", "peer", "name", "inside", "netns", one.room)
        ip("addr", "add", f"{one.near}/30", "dev", one.plug)
        ip("-n", one.room, "addr", "add", f"{one.far}/30", "dev", "inside")
        for where in (["link", "set", one.plug, "up"], ["-n", one.room, "link", "set", "inside", "up"]):
            ip(*where)
        yield one
    finally:
        ip("netns", "del", one.room)


@pytest.mark.prove
@pytest.mark.timeout(240)
async def test_what_is_decided_while_the_network_is_cut_arrives_once_it_is_mended(home: House, tmp_path: Path) -> None:
    """The listener sits beside the broker and hears all the while."""
    chance, state, ear = random.Random(7), tmp_path / "state.db", tmp_path / "ear"
    async with cable() as line:
        within = ("ip", "netns", "exec", line.room)
        both = f"allow_anonymous true\nlistener 0 {ear}\nallow_anonymous true"
        async with (
            mosquitto(tmp_path, listener=both, host=line.far, within=within) as broker,
            listening(1, socket=str(ear)) as listener,
        ):
            home.settings["mqtt"] = {"host": line.far, "port": broker.port}
            crowd(home)
            async with home.daemon(HASTY) as daemon:
                await daemon.until(lambda said: all_up(said) and said["channels"][0]["connected"])
                async with storm(home, chance):
                    await until(lambda: len(told(listener)) > 5, 20)
                    line.cut()
                    await asyncio.sleep(CUT_SECONDS)
                    heard, waiting = set(told(listener)), len(decided(state))
                    assert waiting - len(heard) > 10
                    line.mend()
                    await daemon.until(lambda said: not said["channels"][0]["pending"])
                await agree(home, daemon, 1, socket=str(ear))
                decisions = decided(state)
                await until(lambda: set(told(listener)) >= set(decisions), 20)
    print(f"cut for {CUT_SECONDS:g} s, {waiting - len(heard)} waited: {figures(listener, decisions)}")
    assert told(listener) == decisions
    assert broken_links(listener) == []
