"""Figures as page and terminal show them; what messages tell too is in `monitor.core.rules.words`."""

from datetime import timedelta

from monitor.core.number import Ratio
from monitor.core.rules.words import percent, spoken


def ratio_text(ratio: Ratio) -> str:
    """Return a ratio in percent."""
    return percent(ratio)


def times_text(ratio: Ratio) -> str:
    """Return leverage."""
    return f"{ratio:,.2f}x"


def age_text(age: timedelta | None) -> str:
    """Return how old something is; ``never`` where it was never there."""
    return "never" if age is None else f"{spoken(age)} ago"
