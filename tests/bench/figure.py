"""One line of the table: a figure of design 6, what it must reach, and what was measured."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``met`` None: nothing is demanded, or it could not be measured. ``remark``: spread, and what the figure is made of."""

    figure: str
    target: str
    measured: str
    met: bool | None
    remark: str = ""


Measure = Callable[[], Awaitable[Sequence[Row]]]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that *percent* of *values* do not exceed; 100: the largest."""
    return max(values) if percent == 100 or len(values) < 2 else quantiles(values, n=100, method="inclusive")[percent - 1]


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Return the range of *values*: how far a single run can be trusted."""
    return f"{min(values):{form}} to {max(values):{form}}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
