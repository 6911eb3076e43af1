"""The register of alerts and silences: findings come in, what they change is written down, and only then told."""

from collections.abc import Callable, Iterable, Mapping

import structlog

from monitor.core.account import Account
from monitor.core.alerts.alert import Alert, Event, Silence
from monitor.core.alerts.earlier import taken_up
from monitor.core.alerts.life import Scope, Step, acknowledge, step
from monitor.core.rules.finding import AlertKey, Finding, Level, Note
from monitor.ports import Change, Clock, Memory, Record, Store

log = structlog.get_logger(__name__)

PORTFOLIO = ""
"""The account name of alerts that look across accounts."""

EVERYTHING = Scope(covers=lambda _: True)
NOTHING = Scope(covers=lambda _: False)

Tell = Callable[[str, tuple[Event, ...]], None]
"""Called with the name of an account ("" for all of them together) whenever its alerts have changed, and with the events."""


class Register:
    """All alerts by account, and the silences."""

    def __init__(self, names: Iterable[str], *, store: Store, clock: Clock, tell: Tell) -> None:
        self._store, self._clock, self._tell = store, clock, tell
        self._alerts: dict[str, dict[AlertKey, Alert]] = {name: {} for name in (PORTFOLIO, *names)}
        self._silences: dict[str, Silence] = {}

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Return every alert there is."""
        return tuple(alert for of in self._alerts.values() for alert in of.values())

    @property
    def silences(self) -> tuple[Silence, ...]:
        """Return the silences that have not expired."""
        return tuple(silence for silence in self._silences.values() if self._clock.now() < silence.until)

    def of(self, name: str) -> tuple[Alert, ...]:
        """Return the alerts of one account; for "", those that look across accounts."""
        return tuple(self._alerts[name].values())

    def levels(self, name: str) -> Mapping[AlertKey, Level]:
        """Return the levels at which alerts of one account fire now."""
        return {key: alert.level for key, alert in self._alerts[name].items() if alert.is_firing}

    async def recall(self, memory: Memory, names: Iterable[str]) -> None:
        """Take up where the last run ended; what was decided since stands. Alerts of accounts not among *names* are ``gone``."""
        now = self._clock.now()
        self._silences = {silence.id: silence.not_after(now) for silence in memory.silences} | self._silences
        running = {alert.key: alert for alert in self.alerts}
        taken = {key: taken_up(alert, running.get(key), now) for key, alert in memory.alerts.items()}
        for key, alert in taken.items():
            self._alerts.setdefault(key.account, {})[key] = alert
        met = {key: alert for key, alert in taken.items() if running.get(key, alert) != alert}
        if met:
            await self._store.commit(Change(alerts=met))
        for name in {key.account for key in taken}:
            self._tell(name, ())
        for name in self._alerts.keys() - set(names) - {PORTFOLIO}:
            await self.settle(name, (), EVERYTHING)

    async def settle(
        self,
        name: str,
        found: Iterable[Finding | Note],
        scope: Scope = EVERYTHING,
        account: Account | None = None,
        records: tuple[Record, ...] = (),
    ) -> tuple[Event, ...]:
        """Step the alerts of *name*, commit what changes with *account* and *records*, tell it, and return the events."""
        before = self._alerts[name] if name == PORTFOLIO else {**self._alerts[PORTFOLIO], **self._alerts[name]}
        own = Scope(covers=lambda key: key.account == name and scope.covers(key), may_clear=scope.may_clear)
        done = step(before, found, now=self._clock.now(), scope=own, silences=self.silences)
        self._apply(name, done)
        try:
            if done.alerts or done.events or account:
                shift = self._clock.wall() - self._clock.now()
                change = Change(alerts=done.alerts, events=done.events, account=account, records=records, shift=shift)
                await self._store.commit(change)
        finally:  # a poll may be cut short here, by its timeout: what is decided goes out all the same
            self._told(name, done)
        return done.events

    async def announce(self, note: Note, records: tuple[Record, ...] = ()) -> tuple[Event, ...]:
        """Tell *note* through every channel, and return its event."""
        return await self.settle(PORTFOLIO, (note,), NOTHING, records=records)

    async def acknowledge(self, identity: str, author: str, record: Record) -> Alert | None:
        """Let *author* have seen the alert with that id; None: none fires."""
        found = next((alert for alert in self.alerts if alert.id == identity and alert.is_firing), None)
        if found is None:
            return None
        acked = acknowledge(found, author, self._clock.now())
        self._alerts[acked.key.account][acked.key] = acked
        await self._store.commit(Change(alerts={acked.key: acked}, records=(record,)))
        self._tell(acked.key.account, ())
        return acked

    async def silence(self, silence: Silence, record: Record) -> None:
        """Mute what *silence* meets, from the next judgement on."""
        self._silences[silence.id] = silence
        await self._store.commit(Change(alerts={}, silences={silence.id: silence}, records=(record,)))

    async def unsilence(self, identity: str, record: Record) -> Silence | None:
        """End a silence; None: there is none with that id."""
        silence = self._silences.pop(identity, None)
        if silence is not None:
            await self._store.commit(Change(alerts={}, silences={identity: None}, records=(record,)))
        return silence

    async def forget_silences(self) -> None:
        """Forget the silences that have expired."""
        over = [identity for identity, silence in self._silences.items() if silence.until <= self._clock.now()]
        for identity in over:
            del self._silences[identity]
        if over:
            await self._store.commit(Change(alerts={}, silences=dict.fromkeys(over)))

    def _told(self, name: str, done: Step) -> None:
        for event in done.events:
            log.info("alert", type=event.type.value, account=name, rule=event.alert.key.rule, summary=event.alert.summary)
        if done.alerts or done.events:
            self._tell(name, done.events)

    def _apply(self, name: str, done: Step) -> None:
        for key, alert in done.alerts.items():
            if alert is None:
                self._alerts[name].pop(key, None)
            else:
                self._alerts[name][key] = alert
