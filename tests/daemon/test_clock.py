"""The clock is set an hour forth and back under a running daemon, while monotonic time goes on (faketime)."""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.channels.brokers import HOST, Mosquitto, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import Daemon, House, all_up
from tests.daemon.test_daemon import heard
from tests.programs import need

HOUR = 3600
STEPS = (HOUR, 0, -HOUR, 0)
LASTING = 22.0
"""Seconds at each setting: the daemon looks for a digest that is due every twenty."""

OLDEST = 3 * 2.0 + 2.0
"""Seconds: polls are two seconds apart, and data are stale after three of them."""


class Hand:
    """Sets the clock of the programs that are started in its ``environ``."""

    def __init__(self, folder: Path) -> None:
        need("faketime")
        self._file = folder / "faketimerc"
        self.set(0)
        self.environ = {
            "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1",
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "0",
            "FAKETIME_CACHE_DURATION": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds: int) -> None:
        """Let the clock be so far ahead of the true one."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._file)


def certificate(folder: Path) -> Path:
    """Return yesterday's certificate of this machine: today's would not be valid yet for a clock that is set back."""
    path = folder / "cert.pem"
    subject = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}", "-days", "3"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(folder / "key.pem")]
    words = [need("faketime"), "1 day ago", need("openssl"), "req", "-x509", *key, *subject, "-out", str(path)]
    subprocess.run(words, check=True, capture_output=True, env={**os.environ})
    return path


@pytest.mark.prove
@pytest.mark.timeout(300)
async def test_a_clock_that_is_set_stops_nothing_raises_nothing_and_tells_no_digest_twice(home: House, tmp_path: Path) -> None:
    hand, ca = Hand(tmp_path), certificate(tmp_path)
    secure = "allow_anonymous true\ncertfile {folder}/cert.pem\nkeyfile {folder}/key.pem"
    async with mosquitto(tmp_path, "", listener=secure) as broker, listening(broker.port, ca=str(ca)) as listener:
        hour = (datetime.now(UTC) + timedelta(minutes=30)).strftime("%H:%M")
        home.write(mqtt={"host": HOST, "port": broker.port, "tls": {"ca": str(ca)}}, digest=hour)
        async with home.daemon(environ=hand.environ) as daemon:
            await daemon.until(lambda said: all_up(said) and said["channels"][0]["connected"], 60)
            ages = [await stepped(home, daemon, hand, seconds, broker) for seconds in STEPS]
            metrics = (await daemon.get("/metrics"))[1]
        await until(lambda: listener.held["inverse-monitor/availability"] == b"offline")
    told = [(event["type"], event["alert"]["rule"]) for event in heard(listener)]
    print(f"clock set by {STEPS} s: oldest data {max(ages):.1f} s; told: {told}")
    assert max(ages) < OLDEST
    assert told == [("noted", "start"), ("noted", "digest")]
    assert "inverse_clock_steps_total 4.0" in metrics


async def stepped(home: House, daemon: Daemon, hand: Hand, seconds: int, broker: Mosquitto) -> float:
    """Set the clock, restart the broker so that TLS begins anew, and return how old data became."""
    hand.set(seconds)
    await broker.kill()
    await broker.start()
    await daemon.until(lambda said: abs(_ahead(said) - seconds) < 5)
    asked, oldest, ends = requests(home), 0.0, asyncio.get_running_loop().time() + LASTING
    while asyncio.get_running_loop().time() < ends:
        said = await daemon.until(all_up)
        oldest = max(oldest, *(row["age_seconds"] for row in said["accounts"]))
        assert (await daemon.get("/healthz"))[0] == 200
        assert abs(_ahead(said) - seconds) < 5
        await asyncio.sleep(0.2)
    await daemon.until(lambda said: said["channels"][0]["connected"] and not said["channels"][0]["pending"])
    for venue, before in asked.items():
        assert requests(home)[venue] - before > 5 * LASTING / 10, f"{venue} was hardly asked"
    return oldest


def requests(home: House) -> Mapping[str, int]:
    return {name: venue.requests.total() for name, venue in home.exchanges.venues.items()}


def _ahead(said: Mapping[str, Any]) -> float:
    return (datetime.fromisoformat(said["at"]) - datetime.now(UTC)).total_seconds()
