"""What a rule says: a finding about one subject at one moment, or a note about something that happened."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from monitor.core.number import Ratio


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """Return the level as it is written everywhere outside: ``ok``, ``warning``, ``critical``, ``emergency``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AlertKey:
    """What an alert is about. ``account`` is "" for rules that look across accounts."""

    account: str
    rule: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule sees at one subject, at one moment.

    ``level``: what it raises an alert to; None: the figure is not known, so an alert stays as it is.
    ``holds``: the level at which it keeps an alert that is already there (the clear band); never below ``level``.
    ``left``: what is left before the worst, as a ratio or in seconds; None: only the level counts.
    ``lasting``: it must be found for so long before it fires. ``hold``: so long it must be better before a level is over.
    ``grows``: it becomes that bad once it has fired for so long. ``sticky``: the alert stays without further findings until
    somebody acknowledges it, at most so long.
    """

    key: AlertKey
    venue: str
    level: Level | None
    holds: Level = Level.OK
    value: Ratio | None = None
    threshold: Ratio | None = None
    unit: str = ""
    summary: str = ""
    left: Ratio | None = None
    lasting: timedelta = timedelta(0)
    hold: timedelta = timedelta(0)
    grows: tuple[timedelta, Level] | None = None
    sticky: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that happened, worth telling once; it has no state."""

    key: AlertKey
    venue: str
    summary: str
