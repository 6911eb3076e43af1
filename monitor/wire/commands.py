"""Commands as JSON, in and out (design 5.4): ``{request, id or matcher, for, author, token}``."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitor.command import BadCommand, Command, Kind, Reply
from monitor.core.span import read_span

LARGEST = 4096
"""Bytes of a command."""

KEYS: Mapping[Kind, tuple[str, ...]] = {
    Kind.ACK: ("id",),
    Kind.SILENCE: ("matcher", "for"),
    Kind.UNSILENCE: ("id",),
    Kind.POLL: ("account",),
    Kind.TEST_ALERT: (),
}
COMMON = ("request", "author", "token")
LONGEST_TEXT = 200


def read_command(kind: Kind, raw: bytes | str, origin: str) -> tuple[Command, str]:
    """Return a command and the token that it carries, "" where it carries none. An empty body is an empty object.

    Raises:
        BadCommand: it cannot be understood.

    """
    if len(raw) > LARGEST:
        raise BadCommand(f"a command has at most {LARGEST} bytes")
    given = _object(raw)
    allowed = (*KEYS[kind], *COMMON)
    if strange := sorted(given.keys() - set(allowed)):
        raise BadCommand(f"{kind.value} does not take {', '.join(strange)[:LONGEST_TEXT]}; it takes {', '.join(allowed)}")
    texts = {key: _text(key, value) for key, value in given.items() if value is not None}
    lasting = texts.get("for")
    command = Command(
        kind=kind,
        target=next((texts[key] for key in ("id", "matcher", "account") if key in texts), None),
        lasting=None if lasting is None else _lasting(lasting),
        author=texts.get("author", "somebody"),
        request=texts.get("request"),
        origin=origin,
    )
    return command, texts.get("token", "")


def command_json(command: Command) -> Mapping[str, object]:
    """Return a command as it is sent."""
    (key,) = KEYS[command.kind][:1] or (None,)
    seconds = None if command.lasting is None else f"{round(command.lasting.total_seconds())}s"
    named = {key: command.target} if key else {}
    found = {**named, "for": seconds, "author": command.author, "request": command.request}
    return {name: value for name, value in found.items() if value is not None}


def reply_json(reply: Reply, request: str | None) -> Mapping[str, object]:
    """Return what came of a command."""
    channels = [{"channel": c.channel, "acknowledged_after": c.seconds, "fault": c.fault} for c in reply.channels]
    return {"request": request, "ok": reply.is_done, "text": reply.text, "id": reply.id, "channels": channels}


def _object(raw: bytes | str) -> Mapping[str, Any]:
    try:
        given = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        raise BadCommand("a command is a JSON object") from None
    if not isinstance(given, dict):
        raise BadCommand("a command is a JSON object")
    return given


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_TEXT:
        raise BadCommand(f"{key[:LONGEST_TEXT]} must be a text of at most {LONGEST_TEXT} printable characters")
    return value


def _lasting(text: str) -> timedelta:
    try:
        return read_span(text)
    except ValueError as error:
        raise BadCommand(f"for: {error}") from None
