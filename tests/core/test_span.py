"""Spans of time as people write them."""

from datetime import timedelta

import pytest

from monitor.core.span import read_span


@pytest.mark.parametrize(
    ("text", "seconds"), [("15s", 15), ("5m", 300), ("2h", 7200), ("1d", 86_400), ("1.5 h", 5400), ("0s", 0)]
)
def test_a_span_has_a_unit(text: str, seconds: int) -> None:
    assert read_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "s", "-5m", "5 minutes", "1h30m", "٣s", "3651d"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        read_span(text)
