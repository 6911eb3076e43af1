"""An endpoint that a venue file reads: the allow-list is made of these, and of nothing else."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.core.number import exact

Shape = Callable[[object], bool]
"""Whether an answer has the form that its endpoint is known to have. An outage page, ``{}`` or ``null`` has not."""


def holds(kind: type, *path: str) -> Shape:
    """Return the shape of an answer in which *path* leads to a *kind*; without a path the answer itself is one."""
    return lambda answer: isinstance(_at(answer, path), kind)


def holds_number(*path: str) -> Shape:
    """Return the shape of an answer in which *path* leads to a number, which some write as a text today and not tomorrow."""

    def fits(answer: object) -> bool:
        try:
            exact(_at(answer, path))
        except ValueError:
            return False
        return True

    return fits


def _at(answer: object, path: Iterable[str]) -> object:
    for key in path:
        if not isinstance(answer, dict):
            return None
        answer = answer.get(key)
    return answer


def says(key: str, value: object) -> Shape:
    """Return the shape of an object whose *key* has *value*; a number may be written as a text, and a text as a number."""
    return lambda answer: isinstance(answer, dict) and key in answer and _written(answer[key]) == _written(value)


def _written(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def both(first: Shape, second: Shape) -> Shape:
    """Return the shape of an answer that has two."""
    return lambda answer: first(answer) and second(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One readable address of a venue.

    ``api``, ``method``, ``path``: how ccxt names it. ``base``: which of ccxt's ``urls["api"]`` it is below, when not ``api[0]``.
    ``route``: what follows that base, when not ``/`` and the path; both are what the second check goes by.
    ``weight``: what it takes from the venue's budget.
    """

    api: tuple[str, ...]
    path: str
    shape: Shape
    method: str = "GET"
    base: str | None = None
    route: str | None = None
    weight: float = 1

    @property
    def key(self) -> tuple[tuple[str, ...], str, str]:
        """Return what identifies it in ccxt's table of endpoints."""
        return (self.api, self.method, self.path)

    @property
    def url_name(self) -> str:
        """Return the name of its base in ccxt's ``urls["api"]``."""
        return self.base or self.api[0]

    def named(self, params: Mapping[str, object]) -> str:
        """Return its path with the parameters that are a part of it, to call it by in messages."""
        return re.sub(r"{(\w+)}", lambda found: str(params.get(found[1], found[0])), self.path)

    def path_pattern(self, base_path: str) -> str:
        """Return a regular expression of its whole URL path, ``{parameters}`` standing for one segment each."""
        path = base_path.rstrip("/") + (self.route or "/" + self.path)
        return re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(path))
