"""What is done on one connection, from its first message to its loss (design 5.4)."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress

import structlog
from aiomqtt import MqttError

from monitor.channels.commands import Commands
from monitor.channels.homes import Homes
from monitor.channels.link import NONE, Link, Properties5, Refused
from monitor.channels.retained import Retained
from monitor.ports import Clock
from monitor.wire.messages import body
from monitor.wire.topics import Publications, availability_topic, heartbeat_topic

log = structlog.get_logger(__name__)

WINDOW = 10
"""Retained messages on their way at once; half of paho's window, so that an event never waits behind them."""

STOP_SECONDS = 2.0
GHOST_SILENCE_SECONDS = 0.5
"""When no retained message has come for so long, the broker has sent what it holds."""

OURS = ("account", "portfolio")
"""The branches below the root where our retained topics lie; another daemon's root may lie beside them."""


class Presence:
    """What outlives a connection: what is to be held by the broker, and how often we have given a sign of life."""

    def __init__(self, homes: Homes, between_devices: float) -> None:
        self.homes = homes
        self.retained = Retained(between_devices)
        self.has_shown = False
        self.beats = 0
        self.changed = asyncio.Event()

    def show(self, publications: Publications) -> None:
        """Have the broker hold *publications* and nothing else of ours."""
        self.retained.show(publications)
        self.has_shown = True
        self.changed.set()

    def found(self, topic: str, payload: bytes) -> None:
        """Note what the broker holds, unless it is somebody else's. Only of devices it matters what it says."""
        if not self.homes.is_foreign(topic, payload):
            self.retained.found(topic, payload if self.homes.is_device(topic) else None)
            self.changed.set()

    def renew(self) -> None:
        """Have everything sent again."""
        self.retained.forget_what_is_held()
        self.changed.set()


class Session:
    """One connection at work. ``refusals``: what the broker threw away, by topic, and why."""

    def __init__(
        self, link: Link, root: str, presence: Presence, clock: Clock, heartbeat_seconds: float, commands: Commands | None = None
    ) -> None:
        self._link = link
        self._root = root
        self._presence = presence
        self._clock = clock
        self._heartbeat_seconds = heartbeat_seconds
        self._commands = commands
        self._orders: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._ready = asyncio.Event()
        self._heard = asyncio.Event()
        self.refusals: dict[str, str] = {}

    @property
    def is_ready(self) -> bool:
        """Whether the first state is out, so that events may follow."""
        return self._ready.is_set()

    async def serve(self, when_ready: Callable[[], None]) -> None:
        """Do everything until the connection is lost; when cancelled, say that we go."""
        try:
            await self._work(when_ready)
        except asyncio.CancelledError:
            await self._say_goodbye()
            raise

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, properties: Properties5 = NONE) -> bool:
        """Publish and return once it is acknowledged; False: the broker has thrown it away.

        Raises:
            MqttError: it is not known to have arrived.

        """
        try:
            await self._link.send(topic, payload, retain=retain, properties=properties)
        except Refused as refusal:
            if topic not in self.refusals:
                log.warning("the broker throws away what we publish", topic=topic, reason=str(refusal))
            self.refusals[topic] = str(refusal)
            return False
        self.refusals.pop(topic, None)
        return True

    async def _work(self, when_ready: Callable[[], None]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(), name="mqtt-listen")
                group.create_task(self._keep_shown(when_ready), name="mqtt-state")
                group.create_task(self._beat(), name="mqtt-heartbeat")
                group.create_task(self._search_ghosts(), name="mqtt-ghosts")
                group.create_task(self._take_commands(), name="mqtt-commands")
                group.create_task(self._renew_at_birth(), name="mqtt-birth")
        except* MqttError as errors:
            log.debug("the connection has ended", errors=[str(error) for error in errors.exceptions])

    async def _listen(self) -> None:
        """Note what the broker holds of ours, what we are told to do, and that Home Assistant has come up.

        Ends with the connection. A command that was retained is nobody's wish of now.
        """
        async for message in self._link.messages:
            topic, payload = str(message.topic), bytes(message.payload or b"")
            if not message.retain:
                self._presence.homes.hear(topic, payload)
                if self._commands:
                    self._orders.put_nowait((topic, payload))
            elif payload:
                self._presence.found(topic, payload)
                self._heard.set()

    async def _take_commands(self) -> None:
        if self._commands is None:
            return
        await self._ready.wait()
        for topic in self._commands.topics:
            await self._link.subscribe(topic, qos=1)
        async with asyncio.TaskGroup() as group:
            while True:
                topic, payload = await self._orders.get()
                group.create_task(self._obey(self._commands, topic, payload), name="mqtt-command")

    async def _obey(self, commands: Commands, topic: str, payload: bytes) -> None:
        if answer := await commands.answer(topic, payload):
            await self.publish(*answer)

    async def _keep_shown(self, when_ready: Callable[[], None]) -> None:
        self._presence.retained.forget_what_is_held()
        while not self._presence.has_shown:
            await self._until_changed(None)
        await self._send_due()
        await self.publish(availability_topic(self._root), b"online", retain=True)
        self._ready.set()
        when_ready()
        while True:
            await self._until_changed(self._presence.retained.seconds_until_due(self._clock.monotonic()))
            await self._send_due()

    async def _until_changed(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._presence.changed.wait()
        self._presence.changed.clear()

    async def _send_due(self) -> None:
        due = iter(self._presence.retained.due(self._clock.monotonic()))
        await asyncio.gather(*(self._send_each(due) for _ in range(WINDOW)))

    async def _send_each(self, topics: Iterator[str]) -> None:
        for topic in topics:
            await self._send(topic)

    async def _send(self, topic: str) -> None:
        publication = self._presence.retained.sending(topic)
        payload = (publication.payload if publication else None) or b""
        expiry = publication.expiry if publication else None
        properties = NONE if expiry is None else {"MessageExpiryInterval": max(round(expiry.total_seconds()), 1)}
        await self.publish(topic, payload, retain=True, properties=properties)
        self._presence.retained.sent(topic, publication, self._clock.monotonic())

    async def _beat(self) -> None:
        await self._ready.wait()
        while True:
            self._presence.beats += 1
            beat = body({"seq": self._presence.beats, "at": self._clock.wall().isoformat()})
            await self.publish(heartbeat_topic(self._root), beat)
            await self._clock.sleep(self._heartbeat_seconds)

    async def _search_ghosts(self) -> None:
        """Once per run, let the broker say what it holds of ours, so that what no longer exists is erased."""
        await self._ready.wait()
        if self._presence.retained.knows_devices:
            return
        topics = [*(f"{self._root}/{branch}/#" for branch in OURS), *self._presence.homes.device_topics]
        for topic in topics:
            await self._link.subscribe(topic, qos=1)
        await self._until_nothing_is_heard()
        await self._link.unsubscribe(topics)
        self._presence.retained.knows_devices = True
        self._presence.changed.set()

    async def _renew_at_birth(self) -> None:
        """Send everything again each time that Home Assistant has come up, for it may have missed or forgotten some."""
        homes = self._presence.homes
        if homes.status_topic is None:
            return
        await self._ready.wait()
        await self._link.subscribe(homes.status_topic, qos=1)
        while True:
            await homes.born.wait()
            await self._clock.sleep(homes.pause())
            homes.born.clear()
            self._presence.renew()

    async def _until_nothing_is_heard(self) -> None:
        with suppress(TimeoutError):
            while True:
                self._heard.clear()
                async with asyncio.timeout(GHOST_SILENCE_SECONDS):
                    await self._heard.wait()

    async def _say_goodbye(self) -> None:
        self._link.timeout = STOP_SECONDS / 2
        with suppress(MqttError):
            for topic in (availability_topic(self._root), *self._presence.retained.availabilities):
                await self._link.send(topic, b"offline", retain=True)
