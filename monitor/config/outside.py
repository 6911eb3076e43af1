"""Settings from outside the file: environment variables, and secret files of the same names.

A name is the path of a setting with `__` between its parts. Case does not matter and a hyphen is written `_`. What is
named must exist: a variable never makes a new account.
"""

import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from monitor.config.document import KeyPath, Plain, is_text, parse
from monitor.config.mistakes import PREFIX, Mistake, dotted, nearest, variable
from monitor.config.section import bare, is_section

MOST_BYTES = 65_536

_KUBERNETES = re.compile(r"(\w+_)?SERVICE_(HOST|PORT(_\w+)?)|(\w+_)?PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
"""What Kubernetes sets for a Service that is called inverse-monitor; its `..._PORT` holds an address with `://`.

Source: Kubernetes documentation, "Service", "Environment variables"; seen 2026-11.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one source gives, nested as the configuration is. ``origins``: where each of it stands."""

    values: dict[str, Any] = field(default_factory=dict, repr=False)
    origins: dict[KeyPath, str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    label: str
    """What to call it in a message."""
    name: str
    """Its name without the prefix."""
    text: str = field(repr=False)


class Unknown(Mistake):
    """No setting has this name."""


def from_environment(environ: Mapping[str, str], settings: type[BaseModel], file: object) -> Given:
    """Return what the variables give. *file*: the values of the configuration file, for the names of accounts."""
    entries = (
        _Entry(label=key, name=key[len(PREFIX) :], text=value)
        for key, value in sorted(environ.items(), key=lambda item: item[0].upper())
        if key.upper().startswith(PREFIX) and not _is_of_kubernetes(key[len(PREFIX) :].upper(), value)
    )
    return _collect(entries, settings, file, Given())


def from_secret_files(directories: Iterable[Path], settings: type[BaseModel], file: object) -> Given:
    """Return what files named like variables give; of two with one name the first directory's counts."""
    given = Given()
    found: dict[str, Path] = {}
    for directory in directories:
        for path in _listed(directory, given):
            found.setdefault(path.name.upper(), path)
    return _collect(_read(found.values(), given), settings, file, given)


def _is_of_kubernetes(name: str, value: str) -> bool:
    return bool(_KUBERNETES.fullmatch(name)) or (name.endswith("PORT") and "://" in value)


def _listed(directory: Path, given: Given) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.name.upper().startswith(PREFIX) and not path.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        given.mistakes.append(f"{directory}: cannot be listed ({error.strerror}): let the user that runs this read it")
        return []


def _read(paths: Iterable[Path], given: Given) -> Iterator[_Entry]:
    for path in paths:
        try:
            with path.open("rb") as stream:
                text = stream.read(MOST_BYTES).decode().strip()
        except UnicodeDecodeError:
            given.mistakes.append(f"{path}: is not UTF-8 text")
        except OSError as error:
            given.mistakes.append(f"{path}: cannot be read ({error.strerror}): let the user that runs this read it")
        else:
            yield _Entry(label=str(path), name=path.name[len(PREFIX) :], text=text)


def _collect(entries: Iterable[_Entry], settings: type[BaseModel], file: object, given: Given) -> Given:
    for entry in entries:
        try:
            path, kind = _find(entry.name.lower().split("__"), settings, file, ())
            _check(entry, kind, given.origins.get(path))
        except Unknown as mistake:
            given.mistakes.append(f"{entry.label}: {mistake}{_meant(entry.name, settings, file)}")
        except Mistake as mistake:
            given.mistakes.append(f"{entry.label}: {mistake}")
        else:
            _put(given, path, kind, entry)
    return given


def _check(entry: _Entry, kind: Any, other: str | None) -> None:  # noqa: ANN401 - a type hint
    if typing.get_origin(bare(kind)) is dict and is_section(typing.get_args(bare(kind))[1]):
        raise Mistake("cannot be set whole: the file names the entries, a variable sets a key of one")
    if other is not None:
        raise Mistake(f"sets the same as {other}: keep one")
    if not entry.text:
        raise Mistake("is empty: give it a value or remove it")
    if not is_text(entry.text):
        raise Mistake("is not UTF-8 text")


def _find(parts: list[str], kind: Any, file: object, path: KeyPath) -> tuple[KeyPath, Any]:  # noqa: ANN401 - a type hint
    """Return the path that *parts* name, below *path*, and the kind of value there."""
    if not parts:
        return path, kind
    known = _keys(kind, file)
    key = next((key for key in known if key.replace("-", "_").lower() == parts[0]), None)
    if key is None:
        raise Unknown(_unknown(parts[0], kind, path))
    return _find(parts[1:], known[key], file.get(key) if isinstance(file, Mapping) else None, (*path, key))


def _keys(kind: Any, file: object) -> dict[str, Any]:  # noqa: ANN401 - a type hint
    """Return what can be below *kind*, each with its own kind; of a map, what the file has there."""
    kind = bare(kind)
    if is_section(kind):
        return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
    if not isinstance(file, Mapping):
        return {}
    if typing.get_origin(kind) is dict:
        return dict.fromkeys(map(str, file), typing.get_args(kind)[1])
    return dict.fromkeys(map(str, file), Any) if kind is Any else {}


def _unknown(part: str, kind: Any, path: KeyPath) -> str:  # noqa: ANN401 - a type hint
    if typing.get_origin(bare(kind)) is not dict:
        return "no setting has this name"
    return f"the configuration file has no '{part}' in '{dotted(path)}', and a variable does not make one"


def _meant(name: str, settings: type[BaseModel], file: object) -> str:
    names = (variable(path).removeprefix(PREFIX) for path in _paths(settings, file, ()))
    near = nearest(name, names, cutoff=0.85)
    return f" - did you mean '{PREFIX}{near}'?" if near else ""


def _paths(kind: Any, file: object, path: KeyPath) -> Iterator[KeyPath]:  # noqa: ANN401 - a type hint
    for key, below in _keys(kind, file).items():
        yield (*path, key)
        yield from _paths(below, file.get(key) if isinstance(file, Mapping) else None, (*path, key))


def _put(given: Given, path: KeyPath, kind: Any, entry: _Entry) -> None:  # noqa: ANN401 - a type hint
    value: Any = Plain(entry.text)
    if _is_nested(kind):
        document = parse(entry.text)
        value = document.value
        given.mistakes.extend(f"{entry.label}:{place}: {text}" for _, place, text in document.mistakes)
        given.origins.update({(*path, *below): f"{entry.label}:{place}" for below, place in document.values.items()})
    given.origins[path] = entry.label
    at = given.values
    for part in map(str, path[:-1]):
        if not isinstance(at.get(part), dict):
            at[part] = {}
        at = at[part]
    at[str(path[-1])] = value


def _is_nested(kind: Any) -> bool:  # noqa: ANN401 - a type hint
    kind = bare(kind)
    return is_section(kind) or typing.get_origin(kind) in {dict, tuple}
