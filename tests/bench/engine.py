"""The daemon without its schedule, so that a benchmark can say when which account is looked at; all else runs as ever."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from monitor import config as configuration
from monitor.bootstrap.monitor import Monitor, Outlets
from monitor.bootstrap.plain import mqtt_settings, outlook, wards
from monitor.channels.mqtt import Mqtt
from monitor.clock import SystemClock
from monitor.store.sqlite import open_store
from monitor.venues import Venues
from monitor.watch import Watch
from tests.channels.fakes import end, until


@asynccontextmanager
async def engine(values: Mapping[str, Any]) -> AsyncIterator[Monitor]:
    """Run what `bootstrap.program` puts together, for the configuration *values*, but for schedule, guard and web."""
    config = configuration.build("the benchmark", values, {})
    clock = SystemClock()
    async with open_store(config.state.path, channels=("mqtt",), wall=clock.wall) as store, Venues(clock) as venues:
        mqtt = Mqtt(mqtt_settings(config.mqtt), clock) if config.mqtt else None
        outlets = Outlets(mqtt=mqtt, root=config.mqtt.topic_root if config.mqtt else "")
        monitor = Monitor(outlets, store=store, venues=venues, clock=clock)
        monitor.adopt(Watch(wards(config, venues, clock), store=store, clock=clock, outlook=outlook(config), tell=monitor.tell))
        tasks = [asyncio.create_task(task) for task in (monitor.link(), monitor.publish(), *monitor.deliveries().values())]
        if mqtt:
            await until(lambda: mqtt.is_connected)
        yield monitor
        for task in tasks:
            await end(task)
