"""What some faults make of a true body: rows twice, keys or rows lost, numbers written in another way."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from monitor.demo.faults import Fault, Misbehaviour

Names = frozenset[str]

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_MARK = "\u2116"
"""Before a text that is to become a number; no venue writes it."""


def spoilt(misbehaviour: Misbehaviour, body: str) -> str:
    """Return the true JSON *body* as the fault leaves it."""
    spoil = _SPOILERS.get(misbehaviour.fault)
    return body if spoil is None else spoil(body, misbehaviour.keys)


def _duplicated(node: object, _: Names) -> object:
    if isinstance(node, list):
        rows = [_duplicated(row, _) for row in node]
        return rows + [row for row in rows if isinstance(row, dict)]
    return {key: _duplicated(part, _) for key, part in node.items()} if isinstance(node, dict) else node


def _poorer(node: object, keys: Names, *, is_row: bool = False) -> object:
    if isinstance(node, list):
        return [_poorer(row, keys, is_row=True) for row in node]
    if not isinstance(node, dict):
        return node
    lost = keys or (frozenset(sorted(node)[::2]) if is_row else frozenset())
    return {key: _poorer(part, keys) for key, part in node.items() if key not in lost}


def _without(node: object, names: Names) -> object:
    """Leave out the rows that name one of *names*."""
    if isinstance(node, list):
        return [_without(row, names) for row in node if not (isinstance(row, dict) and _mentions(row, names))]
    return {key: _without(part, names) for key, part in node.items()} if isinstance(node, dict) else node


def _mentions(row: Mapping[str, object], names: Names) -> bool:
    return any(isinstance(value, str) and value in names for value in row.values())


def _marked(node: object) -> object:
    """Mark the texts that could be numbers."""
    if isinstance(node, list):
        return [_marked(part) for part in node]
    if isinstance(node, dict):
        return {key: _marked(part) for key, part in node.items()}
    return f"{_MARK}{node}" if isinstance(node, str) and _NUMBER.fullmatch(node) else node


def _as_texts(body: str, _: Names) -> str:
    return json.dumps(json.loads(body, parse_int=str, parse_float=str))


def _as_numbers(body: str, _: Names) -> str:
    return re.sub(rf'"{_MARK}([^"]*)"', r"\1", json.dumps(_marked(json.loads(body)), ensure_ascii=False))


def _by_node(change: Callable[[Any, Names], object]) -> Callable[[str, Names], str]:
    return lambda body, keys: json.dumps(change(json.loads(body), keys))


_SPOILERS: Mapping[Fault, Callable[[str, Names], str]] = {
    Fault.CUT_JSON: lambda body, _: body[: len(body) * 2 // 3],
    Fault.DUPLICATE_ROWS: _by_node(_duplicated),
    Fault.MISSING_KEYS: _by_node(_poorer),
    Fault.DELISTED: _by_node(_without),
    Fault.NUMBERS_AS_TEXTS: _as_texts,
    Fault.TEXTS_AS_NUMBERS: _as_numbers,
}
