"""What may be asked of a running monitor. Nothing here trades, and there is no way to add something that does."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What is asked. ``test-alert`` sends a message through the real path and says what each channel acknowledged."""

    ACK = "ack"
    SILENCE = "silence"
    UNSILENCE = "unsilence"
    POLL = "poll"
    TEST_ALERT = "test-alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command. ``target``: the id of an alert or a silence, a matcher, or the account to poll; None: all, or nothing needed.

    ``lasting``: of a silence. ``request``: the sender's own name of this command; the same one twice is one command.
    ``origin``: the way by which it came.
    """

    kind: Kind
    target: str | None
    lasting: timedelta | None
    author: str
    request: str | None
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What one channel made of a test. ``seconds`` None: it has not acknowledged it in time; ``fault`` says why, if known."""

    channel: str
    seconds: float | None
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a command. ``id``: of the silence that was made, or of the event that was sent."""

    is_done: bool
    text: str
    id: str | None = None
    channels: tuple[Acknowledged, ...] = ()


class BadCommand(ValueError):  # noqa: N818 - it says what is the matter
    """It cannot be carried out. The message is a sentence for its sender, and holds no secret."""
