"""The running monitor, as far as it adds something to its parts."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

from monitor.bootstrap.monitor import UNTRIED, Monitor, Outlets
from monitor.channels.link import MqttSettings
from monitor.channels.mqtt import Mqtt
from monitor.channels.push import Push, PushSettings
from monitor.channels.taste import Taste
from monitor.clock import SystemClock
from monitor.core.rules.finding import AlertKey, Level
from monitor.store.memory import MemoryStore
from monitor.venues import Venues
from monitor.wire.homeassistant import Home
from tests.channels.brokers import HOST, free_port, listening, mosquitto
from tests.channels.build import alert, told
from tests.channels.fakes import end, until
from tests.test_watch import CALM, Rig, held


async def test_a_channel_for_which_something_waits_since_the_last_run_is_not_said_to_deliver_before_it_has() -> None:
    clock = SystemClock()
    target = PushSettings(name="phone", url=f"json://{HOST}:{free_port()}/", taste=Taste(least=Level.WARNING))
    push, store = Push(target, clock), MemoryStore(("push-phone",))
    monitor = Monitor(Outlets(pushes=[push]), store=store, venues=Venues(clock), clock=clock)
    assert monitor.faults() == {"push-phone": None}
    await store.commit(told(alert(level=Level.EMERGENCY)))
    assert monitor.faults() == {"push-phone": UNTRIED}
    (delivery,) = monitor.deliveries().values()
    task = asyncio.create_task(delivery)
    await until(lambda: "cannot be reached" in str(monitor.faults()))
    await end(task)


async def test_an_account_that_cannot_be_written_is_not_left_looking_healthy(tmp_path: Path) -> None:
    """A figure beyond all floats has no JSON; the last good one must not be held up as that of now."""
    clock, rig = SystemClock(), Rig()
    rig.venues["main"].feed(held(CALM), held(CALM, wallet="1e400"))
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        mqtt = Mqtt(MqttSettings(host=HOST, port=broker.port, root="im"), clock)
        monitor = Monitor(Outlets(mqtt=mqtt, root="im"), store=MemoryStore(("mqtt",)), venues=Venues(clock), clock=clock)
        await rig.cycle()
        monitor.adopt(rig.watch)
        tasks = [asyncio.create_task(monitor.link()), asyncio.create_task(monitor.publish())]
        await until(lambda: listener.held.get("im/account/main/availability") == b"online")
        await rig.cycle()
        monitor.tell("main", ())
        await until(lambda: listener.held["im/account/main/availability"] == b"offline", 3)
        for task in tasks:
            await end(task)


async def test_what_ends_with_an_account_that_is_no_more_is_not_told_as_the_portfolios(tmp_path: Path) -> None:
    clock, store = SystemClock(), MemoryStore(("mqtt",))
    old = AlertKey(account="sold", rule="stale", subject="account")
    await store.commit(told(replace(alert(), key=old)))
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        settings = MqttSettings(host=HOST, port=broker.port, root="im", has_devices=True)
        outlets = Outlets(mqtt=Mqtt(settings, clock), root="im", home=Home(prefix=settings.prefix, root="im"))
        monitor = Monitor(outlets, store=store, venues=Venues(clock), clock=clock)
        rig = Rig(store=store, tell=monitor.tell)
        rig.venues["main"].feed(held(CALM))
        rig.faults = {"push-phone": "the phone cannot be reached"}
        monitor.adopt(rig.watch)
        await rig.watch.recall()
        await rig.cycle()
        for _ in range(3):
            rig.clock.advance(60)
            await rig.watch.tick()
        tasks = [asyncio.create_task(monitor.link()), asyncio.create_task(monitor.publish())]
        await until(lambda: "im/availability" in listener.held)
        assert listener.held["im/account/sold/alert/stale/account"]
        problem = json.loads(listener.held["im/portfolio/problem"])
        assert [each["rule"] for each in problem["alerts"]] == ["delivery"]
        for task in tasks:
            await end(task)
