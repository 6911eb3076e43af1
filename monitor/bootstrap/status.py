"""What a running daemon says, as the rows and lines of the terminal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from monitor.core.assessment import assess
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.views.scopes import Seen
from monitor.wire.reading import read_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``notices`` are the alerts that fire; ``faults``: what is wrong with store and channels, a sentence each."""

    rows: tuple[Seen, ...]
    notices: tuple[Finding, ...]
    faults: tuple[str, ...]
    ups: tuple[bool, ...]

    @property
    def levels(self) -> tuple[Level, ...]:
        """Return the levels of what fires."""
        return tuple(notice.level or Level.OK for notice in self.notices)


def shown(text: str, target: Decimal) -> Shown:
    """Return what ``/api/status`` says in *text*; figures are reckoned anew from its snapshots, exactly."""
    said = json.loads(text)
    return Shown(
        rows=tuple(_row(row, target) for row in said["accounts"]),
        notices=tuple(_notice(alert) for alert in said["alerts"] if alert["status"] == "firing"),
        faults=tuple(fault for fault in (said["store_fault"], *(each["fault"] for each in said["channels"])) if fault),
        ups=tuple(row["up"] for row in said["accounts"]),
    )


def _row(row: Mapping[str, Any], target: Decimal) -> Seen:
    age = None if row["age_seconds"] is None else timedelta(seconds=row["age_seconds"])
    account = None if row["snapshot"] is None else read_snapshot(row["snapshot"])
    fault = None if row["up"] else row["error"]["message"]
    risk = None if account is None else assess(account, age=age or timedelta(0), target_distance=target)
    return Seen(account=row["account"], venue=row["venue"], age=age, fault=fault, risk=risk)


def _notice(alert: Mapping[str, Any]) -> Finding:
    key = AlertKey(account=alert["account"] or "", rule=alert["rule"], subject=alert["subject"])
    return Finding(key=key, venue=alert["venue"] or "", level=Level[alert["level"].upper()], summary=alert["summary"])
