"""The MQTT channel: connected for ever, over whatever connections that takes (design 5.4)."""

import random
from collections.abc import Callable, Sequence

import structlog
from aiomqtt import MqttError

from monitor.channels.backoff import LONGEST_SECONDS, Backoff
from monitor.channels.commands import Commands
from monitor.channels.complaint import complaint, is_no_answer, is_version_refused
from monitor.channels.homes import Homes
from monitor.channels.link import V5, V311, Link, MqttSettings, connected
from monitor.channels.retained import BETWEEN_DEVICES
from monitor.channels.session import Presence, Session
from monitor.channels.witness import Witness, witness
from monitor.ports import Clock, DeliveryFailed, OutboxRow, TakenOver
from monitor.wire.topics import Publications, event_topic

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 10.0

QUICK_DROP_SECONDS = 60.0
QUICK_DROPS = 3


class Mqtt:
    """The channel ``mqtt``, and the keeper of the retained state.

    Nobody waits for the broker but `deliver`, and that only while a connection stands.
    """

    name = "mqtt"
    patience = 0.0
    longest_pause = LONGEST_SECONDS

    def __init__(
        self,
        settings: MqttSettings,
        clock: Clock,
        *,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        between_devices: float = BETWEEN_DEVICES,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._where = f"{settings.host}:{settings.port}"
        self._clock = clock
        self._heartbeat_seconds = heartbeat_seconds
        self._backoff = Backoff(chance)
        self._version = V311 if settings.is_old else V5
        self._has_been_ready = False
        self._presence = Presence(Homes(settings, chance), between_devices)
        self._commands: Commands | None = None
        self._link: Link | None = None
        self._session: Session | None = None
        self._when_ready: list[Callable[[], None]] = []
        self._quick_drops = 0
        self._fault: str | None = f"MQTT: not yet connected to {self._where}"

    @property
    def is_connected(self) -> bool:
        """Whether the broker has let us in and has not gone since."""
        return self._session is not None

    @property
    def fault(self) -> str | None:
        """Why nothing, or not all, gets through, as a sentence; None: all does."""
        if self._fault or not self._session or not self._session.refusals:
            return self._fault
        topic, reason = next(iter(self._session.refusals.items()))
        return f"MQTT: the broker throws away what we publish on {topic} ({reason}): see the rights of our user"

    def show(self, publications: Publications) -> None:
        """Have the broker hold *publications* and nothing else of ours; the latest call wins."""
        self._presence.show(publications)

    def call_when_ready(self, then: Callable[[], None]) -> None:
        """Call *then* each time that events can be delivered (again)."""
        self._when_ready.append(then)

    def take_commands(self, commands: Commands) -> None:
        """Listen to *commands* on every connection from the next one on."""
        self._commands = commands

    async def deliver(self, rows: Sequence[OutboxRow]) -> bool:
        """Publish events, each by itself, and return when the broker has acknowledged them.

        Raises:
            DeliveryFailed: they are not known to have arrived.

        """
        for row in rows:
            await self._deliver(row)
        return True

    async def run(self) -> None:
        """Be connected for ever.

        Raises:
            TakenOver: another client with our id takes the connection away.

        """
        while True:
            try:
                async with (
                    connected(self._settings, self._version) as link,
                    witness(self._settings.host, self._settings.port, QUICK_DROP_SECONDS if self._quick_drops else 0) as seen,
                ):
                    await self._serve(link, seen)
            except (MqttError, UnicodeError) as error:
                self._quick_drops = 0
                self._set_fault(complaint(error, self._settings.host, self._settings.port))
                self._choose_version(error)
            await self._clock.sleep(self._backoff.seconds())

    async def _deliver(self, row: OutboxRow) -> None:
        link, session = self._link, self._session
        if link is None or session is None or not session.is_ready:
            raise DeliveryFailed(self._fault or f"MQTT: connected to {self._where}, but there is no state to show yet")
        properties = {"ContentType": "application/json", "UserProperty": ("id", row.event_id)}
        try:
            is_taken = await session.publish(event_topic(self._settings.root), row.body, properties=properties)
        except MqttError as error:
            link.give_up(error)
            raise DeliveryFailed(f"MQTT: {self._where} has not acknowledged a message") from None
        if not is_taken:
            raise DeliveryFailed(self.fault or f"MQTT: the broker at {self._where} refused a message")

    async def _serve(self, link: Link, seen: Witness) -> None:
        since = self._clock.monotonic()
        self._link = link
        self._session = Session(link, self._settings.root, self._presence, self._clock, self._heartbeat_seconds, self._commands)
        try:
            await self._session.serve(self._get_ready)
        finally:
            self._link = self._session = None
        more = " (it had something of ours to take: if that goes on, see its limits and the rights of our user)"
        self._set_fault(f"MQTT: the connection to {self._where} was lost, connecting again{more if link.has_provoked else ''}")
        await self._look_for_a_rival(link, seen, self._clock.monotonic() - since)

    def _get_ready(self) -> None:
        log.info("connected", broker=self._where, protocol=self._version.name)
        self._fault = None
        self._has_been_ready = True
        self._backoff.reset()
        for then in self._when_ready:
            then()

    def _choose_version(self, error: Exception) -> None:
        """Go on with 3.1.1 where the broker does not speak MQTT 5.

        Not every broker says so: amqtt 0.12.1 reads on for ever (seen 2026-11). Where one has never answered, both are tried.
        """
        if is_version_refused(error):
            self._version = V311
        elif is_no_answer(error) and not self._has_been_ready:
            self._version = V311 if self._version is V5 else V5

    async def _look_for_a_rival(self, link: Link, seen: Witness, lasted: float) -> None:
        """Raise TakenOver where another client with our id is at work.

        Under MQTT 5 a broker should say so, but mosquitto 2.0.11 does not (seen 2026-11) and under 3.1.1 none can: then
        three connections in a row that the broker lets in and drops soon mean it. The first arouses suspicion; the others
        must be seen by a witness, whom a broker that is restarted drops too. One that hangs is left by us; one that does not
        like what we send drops us over it.
        """
        is_known = link.version is V311 or link.had_session
        is_quick_drop = lasted < QUICK_DROP_SECONDS and is_known and not (link.has_given_up or link.has_provoked)
        is_singled_out = is_quick_drop and (self._quick_drops == 0 or await seen.saw_the_broker_stay())
        self._quick_drops = self._quick_drops + 1 if is_singled_out else 0
        if link.is_taken_over or self._quick_drops >= QUICK_DROPS:
            raise TakenOver(
                f"another client with the id {self._settings.root!r} has taken our place at {self._where}: "
                "stop it, or give this daemon an mqtt.topic_root of its own"
            )

    def _set_fault(self, fault: str) -> None:
        if fault != self._fault:
            log.warning("no connection, trying again", fault=fault)
        self._fault = fault
