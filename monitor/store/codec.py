"""Values as they lie in the database, and back."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog

from monitor.core.account import Account
from monitor.core.alerts.alert import Alert, Silence
from monitor.core.rules.finding import Level
from monitor.ports import OutboxRow
from monitor.store.contents import Entry
from monitor.wire.messages import body
from monitor.wire.node import parse
from monitor.wire.reading import read_snapshot
from monitor.wire.snapshot import snapshot

log = structlog.get_logger(__name__)

_Kept = TypeVar("_Kept", Alert, Silence)


def encoded(value: Alert | Silence) -> bytes:
    """Return *value* as JSON with every digit."""
    return msgspec.json.encode(value)


def decoded(bodies: Iterable[tuple[bytes]], kind: type[_Kept]) -> Iterator[_Kept]:
    """Return the values that can be read; the others are logged and left out."""
    for (raw,) in bodies:
        try:
            yield msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, TypeError) as error:
            log.error("a row of the state file cannot be read and is left out", kind=kind.__name__, problem=str(error))  # noqa: TRY400 - the sentence says all


def encoded_account(account: Account) -> bytes:
    """Return *account* as a snapshot with every digit."""
    return body(snapshot(account, show=str))


def decoded_accounts(bodies: Iterable[tuple[bytes]]) -> Iterator[Account]:
    """Return the accounts that can be read; the others are logged and left out."""
    for (raw,) in bodies:
        try:
            yield read_snapshot(parse(raw))
        except (ValueError, TypeError) as error:
            log.error("a row of the state file cannot be read and is left out", kind="Account", problem=str(error))  # noqa: TRY400 - the sentence says all


EntryColumns = tuple[int, str, str, int, bytes, str]
"""number, channel, event_id, level, body, created_at"""


def columns(entry: Entry) -> EntryColumns:
    """Return a row of the outbox as it lies in the table."""
    row = entry.row
    return (row.number, entry.channel, row.event_id, int(row.level), row.body, row.created_at.isoformat())


def decoded_entries(rows: Iterable[EntryColumns]) -> Iterator[Entry]:
    """Return the rows of the outbox that can be read; the others are logged and left out."""
    for number, channel, event_id, level, raw, created_at in rows:
        try:
            at = datetime.fromisoformat(created_at)
            row = OutboxRow(number=number, event_id=event_id, level=Level(level), body=raw, created_at=at)
            yield Entry(channel=channel, row=row)
        except (ValueError, TypeError) as error:
            log.error("a row of the state file cannot be read and is left out", kind="message", problem=str(error))  # noqa: TRY400 - the sentence says all
