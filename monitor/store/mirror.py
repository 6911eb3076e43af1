"""All that is kept, in memory: what decides, so that a failing disk loses nothing while the daemon lives."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from monitor.core.alerts.alert import Event
from monitor.ports import Backlog, Change, Memory, OutboxRow, Record
from monitor.store.contents import Contents, Delta, Entry, weight
from monitor.store.outbox import Outbox
from monitor.wire.messages import event_body

log = structlog.get_logger(__name__)

LIMIT = 10_000
"""Rows per channel: about 10 MB, and days of an ordinary market."""

MOST_RECORDS = 10_000
"""Lines of the journal that are kept in memory, for a disk that cannot take them yet."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Mirror:
    """The state as of the last change.

    Rows are numbered from the microsecond of the start, so that what is written in a run without a disk sorts behind
    what an earlier run left there.
    """

    def __init__(self, channels: Iterable[str], started_at: datetime, limit: int = LIMIT) -> None:
        self._kept = Contents()
        self._outboxes = {channel: Outbox(channel, limit) for channel in channels}
        self._records: deque[Record] = deque(maxlen=MOST_RECORDS)
        self._first = self._next = int(started_at.timestamp() * 1_000_000)

    @property
    def evicted(self) -> Mapping[str, int]:
        """How many rows each channel's bound has dropped."""
        return {channel: outbox.evicted for channel, outbox in self._outboxes.items()}

    def adopt(self, found: Contents) -> Delta:
        """Take in what an earlier run left and return what of it is to be forgotten; what this run decided already stays."""
        self._kept = Contents(
            alerts={**found.alerts, **self._kept.alerts},
            silences={**found.silences, **self._kept.silences},
            accounts={**found.accounts, **self._kept.accounts},
        )
        has_sent = self._next > self._first
        entries = _numbered_before(self._first, found.entries) if has_sent else found.entries
        for channel, outbox in self._outboxes.items():
            outbox.adopt(entry for entry in entries if entry.channel == channel)
        self._next = max([self._next, *(entry.row.number + 1 for entry in entries)])
        return Delta(gone=_orphans(found.entries, self._outboxes))

    def apply(self, change: Change) -> Delta:
        """Make *change* and return what has to be written for it."""
        read = {change.account.name: change.account} if change.account else {}
        accounts = dict.fromkeys(change.forget_accounts) | read
        self._kept = replace(
            self._kept,
            alerts=_merged(self._kept.alerts, change.alerts),
            silences=_merged(self._kept.silences, change.silences),
            accounts=_merged(self._kept.accounts, accounts),
        )
        added, gone = self._send(change.events, change.shift)
        records = (*(_record(event, change.shift) for event in change.events), *change.records)
        self._records.extend(records)
        return Delta(alerts=change.alerts, silences=change.silences, accounts=accounts, added=added, gone=gone, records=records)

    def recorded(self, records: Iterable[Record]) -> None:
        """Let go of the lines of the journal that are on disk."""
        done = {record.id for record in records}
        if done:
            self._records = deque((record for record in self._records if record.id not in done), maxlen=MOST_RECORDS)

    def delivered(self, channel: str, number: int) -> Delta | None:
        """Forget a row and return what has to be written for it; None: it was gone already."""
        return Delta(gone=(number,)) if self._outboxes[channel].remove(number) else None

    def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        """Return the oldest rows of *channel*."""
        return self._outboxes[channel].oldest(limit)

    def backlog(self, channel: str) -> Backlog:
        """Return what waits for *channel*."""
        return self._outboxes[channel].backlog()

    def holds(self, channel: str, event_id: str) -> bool:
        """Whether that event still waits for *channel*."""
        return self._outboxes[channel].holds(event_id)

    def memory(self) -> Memory:
        """Return what the daemon goes on with after a restart."""
        return self._kept.memory()

    def contents(self) -> Contents:
        """Return everything, as it is now."""
        entries = sorted((entry for outbox in self._outboxes.values() for entry in outbox), key=lambda entry: entry.row.number)
        return replace(self._kept, entries=tuple(entries), records=tuple(self._records))

    def _send(self, events: Iterable[Event], shift: timedelta) -> tuple[tuple[Entry, ...], tuple[int, ...]]:
        added: list[Entry] = []
        gone: list[int] = []
        for event in events:
            body = event_body(event, shift)
            for channel, outbox in self._outboxes.items():
                if not outbox.holds(event.id):
                    added.append(self._entry(channel, event, body))
                    gone.extend(outbox.add(added[-1]))
        return tuple(added), tuple(gone)

    def _entry(self, channel: str, event: Event, body: bytes) -> Entry:
        number, self._next = self._next, self._next + 1
        row = OutboxRow(number=number, event_id=event.id, level=weight(event), body=body, created_at=event.at)
        return Entry(channel=channel, row=row)


def _record(event: Event, shift: timedelta) -> Record:
    alert = event.alert
    where = "/".join(part for part in (alert.key.account, alert.key.rule, alert.key.subject) if part)
    what = f"{event.type.value} {alert.level.word}"
    return Record(id=event.id, at=event.at + shift, origin="monitor", what=what, text=f"{where}: {alert.summary}")


def _merged(kept: Mapping[_Key, _Value], changed: Mapping[_Key, _Value | None]) -> Mapping[_Key, _Value]:
    if not changed:
        return kept
    put = {key: value for key, value in changed.items() if value is not None}
    return {key: value for key, value in kept.items() if key not in changed} | put


def _numbered_before(first: int, entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return *entries* as they are, or with new numbers where the clock has gone back since they were written."""
    if all(entry.row.number < first for entry in entries):
        return entries
    numbers = range(first - len(entries), first)
    return [replace(entry, row=replace(entry.row, number=number)) for number, entry in zip(numbers, entries, strict=True)]


def _orphans(entries: Iterable[Entry], known: Mapping[str, Outbox]) -> tuple[int, ...]:
    left_out = [entry for entry in entries if entry.channel not in known]
    if left_out:
        channels = sorted({entry.channel for entry in left_out})
        log.warning("undelivered messages of channels that are no longer configured are dropped", channels=channels)
    return tuple(entry.row.number for entry in left_out)
