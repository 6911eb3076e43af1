"""The life of an alert: one function from the old state and the findings to the new state and what changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.number import Ratio
from monitor.core.rules import AlertKey, Level


class Phase(StrEnum):
    """Where an alert stands. ``pending``: found, but not yet for long enough; it has no event and no topic."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


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

    ``since``: when it fired (pending: when it was first found). ``at``: when ``level`` or ``phase`` last changed or a repeat
    went out. ``event``: id of its last event. ``left``: what is left before the worst, for acks; None: only the level counts.
    The ``..._since`` and ``acked_...`` fields are the machine's memory; None: it is not in that state.
    """

    key: AlertKey
    id: str
    venue: str
    level: Level
    phase: Phase
    since: datetime
    at: datetime
    value: Ratio | None
    threshold: Ratio | None
    unit: str
    summary: str
    muted: Mute | None = None
    event: str | None = None
    events: int = 0
    left: Ratio | None = None
    easing_since: datetime | None = None
    acked_at: datetime | None = None
    acked_by: str | None = None
    acked_left: Ratio | None = None
    until: datetime | None = None

    @property
    def is_acked(self) -> bool:
        """Whether somebody has said that they have seen it."""
        return self.acked_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one alert, with a stable id: the same decision has the same id after a restart."""

    id: str
    type: EventType
    alert: Alert
    before: Alert | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Mutes what its matcher meets (``key=glob`` pairs of account, venue, rule, subject) until it expires."""

    id: str
    matcher: tuple[tuple[str, str], ...]
    until: datetime
    author: str
