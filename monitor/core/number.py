"""Numbers are exact from the door on, and their units are in the names of their types."""

from decimal import Decimal, InvalidOperation

Coin = Decimal
"""An amount of a coin (BTC, ETH ...)."""
Quote = Decimal
"""An amount of the quote currency, in practice US dollars."""
Price = Decimal
"""Quote per coin."""
Ratio = Decimal
"""A pure number; 0.1 is ten percent."""

ZERO = Decimal(0)
ONE = Decimal(1)


def exact(raw: object) -> Decimal:
    """Return the number that the digits of *raw* stand for, unrounded.

    A float stands for the shortest digits that print as it, which are the digits a venue sent as a JSON number.

    Raises:
        ValueError: *raw* is not a number (a bool, None, text without digits), or it is NaN or infinite.

    """
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
        raise ValueError(f"a number is needed, not {_shown(raw)}")
    try:
        number = Decimal(repr(raw) if isinstance(raw, float) else raw)
    except InvalidOperation:
        raise ValueError(f"a number is needed, not {_shown(raw)}") from None
    if not number.is_finite():
        raise ValueError(f"a finite number is needed, not {_shown(raw)}")
    return number


def _shown(raw: object) -> str:
    return "null" if raw is None else repr(raw) if isinstance(raw, (bool, int, float, str, Decimal)) else type(raw).__name__
