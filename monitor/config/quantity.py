"""Quantities: durations, ratios and numbers, exact from their digits.

Values arrive as text, because `document` makes no guesses; code (the demo, tests) may hand over finished values.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from monitor.config.mistakes import Mistake
from monitor.core.span import SECONDS, read_span


def duration(given: object) -> timedelta:
    """Read ``15s``, ``5m``, ``2h`` or ``1d``."""
    if isinstance(given, timedelta):
        return given
    try:
        return read_span(given if isinstance(given, str) else "")
    except ValueError as error:
        raise Mistake(str(error)) from None


def interval(given: object) -> timedelta:
    """Read a duration of 2s at least. A finished timedelta may be shorter: the demo scales its own."""
    read = duration(given)
    if read < timedelta(seconds=2) and not isinstance(given, timedelta):
        raise Mistake("must be 2s at least")
    return read


def positive_duration(given: object) -> timedelta:
    """Read a duration above zero."""
    read = duration(given)
    if read <= timedelta(0):
        raise Mistake("must be more than 0s")
    return read


def amount(given: object) -> Decimal:
    """Read a number with the digits it is written with."""
    if isinstance(given, Decimal):
        return given
    if not isinstance(given, str) or not re.fullmatch(r"[+-]?\d{1,30}(\.\d{1,30})?", given, re.ASCII):
        raise Mistake("must be a number such as 12.5")
    return Decimal(given)


def factor(given: object) -> Decimal:
    """Read a number above zero, as ``3`` or ``3x``."""
    read = amount(given.removesuffix("x") if isinstance(given, str) else given)
    if read <= 0:
        raise Mistake("must be more than 0")
    return read


def share(given: object) -> Decimal:
    """Read a ratio above zero and up to 100 %, as ``0.1`` or ``10%``."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,15})?) ?(%?)", given, re.ASCII) if isinstance(given, str) else None
    if not found and not isinstance(given, Decimal):
        raise Mistake("must be a ratio: 0.1 or 10%")
    read = Decimal(found[1]).scaleb(-2 if found[2] else 0) if found else Decimal(str(given))
    if read <= 0:
        raise Mistake("must be more than 0%")
    if read > 1:
        raise Mistake("must be at most 100% (10% is written 0.1 or 10%)")
    return read


def distance(given: object) -> Decimal:
    """Read a ratio up to 80 %: an alert clears at 1.2 times its threshold, and no distance of a long reaches 100 %."""
    read = share(given)
    if read > Decimal("0.8"):
        raise Mistake("must be at most 80%: an alert clears at 1.2 times its threshold, which must be in reach")
    return read


def off(given: object) -> object:
    """Read ``off`` as None: the level is not used. Older YAML tools write it as false."""
    return None if given == "off" or given is False else given


def written_duration(value: timedelta) -> str:
    """Write a duration as it is read."""
    seconds = Decimal(value // timedelta(microseconds=1)).scaleb(-6)
    unit = next((unit for unit in "dhm" if seconds and seconds % SECONDS[unit] == 0), "s")
    return f"{_digits(seconds / SECONDS[unit])}{unit}"


def written_share(value: Decimal) -> str:
    """Write a ratio in percent."""
    return f"{_digits(value.scaleb(2))}%"


def _digits(value: Decimal) -> str:
    return format(value.normalize(), "f")


_DURATION: dict[str, Any] = {"type": "string", "pattern": r"^\d+(\.\d+)? ?[smhd]$"}
_RATIO: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+(\.\d+)? ?%?$"}]}
_AMOUNT: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[+-]?\d+(\.\d+)?$"}]}
_FACTOR: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+(\.\d+)?x?$"}]}
_WRITTEN_DURATION = PlainSerializer(written_duration, return_type=str)
_WRITTEN_SHARE = PlainSerializer(written_share, return_type=str)


def _or_off(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, {"enum": ["off", False]}]})


Duration = Annotated[timedelta, BeforeValidator(duration), WithJsonSchema(_DURATION), _WRITTEN_DURATION]
PositiveDuration = Annotated[timedelta, BeforeValidator(positive_duration), WithJsonSchema(_DURATION), _WRITTEN_DURATION]
Interval = Annotated[timedelta, BeforeValidator(interval), WithJsonSchema(_DURATION), _WRITTEN_DURATION]
Share = Annotated[Decimal, BeforeValidator(share), WithJsonSchema(_RATIO), _WRITTEN_SHARE]
Distance = Annotated[Decimal, BeforeValidator(distance), WithJsonSchema(_RATIO), _WRITTEN_SHARE]
Amount = Annotated[Decimal, BeforeValidator(amount), WithJsonSchema(_AMOUNT)]
Factor = Annotated[Decimal, BeforeValidator(factor), WithJsonSchema(_FACTOR)]

DistanceLevel = Annotated[Distance | None, BeforeValidator(off), _or_off(_RATIO)]
ShareLevel = Annotated[Share | None, BeforeValidator(off), _or_off(_RATIO)]
FactorLevel = Annotated[Factor | None, BeforeValidator(off), _or_off(_FACTOR)]
TimeLevel = Annotated[PositiveDuration | None, BeforeValidator(off), _or_off(_DURATION)]
AgeLevel = Annotated[Duration | None, BeforeValidator(off), _or_off(_DURATION)]
