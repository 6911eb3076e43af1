"""The whole daemon as its users start it, in a house of its own: simulated venues, a configuration file, a state folder."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from monitor.demo.exchange import SimulatedExchanges
from tests.channels.brokers import free_port

CALM, WARNED, CRITICAL = 0.0, 20.0, 34.0
"""Seconds of the demo's story at which bybit's long is 30 %, less than 20 % and less than 10 % from liquidation."""

RUN = ("-m", "monitor", "run", "--config")
HASTY = ("-m", "tests.daemon.hasty")
"""The daemon as its users start it, and one in a hurry (`tests.daemon.hasty`); after either comes the configuration file."""


LONGEST_LINE = 1024 * 1024


@dataclass
class House:
    """Where the daemon lives. ``second``: the second of the story at which the market stands still."""

    folder: Path
    exchanges: SimulatedExchanges
    port: int = field(default_factory=free_port)
    second: float = CALM
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return Path(self.settings.get("state", {"path": self.folder / "state.db"})["path"])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, **different: object) -> Path:
        """Write the configuration; JSON is YAML too."""
        accounts = {
            a.name: {"exchange": a.exchange, "api_key": a.api_key, "api_secret": a.api_secret, "ccxt": a.ccxt}
            for a in self.exchanges.accounts
        }
        base = {
            "accounts": accounts,
            "poll_interval": "2s",
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "state": {"path": str(self.state)},
        }
        self.config.write_text(json.dumps(base | self.settings | different))
        self.config.chmod(0o600)
        return self.config

    async def command(self, *words: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> "Outcome":
        """Run a command to its end."""
        process = await _start("-m", "monitor", *words, environ=environ)
        out, err = await asyncio.wait_for(process.communicate(stdin), 60)
        return Outcome(process.returncode or 0, out.decode(), err.decode())

    @asynccontextmanager
    async def daemon(self, words: Sequence[str] = RUN, environ: Mapping[str, str] | None = None) -> AsyncIterator["Daemon"]:
        """Run a daemon inside the block; it is asked to end after it, unless it has ended."""
        process = await _start(*words, str(self.config), environ=environ)
        daemon = Daemon(process, self.url)
        try:
            yield daemon
        finally:
            await daemon.end(signal.SIGTERM)


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def has_traceback(self) -> bool:
        return "Traceback" in self.out + self.err

    def json(self) -> Any:
        return json.loads(self.out)


class Daemon:
    """A running daemon, seen from outside."""

    def __init__(self, process: Process, url: str) -> None:
        self.process, self.url = process, url
        self.log: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def until(self, holds: Callable[[Mapping[str, Any]], bool], seconds: float = 30) -> Mapping[str, Any]:
        """Wait until what `/api/status` says *holds*; return it."""
        said: Mapping[str, Any] = {}
        try:
            async with asyncio.timeout(seconds):
                while True:
                    assert self.process.returncode is None, "\n".join(self.log)
                    with suppress(aiohttp.ClientError):
                        said = json.loads((await self.get("/api/status"))[1])
                        if holds(said):
                            return said
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"it never held: {json.dumps(said)[:2000]}\n" + "\n".join(self.log[-20:])) from None

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        status = await asyncio.wait_for(self.process.wait(), 20)
        await self._reading
        return status

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.log.append(line.decode().rstrip())


@asynccontextmanager
async def house(folder: Path, exchanges: SimulatedExchanges | None = None) -> AsyncIterator[House]:
    async with exchanges or SimulatedExchanges(seed=7) as running:
        home = House(folder, running)
        running.start_story(lambda: home.second)
        home.write()
        yield home


def firing(said: Mapping[str, Any]) -> dict[str, str]:
    """What fires in the accounts: ``account rule`` -> level."""
    return {f"{a['account']} {a['rule']}": a["level"] for a in said["alerts"] if a["status"] == "firing" and a["account"]}


def firing_across(said: Mapping[str, Any]) -> dict[str, str]:
    """What fires across accounts: rule -> level."""
    return {a["rule"]: a["level"] for a in said["alerts"] if a["status"] == "firing" and not a["account"]}


def all_up(said: Mapping[str, Any]) -> bool:
    return all(row["up"] for row in said["accounts"])


async def _start(*words: str, environ: Mapping[str, str] | None = None) -> Process:
    given = {name: value for name, value in os.environ.items() if not name.upper().startswith("INVERSE_MONITOR_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={**given, **(environ or {})}, limit=LONGEST_LINE
    )
