"""The three sources of a configuration together: what counts, where it stands, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import InitSettingsSource

from monitor.config.document import UNREADABLE, Document, KeyPath
from monitor.config.mistakes import Absent, Mistake, dotted, hint, supply
from monitor.config.outside import Given
from monitor.config.section import bare, below, is_section
from monitor.config.settings import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake. ``order``: sorts the file's by line, and all others behind them."""

    order: tuple[int, int, int]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Environment before secret files before *document*, the file called *name*."""

    name: str
    document: Document
    secrets: Given
    environment: Given

    def read(self) -> tuple[Config | None, list[Problem]]:
        """Return the configuration or what is wrong. The library's own error, which holds values, ends here."""
        sources = [self.environment.values, self.secrets.values, self.document.value]
        try:
            return Config(_build_sources=(tuple(InitSettingsSource(Config, init_kwargs=given) for given in sources), {})), []
        except ValidationError as error:
            details = error.errors(include_input=False, include_url=False)
        return None, [self._problem(detail) for detail in details if not self._is_consequence(detail)]

    def form(self) -> list[Problem]:
        """Return the mistakes of form in all sources."""
        of_file = [
            Problem(order=(0, place.line, place.column), text=f"{self.name}:{place}: {_at(path)}{text}")
            for path, place, text in self.document.mistakes
        ]
        return of_file + [Problem(order=(1, 0, 0), text=text) for text in (*self.secrets.mistakes, *self.environment.mistakes)]

    def problem(self, path: KeyPath, text: str, *, key: bool = False) -> Problem:
        """Return a mistake at *path* with the place of what causes it: of its key, of its value, or of what is around it."""
        for end in range(len(path), -1, -1):
            at = path[:end]
            origin = self.environment.origins.get(at) or self.secrets.origins.get(at)
            if origin:
                return Problem(order=(1, 0, 0), text=f"{origin}: {_at(path)}{text}")
            place = self.document.keys.get(at) if key or end < len(path) else self.document.place(at)
            if place:
                return Problem(order=(0, place.line, place.column), text=f"{self.name}:{place}: {_at(path)}{text}")
        start = ":1:1" if self.document.values else ""
        return Problem(order=(0, 1, 1), text=f"{self.name}{start}: {_at(path)}{text}")

    def value(self, path: KeyPath) -> object:
        """Return what is written at *path*, not validated; None: nothing."""
        sources = (self.environment.values, self.secrets.values, self.document.value)
        return next((found for source in sources if (found := _look(source, path)) is not None), None)

    def _problem(self, detail: ErrorDetails) -> Problem:
        path: KeyPath = detail["loc"]
        if path and path[-1] == "[key]":
            return self.problem(path[:-1], _sentence(detail, path), key=True)
        return self.problem(path, _sentence(detail, path), key=detail["type"] == "extra_forbidden")

    def _is_consequence(self, detail: ErrorDetails) -> bool:
        """Whether another mistake causes this one: of form, or in a key that a default depends on."""
        return detail["type"] == "default_factory_not_called" or self.value(detail["loc"]) is UNREADABLE


def _at(path: KeyPath) -> str:
    return f"{dotted(path)}: " if path else ""


def _look(source: object, path: KeyPath) -> object:
    for part in path:
        if isinstance(source, list) and isinstance(part, int):
            source = source[part] if part < len(source) else None
        else:
            source = source.get(str(part)) if isinstance(source, Mapping) else None
    return source


_SENTENCES = {
    "model_type": "must be a section: keys and values, indented below it",
    "model_attributes_type": "must be a section: keys and values, indented below it",
    "dict_type": "must be a section: keys and values, indented below it",
    "tuple_type": "must be a list, such as [a, b]",
    "too_short": "is empty: add an entry or remove the key",
    "missing": "is missing",
}


def _sentence(detail: ErrorDetails, path: KeyPath) -> str:
    """Say in our words what pydantic found; a text of its own could hold the value."""
    cause = detail.get("ctx", {}).get("error")
    kind = detail["type"]
    if path == ("accounts",) and kind in {"missing", "too_short"}:
        return "no account is configured: fill one in as config.example.yaml shows"
    if isinstance(cause, Absent) or (kind == "missing" and bare(_kind(path)) is SecretStr):
        return f"{supply(path)}{cause or ''}"
    if isinstance(cause, Mistake):
        return str(cause)
    if kind == "extra_forbidden":
        return f"there is no such key{hint(str(path[-1]), _known(path[:-1]))}"
    if kind == "enum":
        return f"must be one of {detail['ctx']['expected']}"
    return _SENTENCES.get(kind, "is not valid here")


def _kind(path: KeyPath) -> Any:  # noqa: ANN401 - a type hint
    kind: Any = Config
    for part in path:
        kind = below(kind, part)
    return kind


def _known(path: KeyPath) -> Iterator[str]:
    kind = bare(_kind(path))
    if is_section(kind):
        yield from (field.alias or name for name, field in kind.model_fields.items())
