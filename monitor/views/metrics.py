"""Metrics for Prometheus: one table, and its text for a picture.

A picture is immutable and every text is made from one alone, so that no gauge outlives what it measures, and the text can be
made in another thread.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor.picture import Picture
from monitor.views.families.account import ACCOUNT_METRICS
from monitor.views.families.alert import ALERT_METRICS
from monitor.views.families.pool import POOL_METRICS
from monitor.views.families.portfolio import PORTFOLIO_METRICS
from monitor.views.families.position import POSITION_METRICS
from monitor.views.families.process import PROCESS_METRICS
from monitor.views.metric import Metric, MetricKind

METRICS: tuple[Metric, ...] = (
    *PROCESS_METRICS,
    *ACCOUNT_METRICS,
    *POOL_METRICS,
    *POSITION_METRICS,
    *PORTFOLIO_METRICS,
    *ALERT_METRICS,
)
"""Every metric that there is, in the order in which README lists them."""

Encoder = Callable[[Collector], bytes]

SUFFIXES = {MetricKind.GAUGE: "", MetricKind.COUNTER: "_total", MetricKind.INFO: "_info"}


def render(picture: Picture, accept: str | None) -> tuple[bytes, str]:
    """Return the metrics of *picture* as text, with its content type, in the format that the ``Accept`` header asks for."""
    registry = CollectorRegistry()
    registry.register(PictureCollector(picture))
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    encode, content_type = encoder(accept)
    return encode(registry), content_type


def encoder(accept: str | None) -> tuple[Encoder, str]:
    """Return how to write what the ``Accept`` header asks for, and its content type: OpenMetrics or the text format."""
    try:
        return choose_encoder(accept or "")
    except (TypeError, ValueError):  # a version that is none
        return choose_encoder("")


class PictureCollector(Collector):
    """The table over one picture, for a registry of prometheus_client."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    def collect(self) -> Iterator[Family]:
        """Yield each metric with its samples."""
        return (_family(metric, self._picture) for metric in METRICS)


def _family(metric: Metric, picture: Picture) -> Family:
    family = Family(metric.name.removesuffix(SUFFIXES[metric.kind]), metric.help, metric.kind.value)
    for labels, figure in metric.samples(picture):
        if figure is not None:
            family.add_sample(metric.name, dict(labels), float(figure))
    return family
