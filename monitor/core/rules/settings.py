"""How a rule is set, and at which level a figure stands by its thresholds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from monitor.core.number import Ratio
from monitor.core.rules.finding import Level

CLEAR_FACTOR = Decimal("1.2")
"""A level is over beyond threshold x 1.2 on the safe side (/ 1.2 where high is bad), so that it does not flap (design 5.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """What the configuration says about one rule for one subject. None: that level is off. Durations are in seconds.

    ``lasting``: how long something must be found before it fires (``for`` in the configuration). ``target``: the middle of a
    rule that is a band; None: it is none.
    """

    enabled: bool
    warning: Ratio | None = None
    critical: Ratio | None = None
    emergency: Ratio | None = None
    lasting: timedelta = timedelta(0)
    target: Ratio | None = None

    @property
    def thresholds(self) -> Iterator[tuple[Level, Ratio]]:
        """Return the levels that are on with their thresholds, worst first."""
        for level, threshold in ((3, self.emergency), (2, self.critical), (1, self.warning)):
            if threshold is not None:
                yield Level(level), threshold


class Policy(Protocol):
    """How the rules are set."""

    @property
    def hold(self) -> timedelta:
        """Return how long a figure must stay beyond its clear value before its level is over."""

    def settings(self, rule: str, *, account: str, coin: str | None = None, symbol: str | None = None) -> RuleSettings:
        """Return the settings of *rule* for one subject."""


def graded(value: Ratio, settings: RuleSettings, *, low_is_bad: bool) -> tuple[Level, Level, Ratio | None]:
    """Return the level that *value* raises, the level that it holds (the clear band), and the threshold of the former.

    Where it raises none, the threshold is the first one that it would reach; None: no level is on.
    """
    raised = next((level for level, t in settings.thresholds if _is_beyond(value, t, low_is_bad=low_is_bad)), Level.OK)
    clear = ((lv, t * CLEAR_FACTOR if low_is_bad else t / CLEAR_FACTOR) for lv, t in settings.thresholds)
    held = next((level for level, t in clear if _is_beyond(value, t, low_is_bad=low_is_bad)), Level.OK)
    shown = dict(settings.thresholds)
    return raised, held, shown.get(raised, shown[min(shown)] if shown else None)


def _is_beyond(value: Ratio, threshold: Ratio, *, low_is_bad: bool) -> bool:
    return value <= threshold if low_is_bad else value >= threshold
