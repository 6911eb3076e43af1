"""The daemon, put together: store, venues, watch, schedule, guard, channels, web; each a block that ends in order."""

import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.bootstrap.monitor import Monitor
from monitor.bootstrap.plain import http_settings, http_tls, mqtt_settings, outlook, plain, wards
from monitor.channels.commands import Commands
from monitor.channels.mqtt import Mqtt
from monitor.clock import SystemClock
from monitor.config.settings import Config
from monitor.daemon import Guard, Schedule, live
from monitor.store.sqlite import open_store
from monitor.venues import Venues
from monitor.views.serving import serving
from monitor.views.web import application
from monitor.watch import Watch

SWITCH_SECONDS = 0.001
"""A scrape that is rendered in a thread gives way to the event loop after so long; Python's own 5 ms add up to 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A daemon that is up: it polls, serves and delivers as soon as its tasks run. ``address``: where it serves HTTP."""

    monitor: Monitor
    address: tuple[str, int]
    tasks: Mapping[str, Awaitable[None]]

    async def run(self, notify: str | None, until: Awaitable[None] | None = None) -> None:
        """Run until a signal, or the end of *until*. *notify*: ``$NOTIFY_SOCKET``, None where nobody listens."""
        await live(self.tasks, ready=self.monitor.all_tried(), until=until, notify=notify)


@asynccontextmanager
async def program(config: Config, *, speed: float = 1.0, is_old_broker: bool = False) -> AsyncIterator[Program]:
    """Put the daemon of *config* together. *speed* divides holds; *is_old_broker*: it is known to speak MQTT 3.1.1 only.

    Raises:
        AlreadyRunning: another daemon has the state file or the port.
        CannotStart, CannotListen: something is configured that cannot be used.

    """
    sys.setswitchinterval(SWITCH_SECONDS)
    clock = SystemClock()
    channels = ("mqtt",) if config.mqtt else ()
    async with open_store(config.state.path, channels=channels, wall=clock.wall) as store, Venues(clock) as venues:
        mqtt = Mqtt(mqtt_settings(config.mqtt, is_old=is_old_broker), clock) if config.mqtt else None
        root = config.mqtt.topic_root if config.mqtt else ""
        monitor = Monitor(store=store, venues=venues, clock=clock, mqtt=mqtt, root=root)
        seen, way = wards(config, venues, clock), outlook(config, speed)
        watch = Watch(seen, store=store, clock=clock, outlook=way, tell=monitor.tell, faults=monitor.faults)
        monitor.adopt(watch)
        await watch.recall()
        app, listen = application(monitor, http_settings(config)), config.http.listen
        async with serving(app, listen.host, listen.port, http_tls(config)) as address, Schedule(watch) as schedule:
            monitor.open_desk(schedule.restart)
            if mqtt and config.mqtt and config.mqtt.commands.enabled:
                token = plain(config.mqtt.commands.token) or ""
                mqtt.take_commands(Commands(root, token, monitor.command, clock))
            guard = Guard(watch, schedule, clock, monitor.move)
            tasks = {"guard": guard.run(), "link": monitor.link(), "publish": monitor.publish(), "deliver": monitor.deliver()}
            yield Program(monitor=monitor, address=address, tasks=tasks)
