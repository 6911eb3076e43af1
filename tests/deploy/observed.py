"""The demo under a real Prometheus and Alertmanager with our settings, and somebody who is told."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.channels.brokers import free_port
from tests.deploy.tree import DEPLOY
from tests.programs import need

HOST = "127.0.0.1"
TOKEN = "a-token-for-reading"
WEBHOOK_TOKEN = "a-token-for-the-webhook"
FASTER = {"scrape_interval: 15s": "scrape_interval: 1s", "scrape_timeout: 10s": "scrape_timeout: 1s"}
HOLD = 2
"""Seconds for which a symptom must last here, in place of a minute or more."""


@dataclass
class Receiver:
    """Whom Alertmanager tells. ``told``: name and state of each alert, when it came and with which credentials."""

    told: list[tuple[str, str, float, str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        for alert in (await request.json())["alerts"]:
            credentials = request.headers.get("Authorization", "")
            self.told.append((alert["labels"]["alertname"], alert["status"], time.monotonic(), credentials))
        return web.Response()


@dataclass
class Observed:
    """What runs, on ports of this machine."""

    folder: Path
    demo: Process
    web: int
    prometheus: int
    receiver: Receiver

    async def metrics(self) -> str:
        async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{self.web}/metrics") as answer:
            return await answer.text()

    async def ask(self, path: str, **given: str) -> Any:
        """Ask Prometheus as Grafana does; nothing while it does not listen yet, or is not ready."""
        url = f"http://{HOST}:{self.prometheus}/api/v1/{path}"
        with suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(url, params=given) as answer:
                if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
                    return []
                said = json.loads(await answer.text())
                assert said["status"] == "success", (given, said)
                return said["data"]
        return []


@asynccontextmanager
async def observed(folder: Path, *, speed: int) -> AsyncIterator[Observed]:
    ports = {name: free_port() for name in ("web", "mqtt", "prometheus", "alertmanager", "receiver")}
    receiver = Receiver()
    async with AsyncExitStack() as running:
        await running.enter_async_context(_receiving(receiver, ports["receiver"]))
        await running.enter_async_context(_alertmanager(folder, ports))
        demo = await running.enter_async_context(_demo(ports, speed))
        await running.enter_async_context(_prometheus(folder, ports))  # last: it would call a demo that starts slowly gone
        yield Observed(folder, demo, ports["web"], ports["prometheus"], receiver)


@asynccontextmanager
async def _started(*words: str | Path, **given: Any) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*words, **{"stdout": DEVNULL, "stderr": DEVNULL} | given)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def _receiving(receiver: Receiver, port: int) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    yield
    await runner.cleanup()


@asynccontextmanager
async def _demo(ports: dict[str, int], speed: int) -> AsyncIterator[Process]:
    words = ("demo", "--seed", "7", "--speed", str(speed), "--http", f"{HOST}:{ports['web']}", "--mqtt-port", str(ports["mqtt"]))
    environ = {**os.environ, "INVERSE_MONITOR_HTTP__TOKEN": TOKEN}
    async with _started(sys.executable, "-m", "monitor", *words, stdout=PIPE, env=environ) as process:
        assert process.stdout
        async with asyncio.timeout(60):
            while not (line := await process.stdout.readline()).startswith(b"ready"):
                assert line, "the demo ended"
        yield process


@asynccontextmanager
async def _prometheus(folder: Path, ports: dict[str, int]) -> AsyncIterator[Process]:
    home = folder / "prometheus"
    home.mkdir()
    (home / "token").write_text(TOKEN)
    changes = {
        "daemon:9643": f"{HOST}:{ports['web']}",
        "alertmanager:9093": f"{HOST}:{ports['alertmanager']}",
        "127.0.0.1:9090": f"{HOST}:{ports['prometheus']}",
        "/run/secrets/monitor_token": str(home / "token"),
        "evaluation_interval: 15s": "evaluation_interval: 1s",
    }
    (home / "prometheus.yml").write_text(_changed(DEPLOY / "prometheus" / "prometheus.yml", FASTER | changes))
    (home / "rules.yml").write_text(_changed(DEPLOY / "prometheus" / "rules.yml", {"for: 1m": f"for: {HOLD}s"}))
    where = f"--web.listen-address={HOST}:{ports['prometheus']}"
    async with _started(
        need("prometheus"), f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data", where
    ) as process:
        yield process


@asynccontextmanager
async def _alertmanager(folder: Path, ports: dict[str, int]) -> AsyncIterator[Process]:
    home = folder / "alertmanager"
    home.mkdir()
    (home / "token").write_text(WEBHOOK_TOKEN)
    changes = {
        "http://127.0.0.1:9095/": f"http://{HOST}:{ports['receiver']}/",
        "/run/secrets/alertmanager_webhook_token": str(home / "token"),
    }
    (home / "alertmanager.yml").write_text(_changed(DEPLOY / "alertmanager" / "alertmanager.yml", changes))
    where = (f"--web.listen-address={HOST}:{ports['alertmanager']}", "--cluster.listen-address=")
    words = (f"--config.file={home}/alertmanager.yml", f"--storage.path={home}/data", *where)
    async with _started(need("prometheus-alertmanager"), *words) as process:
        yield process


def _changed(path: Path, changes: dict[str, str]) -> str:
    """Change each of what must be there."""
    text = path.read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
