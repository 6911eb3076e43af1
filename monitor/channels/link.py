"""One connection to the broker: aiomqtt's, with what it leaves out.

aiomqtt waits for an acknowledgement but does not look at it, lets a publish wait although the connection is gone, and leaves
the socket of a broker that hangs open. Its connection and its reading are used as they are.

Source: aiomqtt 2.5.1, ``aiomqtt/client.py``: ``_on_publish``, ``publish``, ``__aenter__``, ``__aexit__``; seen 2026-11.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, ConnectFlags, DisconnectFlags
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from monitor.wire.topics import availability_topic

KEEPALIVE_SECONDS = 15
TIMEOUT_SECONDS = 5.0
SESSION_SECONDS = 60
WILL_DELAY_SECONDS = 10
"""A restart within so long is not shown as offline (MQTT 5)."""

MOST_UNREAD = 1000
WITHOUT_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Messages are small and each waits for its acknowledgement: do not hold them back to fill a packet."""

TAKEN_OVER, UNSPECIFIED = 0x8E, 0x80
"""Source: MQTT 5.0, 3.14.2.1, "Session taken over"; and what paho 2 says where the broker has closed without a word."""

Properties5 = Mapping[str, object]
"""Properties of MQTT 5 by their names; a broker that speaks 3.1.1 is not told them."""
NONE: Properties5 = {}

HOME_ASSISTANT = "homeassistant"
"""Where Home Assistant listens for devices unless it is told otherwise."""

T = TypeVar("T")

V5 = aiomqtt.ProtocolVersion.V5
V311 = aiomqtt.ProtocolVersion.V311


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttTls:
    """Files in PEM format. ``ca`` None: the system's certificates are trusted; ``cert`` and ``key`` None: we show none."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """Where the broker is and who we are there. ``root``: where all topics begin, and the client id. ``tls`` None: without.

    ``is_old``: the broker is known to speak 3.1.1 only; False: that is found out, which takes 5 s with some.
    ``prefix``: where Home Assistant listens for devices; ``has_devices``: whether we announce any.
    """

    host: str
    port: int = 1883
    root: str = "inverse-monitor"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: MqttTls | None = None
    is_old: bool = False
    prefix: str = HOME_ASSISTANT
    has_devices: bool = False


class Refused(aiomqtt.MqttError):
    """The broker took a message and threw it away; the message is its reason, such as ``Not authorized``."""


class NoAnswer(aiomqtt.MqttError):
    """Something listens there but does not answer as a broker of the version that we tried."""


@asynccontextmanager
async def connected(settings: MqttSettings, version: aiomqtt.ProtocolVersion) -> AsyncIterator["Link"]:
    """Be connected inside the block.

    Raises:
        MqttError: the broker cannot be reached or refuses.

    """
    link = Link(settings, version)
    try:
        await link.enter()
        yield link
    finally:
        await link.close()


class Link(aiomqtt.Client):
    """A connection; it ends with the first failure and is never used again, since paho would send old messages anew."""

    def __init__(self, settings: MqttSettings, version: aiomqtt.ProtocolVersion) -> None:
        super().__init__(
            settings.host,
            settings.port,
            identifier=settings.root,
            username=settings.username,
            password=settings.password,
            protocol=version,
            will=_will(settings.root, version),
            keepalive=KEEPALIVE_SECONDS,
            timeout=TIMEOUT_SECONDS,
            clean_start=False if version is V5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=_properties(PacketTypes.CONNECT, {"SessionExpiryInterval": SESSION_SECONDS}) if version is V5 else None,
            max_queued_incoming_messages=MOST_UNREAD,
            tls_params=_tls(settings.tls),
            socket_options=WITHOUT_DELAY,
            logger=_quiet_logger(),
        )
        self.version = version
        self.is_taken_over = False
        self.had_session = False
        self.has_given_up = False
        self.has_provoked = False
        self._has_reached = False
        self._lost: aiomqtt.MqttError | None = None
        self._acknowledgements: dict[int, asyncio.Future[None]] = {}

    async def send(self, topic: str, payload: bytes, *, retain: bool, properties: Properties5 = NONE) -> None:
        """Publish with QoS 1 and return when the broker has accepted it. *properties* are those of MQTT 5.

        Raises:
            Refused: the broker has thrown it away.
            MqttError: it is not known to have arrived.

        """
        packed = _properties(PacketTypes.PUBLISH, properties) if self.version is V5 else None
        info = self._client.publish(topic, payload, 1, retain, packed)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttCodeError(info.rc, "Could not publish message")
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._acknowledgements[info.mid] = acknowledged
        try:
            await self._wait_for(acknowledged, timeout=None)
        finally:
            self._acknowledgements.pop(info.mid, None)

    def give_up(self, why: aiomqtt.MqttError) -> None:
        """End the connection: the broker does not answer any more."""
        if not self._disconnected.done():
            self.has_given_up = True
            self._disconnected.set_exception(why)

    async def enter(self) -> None:
        """Connect. A connection that was lost in the moment in which it was made, which aiomqtt forgets, ends at once.

        Raises:
            NoAnswer, MqttError: it cannot be done.

        """
        try:
            await self.__aenter__()
        except MqttConnectError:
            raise
        except aiomqtt.MqttError:
            if self._has_reached:
                raise NoAnswer from None
            raise
        if self._lost and not self._disconnected.done():
            self._disconnected.set_exception(self._lost)

    async def close(self) -> None:
        """Take leave if the broker still listens, and let the socket go."""
        if self._connected.done() and not self._connected.cancelled() and self._connected.exception() is None:
            with suppress(aiomqtt.MqttError):
                await self.__aexit__(None, None, None)
        self._client._sock_close()  # noqa: SLF001 - paho has no other way to leave a broker that hangs
        self._lose_all(aiomqtt.MqttError("Disconnected"))
        if self._disconnected.done():
            self._disconnected.exception()  # it has been seen, whichever task came first

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - aiomqtt's signature
        """Wait without ``wait_for``, which before Python 3.12 loses a cancellation that comes together with the result.

        A task group passes a cancellation on only once: a stop of the daemon would wait for ever for what lost it.

        Source: CPython issue 86296.
        """
        try:
            async with asyncio.timeout(self.timeout if timeout is None else timeout):
                return await fut
        except TimeoutError:
            raise aiomqtt.MqttError("Operation timed out") from None

    def _on_socket_open(self, client: Paho, userdata: Any, sock: Any) -> None:  # noqa: ANN401 - aiomqtt's signature
        """Note in the thread that connects, before anything is sent, that somebody is there."""
        self._has_reached = True
        super()._on_socket_open(client, userdata, sock)

    def _on_connect(
        self,
        client: Paho,
        userdata: Any,  # noqa: ANN401 - aiomqtt's signature
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.had_session = flags.session_present
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(self, client: Paho, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties) -> None:  # noqa: ANN401, ARG002 - aiomqtt's signature
        self._ask_for_the_next_at_once()
        acknowledged = self._acknowledgements.get(mid)
        if acknowledged is None or acknowledged.done():
            return
        if reason_code.is_failure:
            acknowledged.set_exception(Refused(str(reason_code)))
        else:
            acknowledged.set_result(None)

    def _ask_for_the_next_at_once(self) -> None:
        """Acknowledge at TCP's level now: a broker without TCP_NODELAY holds its next small packet back until then (40 ms).

        Source: tcp(7), TCP_QUICKACK, which Linux alone has and forgets; mosquitto 2.0.11 as Debian sets it up, seen 2026-11.
        """
        connection: Any = self._client.socket()  # paho's type has no setsockopt, and a WebSocket has none
        if hasattr(connection, "setsockopt") and hasattr(socket, "TCP_QUICKACK"):
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _on_disconnect(
        self,
        client: Paho,
        userdata: Any,  # noqa: ANN401 - aiomqtt's signature
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.is_taken_over = self.is_taken_over or reason_code.value == TAKEN_OVER
        is_waiting = bool(self._acknowledgements or self._pending_subscribes)
        self.has_provoked = is_waiting or reason_code.value not in (TAKEN_OVER, UNSPECIFIED)
        self._lost = aiomqtt.MqttCodeError(reason_code, "Disconnected")
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        self._lose_all(self._lost)
        if self._has_reached and not self._connected.done():
            self._connected.set_exception(self._lost)  # closed without an answer: there is nothing to wait for

    def _lose_all(self, why: aiomqtt.MqttError) -> None:
        for acknowledged in self._acknowledgements.values():
            if not acknowledged.done():
                acknowledged.set_exception(why)


def _will(root: str, version: aiomqtt.ProtocolVersion) -> aiomqtt.Will:
    delay = _properties(PacketTypes.WILLMESSAGE, {"WillDelayInterval": WILL_DELAY_SECONDS}) if version is V5 else None
    return aiomqtt.Will(availability_topic(root), b"offline", qos=1, retain=True, properties=delay)


def _properties(packet: int, values: Properties5) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # - paho leaves its constructor without types
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def _tls(tls: MqttTls | None) -> aiomqtt.TLSParameters | None:
    if tls is None:
        return None
    ca, cert, key = (None if file is None else str(file) for file in (tls.ca, tls.cert, tls.key))
    return aiomqtt.TLSParameters(ca_certs=ca, certfile=cert, keyfile=key)


def _quiet_logger() -> logging.Logger:
    """Return a logger that says nothing: what goes wrong is told once, in our words."""
    logger = logging.getLogger("monitor.channels.mqtt.library")
    logger.setLevel(logging.CRITICAL)
    return logger
