"""The running monitor as everybody sees it: one picture for page, metrics and topics, and whether it lives."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from monitor.channels.delivery import Delivery
from monitor.channels.mqtt import Mqtt
from monitor.channels.push import Push
from monitor.command import Command, Reply
from monitor.core.alerts.alert import Event
from monitor.desk import Desk
from monitor.picture import ChannelPicture, Picture
from monitor.ports import Channel, Clock, Store
from monitor.register import PORTFOLIO
from monitor.venues import Venues
from monitor.watch import Watch
from monitor.wire.homeassistant import Home, account_device, device_topic, portfolio_device
from monitor.wire.messages import Stamp
from monitor.wire.topics import AS_IT_IS, Publications, account_publications, alert_publications, unwritten_publications

log = structlog.get_logger(__name__)

PUBLISH_PAUSE = 0.2
"""Retained state goes out at most so often, in seconds: a thousand accounts are then a few messages each, not one storm."""

SHOWN_SECONDS = 0.5

ALIVE_SECONDS = 15.0
"""The guard moves once a second; a process whose guard has not moved for so long is not alive."""


UNTRIED = "what waits was not sent yet since the start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """Where news go out. ``root``: where topics begin. ``home`` None: no Home Assistant. ``pushes``: phones and chats."""

    mqtt: Mqtt | None = None
    root: str = ""
    home: Home | None = None
    pushes: Sequence[Push] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of the channels that have an outbox."""
        return (*((self.mqtt.name,) if self.mqtt else ()), *(push.name for push in self.pushes))


class Monitor:
    """Implements `views.board.Board`, and carries what `Watch` tells to the channels."""

    def __init__(self, outlets: Outlets, *, store: Store, venues: Venues, clock: Clock) -> None:
        self._store, self._venues, self._clock = store, venues, clock
        self._mqtt, self._root, self._home = outlets.mqtt, outlets.root, outlets.home
        channels: tuple[Channel, ...] = ((outlets.mqtt,) if outlets.mqtt else ()) + tuple(outlets.pushes)
        self._deliveries = {channel.name: Delivery(store, channel, clock) for channel in channels}
        self._watch: Watch | None = None
        self._changed: dict[str, None] = {}
        self._is_changed = asyncio.Event()
        self._all_tried = asyncio.Event()
        self._publications: dict[str, Publications] = {}
        self._moved_at = clock.monotonic()
        self._shown: tuple[float, Picture] | None = None
        self._desk: Desk | None = None
        self._is_beating: Callable[[], bool] = lambda: True
        self._delivered: Mapping[str, int] = {}
        self._listeners: list[Callable[[tuple[Event, ...]], None]] = []

    @property
    def watch(self) -> Watch:
        """Return the watch, which is there from `adopt` on."""
        if self._watch is None:
            raise RuntimeError("the monitor has no watch yet")
        return self._watch

    def adopt(self, watch: Watch) -> None:
        """Take the watch whose news are to be carried out."""
        self._watch = watch
        for name in ("", *watch.wards):
            self.tell(name, ())
        if mqtt := self._mqtt:
            mqtt.call_when_ready(self._deliveries[mqtt.name].wake)

    def open_desk(self, poll: Callable[[str | None], None]) -> None:
        """Take commands from now on. *poll* looks at an account soon, or at all of them."""
        self._desk = Desk(self.watch, store=self._store, clock=self._clock, poll=poll, channels=self.faults)

    async def command(self, command: Command) -> Reply:
        """Carry out a command and return what came of it."""
        if self._desk is None:
            return Reply(is_done=False, text="the monitor is only starting: try again in a moment")
        return await self._desk.take(command)

    def listen(self, listener: Callable[[tuple[Event, ...]], None]) -> None:
        """Call *listener* with all events from now on, once they are committed."""
        self._listeners.append(listener)

    def tell(self, name: str, events: tuple[Event, ...]) -> None:
        """Note that what is known of account *name* has changed; carry the events out."""
        self._changed[name] = None
        self._is_changed.set()
        if events:
            for delivery in self._deliveries.values():
                delivery.wake()
            for listener in self._listeners:
                listener(events)
        if self._watch and all(ward.finished_at for ward in self._watch.wards.values()):
            self._all_tried.set()

    def faults(self) -> Mapping[str, str | None]:
        """Return, by channel, why it does not deliver; None: it does, or there is nothing to deliver."""
        return {channel.name: channel.fault or (UNTRIED if _is_untried(channel) else None) for channel in self._channels()}

    def watch_over(self, is_beating: Callable[[], bool]) -> None:
        """Ask *is_beating* from now on whether the process makes progress."""
        self._is_beating = is_beating

    def move(self) -> None:
        """Note that the process makes progress, where it does."""
        if self._is_beating():
            self._moved_at = self._clock.monotonic()

    def is_well(self) -> bool:
        """Whether every account was just looked at well, and what is decided goes out: through one channel at least."""
        now, channels, before = self._clock.now(), self._channels(), self._delivered
        self._delivered = {channel.name: channel.results["delivered"] for channel in channels}
        goes_out = not channels or any(_moves(channel, before) for channel in channels)
        return goes_out and all(ward.is_current(now) for ward in self.watch.wards.values())

    async def all_tried(self) -> None:
        """Wait until each account was attempted once."""
        await self._all_tried.wait()

    async def publish(self) -> None:
        """Keep the broker's retained state at what is known. Runs for ever."""
        while True:
            await self._is_changed.wait()
            self._is_changed.clear()
            changed, self._changed = self._changed, {}
            for name in changed:
                self._publish(name)
            if self._mqtt and any(ward.attempts for ward in self.watch.wards.values()):
                self._mqtt.show({topic: shown for of in self._publications.values() for topic, shown in of.items()})
            await self._clock.sleep(PUBLISH_PAUSE)

    def deliveries(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        """Return what empties the outbox of each channel, by its name. Each runs for ever, and waits for no other."""
        return {name: delivery.run() for name, delivery in self._deliveries.items()}

    async def link(self) -> None:
        """Be connected to the broker. Runs for ever.

        Raises:
            TakenOver: another daemon has our client id.

        """
        if self._mqtt:
            await self._mqtt.run()

    def picture(self) -> Picture:
        """Return all that is known now, or was half a second ago: many who look at once see the same."""
        now = self._clock.monotonic()
        if self._shown is None or now - self._shown[0] > SHOWN_SECONDS:
            self._shown = (now, self.watch.picture(self._channels(), self._venues.clock_offsets))
        return self._shown[1]

    def is_alive(self) -> bool:
        """Whether the process makes progress."""
        return self._clock.monotonic() - self._moved_at < ALIVE_SECONDS

    def is_ready(self) -> tuple[bool, str]:
        """Whether each account was attempted once and the broker is connected or none configured; and that as a sentence."""
        untried = [ward.name for ward in self.watch.wards.values() if not ward.finished_at]
        if untried:
            return False, f"not attempted yet: {', '.join(untried)}"
        if self._mqtt and not self._mqtt.is_connected:
            return False, self._mqtt.fault or "the broker is not connected"
        return True, "ready"

    def _publish(self, name: str) -> None:
        try:
            self._publications[name] = self._published(name)
        except Exception:  # what cannot be written about one account must not silence the others
            log.exception("bug", account=name)
            device = {device_topic(self._home, name): AS_IT_IS} if self._home else {}
            self._publications[name] = {**unwritten_publications(name, self._root), **device}

    def _published(self, name: str) -> Publications:
        now = self._clock.now()
        stamp = Stamp(now, self._clock.wall() - now)
        account, alerts = self.watch.account(name)
        if account is None:
            longest = max(ward.interval for ward in self.watch.wards.values())
            device = portfolio_device(self._home, alerts, longest, stamp) if self._home and name == PORTFOLIO else {}
            return {**alert_publications(alerts, self._root, longest, stamp), **device}
        device = account_device(self._home, account, alerts, stamp) if self._home else {}
        return {**account_publications(account, alerts, self._root, stamp), **device}

    def _channels(self) -> tuple[ChannelPicture, ...]:
        return tuple(self._channel(name, delivery) for name, delivery in self._deliveries.items())

    def _channel(self, name: str, delivery: Delivery) -> ChannelPicture:
        mqtt = self._mqtt if self._mqtt and self._mqtt.name == name else None
        return ChannelPicture(
            name=name,
            is_connected=mqtt.is_connected if mqtt else delivery.fault is None,
            fault=(mqtt.fault if mqtt else None) or delivery.fault,
            backlog=self._store.backlog(name),
            results=delivery.results,
        )


def _moves(channel: ChannelPicture, before: Mapping[str, int]) -> bool:
    """Whether *channel* has nothing to deliver, or has delivered more than *before*."""
    has_delivered = channel.results["delivered"] > before.get(channel.name, 0)
    return channel.fault is None and (has_delivered or not channel.backlog.pending)


def _is_untried(channel: ChannelPicture) -> bool:
    """Whether something waits and nothing is known yet: an alert of an earlier run is not over by that."""
    return channel.backlog.pending > 0 and not any(channel.results.values())
