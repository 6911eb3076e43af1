"""A storm of alerts over a daemon in a hurry, and what can be known of it from outside: told, decided, kept, shown, held."""

import asyncio
import json
import random
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, NamedTuple

from monitor.core.alerts.alert import Alert, Phase
from monitor.demo.portfolio import Resident
from monitor.store.codec import decoded
from monitor.wire.messages import Stamp, alert_json
from monitor.wire.topics import alert_topic
from tests.channels.brokers import Listener, listening
from tests.channels.fakes import end
from tests.daemon.house import CALM, CRITICAL, WARNED, Daemon, House
from tests.daemon.test_daemon import heard

ROOT = "inverse-monitor"
LEVELS = {CALM: "ok", WARNED: "warning", CRITICAL: "critical"}
"""What the accounts of the crowd are told at each second of the story."""


def crowd(home: House, count: int = 3) -> None:
    """Let *count* more accounts live at bybit, each with the long that the story brings close to liquidation."""
    bybit = home.exchanges.venues["bybit"]
    hodl = next(iter(bybit.residents.values())).portfolio
    home.write()
    accounts = json.loads(home.config.read_text())["accounts"]
    for number in range(count):
        one = Resident(api_key=f"key-of-crowd-{number}", api_secret=f"secret-of-crowd-{number}", portfolio=hodl)
        bybit.settle(one)
        keys = {"api_key": one.api_key, "api_secret": one.api_secret}
        accounts[f"crowd-{number}"] = {"exchange": "bybit", "ccxt": home.exchanges.ccxt("bybit"), **keys}
    home.settings["accounts"] = accounts
    home.write()


@asynccontextmanager
async def storm(home: House, chance: random.Random) -> AsyncIterator[None]:
    """Let the market fall and recover at random moments inside the block; after it the market stands still."""
    task = asyncio.create_task(_rage(home, chance))
    try:
        yield
    finally:
        await end(task)


async def _rage(home: House, chance: random.Random) -> None:
    while True:
        home.second = chance.choice([second for second in LEVELS if second != home.second])
        await asyncio.sleep(chance.uniform(0.3, 1.0))


def told(listener: Listener) -> list[str]:
    """The ids of the events that arrived, in the order of their first arrival."""
    return list(dict.fromkeys(event["id"] for event in heard(listener)))


def decided(state: Path) -> list[str]:
    """The ids of the events that the journal says were decided, in order."""
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        return [name for (name,) in connection.execute("SELECT id FROM journal WHERE origin = 'monitor' ORDER BY number")]


class Shown(NamedTuple):
    """What is to be the same of an alert wherever it is shown."""

    id: str
    level: str
    event: str | None
    acked: bool


States = Mapping[str, Shown]
"""By topic."""


def kept(state: Path) -> States:
    """The alerts that lie in the state file."""
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        alerts = list(decoded(connection.execute("SELECT body FROM alerts"), Alert))
    has_fired = [alert for alert in alerts if alert.phase is not Phase.PENDING or alert.events]
    return {alert_topic(alert.key, ROOT): _shown(alert_json(alert, Stamp(alert.at))) for alert in has_fired}


async def shown(daemon: Daemon) -> States:
    """The alerts that the daemon shows over HTTP."""
    rows = json.loads((await daemon.get("/api/alerts"))[1])
    return {_topic(row): _shown(row) for row in rows if row["status"] != "pending" or row["event"]}


def held(listener: Listener) -> States:
    """The alerts that the broker holds."""
    found = {topic: payload for topic, payload in listener.held.items() if "/alert/" in topic}
    return {topic: _shown(json.loads(payload)) for topic, payload in found.items()}


def _topic(row: Mapping[str, Any]) -> str:
    where = f"account/{row['account']}" if row["account"] else "portfolio"
    return f"{ROOT}/{where}/alert/{row['rule']}/{row['subject']}"


def _shown(row: Mapping[str, Any]) -> Shown:
    return Shown(row["id"], row["level"], row["event"], row["acked"])


async def agree(home: House, daemon: Daemon, port: int, **where: Any) -> States:
    """Wait until state file, HTTP and a broker's retained topics say the same, and what the market says; return it."""
    file, web, broker, wrong = NOBODY, NOBODY, NOBODY, ["nothing yet"]
    try:
        async with asyncio.timeout(30), listening(port, identifier="auditor", **where) as auditor:
            while wrong or not file == web == broker:
                await asyncio.sleep(0.1)
                file, web, broker = kept(home.state), await shown(daemon), held(auditor)
                wrong = [topic for topic, level in truth(home).items() if level != file.get(topic, NOTHING).level]
    except TimeoutError:
        differ = {topic for topic in {*file, *web, *broker} if not file.get(topic) == web.get(topic) == broker.get(topic)}
        seen = [(topic, file.get(topic), web.get(topic), broker.get(topic)) for topic in differ]
        raise AssertionError(f"at {home.second}: wrong {wrong}, differ {seen}\n" + "\n".join(daemon.log[-20:])) from None
    return file


NOBODY: States = {}
NOTHING = Shown("", "ok", None, acked=False)


def truth(home: House) -> Mapping[str, str]:
    """What the standing market makes of each account of the crowd."""
    names = [name for name in home.settings["accounts"] if name.startswith("crowd")]
    return {f"{ROOT}/account/{name}/alert/liquidation_distance/BTC": LEVELS[home.second] for name in names}


def broken_links(listener: Listener) -> list[str]:
    """Events that do not go on where the last event of the same alert ended."""
    last: dict[str, str] = {}
    broken = []
    for event in {event["id"]: event for event in heard(listener)}.values():
        topic, before = _topic(event["alert"]), event["before"]
        if event["type"] != "noted" and last.get(topic) != (before and before["event"]):
            broken.append(f"{topic}: {event['type']} {event['id']} after {last.get(topic)}, not {before and before['event']}")
        last[topic] = event["id"]
    return broken


def figures(listener: Listener, decisions: Sequence[str]) -> str:
    """Lost, arrived twice, and arrived though never decided."""
    arrived = [event["id"] for event in heard(listener)]
    lost, more = set(decisions) - set(arrived), set(arrived) - set(decisions)
    return f"{len(decisions)} events decided: {len(lost)} lost, {len(arrived) - len(set(arrived))} twice, {len(more)} unheard of"
