"""What venues have answered lately, for a bug report: kept only where somebody records, and never the request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_current: ContextVar[list["Answer"] | None] = ContextVar("recording", default=None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the venue, the path that was asked, and the JSON that came."""

    venue: str
    path: str
    answer: object


@contextmanager
def recorded() -> Iterator[list[Answer]]:
    """Keep every answer that arrives inside the block, in this task and in those that it starts."""
    answers: list[Answer] = []
    token = _current.set(answers)
    try:
        yield answers
    finally:
        _current.reset(token)


def note(venue: str, path: str, answer: object) -> None:
    """Keep one answer, where somebody records."""
    if (answers := _current.get()) is not None:
        answers.append(Answer(venue, path, answer))
