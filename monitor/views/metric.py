"""A metric: what it is called, what it means, and how its samples come out of a picture."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from monitor.picture import Picture

Labels = Mapping[str, str]
Figure = Decimal | float | None
Samples = Iterable[tuple[Labels, Figure]]


class MetricKind(StrEnum):
    """What a metric counts as. An info is 1 and says what it says in its labels."""

    GAUGE = "gauge"
    COUNTER = "counter"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the table that the collector, README, dashboards and tests read.

    ``name``: as it is exposed, with ``_total`` of a counter and ``_info`` of an info. A sample whose figure is None is left
    out: what is not known has no row.
    """

    name: str
    help: str
    samples: Callable[[Picture], Samples]
    labels: tuple[str, ...] = ()
    kind: MetricKind = MetricKind.GAUGE
