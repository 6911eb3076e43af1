"""Commands are read strictly: what is not understood is refused with a sentence, and nothing of it is done."""

import json
from datetime import timedelta

import pytest

from monitor.command import Acknowledged, BadCommand, Command, Kind, Reply
from monitor.wire.commands import LARGEST, command_json, read_command, reply_json


def test_a_silence_is_read_with_its_token() -> None:
    raw = json.dumps({"request": "7", "matcher": "account=main", "for": "2h", "author": "ann", "token": "s3cret"})
    command, token = read_command(Kind.SILENCE, raw.encode(), "mqtt")
    assert token == "s3cret"
    assert command == Command(
        kind=Kind.SILENCE, target="account=main", lasting=timedelta(hours=2), author="ann", request="7", origin="mqtt"
    )


def test_an_empty_body_asks_for_everything() -> None:
    command, token = read_command(Kind.POLL, b"", "http")
    assert (command.target, command.author, token) == (None, "somebody", "")


@pytest.mark.parametrize(
    ("kind", "raw", "complaint"),
    [
        (Kind.ACK, "[]", "a JSON object"),
        (Kind.ACK, "{", "a JSON object"),
        (Kind.ACK, b"\xff", "a JSON object"),
        (Kind.ACK, "[" * 4000, "a JSON object"),
        (Kind.ACK, '{"id": 7}', "id must be a text"),
        (Kind.ACK, '{"id": ""}', "id must be a text"),
        (Kind.ACK, '{"id": "a\\u0007"}', "id must be a text"),
        (Kind.ACK, json.dumps({"id": "x" * 201}), "id must be a text"),
        (Kind.ACK, '{"id": "a", "matcher": "b"}', "ack does not take matcher; it takes id, request, author, token"),
        (Kind.SILENCE, '{"matcher": "account=a", "for": "soon"}', "for: must be a duration"),
        (Kind.SILENCE, json.dumps({"matcher": "x" * LARGEST}), "at most 4096 bytes"),
    ],
)
def test_what_is_not_understood_is_refused(kind: Kind, raw: bytes | str, complaint: str) -> None:
    with pytest.raises(BadCommand) as refused:
        read_command(kind, raw, "mqtt")
    assert complaint in str(refused.value)


def test_a_command_is_read_as_it_is_written() -> None:
    wish = Command(kind=Kind.SILENCE, target="rule=stale", lasting=timedelta(minutes=90), author="ann", request="r", origin="cli")
    assert read_command(Kind.SILENCE, json.dumps(command_json(wish)), "cli") == (wish, "")
    bare = Command(kind=Kind.TEST_ALERT, target=None, lasting=None, author="ann", request=None, origin="cli")
    assert read_command(Kind.TEST_ALERT, json.dumps(command_json(bare)), "cli") == (bare, "")


def test_a_reply_says_what_each_channel_did() -> None:
    done = Reply(is_done=False, text="no", id="e1", channels=(Acknowledged(channel="mqtt", seconds=None, fault="down"),))
    assert reply_json(done, "r1") == {
        "request": "r1",
        "ok": False,
        "text": "no",
        "id": "e1",
        "channels": [{"channel": "mqtt", "acknowledged_after": None, "fault": "down"}],
    }
