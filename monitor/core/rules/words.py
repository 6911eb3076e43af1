"""Figures as people say them."""

from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, localcontext

from monitor.core.number import Coin, Price, Ratio

FINEST = Decimal("0.000001")
CENTS = 2
"""Decimals that a price has in a message, at least."""


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


def price_text(price: Price, least: int = 0) -> str:
    """Return a price to five digits or more, *least* decimals at least: ``33,599``, ``2,512.3``, ``0.08123400``."""
    places = 0 if price >= 10_000 else 1 if price >= 1_000 else 2 if price >= 100 else 4 if price >= 1 else 8
    return f"{price:,.{max(places, least)}f}"


def coin_text(amount: Coin, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return an amount of coin; what is not nothing is never shown as 0."""
    step = Decimal("0.01") if abs(amount) >= 1_000 else Decimal("0.0001") if abs(amount) >= 1 else FINEST
    with localcontext(prec=100):
        rounded = amount.quantize(step, rounding=rounding)
    if amount and not rounded:
        return f"< {FINEST:f}" if amount > 0 else f"> -{FINEST:f}"
    return f"{rounded:,f}".rstrip("0").rstrip(".") if rounded else "0"


def enough_text(amount: Coin) -> str:
    """Return an amount of coin rounded up: what is shown suffices."""
    return coin_text(amount, ROUND_CEILING)
