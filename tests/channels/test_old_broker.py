"""A broker that speaks MQTT 3.1.1 only: amqtt."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from tests.channels.brokers import HOST, free_port, listening
from tests.channels.build import row
from tests.channels.fakes import RealClock, until
from tests.channels.test_mqtt import STATE, running

pytest.importorskip("amqtt.broker", reason="pip install 'inverse-monitor[demo]'")

BROKER = """
import asyncio, sys
from amqtt.broker import Broker

async def main() -> None:
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    await Broker({"listeners": {"default": {"type": "tcp", "bind": sys.argv[1]}}, "plugins": plugins}).start()
    print("ready", flush=True)
    await asyncio.sleep(3600)

asyncio.run(main())
"""


@asynccontextmanager
async def old_broker() -> AsyncIterator[int]:
    """In a process of its own, with its own warnings."""
    port = free_port()
    where = f"{HOST}:{port}"
    broker = await asyncio.create_subprocess_exec(sys.executable, "-c", BROKER, where, stdout=PIPE, stderr=DEVNULL)
    assert broker.stdout
    async with asyncio.timeout(20):
        assert await broker.stdout.readline() == b"ready\n"
    try:
        yield port
    finally:
        broker.kill()
        await broker.communicate()


def link(port: int, *, is_old: bool = True) -> Mqtt:
    return Mqtt(MqttSettings(host=HOST, port=port, root="im", is_old=is_old), RealClock())


@pytest.mark.prove
async def test_that_a_broker_is_old_is_found_out_although_it_does_not_say_so() -> None:
    async with old_broker() as port, running(link(port, is_old=False)) as mqtt:
        mqtt.show(STATE)
        await until(lambda: mqtt.fault is None, seconds=20)


async def test_state_events_and_availability_come_through_in_the_old_protocol() -> None:
    async with old_broker() as port, listening(port) as listener:
        async with running(link(port)) as mqtt:
            mqtt.show(STATE)
            await until(lambda: mqtt.fault is None)
            await mqtt.deliver([row(body=b"event")])
            await until(lambda: listener.held.keys() >= {*STATE, "im/availability", "im/event/alert"})
        await until(lambda: listener.held["im/availability"] == b"offline")
