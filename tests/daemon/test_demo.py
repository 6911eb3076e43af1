"""`demo` tells its story, to a real MQTT client too: warned, critical, one account stale, all resolved, nothing else."""

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import aiohttp
import pytest

from tests.channels.brokers import free_port, listening
from tests.daemon.test_daemon import heard
from tests.programs import need

SPEED = 8
STORY = [
    ("fired", "hodl", "liquidation_distance", "warning"),
    ("escalated", "hodl", "liquidation_distance", "critical"),
    ("fired", "treasury", "stale", "warning"),
    ("resolved", "treasury", "stale", "ok"),
    ("eased", "hodl", "liquidation_distance", "warning"),
    ("resolved", "hodl", "liquidation_distance", "ok"),
]
DUE = (20, 35, 48, 52, 118, 118)
"""By which second of the story each must have happened."""
BUSY = "maximum number of running instances"
"""What the scheduler says of a poll that a busy machine stretches beyond its interval of a quarter of a second."""
LEVERED = [
    ("fired", "hodl", "leverage", "warning"),
    ("repeated", "hodl", "leverage", "warning"),
    ("resolved", "hodl", "leverage", "ok"),
]
"""Told in between: the critical alert about the same pool mutes it for a while."""
RESCUE = [("noted", None, "start", "ok"), ("fired", None, "silo", "warning"), ("resolved", None, "silo", "ok")]
"""What is told of all accounts together: that another account could help."""


@pytest.mark.timeout(90)
async def test_the_story_is_told_as_it_is_written() -> None:
    need("mosquitto")
    web, port = free_port(), free_port()
    words = ("demo", "--for", str(119.5 / SPEED), "--seed", "7", "--speed", str(SPEED), "--http", f"127.0.0.1:{web}")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", *words, "--mqtt-port", str(port), stdout=PIPE, stderr=PIPE
    )
    assert process.stdout
    out = [(await process.stdout.readline()).decode() for _ in range(6)]
    async with listening(port) as listener:
        text, err = await asyncio.wait_for(process.communicate(), 60)
        told = [(e["type"], e["alert"]["account"], e["alert"]["rule"], e["alert"]["level"]) for e in heard(listener)]
    lines = "".join(out) + text.decode()
    assert (process.returncode, [line for line in err.decode().splitlines() if BUSY not in line]) == (0, [])
    assert f"http://127.0.0.1:{web}/metrics" in lines
    assert f"mosquitto_sub -h 127.0.0.1 -p {port}" in lines
    assert [each for each in told if each[1] and each[2] != "leverage"] == STORY
    assert [each for each in told if each[2] == "leverage"] == LEVERED
    assert [each for each in told if not each[1]] == RESCUE
    happened = [int(second) for second in re.findall(r"t\+(\d+) s  >>(?! all accounts| hodl: leverage)", lines)]
    assert all(second <= due for second, due in zip(happened, DUE, strict=True))
    assert listener.held["inverse-monitor/availability"] == b"offline"


@pytest.mark.timeout(90)
async def test_the_demo_needs_no_mosquitto(tmp_path: Path) -> None:
    web = free_port()
    hidden = {"PATH": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WITHOUT_MOSQUITTO, "demo", "--http", f"127.0.0.1:{web}", stdout=PIPE, stderr=PIPE, env=hidden
    )
    assert process.stdout
    try:
        async with asyncio.timeout(60):
            said = b""
            while not said.endswith(b"begins\n"):
                said += await process.stdout.readline()
            assert await _connected(web)
            await _came_and_said_nothing(int(said.split(b"mqtt://127.0.0.1:")[1].split()[0]))
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


async def _came_and_said_nothing(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.1)
    writer.close()


WITHOUT_MOSQUITTO = "import shutil; shutil.which = lambda *_, **__: None; from monitor.cli import main; main()"


async def _connected(web: int) -> bool:
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{web}/api/status") as answer:
                if json.loads(await answer.text())["channels"][0]["connected"]:
                    return True
            await asyncio.sleep(0.1)
