"""The risk of snapshots from a file: offline, and with the rules' defaults where there is no configuration."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from monitor.core.account import Account
from monitor.core.assessment import assess
from monitor.core.portfolio import portfolio
from monitor.core.risk import AccountRisk
from monitor.wire.figures import portfolio_json, risk_json
from monitor.wire.node import SnapshotError, parse
from monitor.wire.reading import read_snapshot

DEFAULT_TARGET = Decimal("0.3")
"""`alerts.target_distance` where there is no configuration."""


def read_file(path: str) -> object:
    """Return the JSON in *path*; ``-`` is standard input.

    Raises:
        SnapshotError: it cannot be read, or it is not JSON.

    """
    try:
        return parse(sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes())
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read: {error.strerror}") from None


def accounts(raw: object) -> tuple[Account, ...]:
    """Return the accounts of one snapshot, or of an array of them.

    Raises:
        SnapshotError: something in it is impossible; the message names the path.

    """
    if not isinstance(raw, list):
        return (read_snapshot(raw),)
    read = tuple(read_snapshot(item, f"[{index}]") for index, item in enumerate(raw))
    names = [account.name for account in read]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SnapshotError(f"[{index}].account: {name!r} stands twice, and would be counted twice")
    return read


def risks(read: Sequence[Account], target: Decimal, now: datetime | None = None) -> tuple[AccountRisk, ...]:
    """Return the risk of each account; its age is by the wall clock."""
    at = now or datetime.now(UTC)
    return tuple(assess(a, age=max(timedelta(0), at - a.taken_at), target_distance=target) for a in read)


def answer(raw: object, read: Sequence[Account], found: Sequence[AccountRisk]) -> Mapping[str, object]:
    """Return the JSON to print: one risk for one snapshot, a portfolio for an array."""
    return portfolio_json(found, portfolio(read, {})) if isinstance(raw, list) else risk_json(found[0])
