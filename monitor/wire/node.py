"""A strict reader of JSON: every complaint names the path of the key at fault."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from monitor.core.number import exact

Word = TypeVar("Word", bound=StrEnum)

LARGEST_WHOLE = 10**9


class SnapshotError(ValueError):
    """A snapshot cannot be read; the message begins with the path of the key at fault."""


def parse(text: str | bytes) -> object:
    """Return JSON *text* as plain values, numbers with all their digits.

    Raises:
        SnapshotError: it is not JSON.

    """
    try:
        readable = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(readable, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique)
    except SnapshotError:
        raise
    except json.JSONDecodeError as error:
        raise SnapshotError(f"line {error.lineno}, column {error.colno}: this is not JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise SnapshotError("this is not text in UTF-8") from None
    except RecursionError:
        raise SnapshotError("this is nested too deeply") from None
    except ValueError:
        raise SnapshotError("a number in it is absurdly long") from None


@dataclass(frozen=True, slots=True)
class Node:
    """One value and where it stands."""

    raw: object
    path: str

    def fail(self, problem: str) -> SnapshotError:
        """Return the error that says what is wrong here."""
        return SnapshotError(f"{self.path or 'the snapshot'}: {problem}")

    def object(self, *known: str) -> "Fields":
        """Return the keys of an object, of which only *known* ones may be there."""
        if not isinstance(self.raw, dict):
            raise self.fail(f"an object is needed, not {_named(self.raw)}")
        if isinstance(self.raw, _Twice):
            raise self.fail(f"the key {self.raw.key!r} stands twice")
        for key in self.raw:
            if key not in known:
                raise Node(None, _joined(self.path, key)).fail(f"this key is not known{_suggestion(key, known)}")
        return Fields(self.raw, self)

    def entries(self) -> Iterator[tuple[str, "Node"]]:
        """Return the keys of an object that may have any, with their values."""
        if not isinstance(self.raw, dict):
            raise self.fail(f"an object is needed, not {_named(self.raw)}")
        return ((key, Node(value, _joined(self.path, key))) for key, value in self.raw.items())

    def items(self) -> Iterator["Node"]:
        """Return the items of an array."""
        if not isinstance(self.raw, list):
            raise self.fail(f"an array is needed, not {_named(self.raw)}")
        return (Node(item, f"{self.path}[{index}]") for index, item in enumerate(self.raw))

    def number(self) -> Decimal:
        """Return a number, given as a JSON number or as text."""
        try:
            return exact(self.raw)
        except ValueError as error:
            raise self.fail(str(error)) from None

    def positive(self) -> Decimal:
        """Return a number above zero."""
        number = self.number()
        if number <= 0:
            raise self.fail(f"it must be above 0, not {number:f}")
        return number

    def not_negative(self) -> Decimal:
        """Return a number that is zero or above."""
        number = self.number()
        if number < 0:
            raise self.fail(f"it must not be negative, and is {number:f}")
        return number

    def whole(self) -> int:
        """Return a whole number."""
        number = self.number()
        if abs(number) > LARGEST_WHOLE or number != number.to_integral_value():
            raise self.fail(f"a whole number is needed, not {number:f}")
        return int(number)

    def text(self) -> str:
        """Return text that is not empty."""
        if not isinstance(self.raw, str) or not self.raw or not self.raw.isprintable():
            raise self.fail(f"text is needed, not {_named(self.raw)}")
        return self.raw

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.raw, bool):
            raise self.fail(f"true or false is needed, not {_named(self.raw)}")
        return self.raw

    def word(self, of: type[Word]) -> Word:
        """Return one of the words of an enumeration."""
        words = [member.value for member in of]
        if self.raw not in words:
            hint = _suggestion(self.raw, words) if isinstance(self.raw, str) else ""
            raise self.fail(f"it must be one of {', '.join(words)}, not {_named(self.raw)}{hint}")
        return of(self.raw)

    def moment(self) -> datetime:
        """Return a time with its zone, in ISO 8601."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.fail(f"a time such as 2026-11-22T07:00:00Z is needed, not {_named(self.raw)}") from None
        if moment.tzinfo is None:
            raise self.fail("the time needs a zone, such as the Z in 2026-11-22T07:00:00Z")
        return moment


@dataclass(frozen=True, slots=True)
class Fields:
    """The keys of one object."""

    raw: Mapping[str, object]
    node: Node

    def __getitem__(self, key: str) -> Node:
        """Return the value of a key that must be there."""
        if key not in self.raw:
            raise self.node.fail(f"the key {key!r} is missing")
        return Node(self.raw[key], _joined(self.node.path, key))

    def get(self, key: str) -> Node | None:
        """Return the value of a key; None where it is left out or null, which means that it is not known."""
        return None if self.raw.get(key) is None else self[key]

    def number(self, key: str) -> Decimal | None:
        """Return a number that may be unknown."""
        node = self.get(key)
        return None if node is None else node.number()

    def positive(self, key: str) -> Decimal | None:
        """Return a number above zero that may be unknown."""
        node = self.get(key)
        return None if node is None else node.positive()

    def text(self, key: str) -> str | None:
        """Return text that may be unknown."""
        node = self.get(key)
        return None if node is None else node.text()


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _suggestion(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f" - did you mean {close[0]!r}?" if close else ""


def _named(raw: object) -> str:
    if raw is None:
        return "null"
    if isinstance(raw, (dict, list)):
        return "an object" if isinstance(raw, dict) else "an array"
    return repr(raw) if isinstance(raw, (str, bool, int)) else f"{raw}"


def _no_constant(name: str) -> object:
    raise SnapshotError(f"{name} is not a number")


class _Twice(dict[str, object]):
    """An object in which a key stands twice; whoever reads it knows its path and says so."""

    key: str


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = _Twice(found)
    twice.key = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
    return twice
