"""Spans of time as people write them."""

import re
from datetime import timedelta
from decimal import Decimal

LONGEST_DAYS = 3650

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([smhd])", re.ASCII)


def read_span(text: str) -> timedelta:
    """Return ``15s``, ``5m``, ``2h`` or ``1d``.

    Raises:
        ValueError: it is none; the message is a sentence.

    """
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError("must be a duration with its unit: 15s, 5m, 2h or 1d")
    seconds = Decimal(found[1]) * SECONDS[found[2]]
    if seconds > LONGEST_DAYS * SECONDS["d"]:
        raise ValueError(f"must be at most {LONGEST_DAYS}d")
    return timedelta(microseconds=int(seconds * 1_000_000))
