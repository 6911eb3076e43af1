"""What an alert or a topic is about, as a slug of ``[A-Za-z0-9_-]``: ``BTC/USD:BTC`` is ``BTC-USD_BTC``."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from monitor.core.account import Position

Identity = tuple[str, str, str, str]


def slug(text: str) -> str:
    """Return *text* with ``/`` as ``-``, ``:`` as ``_`` and whatever else does not fit as ``-``."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", text.replace("/", "-").replace(":", "_"))


def position_subjects(positions: Iterable[Position]) -> Mapping[Identity, str]:
    """Return each position's slug: symbol, side, ``isolated``, the venue's id; with a hash of the symbol where two collide."""
    named = {p.identity: (p.symbol, "-".join(_parts(p))) for p in positions}
    counts = Counter(name for _, name in named.values())
    return {
        identity: name if counts[name] == 1 else f"{name}-{hashlib.sha256(symbol.encode()).hexdigest()[:6]}"
        for identity, (symbol, name) in named.items()
    }


def _parts(position: Position) -> list[str]:
    parts = [slug(position.symbol), position.side.value]
    if position.is_isolated:
        parts.append("isolated")
    if position.id:
        parts.append(slug(position.id))
    return parts
