"""What is on its way out through one channel: in order, each event once, and bounded."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import structlog

from monitor.core.rules.finding import Level
from monitor.ports import Backlog, OutboxRow
from monitor.store.contents import Entry

log = structlog.get_logger(__name__)


class Outbox:
    """The undelivered rows of one channel.

    ``limit``: more rows than that evict the oldest that is neither critical nor an emergency; of those none is ever dropped,
    so that they alone may exceed it. ``evicted`` counts.
    """

    def __init__(self, channel: str, limit: int) -> None:
        self._channel = channel
        self._limit = limit
        self._entries: dict[int, Entry] = {}
        self._events: set[str] = set()
        self.evicted = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def holds(self, event_id: str) -> bool:
        """Whether that event is on its way already."""
        return event_id in self._events

    def add(self, entry: Entry) -> Iterable[int]:
        """Take *entry* in and return the numbers of those that had to make way."""
        self._entries[entry.row.number] = entry
        self._events.add(entry.row.event_id)
        evicted = self._least() if len(self._entries) > self._limit else None
        if evicted is None:
            return ()
        self.remove(evicted.row.number)
        self.evicted += 1
        log.error(
            "outbox is full: a message was dropped", channel=self._channel, event_id=evicted.row.event_id, limit=self._limit
        )
        return (evicted.row.number,)

    def adopt(self, entries: Iterable[Entry]) -> None:
        """Take in what an earlier run left, in the order of the numbers."""
        found = {entry.row.number: entry for entry in entries if not self.holds(entry.row.event_id)}
        self._entries = dict(sorted((self._entries | found).items()))
        self._events |= {entry.row.event_id for entry in found.values()}

    def remove(self, number: int) -> bool:
        """Forget a row; False: it was not here."""
        entry = self._entries.pop(number, None)
        if entry is None:
            return False
        self._events.discard(entry.row.event_id)
        return True

    def oldest(self, limit: int) -> Sequence[OutboxRow]:
        """Return the first *limit* rows."""
        return tuple(entry.row for entry in islice(self._entries.values(), limit))

    def backlog(self) -> Backlog:
        """Return how many wait and since when."""
        first = next(iter(self._entries.values()), None)
        return Backlog(pending=len(self._entries), oldest=None if first is None else first.row.created_at)

    def _least(self) -> Entry | None:
        return next((entry for entry in self._entries.values() if entry.row.level < Level.CRITICAL), None)
