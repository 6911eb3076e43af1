"""The desk at which commands are handed in, whichever way they came: limited, carried out once, answered, and written down."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from monitor.command import Acknowledged, BadCommand, Command, Kind, Reply
from monitor.core.alerts.alert import Event, Silence
from monitor.core.alerts.matcher import matcher_text, read_matcher
from monitor.core.rules.finding import AlertKey, Note
from monitor.core.rules.words import spoken
from monitor.ports import Clock, Record, Store
from monitor.register import PORTFOLIO
from monitor.watch import Watch

log = structlog.get_logger(__name__)

MOST_COMMANDS, PER = 30, timedelta(minutes=1)
"""A finger is slower; a script that is not must not keep the disk busy."""

MOST_REMEMBERED = 1000
LONGEST_SILENCE = timedelta(days=30)
LONGEST_TEST = 20.0
"""Seconds for which `test-alert` waits for the channels."""

CHECK_SECONDS = 0.02

Channels = Callable[[], Mapping[str, str | None]]
"""By channel, why it does not deliver; None: it does."""


class Desk:
    """Takes commands. ``poll``: looks at an account soon, or at all of them."""

    def __init__(
        self, watch: Watch, *, store: Store, clock: Clock, poll: Callable[[str | None], None], channels: Channels
    ) -> None:
        self._watch, self._store, self._clock, self._poll, self._channels = watch, store, clock, poll, channels
        self._taken: deque[datetime] = deque(maxlen=MOST_COMMANDS)
        self._answered: OrderedDict[tuple[str, str], Reply] = OrderedDict()
        self._counted = 0

    async def take(self, command: Command) -> Reply:
        """Carry out *command* and return what came of it; one that was answered already is answered so again."""
        before = self._answered.get((command.kind, command.request or ""))
        if command.request and before:
            return before
        reply = await self._carried_out(command)
        log.info("command", kind=command.kind.value, origin=command.origin, author=command.author, answer=reply.text)
        if command.request and reply.is_done:
            self._answered[command.kind, command.request] = reply
            while len(self._answered) > MOST_REMEMBERED:
                self._answered.popitem(last=False)
        return reply

    async def _carried_out(self, command: Command) -> Reply:
        now = self._clock.now()
        if len(self._taken) == MOST_COMMANDS and now - self._taken[0] < PER:
            return Reply(is_done=False, text=f"more than {MOST_COMMANDS} commands within {spoken(PER)}: wait a little")
        self._taken.append(now)
        try:
            return await self._does[command.kind](command)
        except BadCommand as bad:
            return Reply(is_done=False, text=str(bad))

    @property
    def _does(self) -> Mapping[Kind, Callable[[Command], Awaitable[Reply]]]:
        return {
            Kind.ACK: self._ack,
            Kind.SILENCE: self._silence,
            Kind.UNSILENCE: self._unsilence,
            Kind.POLL: self._look,
            Kind.TEST_ALERT: self._test,
        }

    async def _ack(self, command: Command) -> Reply:
        identity = _needed(command, "the id of an alert")
        alert = await self._watch.register.acknowledge(identity, command.author, self._record(command, f"alert {identity}"))
        if alert is None:
            raise BadCommand(f"no alert with the id {identity} fires: `inverse-monitor alerts` lists those that do")
        return Reply(is_done=True, text=f"acknowledged: {alert.summary}", id=identity)

    async def _silence(self, command: Command) -> Reply:
        wanted = _needed(command, "a matcher such as account=main,rule=stale")
        if command.lasting is None:
            raise BadCommand("a silence needs an end: say for how long, such as 2h")
        if not timedelta(0) < command.lasting <= LONGEST_SILENCE:
            raise BadCommand(f"a silence lasts at most {spoken(LONGEST_SILENCE)}, and longer than no time at all")
        try:
            matcher = read_matcher(wanted)
        except ValueError as error:
            raise BadCommand(str(error)) from None
        record = self._record(command, f"{matcher_text(matcher)} for {spoken(command.lasting)}")
        now = self._clock.now()
        silence = Silence(id=record.id, matcher=matcher, until=now + command.lasting, author=command.author, since=now)
        await self._watch.register.silence(silence, record)
        text = f"silenced {matcher_text(matcher)} for {spoken(command.lasting)}, emergencies excepted; silence {silence.id}"
        return Reply(is_done=True, text=text, id=silence.id)

    async def _unsilence(self, command: Command) -> Reply:
        identity = _needed(command, "the id of a silence")
        silence = await self._watch.register.unsilence(identity, self._record(command, f"silence {identity}"))
        if silence is None:
            raise BadCommand(f"there is no silence {identity}: `inverse-monitor alerts` lists them")
        return Reply(is_done=True, text=f"no longer silenced: {matcher_text(silence.matcher)}", id=identity)

    async def _look(self, command: Command) -> Reply:
        name = command.target
        if name is not None and name not in self._watch.wards:
            raise BadCommand(f"there is no account {name}; there are: {', '.join(self._watch.wards)}")
        self._poll(name)
        return Reply(is_done=True, text=f"looking at {name or 'all accounts'}")

    async def _test(self, command: Command) -> Reply:
        key = AlertKey(account=PORTFOLIO, rule="test", subject="daemon")
        note = Note(key=key, venue="", summary=f"test by {command.author}: if you read this, alerts reach you")
        began = self._clock.monotonic()
        (event,) = await self._watch.register.announce(note, (self._record(command, "a message through every channel"),))
        seen = await self._acknowledged(event, began)
        if not seen:
            return Reply(is_done=False, text="no channel is configured: set mqtt or push", id=event.id)
        return Reply(is_done=all(one.seconds is not None for one in seen), text=_told(seen), id=event.id, channels=seen)

    async def _acknowledged(self, event: Event, began: float) -> tuple[Acknowledged, ...]:
        waiting, seconds = dict.fromkeys(self._channels()), dict[str, float]()
        while waiting and self._clock.monotonic() - began < LONGEST_TEST:
            for channel in [each for each in waiting if not self._store.holds(each, event.id)]:
                del waiting[channel]
                seconds[channel] = self._clock.monotonic() - began
            await self._clock.sleep(CHECK_SECONDS if waiting else 0)
        return tuple(
            Acknowledged(channel=channel, seconds=seconds.get(channel), fault=None if channel in seconds else fault)
            for channel, fault in self._channels().items()
        )

    def _record(self, command: Command, text: str) -> Record:
        self._counted += 1
        now = self._clock.now()
        identity = hashlib.sha256(f"{now.isoformat()}/{self._counted}".encode()).hexdigest()[:12]
        origin = f"{command.origin} {command.author}"
        return Record(id=identity, at=self._clock.wall(), origin=origin, what=command.kind.value, text=text)


def _needed(command: Command, what: str) -> str:
    if not command.target:
        raise BadCommand(f"{command.kind.value} needs {what}")
    return command.target


def _told(seen: tuple[Acknowledged, ...]) -> str:
    return "; ".join(
        f"{one.channel}: acknowledged after {one.seconds:.2f} s"
        if one.seconds is not None
        else f"{one.channel}: not acknowledged within {LONGEST_TEST:.0f} s ({one.fault or 'it does not say why'})"
        for one in seen
    )
