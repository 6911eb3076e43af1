"""Figures made unreadable while their form stays.

What a bug report needs is where the point stands and what is 0, not how much somebody owns.
"""

import re

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
LONG = 20
"""Texts of so many letters and digits without a word's form are ids of somebody."""

_ID = re.compile(rf"[A-Za-z0-9_-]{{{LONG},}}")


def masked(value: object) -> object:
    """Return JSON with every digit but 0 as 1 in numbers and texts that are numbers, and long ids as asterisks."""
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    return _text(str(value))


def _number(value: float) -> object:
    text = _text(repr(value))
    return int(text) if isinstance(value, int) else float(text)


def _text(text: str) -> str:
    if NUMBER.fullmatch(text):
        mantissa, letter, exponent = text.partition("e")
        return re.sub("[1-9]", "1", mantissa) + letter + exponent
    return "*" * 8 if _ID.fullmatch(text) and any(each.isdigit() for each in text) else text
