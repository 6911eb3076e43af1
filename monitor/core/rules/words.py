"""Figures as people say them."""

from datetime import timedelta

from monitor.core.number import Ratio


def spoken(duration: timedelta) -> str:
    """Return *duration* as people say it: ``45 s``, ``6 min``, ``3 h``, ``2 d``."""
    seconds = duration.total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def percent(ratio: Ratio | None) -> str:
    """Return *ratio* in percent with one decimal; ``unknown`` for None."""
    return "unknown" if ratio is None else f"{100 * ratio:.1f} %"
