"""A finding about a figure that has thresholds."""

from dataclasses import dataclass
from datetime import timedelta

from monitor.core.number import Ratio
from monitor.core.rules.finding import AlertKey, Finding
from monitor.core.rules.settings import RuleSettings, graded


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a rule measures at one subject. ``value`` None: not known. ``left``: see `Finding`."""

    value: Ratio | None
    summary: str
    unit: str = "ratio"
    low_is_bad: bool = False
    left: Ratio | None = None


def measured(key: AlertKey, venue: str, settings: RuleSettings, hold: timedelta, figure: Figure) -> Finding:
    """Return what *figure* means by the thresholds; one that is not known leaves an alert as it is."""
    if figure.value is None:
        return Finding(key=key, venue=venue, level=None, unit=figure.unit, summary=figure.summary)
    level, holds, threshold = graded(figure.value, settings, low_is_bad=figure.low_is_bad)
    return Finding(
        key=key,
        venue=venue,
        level=level,
        holds=holds,
        value=figure.value,
        threshold=threshold,
        unit=figure.unit,
        summary=figure.summary,
        left=figure.left,
        lasting=settings.lasting,
        hold=hold,
    )
