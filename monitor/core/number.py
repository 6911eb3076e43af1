"""Numbers are exact from the door on, and their units are in the names of their types."""

import re
from decimal import Decimal

Coin = Decimal
"""An amount of a coin (BTC, ETH ...)."""
Quote = Decimal
"""An amount of the quote currency, in practice US dollars."""
Price = Decimal
"""Quote per coin."""
Ratio = Decimal
"""A pure number; 0.1 is ten percent."""

LARGEST = Decimal("1e20")
"""No amount, price or size on any venue is beyond this; what is, is a fault, and would stall or break arithmetic."""
SMALLEST = Decimal("1e-30")
LONGEST = 64

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)

ZERO = Decimal(0)
ONE = Decimal(1)


def exact(raw: object) -> Decimal:
    """Return the number that the digits of *raw* stand for, unrounded.

    A float stands for the shortest digits that print as it, which are the digits a venue sent as a JSON number.

    Raises:
        ValueError: *raw* is not a number (a bool, None, text without digits, NaN, infinity), or it is absurdly large or small.

    """
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw) if abs(raw) <= LARGEST else "1e99"
    text = str(raw) if isinstance(raw, (str, float, Decimal)) else ""
    if len(text) > LONGEST or not _NUMBER.fullmatch(text):
        raise ValueError(f"a number is needed, not {_shown(raw)}")
    number = Decimal(text)
    if abs(number) > LARGEST or (number and abs(number) < SMALLEST):
        raise ValueError(f"a number of a possible size is needed, not {_shown(raw)}")
    return number


def _shown(raw: object) -> str:
    if raw is None:
        return "null"
    shown = (
        repr(raw) if isinstance(raw, (bool, int, float, str)) else str(raw) if isinstance(raw, Decimal) else type(raw).__name__
    )
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."
