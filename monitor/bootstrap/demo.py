"""The demo: the real daemon on simulated venues and a broker of its own, with nothing to configure."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from monitor import config as configuration
from monitor.bootstrap.monitor import Monitor
from monitor.bootstrap.plain import plain
from monitor.bootstrap.program import Program, program
from monitor.config.settings import Config
from monitor.core.alerts.alert import Event
from monitor.demo.broker import embedded_broker
from monitor.demo.exchange import DemoAccount, SimulatedExchanges
from monitor.demo.past import past
from monitor.demo.story import ALERTS, HOLDINGS, lines
from monitor.ports import VenueError
from monitor.venues import GONE, TABLE
from monitor.watch import Watch

log = structlog.get_logger(__name__)

POLL_INTERVAL = timedelta(seconds=2)
BROKER_VARIABLE = "INVERSE_MONITOR_MQTT__HOST"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen. ``last``: seconds from ready until it ends by itself; None: until it is stopped."""

    last: float | None
    seed: int
    speed: float
    http: str
    mqtt_port: int


async def show(options: Options, environ: Mapping[str, str], say: Say) -> None:
    """Run the demo and say where to look and what happens.

    Raises:
        ConfigError, AlreadyRunning, CannotStart, CannotListen, BrokerError: it cannot be run; the message says what to do.

    """
    with tempfile.TemporaryDirectory(prefix="inverse-monitor-demo-") as folder:
        async with SimulatedExchanges(seed=options.seed) as exchanges, _broker(options, environ) as broker:
            config = _config(options, environ, exchanges.accounts, broker, Path(folder) / "state.db")
            prelude = partial(_live_through_the_past, options.seed)
            async with program(config, speed=options.speed, is_old_broker=broker.is_old, prelude=prelude) as running:
                _introduce(config, running, exchanges.accounts, broker, say)
                stage = _Stage(exchanges, running.monitor, options, say)
                await running.run(environ.get("NOTIFY_SOCKET"), until=stage.play())


async def _live_through_the_past(seed: int, watch: Watch) -> None:
    """Give the monitor the hour that it would have seen; an account that does not answer begins without."""
    for name, ward in watch.wards.items():
        try:
            account = await ward.look()
        except VenueError as error:
            log.warning("the demo begins without a past", account=name, reason=error.message)
        else:
            for ago, seen in past(account, seed):
                watch.recount(name, seen, ago)


class _Stage:
    """Plays the story from the moment at which everything is ready, and tells it."""

    def __init__(self, exchanges: SimulatedExchanges, monitor: Monitor, options: Options, say: Say) -> None:
        self._exchanges, self._monitor, self._options, self._say = exchanges, monitor, options, say
        self._began = 0.0

    async def play(self) -> None:
        await self._monitor.all_tried()
        self._began = time.monotonic()
        self._exchanges.start_story(self._second)
        self._monitor.listen(self._tell)
        self._say("ready: the story begins")
        last = -1.0
        while self._options.last is None or time.monotonic() - self._began < self._options.last:
            now = self._second()
            for line in lines(last, now):
                self._say(line)
            last = now
            await asyncio.sleep(0.2 / self._options.speed)
        self._say(f"the demo ends after {self._options.last:g} s")

    def _second(self) -> float:
        return (time.monotonic() - self._began) * self._options.speed

    def _tell(self, events: tuple[Event, ...]) -> None:
        for event in events:
            alert = event.alert
            who = alert.key.account or "all accounts"
            self._say(f"t+{self._second():.0f} s  >> {who}: {alert.key.rule} {event.type} ({alert.level.word}): {alert.summary}")


@dataclass(frozen=True, slots=True)
class _Broker:
    host: str
    port: int
    words: str
    is_old: bool = False


@asynccontextmanager
async def _broker(options: Options, environ: Mapping[str, str]) -> AsyncIterator[_Broker]:
    """Run a broker for the demo, unless the environment names one."""
    named = next((value for name, value in environ.items() if name.upper() == BROKER_VARIABLE), None)
    if named:
        yield _Broker(named, options.mqtt_port, "named by the environment")
        return
    async with embedded_broker("127.0.0.1", options.mqtt_port) as broker:
        yield _Broker(broker.host, broker.port, f"{broker.kind}, started for the demo", is_old=broker.kind == "amqtt")


def _config(
    options: Options, environ: Mapping[str, str], accounts: tuple[DemoAccount, ...], broker: _Broker, state: Path
) -> Config:
    values = {
        "accounts": {
            account.name: {
                "exchange": account.exchange,
                "api_key": account.api_key,
                "api_secret": account.api_secret,
                "ccxt": account.ccxt,
            }
            for account in accounts
        },
        "poll_interval": POLL_INTERVAL / options.speed,
        "mqtt": {"host": broker.host} | ({"port": broker.port} if broker.port else {}),
        "http": {"listen": options.http, "token": secrets.token_urlsafe(16)},
        "state": {"path": str(state)},
        "holdings": HOLDINGS,
        "alerts": ALERTS,
    }
    return configuration.build("the demo", values, environ, exchanges=tuple(TABLE), gone=GONE)


def _introduce(config: Config, running: Program, accounts: tuple[DemoAccount, ...], broker: _Broker, say: Say) -> None:
    host, port = running.address
    web = f"{'http' if config.http.tls is None else 'https'}://{host}:{port}"
    say("Inverse Monitor: the real daemon on simulated venues.")
    say(f"  page      {web}/")
    say(f"  metrics   {web}/metrics")
    if mqtt := config.mqtt:
        say(f"  broker    mqtt://{mqtt.host}:{mqtt.port} ({broker.words})")
        say(f"            mosquitto_sub -h {mqtt.host} -p {mqtt.port} -v -t '{mqtt.topic_root}/#'")
    say(f"  token     {plain(config.http.token)}  (for POST; made for this run)")
    for account in accounts:
        say(f"  account   {account.name} at {account.exchange}: {account.shows}")
