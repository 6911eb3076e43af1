"""Figures as people read them, the same on the page and in the terminal."""

from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, localcontext

from monitor.core.number import Coin, Price, Ratio
from monitor.core.rules.words import percent, spoken

FINEST = Decimal("0.000001")


def price_text(price: Price) -> str:
    """Return a price to five digits or more: ``33,599``, ``2,512.3``, ``0.081234``."""
    return _grouped(price, 0 if price >= 10_000 else 1 if price >= 1_000 else 2 if price >= 100 else 4 if price >= 1 else 8)


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


def ratio_text(ratio: Ratio) -> str:
    """Return a ratio in percent."""
    return percent(ratio)


def times_text(ratio: Ratio) -> str:
    """Return leverage."""
    return f"{ratio:,.2f}x"


def age_text(age: timedelta | None) -> str:
    """Return how old something is; ``never`` where it was never there."""
    return "never" if age is None else f"{spoken(age)} ago"


def _grouped(value: Decimal, places: int) -> str:
    return f"{value:,.{places}f}"
