"""What a daemon of the benchmark lives in: simulated venues, a broker where there is one, a folder, a configuration."""

import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.processes import Worker, worker
from tests.channels.brokers import Mosquitto, free_port, mosquitto

NO_BROKER = "mosquitto is missing: apt-get install mosquitto"
TWENTY = {"binancecoinm": 7, "bybit": 7, "deribit": 6}
"""Twenty accounts on three venues."""

POSITION_PATHS = {
    "binancecoinm": "/dapi/v1/positionRisk",
    "bybit": "/v5/position/list",
    "deribit": "/api/v2/private/get_positions",
}
"""What is asked once in every poll."""


@dataclass
class World:
    """``accounts``: as the simulator names them; ``broker`` None: there is no mosquitto."""

    folder: Path
    simulator: Worker
    accounts: list[dict[str, Any]]
    broker: Mosquitto | None
    port: int = field(default_factory=free_port)

    def values(self, interval: object) -> dict[str, Any]:
        """Return the configuration for *interval*, as the file spells it."""
        accounts = {a["name"]: {key: value for key, value in a.items() if key != "name"} for a in self.accounts}
        return {
            "accounts": accounts,
            "poll_interval": interval,
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "state": {"path": str(self.folder / "state.db")},
        } | ({"mqtt": {"host": "127.0.0.1", "port": self.broker.port}} if self.broker else {})

    def write(self, interval: str) -> str:
        path = self.folder / "config.yaml"
        path.write_text(json.dumps(self.values(interval)))
        path.chmod(0o600)
        return str(path)

    async def metrics(self) -> dict[str, float]:
        """Return what the daemon exposes, by name and labels as they are written."""
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}


@asynccontextmanager
async def world(counts: Mapping[str, int], *, has_broker: bool = True, broker_settings: str = "") -> AsyncIterator[World]:
    """Give a world with so many accounts at each venue."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inverse-monitor-bench-")))
        simulator = await stack.enter_async_context(worker("simulator"))
        is_there = has_broker and shutil.which("mosquitto", path="/usr/local/sbin:/usr/sbin:/usr/bin:/usr/local/bin")
        broker = await stack.enter_async_context(mosquitto(folder, broker_settings)) if is_there else None
        yield World(folder, simulator, await simulator.ask("settle", counts=counts), broker)
