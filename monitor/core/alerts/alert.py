"""An alert as it stands, what happens to it, and what may silence it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from monitor.core.number import Ratio
from monitor.core.rules.finding import AlertKey, Level
from monitor.core.rules.words import spoken

KNOWN_FOR = timedelta(seconds=60)
"""A figure that was confirmed within so long is told without its age."""


class Phase(StrEnum):
    """Where an alert stands. ``pending``: found, but not yet for long enough; it has no event and no topic.

    ``noted``: not a state, only in the event that tells it.
    """

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NOTED = "noted"


class Mute(StrEnum):
    """Why push and sound are withheld; state, events and metrics go out all the same."""

    SILENCE = "silence"
    CRITICAL = "critical"
    VENUE_DOWN = "venue_down"


class EventType(StrEnum):
    """What happened to an alert."""

    FIRED = "fired"
    ESCALATED = "escalated"
    EASED = "eased"
    REPEATED = "repeated"
    RESOLVED = "resolved"
    GONE = "gone"
    NOTED = "noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert as it stands. ``id`` is new at each firing.

    ``since``: when it fired (pending: when it was first found). ``at``: when its level or phase last changed or it was last
    told again. ``seen``: when its figure was last known. ``left``: what is left before the worst, for acks; None: only the
    level counts. ``event``: id of its last event, ``events`` how many it has had (pending: those of the firing before).
    ``quiet``: for warning, critical and emergency, since when the figure has been beyond that level's clear value; None: it
    is not. ``until``: a sticky alert ends then, or when it is acknowledged.
    """

    key: AlertKey
    id: str
    venue: str
    level: Level
    phase: Phase
    since: datetime
    at: datetime
    seen: datetime
    value: Ratio | None
    threshold: Ratio | None
    unit: str
    summary: str
    left: Ratio | None = None
    muted: Mute | None = None
    event: str | None = None
    events: int = 0
    quiet: tuple[datetime | None, datetime | None, datetime | None] = (None, None, None)
    acked_at: datetime | None = None
    acked_by: str | None = None
    acked_left: Ratio | None = None
    until: datetime | None = None

    @property
    def is_acked(self) -> bool:
        """Whether somebody has said that they have seen it."""
        return self.acked_at is not None

    def summary_at(self, now: datetime) -> str:
        """Return the summary, and how old its figure is where it is not known any more."""
        age = now - self.seen
        return self.summary if not self.is_firing or age < KNOWN_FOR else f"{self.summary} (last known, {spoken(age)} ago)"

    @property
    def is_firing(self) -> bool:
        """Whether it is a danger now, as far as is known."""
        return self.phase is Phase.FIRING


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one alert. ``before`` None: there was no alert (first firing of a subject, a note)."""

    id: str
    type: EventType
    alert: Alert
    before: Alert | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Mutes what its matcher meets (``key=glob`` pairs of account, venue, rule, subject) until it expires.

    ``since``: when it was given; None: an earlier version did not write that down.
    """

    id: str
    matcher: tuple[tuple[str, str], ...]
    until: datetime
    author: str
    since: datetime | None = None

    def meets(self, alert: Alert) -> bool:
        """Whether *alert* is one of those that it mutes."""
        of = {"account": alert.key.account, "venue": alert.venue, "rule": alert.key.rule, "subject": alert.key.subject}
        return all(fnmatchcase(of[key], glob) for key, glob in self.matcher)

    def not_after(self, now: datetime) -> "Silence":
        """Return it as if given at *now* at the latest: where the calendar was set back meanwhile it lasts no longer."""
        if self.since is None:
            return self
        since = min(self.since, now)
        return replace(self, since=since, until=since + (self.until - self.since))
