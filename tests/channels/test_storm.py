"""Store, delivery and link together against a broker that is killed and frozen: nothing is lost, order is kept."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.channels.delivery import Delivery
from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from monitor.ports import Store
from monitor.store.sqlite import open_store
from tests.channels.brokers import DURABLE, HOST, Listener, listening, mosquitto
from tests.channels.build import NOON, alert, told
from tests.channels.fakes import RealClock, end, until
from tests.channels.test_mqtt import STATE

TOPIC = "im/event/alert"


@asynccontextmanager
async def daemon(path: Path, port: int, *, is_old: bool = False) -> AsyncIterator[tuple[Store, Delivery]]:
    mqtt, clock = Mqtt(MqttSettings(host=HOST, port=port, root="im", is_old=is_old), RealClock()), RealClock()
    mqtt.show(STATE)
    async with open_store(path, channels=("mqtt",), wall=lambda: NOON) as store:
        delivery = Delivery(store, mqtt, clock)
        mqtt.call_when_ready(delivery.wake)
        tasks = [asyncio.create_task(mqtt.run()), asyncio.create_task(delivery.run())]
        try:
            yield store, delivery
        finally:
            for task in tasks:
                await end(task)


def ids(listener: Listener) -> list[str]:
    return [json.loads(payload)["id"] for payload in listener.on(TOPIC)]


def in_order_of_first_arrival(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


async def test_a_row_is_kept_until_the_broker_has_acknowledged_it(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        daemon(tmp_path / "state.db", broker.port) as (store, delivery),
        listening(broker.port) as listener,
    ):
        await until(lambda: "im/availability" in listener.held)
        broker.freeze()
        await store.commit(told(alert("A"), alert("B")))
        delivery.wake()
        await asyncio.sleep(0.3)
        assert store.backlog("mqtt").pending == 2
        broker.thaw()
        await until(lambda: store.backlog("mqtt").pending == 0)
        await until(lambda: ids(listener) == ["id-A-1", "id-B-1"])
        assert delivery.results == {"delivered": 2, "failed": 0}


async def test_what_was_decided_while_the_broker_was_away_goes_out_at_once_when_it_is_back(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, daemon(tmp_path / "state.db", broker.port) as (store, delivery):
        await broker.kill()
        await store.commit(told(*(alert(f"S{number}") for number in range(5))))
        delivery.wake()
        await until(lambda: delivery.results["failed"])
        await broker.start()
        async with listening(broker.port):
            await until(lambda: store.backlog("mqtt").pending == 0)


async def test_what_a_run_could_not_deliver_the_next_run_does(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        await broker.kill()
        async with daemon(tmp_path / "state.db", broker.port) as (store, _):
            await store.commit(told(alert("A")))
        await broker.start()
        async with listening(broker.port) as listener, daemon(tmp_path / "state.db", broker.port) as (store, _):
            await until(lambda: ids(listener) == ["id-A-1"])


@pytest.mark.prove
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("count", "kills", "is_old"), [(1000, 50, False), (300, 15, True)], ids=["MQTT 5", "MQTT 3.1.1"])
async def test_no_event_is_lost_over_many_broker_kills_and_order_is_kept(
    tmp_path: Path,
    count: int,
    kills: int,
    is_old: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """The broker writes down what it acknowledges, as deploy/mosquitto does; the listener's session outlives it too."""
    async with (
        mosquitto(tmp_path, DURABLE) as broker,
        listening(broker.port, lasting=True) as listener,
        daemon(tmp_path / "state.db", broker.port, is_old=is_old) as (store, delivery),
    ):
        committing = asyncio.create_task(commit_storm(store, delivery, count))
        for number in range(kills):
            await until(lambda wanted=count // kills * (number + 1): len(set(ids(listener))) >= wanted, seconds=30)  # type: ignore[misc]  # - mypy does not infer a default of a lambda
            await broker.kill()
            await asyncio.sleep(0.1)
            await broker.start()
        await committing
        await until(lambda: store.backlog("mqtt").pending == 0, seconds=30)
        wanted = [f"id-S{number % 7}-{number}" for number in range(count)]
        await until(lambda: set(ids(listener)) == set(wanted), seconds=30)
        report(listener, delivery, wanted)
        assert in_order_of_first_arrival(ids(listener)) == wanted


async def commit_storm(store: Store, delivery: Delivery, count: int) -> None:
    for number in range(count):
        await store.commit(told(alert(f"S{number % 7}", number=number)))
        delivery.wake()
        await asyncio.sleep(0.02)


def report(listener: Listener, delivery: Delivery, wanted: Sequence[str]) -> None:
    names = ids(listener)
    lost, twice = len(set(wanted) - set(names)), len(names) - len(set(names))
    print(f"{len(wanted)} events: {lost} lost, {twice} twice, {delivery.results}")


async def test_a_broker_whose_queues_are_full_loses_what_is_for_the_absent_and_nothing_for_those_who_listen(
    tmp_path: Path,
) -> None:
    """It drops that without a word to us: whoever comes back sees the state of each alert, which is retained."""
    async with (
        mosquitto(tmp_path, "max_queued_messages 10") as broker,
        listening(broker.port) as listener,
        daemon(tmp_path / "state.db", broker.port) as (store, delivery),
    ):
        async with listening(broker.port, lasting=True, identifier="absent"):
            pass
        for number in range(100):
            await store.commit(told(alert(f"S{number % 7}", number=number)))
        delivery.wake()
        wanted = [f"id-S{number % 7}-{number}" for number in range(100)]
        await until(lambda: ids(listener) == wanted)
        async with listening(broker.port, lasting=True, identifier="absent") as back:
            await until(lambda: "im/account/main/state" in back.held and ids(back))
            assert len(ids(back)) < 100
            print(f"max_queued_messages 10: 0 of 100 lost for who listens, {100 - len(ids(back))} for who was away")
        assert delivery.results == {"delivered": 100, "failed": 0}


@pytest.mark.prove
async def test_nothing_is_lost_while_a_broker_is_frozen_for_longer_than_we_wait(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        listening(broker.port) as listener,
        daemon(tmp_path / "state.db", broker.port) as (store, delivery),
    ):
        await until(lambda: "im/availability" in listener.held)
        broker.freeze()
        await store.commit(told(*(alert(f"S{number}") for number in range(5))))
        delivery.wake()
        await until(lambda: delivery.results["failed"] >= 2, seconds=20)
        broker.thaw()
        await until(lambda: store.backlog("mqtt").pending == 0, seconds=20)
        wanted = [f"id-S{number}-1" for number in range(5)]
        await until(lambda: set(ids(listener)) == set(wanted))
        report(listener, delivery, wanted)
        assert in_order_of_first_arrival(ids(listener)) == wanted
