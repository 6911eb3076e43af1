"""The rules: what counts as a danger, at which level, and when it is over."""

from dataclasses import dataclass
from enum import IntEnum


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
