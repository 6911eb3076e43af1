"""Samples out of the text that is served, read with prometheus_client's own parsers."""

from collections.abc import Iterable
from itertools import chain

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as text_families
from prometheus_client.samples import Sample

from monitor.picture import Picture
from monitor.views.metrics import render

OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def scraped(picture: Picture) -> tuple[Sample, ...]:
    """Return the samples of *picture* as both formats tell them, which must be the same."""
    plain = _ours(family.samples for family in text_families(render(picture, None)[0].decode()))
    modern = _ours(family.samples for family in openmetrics_families(render(picture, OPENMETRICS)[0].decode()))  # type: ignore[no-untyped-call] # - it ships untyped
    assert sorted(map(str, plain)) == sorted(map(str, modern))
    return plain


def values(picture: Picture, name: str, **labels: str) -> list[float]:
    """Return the values of the samples that have *name* and at least *labels*."""
    return [s.value for s in scraped(picture) if s.name == name and labels.items() <= s.labels.items()]


def names(picture: Picture) -> set[str]:
    return {sample.name for sample in scraped(picture)}


def _ours(families: Iterable[Iterable[Sample]]) -> tuple[Sample, ...]:
    return tuple(sample for sample in chain.from_iterable(families) if sample.name.startswith("inverse_"))
