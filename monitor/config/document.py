"""A strict subset of YAML, read as text with its places: no aliases, no tags, no guesses about numbers, dates or yes and no."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import yaml

MOST_BYTES = 4_000_000
MOST_LEVELS = 32

KeyPath = tuple[str | int, ...]
"""Where a value is: ``("accounts", "main", "coins", 0)``."""


class Plain(str):
    """Text that stood without quotes: only where any value is allowed (`ccxt`) may it still become a number."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(slots=True, kw_only=True)
class Document:
    """What was read. ``value`` is None where nothing was written, and `UNREADABLE` stands where a mistake of form is.

    ``keys``, ``values``: where each key and each value begins.
    """

    value: Any = field(default=None, repr=False)
    keys: dict[KeyPath, Place] = field(default_factory=dict, repr=False)
    values: dict[KeyPath, Place] = field(default_factory=dict, repr=False)
    mistakes: list[tuple[KeyPath, Place, str]] = field(default_factory=list)

    def place(self, path: KeyPath) -> Place | None:
        """Return where *path* is to be looked for: a section or list by its key, a single value where it begins."""
        is_single = not any(len(other) > len(path) and other[: len(path)] == path for other in self.values)
        return (self.values if is_single else self.keys).get(path) or self.keys.get(path) or self.values.get(path)


UNREADABLE = object()


class _Loader(yaml.SafeLoader):
    """Takes everything for text, so that no digit is lost and no word becomes a number, a date or false."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the library's own attribute


def parse(text: str) -> Document:
    """Read *text*; what cannot be read is a mistake in the answer, never an exception, and never quotes the text."""
    document = Document()
    try:
        node = yaml.compose(text, Loader=_Loader)
        if node is not None:
            document.value = _Walk(document).value(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.mistakes.append(((), _place(mark), _syntax(error, text)))
    except yaml.reader.ReaderError as error:
        document.mistakes.append(((), _place_at(text, error.position), "holds a character that YAML does not allow"))
    except RecursionError:
        document.mistakes.append(((), Place(line=1, column=1), "is nested too deeply"))
    return document


class _Walk:
    """From YAML's nodes to plain values; notes every place, and every mistake instead of stopping at the first."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: KeyPath) -> Any:  # noqa: ANN401 - YAML holds anything
        self.document.values[path] = _place(node.start_mark)
        objection = self._objection(node, path)
        if objection:
            self._mistake(path, node, objection)
            return UNREADABLE
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return _scalar(node) if isinstance(node, yaml.ScalarNode) else UNREADABLE

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if not isinstance(key, yaml.ScalarNode):
                self._mistake(path, key, "a key must be a single word")
            elif name in found:
                first = self.document.keys[*path, name].line
                self._mistake((*path, name), key, f"this key stands twice here, first in line {first}: keep one")
            else:
                self.document.keys[*path, name] = _place(key.start_mark)
                found[name] = self.value(value, (*path, name))
        return found

    def _objection(self, node: yaml.Node, path: KeyPath) -> str | None:
        if id(node) in self.seen:
            return "aliases (*name) are not supported: write the value out"
        self.seen.add(id(node))
        if len(path) > MOST_LEVELS:
            return "is nested too deeply"
        if node.tag not in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            return "tags (!name) are not supported: put the value in quotes if it begins with !"
        if isinstance(node, yaml.ScalarNode) and not is_text(node.value):
            return "holds a character that is not text"
        return None

    def _mistake(self, path: KeyPath, node: yaml.Node, text: str) -> None:
        self.document.mistakes.append((path, _place(node.start_mark), text))


def is_text(text: str) -> bool:
    """Whether *text* can be written out again: it has no halves of characters and no NUL."""
    return not re.search("[\ud800-\udfff\0]", text)


def dump(values: Mapping[str, Any]) -> str:
    """Return *values* as YAML that any reader of YAML understands in the same way, keys in their order."""
    return yaml.dump(dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes numbers with their own digits, and each thing as often as it occurs."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _number(dumper: yaml.SafeDumper, number: Decimal) -> yaml.ScalarNode:
    text = format(number, "f")
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(Decimal, _number)
_Dumper.add_multi_representer(StrEnum, lambda dumper, word: dumper.represent_str(str(word)))


def _scalar(node: yaml.ScalarNode) -> str | bool | None:
    text = str(node.value)
    if node.style is not None:
        return text
    if text in {"", "~", "null"}:
        return None
    return text == "true" if text in {"true", "false"} else Plain(text)


_SYNTAX = (
    ("single document", "only one document is allowed: remove the line with ---"),
    ("undefined alias", "aliases (*name) are not supported: put the value in quotes if it begins with *"),
    ("alias", "a value that begins with * or & must be in quotes"),
    ("anchor", "a value that begins with * or & must be in quotes"),
    ("expected ':'", "a colon and a space are missing after a key on this line or the one before"),
    ("mapping values are not allowed", "a colon does not belong here: put the value in quotes, or check the indentation"),
    ("quoted scalar", "a quote is not closed"),
    ("escape", "an unknown escape in double quotes: use single quotes"),
    ("end of stream", "a quote or bracket is not closed"),
    ("block end", "the indentation does not match the lines above, or a comma or bracket is out of place"),
    ("','", "a comma or a closing bracket is missing"),
    ("tag", "tags (!name) are not supported: put the value in quotes if it begins with !"),
    ("directive", "a value that begins with % must be in quotes"),
    ("cannot start any token", "a value that begins with @, ` or % must be in quotes"),
)


def _syntax(error: yaml.MarkedYAMLError, text: str) -> str:
    """Say it in our words: the library's own can quote the text."""
    mark = error.problem_mark or error.context_mark
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "a tab stands here: indent with spaces"
    said = f"{error.problem} {error.context}"
    return next((ours for theirs, ours in _SYNTAX if theirs in said), "this is not valid YAML")


def _place(mark: yaml.Mark | None) -> Place:
    return Place(line=mark.line + 1, column=mark.column + 1) if mark else Place(line=1, column=1)


def _place_at(text: str, position: int) -> Place:
    before = text[:position].split("\n")
    return Place(line=len(before), column=len(before[-1]) + 1)
