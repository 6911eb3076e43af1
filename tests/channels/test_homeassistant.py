"""Devices at a real mosquitto: they come, are renewed when Home Assistant is born, and go."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from monitor.wire.homeassistant import Home, account_device
from monitor.wire.messages import Stamp
from monitor.wire.topics import Publications
from tests.build import NOON, account, long, pool
from tests.channels.brokers import HOST, Listener, Mosquitto, listening, mosquitto
from tests.channels.fakes import RealClock, until
from tests.channels.test_mqtt import STATE, running
from tests.wire.test_topics import picture

PREFIX = "hass"
TOPIC, STATUS = f"{PREFIX}/device/im_main/config", f"{PREFIX}/status"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path) as running:
        yield running


def shown(*coins: str, root: str = "im", prefix: str = PREFIX) -> Publications:
    held = account(*(pool(1, long(50_000, 50_000), coin=coin) for coin in coins))
    return {**STATE, **account_device(Home(prefix=prefix, root=root), picture(is_up=True, held=held), (), Stamp(NOON))}


@asynccontextmanager
async def daemon(port: int, publications: Publications, *, has_devices: bool = True) -> AsyncIterator[Mqtt]:
    settings = MqttSettings(host=HOST, port=port, root="im", prefix=PREFIX, has_devices=has_devices)
    async with running(Mqtt(settings, RealClock(), between_devices=0.2)) as mqtt:
        mqtt.show(publications)
        await until(lambda: mqtt.fault is None)
        yield mqtt


async def hold(port: int, payloads: Publications) -> None:
    async with aiomqtt.Client(HOST, port) as earlier:
        for topic, publication in payloads.items():
            await earlier.publish(topic, publication.payload, qos=1, retain=True)


def coins(payload: bytes) -> dict[str, bool]:
    """By coin, whether its distance is there or taken leave of."""
    found = json.loads(payload)["components"]
    return {name.split("_")[1]: "name" in each for name, each in found.items() if name.endswith("_distance")}


async def two_heartbeats(listener: Listener) -> None:
    """Wait for longer than it takes to send everything again."""
    so_far = len(listener.on("im/heartbeat"))
    await until(lambda: len(listener.on("im/heartbeat")) > so_far + 1)


async def test_a_device_comes_and_loses_a_pool_by_name(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener, daemon(broker.port, shown("BTC", "ETH")) as mqtt:
        await until(lambda: TOPIC in listener.held)
        mqtt.show(shown("BTC"))
        await until(lambda: len(listener.on(TOPIC)) == 3)
        assert [coins(payload) for payload in listener.on(TOPIC)] == [
            {"BTC": True, "ETH": True},
            {"BTC": True, "ETH": False},
            {"BTC": True},
        ]
        mqtt.show(STATE)
        await until(lambda: TOPIC not in listener.held)
        assert "im/account/main/problem" not in listener.held


async def test_a_pool_that_went_while_the_daemon_was_down_is_taken_leave_of(broker: Mosquitto) -> None:
    await hold(broker.port, shown("BTC", "ETH"))
    async with listening(broker.port) as listener, daemon(broker.port, shown("BTC")):
        await until(lambda: len(listener.on(TOPIC)) == 3)
        assert [coins(payload) for payload in listener.on(TOPIC)[1:]] == [{"BTC": True, "ETH": False}, {"BTC": True}]


async def test_devices_of_an_earlier_run_are_erased_when_they_are_gone_or_off_and_nothing_of_others(broker: Mosquitto) -> None:
    others = {
        topic.replace("im_main", name): publication
        for name, root in (("im2_main", "im2"), ("im_x_main", "im_x"))
        for topic, publication in shown("BTC", root=root).items()
        if topic == TOPIC or publication.is_device
    }
    foreign = b'{"device":{"name":"inverse-monitor"},"origin":{"name":"zigbee2mqtt"},"components":{}}'
    ghosts = {TOPIC.replace("main", "gone"): shown("BTC")[TOPIC]}
    usual = {topic: p for topic, p in shown("BTC", prefix="homeassistant").items() if p.is_device}
    await hold(broker.port, {**others, **ghosts, **usual})
    async with aiomqtt.Client(HOST, broker.port) as other:
        await other.publish(f"{PREFIX}/device/lamp/config", foreign, qos=1, retain=True)
    async with listening(broker.port) as listener:
        async with daemon(broker.port, shown("BTC")):
            await until(lambda: TOPIC in listener.held and not listener.held.keys() & {*ghosts, *usual})
        async with daemon(broker.port, STATE, has_devices=False):
            await until(lambda: TOPIC not in listener.held)
        assert {topic for topic in listener.held if "/device/" in topic} == {f"{PREFIX}/device/lamp/config", *others}


async def test_everything_is_sent_again_when_home_assistant_is_born(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener, daemon(broker.port, shown("BTC")):
        await until(lambda: TOPIC in listener.held)
        async with aiomqtt.Client(HOST, broker.port) as hass:
            await hass.publish(STATUS, "offline", qos=1)
            await hass.publish(STATUS, "online", qos=1)
        await until(lambda: len(listener.on(TOPIC)) == 2 and len(listener.on("im/account/main/state")) == 2)
        assert len(set(listener.on(TOPIC))) == 1


async def test_that_it_was_born_long_ago_is_no_news(broker: Mosquitto) -> None:
    async with aiomqtt.Client(HOST, broker.port) as hass:
        await hass.publish(STATUS, "online", qos=1, retain=True)
    async with listening(broker.port) as listener, daemon(broker.port, shown("BTC")):
        await until(lambda: TOPIC in listener.held)
        await two_heartbeats(listener)
        assert len(listener.on(TOPIC)) == 1


async def test_where_it_is_off_there_are_no_devices_and_a_birth_changes_nothing(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener, daemon(broker.port, STATE, has_devices=False):
        async with aiomqtt.Client(HOST, broker.port) as hass:
            await hass.publish(STATUS, "online", qos=1)
        await two_heartbeats(listener)
        assert len(listener.on("im/account/main/state")) == 1
        assert not [topic for topic in listener.held if "/device/" in topic]
