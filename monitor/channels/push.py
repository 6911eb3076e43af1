"""The channel to one phone or chat, through Apprise (extra ``push``), which is imported only where a target is configured."""

import asyncio
import logging
import re
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, cast

from monitor.channels.taste import Taste
from monitor.ports import Clock, DeliveryFailed, OutboxRow
from monitor.wire.news import News, read_news
from monitor.wire.push import Message, message

TIMEOUT_SECONDS = 15.0

ANSWER_SECONDS = 12.0
"""A service gets so long to answer. Apprise's own 4 s would send again and again what a slow one has long passed on."""

GIVEN_UP_SECONDS = 120.0
LONGEST_GIVEN_UP_SECONDS = 3600.0
"""A message that is still on its way after so long is given up, and sent again; each time in a row twice as long, for the
thread that carries it cannot be ended and stays."""

SPEAKERS = ("apprise", "urllib3", "requests")
"""Loggers that speak of addresses, and a token is part of many."""


_STATUS = re.compile(r"(?:\berror=|\()([1-5]\d\d)\b(?!\.\d)")
"""How Apprise's services say an HTTP status: ``error=500.`` or ``(401) Unauthorized.``"""


class UnusableTarget(Exception):  # noqa: N818 - it names what it is about
    """A target cannot be told anything. The message is a sentence without its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """One target. ``url``: as Apprise has it."""

    name: str
    url: str = field(repr=False)
    taste: Taste


class Service(Protocol):
    """What Apprise makes of an address."""

    service_name: str
    socket_read_timeout: float

    def notify(self, *, body: str, title: str, notify_type: str, body_format: str) -> bool:
        """Send, and return whether the service has accepted it; this blocks."""


class Push:
    """The channel ``push-<name>``.

    Apprise blocks, in threads that it shares among all services and that an ending program waits for. Here each target has
    one thread of its own at a time, for which nobody waits longer than *timeout*: a service that hangs holds up nobody else.
    """

    patience = 2.0
    longest_pause = 30.0

    def __init__(self, settings: PushSettings, clock: Clock, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._key, self._taste = f"push.{settings.name}", settings.taste
        self._service = opened(settings)
        self._clock = clock
        self._timeout = timeout
        self._answer: asyncio.Future[str | None] | None = None
        self._given_up_at, self._given_up_seconds = 0.0, GIVEN_UP_SECONDS
        self._told: set[str] = set()

    @property
    def name(self) -> str:
        """The channel's name in metrics, alerts and the outbox."""
        return self._key.replace(".", "-")

    @property
    def service_name(self) -> str:
        """What Apprise calls the service behind the address."""
        return self._service.service_name

    async def deliver(self, rows: Sequence[OutboxRow]) -> bool:
        """Send what the target wants of *rows* as one message, and return when its service has accepted it; False: nothing.

        Raises:
            DeliveryFailed: it is not known to have arrived.

        """
        news, wall = [read_news(row) for row in rows], self._clock.wall()
        chosen = self._taste.chosen(news, self._told, wall)
        if chosen:
            await self._send(message(chosen, wall))
        self._remember(news, chosen)
        return bool(chosen)

    async def _send(self, what: Message) -> None:
        if fault := await self._fault_of(what):
            raise DeliveryFailed(f"{self._key}: {self.service_name} {fault}")

    async def _fault_of(self, what: Message) -> str | None:
        """Send *what*, unless an earlier message is on its way and not given up; return why it is not known to have arrived."""
        silent = f"has not answered within {self._timeout:g} s"
        now = self._clock.monotonic()
        if self._answer and not self._answer.done():
            if now < self._given_up_at:
                return silent
            self._given_up_seconds = min(2 * self._given_up_seconds, LONGEST_GIVEN_UP_SECONDS)
        self._given_up_at = now + self._given_up_seconds
        self._answer = asyncio.get_running_loop().create_future()
        work = (lambda: self._notify(what), self._answer)
        threading.Thread(target=_call, args=work, name=self.name, daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout):
                fault = await asyncio.shield(self._answer)
        except TimeoutError:
            return silent
        self._given_up_seconds = GIVEN_UP_SECONDS
        return fault

    def _notify(self, what: Message) -> str | None:
        """Send *what*, in a thread; return what the service did instead of accepting it."""
        _EAR.status.pop(self.name, None)
        if self._service.notify(body=what.text, title=what.title, notify_type=what.kind.value, body_format="text"):
            return None
        status = _EAR.status.pop(self.name, None)
        return f"refused a message with status {status}" if status else "cannot be reached, or did not accept a message"

    def _remember(self, news: Sequence[News], chosen: Sequence[News]) -> None:
        self._told |= {each.alert_id for each in chosen if each.level}
        self._told -= {each.alert_id for each in news if each.is_over}


def opened(settings: PushSettings) -> Service:
    """Return the service behind a target's address.

    Raises:
        UnusableTarget: Apprise is not installed, or cannot use the address.

    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it loads all of its services, some with modules that Python will drop
            service = _instantiated(settings.url)
    except ImportError:
        raise UnusableTarget(f"push.{settings.name} needs the package apprise: pip install 'inverse-monitor[push]'") from None
    if service is None:
        raise UnusableTarget(
            f"push.{settings.name}.url is no address that Apprise can use: see https://github.com/caronc/apprise/wiki; "
            "a few services need a package of their own"
        )
    service.socket_read_timeout = max(service.socket_read_timeout, ANSWER_SECONDS)
    return service


def _instantiated(url: str) -> Service | None:
    _hush()
    import apprise  # noqa: PLC0415 - 40 MB that only those load who have a target

    return cast("Service | None", apprise.Apprise.instantiate(url, suppress_exceptions=True))


class _Ear(logging.Handler):
    """Keeps what Apprise says out of the log, and remembers by thread the status with which a service refused."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if (found := _STATUS.search(record.getMessage())) and record.threadName:
            self.status[record.threadName] = found[1]


_EAR = _Ear()


def _hush() -> None:
    for name in SPEAKERS:
        speaker = logging.getLogger(name)
        speaker.handlers[:] = [_EAR]
        speaker.propagate = False
        speaker.setLevel(logging.WARNING)


def _call(work: Callable[[], str | None], answer: asyncio.Future[str | None]) -> None:
    try:
        fault = work()
    except Exception as error:  # noqa: BLE001 - what a library raises can hold addresses: only its kind is said
        fault = f"cannot be used: {type(error).__name__}"
    with suppress(RuntimeError):  # the daemon has ended meanwhile
        answer.get_loop().call_soon_threadsafe(answer.set_result, fault)
