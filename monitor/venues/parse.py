"""Strict readers of venue JSON: what is missing or malformed raises and says where; nothing becomes 0."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from monitor.core.account import Tier
from monitor.core.number import ZERO, exact
from monitor.ports import ErrorKind, VenueDataInvalid

T = TypeVar("T")
R = TypeVar("R")


def invalid(venue: str, what: str) -> VenueDataInvalid:
    """Return the error for an answer that is not understood; *what* names the place and the fault."""
    return VenueDataInvalid(ErrorKind.INVALID, f"{venue}: {what}; nothing of this answer is used")


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object of a venue's answer; ``what`` says which one, for messages."""

    raw: Mapping[str, object]
    venue: str
    what: str

    def number(self, key: str) -> Decimal:
        """Return the number at *key*, which must be there."""
        number = self.optional(key)
        if number is None:
            raise self.fault(key, "is missing")
        return number

    def positive(self, key: str) -> Decimal:
        """Return the number at *key*, which must be there and above zero, as prices and sizes are."""
        number = self.number(key)
        if number <= ZERO:
            raise self.fault(key, "is not above zero")
        return number

    def optional(self, key: str) -> Decimal | None:
        """Return the number at *key*; None where the venue says nothing: no key, null or an empty text."""
        raw = self.raw.get(key)
        if raw is None or raw == "":
            return None
        try:
            return exact(raw)
        except ValueError:
            raise self.fault(key, "is not a number") from None

    def text(self, key: str) -> str:
        """Return the text at *key*, which must be there and not be empty."""
        raw = self.raw.get(key)
        if not isinstance(raw, str) or not raw:
            raise self.fault(key, "is missing or not a text")
        return raw

    def moment(self, key: str) -> datetime | None:
        """Return the time at *key*, given in milliseconds; None where the venue says nothing or 0."""
        milliseconds = self.optional(key)
        if not milliseconds:
            return None
        try:
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(milliseconds))
        except OverflowError:
            raise self.fault(key, "is not a time") from None

    def date(self, key: str) -> datetime:
        """Return the time at *key*, given in milliseconds, which must be there: a dated contract without it is no perpetual."""
        date = self.moment(key)
        if date is None:
            raise self.fault(key, "is missing")
        return date

    def inner(self, key: str) -> "Row":
        """Return the object at *key*, which must be there."""
        raw = self.raw.get(key)
        if not isinstance(raw, dict):
            raise self.fault(key, "is missing or not an object")
        return Row(raw, self.venue, f"{self.what} {key}")

    def rows(self, key: str, name: str) -> list["Row"]:
        """Return the objects of the list at *key*, each called by its *name* field."""
        return list(rows(self.raw.get(key), self.venue, f"{self.what} {key}", name))

    def fault(self, key: str, fault: str) -> VenueDataInvalid:
        """Return the error that says what is wrong with *key*."""
        return invalid(self.venue, f"in {self.what} `{key}` {fault}")


def whole(raw: object, venue: str, what: str) -> Row:
    """Return a whole answer as one object."""
    if not isinstance(raw, dict):
        raise invalid(venue, f"{what} is not an object")
    return Row(raw, venue, what)


def rows(raw: object, venue: str, what: str, name: str) -> Iterator[Row]:
    """Yield the objects of a list, each called ``what`` and its *name* field in messages."""
    if not isinstance(raw, list):
        raise invalid(venue, f"{what} is not a list")
    for item in raw:
        if not isinstance(item, dict):
            raise invalid(venue, f"{what} holds something that is not an object")
        yield Row(item, venue, f"{what} {item.get(name, '')}".strip())


def readable(named: Iterable[tuple[str, T]], parse: Callable[[T], R]) -> dict[str, R]:
    """Return what *parse* makes of each, those left out that it does not understand: who holds nothing there is not concerned.

    Raises:
        VenueDataInvalid: it understands none of them, which is no longer one odd contract but another wire format.

    """
    found: dict[str, R] = {}
    fault: VenueDataInvalid | None = None
    for name, raw in named:
        try:
            found[name] = parse(raw)
        except VenueDataInvalid as invalid_one:
            fault = invalid_one
    if fault and not found:
        raise fault
    return found


async def understood(venue: str, read: Awaitable[T]) -> T:
    """Return what *read* does, with whatever its parsers stumble on as an error of the venue's data."""
    try:
        return await read
    except (TypeError, KeyError, AttributeError, ValueError, ArithmeticError) as error:
        stumbled = type(error).__name__
    raise invalid(venue, f"an answer could not be understood ({stumbled})")


def ladder(tiers: list[Tier], venue: str, what: str) -> tuple[Tier, ...]:
    """Return *tiers* in order, from 0 up and without a gap.

    Raises:
        VenueDataInvalid: they are not such a ladder; a hole would be read as no requirement.

    """
    ordered = tuple(sorted(tiers, key=lambda tier: tier.floor))
    if not ordered or ordered[0].floor != ZERO:
        raise invalid(venue, f"the margin tiers of {what} do not begin at 0")
    if any(low.cap != high.floor for low, high in pairwise(ordered)):
        raise invalid(venue, f"the margin tiers of {what} do not join")
    return ordered
