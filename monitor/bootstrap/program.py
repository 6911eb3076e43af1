"""The daemon, put together: store, venues, watch, schedule, guard, channels, web; each a block that ends in order."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from monitor.bootstrap.herald import Herald
from monitor.bootstrap.monitor import Monitor, Outlets
from monitor.bootstrap.parts import Parts, made
from monitor.bootstrap.plain import home, http_settings, mqtt_settings, nobody_told, outlook, plain
from monitor.channels.commands import Commands
from monitor.channels.heartbeat import Heartbeat
from monitor.channels.mqtt import Mqtt
from monitor.clock import SystemClock
from monitor.config.settings import Config
from monitor.daemon import Guard, Schedule, live
from monitor.pulse import Pulse
from monitor.store.sqlite import open_store
from monitor.venues import Venues
from monitor.views.serving import serving
from monitor.views.web import application
from monitor.watch import Watch
from monitor.wire.digest import digest

log = structlog.get_logger(__name__)

SWITCH_SECONDS = 0.001
"""A scrape that is rendered in a thread gives way to the event loop after so long; Python's own 5 ms add up to 30."""


Prelude = Callable[[Watch], Awaitable[None]]


async def no_prelude(_: Watch) -> None:
    """Begin at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A daemon that is up: it polls, serves and delivers as soon as its tasks run. ``address``: where it serves HTTP.

    ``heartbeat``: who is to be told if it ends against its will.
    """

    monitor: Monitor
    address: tuple[str, int]
    tasks: Mapping[str, Awaitable[None]]
    heartbeat: Heartbeat | None

    async def run(self, notify: str | None, until: Awaitable[None] | None = None) -> None:
        """Run until a signal, or the end of *until*. *notify*: ``$NOTIFY_SOCKET``, None where nobody listens."""
        try:
            await live(self.tasks, ready=self.monitor.all_tried(), until=until, notify=notify)
        except BaseExceptionGroup:
            if self.heartbeat:
                await self.heartbeat.fail()
            raise


@asynccontextmanager
async def program(
    config: Config,
    *,
    speed: float = 1.0,
    is_old_broker: bool = False,
    notify: str | None = None,
    prelude: Prelude = no_prelude,
) -> AsyncIterator[Program]:
    """Put the daemon of *config* together. *speed* divides holds; *is_old_broker*: it is known to speak MQTT 3.1.1 only.

    *prelude* is awaited before the first poll.

    Raises:
        AlreadyRunning: another daemon has the state file or the port.
        CannotStart, CannotListen: something is configured that cannot be used.

    """
    sys.setswitchinterval(SWITCH_SECONDS)
    clock = SystemClock()
    async with (
        _made(config, clock, is_old_broker=is_old_broker) as (venues, parts, outlets),
        open_store(config.state.path, channels=outlets.channels, wall=clock.wall) as store,
    ):
        monitor, way = Monitor(outlets, store=store, venues=venues, clock=clock), outlook(config, speed)
        watch = Watch(parts.wards, store=store, clock=clock, outlook=way, tell=monitor.tell, faults=monitor.faults)
        monitor.adopt(watch)
        await watch.recall()
        await prelude(watch)
        pulse = Pulse(watch, store, clock, status=lambda: digest(monitor.picture()), notify=notify)
        monitor.watch_over(pulse.is_beating)
        app, listen = application(monitor, http_settings(config)), config.http.listen
        async with serving(app, listen.host, listen.port, parts.tls) as address, Schedule(watch) as schedule:
            monitor.open_desk(schedule.restart)
            _take_commands(config, outlets.mqtt, monitor, clock)
            heartbeat = _heartbeat(config, monitor, clock)
            herald = Herald(watch.register, clock, watch.picture, daily=config.digest, zone=config.zone)
            tasks = {
                "guard": Guard(watch, schedule, clock, monitor.move).run(),
                "link": monitor.link(),
                "publish": monitor.publish(),
                **{f"deliver {name}": running for name, running in monitor.deliveries().items()},
                "herald": _heralded(monitor, herald),
                **({"heartbeat": heartbeat.run()} if heartbeat else {}),
            }
            if silence := nobody_told(config):
                log.warning(silence)
            yield Program(monitor=monitor, address=address, tasks=tasks, heartbeat=heartbeat)


@asynccontextmanager
async def _made(config: Config, clock: SystemClock, *, is_old_broker: bool) -> AsyncIterator[tuple[Venues, Parts, Outlets]]:
    async with Venues(clock) as venues:
        parts = made(config, venues, clock)
        parts.check()
        yield venues, parts, _outlets(config, parts, clock, is_old_broker=is_old_broker)


def _outlets(config: Config, parts: Parts, clock: SystemClock, *, is_old_broker: bool) -> Outlets:
    phones = tuple(parts.pushes.values())
    if config.mqtt is None:
        return Outlets(pushes=phones)
    mqtt = Mqtt(mqtt_settings(config.mqtt, is_old=is_old_broker), clock)
    return Outlets(mqtt=mqtt, root=config.mqtt.topic_root, home=home(config.mqtt), pushes=phones)


def _take_commands(config: Config, mqtt: Mqtt | None, monitor: Monitor, clock: SystemClock) -> None:
    if mqtt and config.mqtt and config.mqtt.commands.enabled:
        token = plain(config.mqtt.commands.token) or ""
        mqtt.take_commands(Commands(config.mqtt.topic_root, token, monitor.command, clock))


def _heartbeat(config: Config, monitor: Monitor, clock: SystemClock) -> Heartbeat | None:
    if config.heartbeat is None:
        return None
    seconds = config.heartbeat.every.total_seconds()
    return Heartbeat(plain(config.heartbeat.url) or "", seconds, clock, monitor.is_well)


async def _heralded(monitor: Monitor, herald: Herald) -> None:
    await monitor.all_tried()
    await herald.run()
