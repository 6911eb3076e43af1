"""Both brokers pass a message on, and neither outlives its block."""

import asyncio
import socket
import sys
from collections.abc import Iterator

import aiomqtt
import pytest

from monitor.demo import broker
from monitor.demo.broker import BrokerError, embedded_broker
from tests.demo.worlds import needs_program

INSTALL = "apt-get install mosquitto"


@pytest.fixture(params=["mosquitto", "amqtt"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    chosen: str = request.param
    if chosen == "mosquitto":
        needs_program("mosquitto", INSTALL)
    else:
        monkeypatch.setattr(broker, "_mosquitto", lambda: None)
    return chosen


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


async def test_a_message_passes_and_the_port_is_free_afterwards(kind: str) -> None:
    async with embedded_broker("127.0.0.1", 0) as running:
        assert running.kind == kind
        async with aiomqtt.Client(running.host, running.port) as client:
            await client.subscribe("greeting", qos=1)
            await client.publish("greeting", b"hello", qos=1)
            async with asyncio.timeout(5):
                assert (await anext(client.messages)).payload == b"hello"
    assert is_free(running.port)


async def test_a_cancelled_block_leaves_no_broker_behind(kind: str) -> None:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def forever() -> None:
        async with embedded_broker("127.0.0.1", 0) as running:
            port.set_result(running.port)
            await asyncio.Event().wait()

    task = asyncio.create_task(forever())
    taken = await port
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_free(taken)


async def test_a_taken_port_is_a_sentence(kind: str, taken: int) -> None:
    with pytest.raises(BrokerError, match=f"no broker can listen on 127.0.0.1:{taken}.*choose another port"):
        async with embedded_broker("127.0.0.1", taken):
            pass


async def test_without_any_broker_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_mosquitto", lambda: None)
    monkeypatch.setitem(sys.modules, "amqtt.broker", None)
    with pytest.raises(BrokerError, match="apt-get install mosquitto"):
        async with embedded_broker("127.0.0.1", 0):
            pass
