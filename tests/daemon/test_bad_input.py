"""What anybody may send to a running daemon, over MQTT and HTTP: a clear answer, nothing lost or changed, no secret shown."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import aiomqtt

from tests.channels.brokers import HOST, Listener, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import CRITICAL, WARNED, Daemon, House, all_up, firing
from tests.daemon.storm import told

TOKEN, HTTP_TOKEN = "the-token-of-the-commands", "the-token-of-the-pages"
COMMANDS = "inverse-monitor/cmd"
GOOD = {"token": TOKEN}

OVER_MQTT: tuple[tuple[str, bytes | dict[str, Any], str], ...] = (
    ("ack", b"", "the token is missing or wrong"),
    ("ack", b"{", "a command is a JSON object"),
    ("ack", b"[]", "a command is a JSON object"),
    ("ack", b"[" * 4000, "a command is a JSON object"),
    ("ack", b"\xff\xfe\x00", "a command is a JSON object"),
    ("silence", b"x" * 200_000, "a command has at most 4096 bytes"),
    ("ack", {"id": "a"}, "the token is missing or wrong"),
    ("ack", {"id": "a", "token": TOKEN[:-1]}, "the token is missing or wrong"),
    ("ack", {"id": "a", "token": HTTP_TOKEN}, "the token is missing or wrong"),
    ("ack", {"id": ["a"], **GOOD}, "id must be a text"),
    ("ack", {"id": "a\u0007", **GOOD}, "id must be a text"),
    ("ack", {"order": "buy", **GOOD}, "ack does not take order"),
    ("ack", GOOD, "ack needs the id of an alert"),
    ("ack", {"id": "unknown", **GOOD}, "no alert with the id unknown fires"),
    ("unsilence", {"id": "unknown", **GOOD}, "there is no silence unknown"),
    ("silence", {"matcher": "account=hodl", **GOOD}, "a silence needs an end"),
    ("silence", {"matcher": "account=hodl", "for": "9999h", **GOOD}, "a silence lasts at most 30 d"),
    ("silence", {"matcher": "account=hodl", "for": "0s", **GOOD}, "longer than no time at all"),
    ("silence", {"matcher": "account=hodl", "for": "tomorrow", **GOOD}, "for: "),
    ("silence", {"matcher": "price=1", "for": "1h", **GOOD}, "a matcher is key=glob"),
    ("poll", {"account": "nobody", **GOOD}, "there is no account nobody"),
)
"""Command, payload, and what its answer says."""

OVER_HTTP: tuple[tuple[str, str, dict[str, str], bytes, int], ...] = (
    ("POST", "/api/ack", {}, b"{}", 401),
    ("POST", "/api/ack", {"Authorization": f"Bearer {TOKEN}"}, b"{}", 401),
    ("POST", "/api/ack", {"Authorization": "Basic \xff"}, b"{}", 401),
    ("POST", f"/api/ack?token={HTTP_TOKEN}", {}, b"{}", 401),
    ("POST", "/api/ack", {"Origin": "http://evil.example"}, b"{}", 403),
    ("POST", "/api/ack", {"Host": "evil.example"}, b"{}", 403),
    ("GET", "/api/status", {"Host": "evil.example"}, b"", 403),
    ("POST", "/api/ack", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b"{", 422),
    ("POST", "/api/ack", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b'{"id": "unknown"}', 422),
    ("POST", "/api/ack", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b"x" * 5000, 422),
    ("POST", "/api/ack", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b"x" * 200_000, 413),
    ("POST", "/api/silence", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b'{"matcher": "account=hodl"}', 422),
    ("POST", "/api/trade", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b"{}", 404),
    ("DELETE", "/api/alerts", {"Authorization": f"Bearer {HTTP_TOKEN}"}, b"", 405),
    ("GET", "/api/ack", {}, b"", 405),
    ("GET", "/../../etc/passwd", {}, b"", 404),
)
"""Method, path, headers, body, and the status of its answer."""


@dataclass
class Callers:
    """Who sends: a phone over MQTT, a browser over HTTP. ``answers``: all that they were ever told."""

    daemon: Daemon
    phone: aiomqtt.Client
    listener: Listener
    answers: list[str]

    async def command(self, name: str, payload: bytes | dict[str, Any]) -> Any:
        topic = f"{COMMANDS}/{name}/response"
        before = len(self.listener.on(topic))
        await self.phone.publish(f"{COMMANDS}/{name}", payload if isinstance(payload, bytes) else json.dumps(payload), 1)
        await until(lambda: len(self.listener.on(topic)) > before)
        self.answers.append(self.listener.on(topic)[before].decode())
        return json.loads(self.answers[-1])

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.daemon.url + path, headers=headers, data=body) as answer,
        ):
            self.answers.append(await answer.text())
            return answer.status


@asynccontextmanager
async def callers(home: House, folder: Path) -> AsyncIterator[Callers]:
    """A daemon that fires one warning, and a retained command that would acknowledge it, if anybody obeyed."""
    home.second = WARNED
    async with mosquitto(folder) as broker, listening(broker.port) as listener, aiomqtt.Client(HOST, broker.port) as phone:
        home.write(
            mqtt={"host": HOST, "port": broker.port, "commands": {"enabled": True, "token": TOKEN}},
            http={"listen": f"{HOST}:{home.port}", "token": HTTP_TOKEN},
        )
        await phone.publish(f"{COMMANDS}/silence", json.dumps({"matcher": "account=*", "for": "1h", **GOOD}), 1, retain=True)
        async with home.daemon() as daemon:
            said = await daemon.until(lambda said: all_up(said) and bool(firing(said)))
            assert said["channels"][0]["connected"]
            await first_answer(listener, phone)
            yield Callers(daemon, phone, listener, [])


async def first_answer(listener: Listener, phone: aiomqtt.Client) -> None:
    """Wait until commands are listened to."""
    async with asyncio.timeout(10):
        while not listener.on(f"{COMMANDS}/poll/response"):
            await phone.publish(f"{COMMANDS}/poll", b"{}", 1)
            await asyncio.sleep(0.2)


async def test_whatever_is_sent_is_answered_changes_nothing_and_shows_no_secret(home: House, tmp_path: Path) -> None:
    async with callers(home, tmp_path) as those:
        daemon, listener = those.daemon, those.listener
        before = await state(daemon)
        for name, payload, answer in OVER_MQTT:
            said = await those.command(name, payload)
            assert (said["ok"], answer in said["text"]) == (False, True), (
                name,
                payload[:80] if isinstance(payload, bytes) else payload,
                said,
            )
        for method, path, headers, body, status in OVER_HTTP:
            assert await those.request(method, path, headers, body) == status, (method, path, body[:80])
        await those.phone.publish(f"{COMMANDS}/trade", json.dumps(GOOD), 1)
        assert await state(daemon) == before == (["hodl"], [], [])
        assert commands(home) == []
        home.second = CRITICAL
        await daemon.until(lambda said: firing(said) == {"hodl liquidation_distance": "critical"})
        await until(lambda: any(b'"escalated"' in payload for payload in listener.on("inverse-monitor/event/alert")))
        pages = [(await daemon.get(path))[1] for path in ("/", "/metrics", "/api/status", "/api/alerts")]
    ours = [f"{m.topic} {m.payload!r}" for m in listener.heard if f"{COMMANDS}/" not in str(m.topic)]
    said = {"answers": those.answers, "log": daemon.log, "pages": pages, "MQTT": ours, "state": [kept(home)]}
    assert [where for where, texts in said.items() if any(t in text for t in (TOKEN, HTTP_TOKEN) for text in texts)] == []
    assert "Traceback" not in "".join(daemon.log)
    assert f"{COMMANDS}/trade/response" not in listener.held


async def test_a_command_that_is_replayed_is_carried_out_once(home: House, tmp_path: Path) -> None:
    async with callers(home, tmp_path) as those:
        silence = {"matcher": "account=hodl", "for": "1h", "request": "r1", **GOOD}
        answers = [await those.command("silence", silence) for _ in range(3)]
        assert answers[0]["ok"]
        assert answers == [answers[0]] * 3
        (one,) = (await those.daemon.until(lambda said: bool(said["silences"])))["silences"]
        assert one["id"] == answers[0]["id"]
    assert commands(home) == [("silence", one["id"])]
    assert told(those.listener)


async def state(daemon: Daemon) -> tuple[list[str], list[str], list[str]]:
    """Which accounts' alerts fire, which are acknowledged or muted, and which silences there are."""
    said = json.loads((await daemon.get("/api/status"))[1])
    alerts = [alert for alert in said["alerts"] if alert["account"]]
    touched = [alert["id"] for alert in alerts if alert["acked"] or alert["muted"]]
    return [alert["account"] for alert in alerts], touched, said["silences"]


def commands(home: House) -> list[tuple[str, str]]:
    """What the journal says was done for somebody."""
    with closing(sqlite3.connect(f"file:{home.state}?mode=ro", uri=True)) as connection:
        return list(connection.execute("SELECT what, id FROM journal WHERE origin != 'monitor'"))


def kept(home: House) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in home.folder.glob("state.db*"))
