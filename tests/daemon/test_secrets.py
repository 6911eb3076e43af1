"""No key, no secret, no signature and no signed address leaves the daemon, whatever the venues answer, at any log level."""

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from monitor.demo.exchange import SimulatedExchanges
from monitor.demo.faults import Fault
from monitor.demo.venue import SimulatedVenue
from tests.channels.brokers import Listener, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import CRITICAL, HASTY, Daemon, House, all_up, house
from tests.programs import need

PAGES = ("/", "/metrics", "/api/status", "/api/alerts", "/healthz", "/readyz", "/nowhere")
OURS = {
    "http": "a-token-for-http-only",
    "commands": "a-token-for-commands",
    "mqtt": "a-password-for-mqtt",
    "heartbeat": "the-path-of-a-heartbeat",
}
SIGNATURE = re.compile(r"\b[0-9a-f]{64}\b")


class Wire:
    """What the venues were sent and nobody else may see."""

    def __init__(self) -> None:
        self.signatures: set[str] = set()

    def tap(self, venue: SimulatedVenue) -> None:
        serve = venue.serve

        async def tapped(request: web.Request) -> web.StreamResponse:
            sent = " ".join((request.path_qs, *request.headers.values()))
            self.signatures |= set(SIGNATURE.findall(sent))
            return await serve(request)

        vars(venue)["serve"] = tapped


@asynccontextmanager
async def tapped_house(folder: Path) -> AsyncIterator[tuple[House, Wire]]:
    exchanges, wire = SimulatedExchanges(seed=7), Wire()
    for venue in exchanges.venues.values():
        wire.tap(venue)
    async with house(folder, exchanges) as home:
        yield home, wire


@pytest.mark.prove
@pytest.mark.timeout(300)
async def test_everything_said_over_every_fault_of_every_venue_is_free_of_secrets(tmp_path: Path) -> None:
    """At DEBUG, with the loggers of all libraries let loose, ccxt's among them."""
    name: dict[str, Any] = {"username": "u", "password": OURS["mqtt"]}
    write_passwords(tmp_path / "passwords", *name.values())
    closed = "allow_anonymous false\npassword_file {folder}/passwords"
    async with (
        tapped_house(tmp_path) as (home, wire),
        mosquitto(tmp_path, listener=closed) as broker,
        listening(broker.port, **name) as listener,
    ):
        home.write(
            mqtt={"host": "127.0.0.1", "port": broker.port, "commands": {"enabled": True, "token": OURS["commands"]}, **name},
            http={"listen": f"127.0.0.1:{home.port}", "token": OURS["http"]},
            heartbeat={"url": f"http://127.0.0.1:9/{OURS['heartbeat']}", "every": "10s"},
        )
        async with home.daemon(HASTY, {"LOG_LEVEL": "debug"}) as daemon:
            await daemon.until(lambda said: all_up(said) and said["channels"][0]["connected"])
            pages = [await lived_through(home, daemon, fault) for fault in Fault]
        said = {"log": "\n".join(daemon.log), "HTTP": "".join(pages), "MQTT": heard(listener), "state": kept(home)}
    secrets = {*OURS.values(), *keys(home), *wire.signatures}
    sizes = {where: len(text) for where, text in said.items()}
    print(f"{len(Fault)} faults at 3 venues, {len(wire.signatures)} signatures: searched {sizes} characters")
    assert len(wire.signatures) > 100
    assert min(sizes.values()) > 1000
    assert [(where, secret) for where, text in said.items() for secret in secrets if secret in text] == []


async def lived_through(home: House, daemon: Daemon, fault: Fault) -> str:
    """Let all venues commit *fault* until each was asked again, and return all pages that are served then."""
    await daemon.until(all_up)
    asked = {name: venue.requests.total() for name, venue in home.exchanges.venues.items()}
    home.second = CRITICAL - home.second
    for venue in home.exchanges.venues.values():
        venue.misbehave(fault)
    await until(lambda: all(v.requests.total() > asked[name] + 3 for name, v in home.exchanges.venues.items()), 30)
    pages = [await daemon.get(page) for page in PAGES]
    for venue in home.exchanges.venues.values():
        venue.behave()
    return "".join(text for _, text in pages)


def write_passwords(path: Path, user: str, password: str) -> None:
    subprocess.run([need("mosquitto_passwd"), "-b", "-c", path, user, password], check=True, capture_output=True)


def keys(home: House) -> set[str]:
    return {secret for account in home.exchanges.accounts for secret in (account.api_key, account.api_secret)}


def heard(listener: Listener) -> str:
    return "".join(f"{message.topic} {message.payload!r}\n" for message in listener.heard)


def kept(home: House) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in home.folder.glob("state.db*"))
