"""The link against a real mosquitto."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest

from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from monitor.ports import DeliveryFailed, TakenOver
from monitor.wire.topics import Publication
from tests.channels.brokers import HOST, Mosquitto, free_port, listening, mosquitto
from tests.channels.build import row
from tests.channels.fakes import RealClock, end, until
from tests.channels.peer import peer
from tests.programs import need

ROOT = "im"
STATE = {
    "im/account/main/state": Publication(b'{"a":1}', timedelta(seconds=60)),
    "im/account/main/availability": Publication(b"online", None),
}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path) as running:
        yield running


def link(port: int, *, root: str = ROOT, username: str | None = None, password: str | None = None, heartbeat: float = 10) -> Mqtt:
    settings = MqttSettings(host=HOST, port=port, root=root, username=username, password=password)
    return Mqtt(settings, RealClock(), heartbeat_seconds=heartbeat)


@asynccontextmanager
async def running(mqtt: Mqtt) -> AsyncIterator[Mqtt]:
    task = asyncio.create_task(mqtt.run())
    try:
        yield mqtt
    finally:
        await end(task)
        with suppress(asyncio.CancelledError, TakenOver):
            await task


@asynccontextmanager
async def ready(port: int, heartbeat: float = 10) -> AsyncIterator[Mqtt]:
    async with running(link(port, heartbeat=heartbeat)) as mqtt:
        mqtt.show(STATE)
        await until(lambda: mqtt.fault is None)
        yield mqtt


async def test_online_is_said_after_the_first_state_and_offline_at_a_clean_stop(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener:
        async with running(link(broker.port)) as mqtt:
            await until(lambda: mqtt.is_connected)
            assert mqtt.fault is not None
            assert listener.heard == []
            mqtt.show(STATE)
            await until(lambda: "im/availability" in listener.held)
            topics = [str(message.topic) for message in listener.heard]
            assert topics[:2] == list(STATE)
            assert topics[2] == "im/availability"
            assert mqtt.fault is None
        await until(lambda: listener.held["im/availability"] == b"offline")
    async with listening(broker.port) as later:
        gone = dict.fromkeys(("im/availability", "im/account/main/availability"), b"offline")
        await until(lambda: later.held == {"im/account/main/state": b'{"a":1}'} | gone)


async def test_only_changes_are_sent_and_what_is_gone_is_erased(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener, ready(broker.port) as mqtt:
        mqtt.show({**STATE, "im/account/main/position/p": Publication(b"1", None)})
        await until(lambda: "im/account/main/position/p" in listener.held)
        mqtt.show(STATE)
        await until(lambda: "im/account/main/position/p" not in listener.held)
        assert listener.on("im/account/main/state") == [b'{"a":1}']


async def test_retained_state_carries_its_expiry_and_is_sent_again_before_it_ends(broker: Mosquitto) -> None:
    topic = "im/account/main/state"
    async with listening(broker.port) as listener, ready(broker.port) as mqtt:
        mqtt.show({topic: Publication(b"x", timedelta(seconds=1))})
        await until(lambda: listener.on(topic).count(b"x") >= 3)
    await asyncio.sleep(1.5)
    async with listening(broker.port) as later:
        await until(lambda: "im/availability" in later.held)
        assert topic not in later.held


async def test_ghosts_of_an_earlier_run_are_erased_and_nothing_of_others(broker: Mosquitto) -> None:
    others = {"im/other/account/x/state": b"1", "imx/account/y/state": b"1", "im2/availability": b"online"}
    ghosts = {f"im/account/gone/position/p{number}": b"1" for number in range(300)} | {"im/portfolio/alert/silo/BTC": b"1"}
    async with aiomqtt.Client(HOST, broker.port) as earlier:
        for topic, payload in (others | ghosts).items():
            await earlier.publish(topic, payload, qos=1, retain=True)
    async with listening(broker.port) as listener:
        await until(lambda: (ghosts | others).items() <= listener.held.items())
        async with ready(broker.port):
            await until(lambda: not listener.held.keys() & ghosts.keys())
        assert others.items() <= listener.held.items()
        assert listener.held["im/account/main/state"] == b'{"a":1}'


async def test_an_event_is_delivered_once_acknowledged_with_its_id_and_not_retained(broker: Mosquitto) -> None:
    messages = []
    async with aiomqtt.Client(HOST, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client, ready(broker.port) as mqtt:
        await client.subscribe("im/event/alert", qos=1)
        await mqtt.deliver([row(event_id="e-1", body=b'{"id":"e-1"}')])
        messages.append(await anext(client.messages))
    (message,) = messages
    assert (message.payload, message.qos, message.retain) == (b'{"id":"e-1"}', 1, False)
    assert message.properties
    properties = message.properties.json()  # type: ignore[no-untyped-call]  # - paho leaves it without types
    assert properties == {"ContentType": "application/json", "UserProperty": [("id", "e-1")]}


async def test_the_heartbeat_counts(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener, ready(broker.port, heartbeat=0.2):
        await until(lambda: len(listener.on("im/heartbeat")) >= 3)
        beats = [json.loads(payload) for payload in listener.on("im/heartbeat")]
        assert [beat["seq"] for beat in beats[:3]] == [1, 2, 3]
        assert beats[0]["at"] < beats[1]["at"]


async def test_after_a_broker_without_memory_comes_back_all_state_is_there_again(broker: Mosquitto) -> None:
    async with ready(broker.port) as mqtt:
        calls = []
        mqtt.call_when_ready(lambda: calls.append(1))
        await broker.kill()
        await until(lambda: not mqtt.is_connected)
        with pytest.raises(DeliveryFailed):
            await mqtt.deliver([row()])
        await until(lambda: "nothing listens" in str(mqtt.fault))
        await broker.start()
        await until(lambda: calls)
        async with listening(broker.port) as listener:
            await until(lambda: len(listener.held) == 3)
        await mqtt.deliver([row()])


async def test_a_broker_that_is_not_there_is_a_sentence_and_nothing_else() -> None:
    port = free_port()
    async with running(link(port, username="u", password="a-secret")) as mqtt:
        await until(lambda: "nothing listens" in str(mqtt.fault))
        assert mqtt.fault == f"MQTT: nothing listens at {HOST}:{port}: start the broker, or see mqtt.host and mqtt.port"
        assert not mqtt.is_connected
        with pytest.raises(DeliveryFailed, match="nothing listens"):
            await mqtt.deliver([row()])
    assert "a-secret" not in repr(MqttSettings(host=HOST, password="a-secret"))


async def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    hashed = await asyncio.create_subprocess_exec(need("mosquitto_passwd"), "-b", "-c", passwords, "u", "right")
    await hashed.wait()
    async with mosquitto(tmp_path, listener="allow_anonymous false\npassword_file {folder}/passwords") as broker:
        async with running(link(broker.port, username="u", password="wrong")) as mqtt:
            await until(lambda: "mqtt.password" in str(mqtt.fault))
            assert "wrong" not in str(mqtt.fault)
        async with running(link(broker.port, username="u", password="right")) as mqtt:
            mqtt.show(STATE)
            await until(lambda: mqtt.fault is None)


async def test_what_the_broker_throws_away_is_not_taken_for_delivered(tmp_path: Path) -> None:
    (tmp_path / "rights").write_text(
        "topic readwrite im/availability\ntopic readwrite im/account/#\ntopic readwrite im/heartbeat\n"
    )
    async with (
        mosquitto(tmp_path, listener="allow_anonymous true\nacl_file {folder}/rights") as broker,
        ready(broker.port) as mqtt,
    ):
        with pytest.raises(DeliveryFailed, match="throws away what we publish on im/event/alert"):
            await mqtt.deliver([row()])
        assert mqtt.is_connected
        assert "see the rights of our user" in str(mqtt.fault)


@pytest.mark.parametrize("is_old", [False, True])
async def test_of_two_daemons_with_one_id_one_ends_and_the_other_goes_on(broker: Mosquitto, is_old: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """mosquitto 2.0.11 does not say that a session was taken over: they drop each other until one has had enough."""
    settings = MqttSettings(host=HOST, port=broker.port, root=ROOT, is_old=is_old)
    first, second = (Mqtt(settings, RealClock()) for _ in range(2))
    tasks = [asyncio.create_task(mqtt.run()) for mqtt in (first, second)]
    first.show(STATE)
    second.show(STATE)
    done, others = await asyncio.wait(tasks, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert len(done) == 1
    with pytest.raises(TakenOver, match=r"another client with the id 'im' .* stop it, or give"):
        await done.pop()
    survivor = first if tasks[0] in others else second
    await until(lambda: survivor.fault is None)
    for task in others:
        await end(task)


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_broker_that_drops_us_for_what_we_send_is_no_rival(tmp_path: Path, is_old: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The daemon must live on: there are phones to be told, and a broker's limit can be raised."""
    async with mosquitto(tmp_path, "max_packet_size 200") as broker:
        mqtt = Mqtt(MqttSettings(host=HOST, port=broker.port, root=ROOT, is_old=is_old), RealClock())
        mqtt.show({"im/account/main/state": Publication(b"1" * 1000, None)})
        task = asyncio.create_task(mqtt.run())
        done, _ = await asyncio.wait((task,), timeout=3)
        assert not done
        assert "if that goes on, see its limits" in str(mqtt.fault)
        await end(task)


async def test_session_taken_over_ends_us_at_once() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(100):
            writer.write(bytes.fromhex("2003000000" + "e0028e00"))
            await writer.drain()

    async with peer(answer) as port:
        with pytest.raises(TakenOver):
            await link(port).run()


async def test_a_peer_that_closes_without_an_answer_is_not_waited_for() -> None:
    async def close(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(100)

    async with peer(close) as port, running(link(port)) as mqtt:
        await until(lambda: "does not answer as an MQTT broker" in str(mqtt.fault), seconds=4)


async def test_an_old_broker_that_refuses_version_5_is_spoken_to_in_its_own() -> None:
    versions = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if said := await reader.read(100):
            versions.append(said[8])
            writer.write(bytes.fromhex("20020001" if versions[-1] == 5 else "20020005"))
            await writer.drain()

    async with peer(answer) as port, running(link(port)) as mqtt:
        await until(lambda: "does not let us in" in str(mqtt.fault))
        assert versions[:2] == [5, 4]


@pytest.mark.prove
async def test_a_frozen_broker_is_noticed_and_its_event_arrives_after_it_thaws(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener, ready(broker.port) as mqtt:
        broker.freeze()
        with pytest.raises(DeliveryFailed, match="has not acknowledged"):
            await mqtt.deliver([row(event_id="e", body=b"e")])
        await until(lambda: "does not answer as an MQTT broker" in str(mqtt.fault))
        broker.thaw()
        await until(lambda: mqtt.fault is None)
        await mqtt.deliver([row(event_id="e", body=b"e")])
        await until(lambda: listener.on("im/event/alert"))


DAEMON = """
import asyncio, sys
from monitor.channels.link import V311
from tests.channels.fakes import end, until
from tests.channels.test_mqtt import STATE, link, running

async def main() -> None:
    mqtt = link(int(sys.argv[1]))
    if sys.argv[2] == "3.1.1":
        mqtt._version = V311
    async with running(mqtt):
        mqtt.show(STATE)
        await until(lambda: mqtt.fault is None)
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def killed_while_online(port: int, version: str) -> None:
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DAEMON, str(port), version, stdout=asyncio.subprocess.PIPE
    )
    assert daemon.stdout
    async with asyncio.timeout(20):
        while await daemon.stdout.readline() != b"ready\n":
            assert daemon.returncode is None
    daemon.kill()
    await daemon.communicate()


async def test_after_kill_9_the_last_will_says_offline(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener:
        await killed_while_online(broker.port, "3.1.1")
        await until(lambda: listener.held["im/availability"] == b"offline")


@pytest.mark.prove
async def test_a_quick_restart_after_kill_9_is_not_shown_as_offline_and_a_lasting_death_is(broker: Mosquitto) -> None:
    async with listening(broker.port) as listener:
        await killed_while_online(broker.port, "5")
        await killed_while_online(broker.port, "5")
        assert set(listener.on("im/availability")) == {b"online"}
        began = asyncio.get_running_loop().time()
        await until(lambda: listener.held["im/availability"] == b"offline", seconds=20)
        print(f"offline {asyncio.get_running_loop().time() - began:.1f} s after the last death")
