"""What every section of the configuration has in common."""

import types
import typing
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """Frozen, strict about its keys, and silent about what it was given.

    A key that is null is as if it were left out, but where null is a value of its own.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        serialize_by_alias=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, given: Any) -> Any:  # noqa: ANN401 - not validated yet
        return without_nulls(cls, given)


def without_nulls(section: type[BaseModel], given: Any) -> Any:  # noqa: ANN401 - not validated yet
    """Return *given* without the nulls that mean nothing in *section*."""
    if not isinstance(given, dict):
        return given
    never = {field.alias or name for name, field in section.model_fields.items() if not _takes_null(field.annotation)}
    return {key: value for key, value in given.items() if value is not None or key not in never}


def bare(kind: Any) -> Any:  # noqa: ANN401 - a type hint
    """Return the kind of value itself: without what annotates it, and without `| None`."""
    if typing.get_origin(kind) is typing.Annotated:
        return bare(typing.get_args(kind)[0])
    if _takes_null(kind):
        return bare(next(arm for arm in typing.get_args(kind) if arm is not types.NoneType))
    return kind


def is_section(kind: Any) -> bool:  # noqa: ANN401 - a type hint
    """Whether *kind* is a section of the configuration."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def below(kind: Any, key: object) -> Any:  # noqa: ANN401 - a type hint
    """Return the kind of what is at *key* in *kind*; Any where that is not known."""
    kind = bare(kind)
    if is_section(kind):
        return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}.get(str(key), Any)
    if typing.get_origin(kind) in {dict, tuple}:
        return typing.get_args(kind)[1 if typing.get_origin(kind) is dict else 0]
    return Any


def _takes_null(kind: Any) -> bool:  # noqa: ANN401 - a type hint
    return typing.get_origin(kind) in {types.UnionType, typing.Union} and types.NoneType in typing.get_args(kind)
