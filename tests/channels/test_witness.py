"""A broker that is restarted in no time, and a rival who takes our place, told apart."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from monitor.channels.witness import witness
from monitor.ports import TakenOver
from tests.channels.brokers import HOST
from tests.channels.fakes import RealClock, end, until
from tests.channels.peer import peer

LET_IN = {4: bytes.fromhex("20020000"), 5: bytes.fromhex("2003010000")}
"""CONNACK without fault; MQTT 5: "I remember your session"."""


@dataclass
class Broker:
    """Lets each client in, and drops it once it has brought a witness, or has brought none. ``ends_all``: drops everybody."""

    ends_all: bool = False
    let_in: int = 0
    there: set[asyncio.StreamWriter] = field(default_factory=set)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.there.add(writer)
        try:
            if said := await reader.read(1024):
                await self._let_in(writer, LET_IN[said[8]])
        finally:
            self.there.discard(writer)

    async def _let_in(self, writer: asyncio.StreamWriter, welcome: bytes) -> None:
        self.let_in += 1
        writer.write(welcome)
        await asyncio.sleep(0.1)
        with suppress(TimeoutError):
            await until(lambda: len(self.there) > 1, seconds=2)
        if self.ends_all:
            self.drop_all()

    def drop_all(self) -> None:
        for writer in self.there:
            writer.close()


def mqtt(port: int, *, is_old: bool) -> Mqtt:
    return Mqtt(MqttSettings(host=HOST, port=port, is_old=is_old), RealClock())


@pytest.mark.parametrize("is_old", [False, True])
async def test_who_alone_is_dropped_three_times_has_a_rival(is_old: bool) -> None:  # noqa: FBT001 - a parameter of the test
    broker = Broker()
    async with peer(broker.answer) as port:
        with pytest.raises(TakenOver):
            await asyncio.wait_for(mqtt(port, is_old=is_old).run(), 30)
    assert broker.let_in == 3


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_broker_that_drops_everybody_and_is_back_at_once_is_no_rival(is_old: bool) -> None:  # noqa: FBT001 - a parameter of the test
    broker = Broker(ends_all=True)
    async with peer(broker.answer) as port:
        task = asyncio.create_task(mqtt(port, is_old=is_old).run())
        await until(lambda: broker.let_in >= 5, seconds=40)
        assert not task.done()
        await end(task)


async def test_the_witness_stands_where_the_broker_does_and_nowhere_else() -> None:
    broker = Broker()
    async with peer(broker.answer) as port, witness(HOST, port, 60) as seen:
        assert await seen.saw_the_broker_stay() is False, "it has not even come yet"
        await until(lambda: broker.there)
        assert await seen.saw_the_broker_stay()
        broker.drop_all()
        assert await seen.saw_the_broker_stay() is False


async def test_it_comes_back_where_a_broker_sends_away_who_says_nothing() -> None:
    broker = Broker()
    async with peer(broker.answer) as port, witness(HOST, port, 60) as seen:
        await until(lambda: broker.there)
        broker.drop_all()
        await until(lambda: not broker.there)
        await until(lambda: broker.there)
        assert await seen.saw_the_broker_stay()


async def test_a_network_that_is_cut_is_no_rival() -> None:
    """The quiet connection does not feel it; but nobody can be reached."""
    broker = Broker()
    server = await asyncio.start_server(broker.answer, HOST, 0)
    async with witness(HOST, server.sockets[0].getsockname()[1], 60) as seen:
        await until(lambda: broker.there)
        server.close()
        assert await seen.saw_the_broker_stay() is False
        broker.drop_all()
        await until(lambda: not broker.there)


async def test_nobody_looks_on_where_nothing_is_suspected() -> None:
    broker = Broker()
    async with peer(broker.answer) as port, witness(HOST, port, 0):
        await asyncio.sleep(0.2)
        assert not broker.there
