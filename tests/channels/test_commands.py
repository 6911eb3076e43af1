"""Commands over a real mosquitto: with the token they are obeyed and answered, all else is refused and changes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt

from monitor.channels.commands import MOST_ANSWERS, Commands
from monitor.command import Command, Kind, Reply
from tests.channels.brokers import HOST, Listener, Mosquitto, listening, mosquitto
from tests.channels.fakes import FakeClock, RealClock, until
from tests.channels.test_mqtt import ROOT, STATE, link, running

TOKEN = "the-token-of-these-tests"


class Servant:
    """Does nothing but remember."""

    def __init__(self) -> None:
        self.heard: list[Command] = []
        self._fails = False

    def fail_once(self) -> None:
        self._fails = True

    async def obey(self, command: Command) -> Reply:
        if self._fails:
            self._fails = False
            raise LookupError
        self.heard.append(command)
        return Reply(is_done=True, text="done", id="a1")


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[tuple[Mosquitto, Servant, Listener, aiomqtt.Client]]:
    servant = Servant()
    async with mosquitto(folder) as broker, listening(broker.port) as listener, aiomqtt.Client(HOST, broker.port) as phone:
        mqtt = link(broker.port)
        mqtt.take_commands(Commands(ROOT, TOKEN, servant.obey, RealClock()))
        async with running(mqtt):
            mqtt.show(STATE)
            await until(lambda: mqtt.fault is None)
            await asked(phone, listener, "poll", {"token": TOKEN, "request": "first"})
            servant.heard.clear()
            yield broker, servant, listener, phone


async def asked(phone: aiomqtt.Client, listener: Listener, name: str, payload: Any, *, retain: bool = False) -> Any:
    """Send a command until it is answered (nobody listens yet in the first moment), and return the answer."""
    topic = f"{ROOT}/cmd/{name}"
    before = len(listener.on(f"{topic}/response"))
    said = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    for _ in range(50):
        await phone.publish(topic, said, 1, retain)
        for _ in range(20):
            if len(listener.on(f"{topic}/response")) > before:
                return json.loads(listener.on(f"{topic}/response")[before])
            await asyncio.sleep(0.01)
    raise AssertionError(f"no answer on {topic}")


async def test_a_command_with_the_token_is_obeyed_and_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, servant, listener, phone):
        said = {"id": "a1", "token": TOKEN, "author": "ann", "request": "r1"}
        assert await asked(phone, listener, "ack", said) == {
            "request": "r1",
            "ok": True,
            "text": "done",
            "id": "a1",
            "channels": [],
        }
    assert [(c.kind, c.target, c.author, c.origin) for c in servant.heard] == [(Kind.ACK, "a1", "ann", "mqtt")]


async def test_nothing_that_anybody_says_ends_the_connection(tmp_path: Path) -> None:
    """Half of a character pair is valid JSON, but no text that can be sent back."""
    async with house(tmp_path) as (_, servant, listener, phone):
        answer = await asked(phone, listener, "ack", b'{"\\ud800": 1}')
        assert answer["text"].startswith("ack does not take ?; it takes ")
        assert (await asked(phone, listener, "ack", {"id": "a1", "token": TOKEN}))["ok"]
    assert [command.kind for command in servant.heard] == [Kind.ACK]


async def test_a_bug_in_a_command_is_answered_and_ends_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, servant, listener, phone):
        servant.fail_once()
        answer = await asked(phone, listener, "ack", {"id": "a1", "token": TOKEN, "request": "r"})
        assert (answer["request"], answer["ok"]) == ("r", False)
        assert (await asked(phone, listener, "ack", {"id": "a1", "token": TOKEN}))["ok"]


async def test_without_the_right_token_nothing_is_done_and_it_is_not_echoed(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, servant, listener, phone):
        for given in ({}, {"token": "wrong"}, {"token": TOKEN[:-1]}):
            answer = await asked(phone, listener, "silence", {"matcher": "account=*", "for": "1h", **given})
            assert (answer["ok"], answer["text"]) == (False, "the token is missing or wrong: it is mqtt.commands.token")
    assert servant.heard == []
    assert not any(TOKEN.encode() in m.payload for m in listener.heard if str(m.topic).endswith("/response"))


async def test_what_is_no_command_is_answered_and_loses_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as (_, servant, listener, phone):
        for bad in (b"", b"{", b"[]", b"\xff\xfe", b"x" * 5000):
            assert (await asked(phone, listener, "ack", bad))["ok"] is False
        assert (await asked(phone, listener, "ack", {"id": "a1", "token": TOKEN}))["ok"] is True
    assert len(servant.heard) == 1


async def test_a_retained_command_is_nobodys_wish_of_now(tmp_path: Path) -> None:
    servant = Servant()
    async with mosquitto(tmp_path) as broker, aiomqtt.Client(HOST, broker.port) as phone, listening(broker.port) as listener:
        await phone.publish(f"{ROOT}/cmd/ack", json.dumps({"id": "old", "token": TOKEN}), 1, retain=True)
        mqtt = link(broker.port)
        mqtt.take_commands(Commands(ROOT, TOKEN, servant.obey, RealClock()))
        async with running(mqtt):
            mqtt.show(STATE)
            await until(lambda: mqtt.fault is None)
            await asked(phone, listener, "poll", {"token": TOKEN})
    assert {c.kind for c in servant.heard} == {Kind.POLL}


async def test_off_is_off(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener, aiomqtt.Client(HOST, broker.port) as phone:
        mqtt = link(broker.port)
        async with running(mqtt):
            mqtt.show(STATE)
            await until(lambda: mqtt.fault is None)
            await phone.publish(f"{ROOT}/cmd/poll", json.dumps({"token": TOKEN}), 1)
            await asyncio.sleep(0.2)
    assert listener.on(f"{ROOT}/cmd/poll/response") == []


async def test_a_flood_is_not_even_looked_at_until_a_minute_has_passed() -> None:
    clock, servant = FakeClock(), Servant()
    commands = Commands(ROOT, TOKEN, servant.obey, clock)
    for _ in range(MOST_ANSWERS):
        assert await commands.answer(f"{ROOT}/cmd/ack", b"{}") is not None
    assert await commands.answer(f"{ROOT}/cmd/ack", b"{}") is None
    clock.elapsed += 61
    assert await commands.answer(f"{ROOT}/cmd/ack", b"{}") is not None
    assert await commands.answer(f"{ROOT}/elsewhere", b"{}") is None
