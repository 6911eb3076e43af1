"""The compose stack's parts as real programs without containers: its secrets, broker, demo and Prometheus fit together."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.channels.brokers import Mosquitto, free_port, listening, mosquitto
from tests.channels.fakes import until
from tests.deploy.test_mosquitto import SETTINGS, adapted
from tests.deploy.tree import COMPOSE, DEPLOY, document
from tests.programs import need

pytestmark = [pytest.mark.prove, pytest.mark.timeout(120)]

DAEMON = document(COMPOSE / "compose.yaml")["services"]["daemon"]
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@dataclass(frozen=True)
class Stack:
    """What runs. ``web`` and ``prometheus`` are ports; both listen on this machine only, the demo on all its addresses."""

    folder: Path
    broker: Mosquitto
    web: int
    prometheus: int

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text()


def replaced(text: str, changes: dict[str, str]) -> str:
    """Change each of what must be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@asynccontextmanager
async def started(*words: str | Path, environ: dict[str, str] | None = None) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*words, env=environ, stdout=PIPE, stderr=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The folder of secrets as the script makes it; beside it what the broker reads."""
    for name in ("secrets.sh", "compose.yaml"):
        (tmp_path / name).write_bytes((COMPOSE / name).read_bytes())
    need("mosquitto_passwd")
    subprocess.run(["sh", tmp_path / "secrets.sh"], check=True, capture_output=True, timeout=30)
    (tmp_path / "passwords").write_bytes((tmp_path / "secrets" / "mosquitto_passwords").read_bytes())
    (tmp_path / "acl").write_bytes((DEPLOY / "mosquitto" / "acl").read_bytes())
    return tmp_path / "secrets"


@pytest.fixture
async def broker(secrets: Path, tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path, adapted(SETTINGS, tmp_path), listener="") as running:
        yield running


@pytest.fixture
async def stack(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[Stack]:
    built = Stack(tmp_path, broker, free_port(), free_port())
    async with demo(built), prometheus(built):
        yield built


@asynccontextmanager
async def demo(stack: Stack) -> AsyncIterator[Process]:
    """Run the daemon's very command, with this machine's folders and ports."""
    changes = {"$$": "$", "/run/secrets": f"{stack.folder}/secrets/daemon", "0.0.0.0:9643": f"0.0.0.0:{stack.web}"}
    script = f"{replaced(DAEMON['command'][0], changes).rstrip()} --mqtt-port {stack.broker.port}\n"
    environ = {**DAEMON["environment"], "INVERSE_MONITOR_MQTT__HOST": "127.0.0.1", "PATH": PATH}
    async with started(*DAEMON["entrypoint"], script, environ=environ) as process:
        assert process.stdout
        async with asyncio.timeout(60):
            while not (line := await process.stdout.readline()).startswith(b"ready"):
                assert line, "the demo ended"
        yield process


@asynccontextmanager
async def prometheus(stack: Stack) -> AsyncIterator[Process]:
    folder = stack.folder / "prometheus"
    folder.mkdir()
    changes = {
        "daemon:9643": f"127.0.0.1:{stack.web}",
        "/run/secrets/monitor_token": f"{stack.folder}/secrets/daemon/INVERSE_MONITOR_HTTP__TOKEN",
        "scrape_interval: 15s": "scrape_interval: 1s",
        "scrape_timeout: 10s": "scrape_timeout: 1s",
    }
    (folder / "prometheus.yml").write_text(replaced((DEPLOY / "prometheus" / "prometheus.yml").read_text(), changes))
    rules = DEPLOY / "prometheus" / "rules.yml"
    (folder / "rules.yml").write_text(rules.read_text() if rules.exists() else "groups: []")
    where = f"--web.listen-address=127.0.0.1:{stack.prometheus}"
    settings = f"--config.file={folder}/prometheus.yml"
    async with started(need("prometheus"), settings, f"--storage.tsdb.path={folder}/data", where) as process:
        yield process


async def asked(stack: Stack, query: str) -> list[Any]:
    """What Prometheus answers to a query; nothing while it does not listen yet."""
    url = f"http://127.0.0.1:{stack.prometheus}/api/v1/query"
    try:
        async with aiohttp.ClientSession() as session, session.get(url, params={"query": query}) as answer:
            return list(json.loads(await answer.text())["data"]["result"])
    except aiohttp.ClientError:
        return []


async def seen(stack: Stack, query: str) -> list[Any]:
    async with asyncio.timeout(30):
        while not (found := await asked(stack, query)):  # noqa: ASYNC110 - another program: there is no event for it
            await asyncio.sleep(0.1)
    return found


async def test_the_parts_of_the_stack_fit_together(stack: Stack) -> None:
    assert await seen(stack, 'up{job="inverse-monitor"} == 1')
    assert await seen(stack, "inverse_pool_liquidation_distance_ratio < 1")
    assert await seen(stack, "inverse_mqtt_connected == 1")
    async with listening(stack.broker.port, username="phone", password=stack.secret("phone_password")) as phone:
        await until(lambda: phone.held.get("inverse-monitor/availability") == b"online")
        await until(lambda: any("/position/" in topic for topic in phone.held))


async def test_nobody_reads_the_page_without_the_token(stack: Stack) -> None:
    url = f"http://127.0.0.1:{stack.web}/api/status"
    token = stack.secret("daemon/INVERSE_MONITOR_HTTP__TOKEN")
    async with aiohttp.ClientSession() as session:
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {token}"}, 200)):
            async with session.get(url, headers=headers) as answer:
                assert answer.status == status


async def test_the_health_check_finds_the_demo(stack: Stack) -> None:
    config = stack.folder / "config.yaml"
    config.write_text(replaced((COMPOSE / "demo.yaml").read_text(), {"0.0.0.0:9643": f"0.0.0.0:{stack.web}"}))
    here = {"/etc/inverse-monitor/config.yaml": str(config)}
    kind, *words = [here.get(word, word) for word in DAEMON["healthcheck"]["test"]]
    environ = {"CREDENTIALS_DIRECTORY": f"{stack.folder}/secrets/daemon", "PATH": PATH}
    process = await asyncio.create_subprocess_exec(*words, env=environ, cwd="/", stdout=PIPE, stderr=PIPE)
    out, err = await asyncio.wait_for(process.communicate(), 20)
    assert (kind, process.returncode) == ("CMD", 0), out + err
