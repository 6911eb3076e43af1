"""What is kept, and what one change does to it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.account import Account
from monitor.core.alerts.alert import Alert, Event, Silence
from monitor.core.rules.finding import AlertKey, Level
from monitor.ports import Memory, OutboxRow, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the outbox of one channel."""

    channel: str
    row: OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything that is kept; ``entries`` oldest first. ``records``: of this run alone; older ones are on disk or nowhere."""

    alerts: Mapping[AlertKey, Alert] = field(default_factory=dict)
    silences: Mapping[str, Silence] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    records: tuple[Record, ...] = ()

    def memory(self) -> Memory:
        """Return what the daemon goes on with after a restart."""
        return Memory(alerts=self.alerts, silences=tuple(self.silences.values()), accounts=self.accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What is to be written in one transaction. None: to be forgotten. ``gone``: numbers of rows that have left the outbox."""

    alerts: Mapping[AlertKey, Alert | None] = field(default_factory=dict)
    silences: Mapping[str, Silence | None] = field(default_factory=dict)
    accounts: Mapping[str, Account | None] = field(default_factory=dict)
    added: tuple[Entry, ...] = ()
    gone: tuple[int, ...] = ()
    records: tuple[Record, ...] = ()


def weight(event: Event) -> Level:
    """Return the worse of the levels before and after: that a critical is over matters as much as that it began."""
    return max(event.alert.level, event.before.level if event.before else Level.OK)
