"""The configuration to look at: effective values without secrets, and its JSON Schema."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.json_schema import GenerateJsonSchema

from monitor.config.document import KeyPath, dump
from monitor.config.network import Address
from monitor.config.quantity import written_duration
from monitor.config.sections import Account
from monitor.config.settings import Config
from monitor.config.words import credentials


def redacted(config: Config) -> dict[str, Any]:
    """Return the effective configuration as it would be written, each secret as asterisks."""
    return config.model_dump()


def dump_yaml(config: Config) -> str:
    """Return the same as YAML."""
    return dump(redacted(config))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration file, for editors."""
    schema = Config.model_json_schema(schema_generator=_Schema)
    for section in schema["$defs"].values():
        _require_no_secrets(section)
    return {"$schema": _Schema.schema_dialect, **schema, "title": "Configuration of inverse-monitor"}


class _Schema(GenerateJsonSchema):
    """Shows defaults as they are written in the file."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - any field's default
        if isinstance(dft, timedelta):
            return written_duration(dft)
        return str(dft) if isinstance(dft, Address) else super().encode_default(dft)


def _require_no_secrets(section: dict[str, Any]) -> None:
    """Let a file leave out its secrets: they can come from elsewhere."""
    required = [key for key in section.pop("required", []) if "writeOnly" not in section["properties"][key]]
    if required:
        section["required"] = required


def secret_values(config: Config) -> frozenset[str]:
    """Return every secret, and of an address that is one the parts that may be a credential, for the log to leave out."""
    whole = {value for _, value in secrets_of(config)}
    parts = {part for value in whole if "://" in value for part in re.split(r"[^\w.~%+-]+", value.partition("://")[2])}
    return frozenset(whole | {part for part in parts if len(part) >= 8 and not re.fullmatch(r"[a-z.-]+", part)})


def secrets_of(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Return every secret below *value* and where it stands."""
    if isinstance(value, SecretStr):
        yield path, value.get_secret_value()
    elif isinstance(value, Account):
        yield from (((*path, "ccxt"), found) for found in credentials(value.ccxt))
        yield from _below(value, path)
    elif isinstance(value, (BaseModel, dict)):
        yield from _below(value, path)


def _below(value: BaseModel | dict[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    for key, item in value.items() if isinstance(value, dict) else value:
        if key != "ccxt":
            yield from secrets_of(item, (*path, key))
