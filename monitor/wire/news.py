"""What a message of the outbox says, read back for people (`messages.event_json` wrote it)."""

import json
from dataclasses import dataclass
from datetime import datetime

from monitor.core.alerts.alert import EventType
from monitor.core.rules.finding import AlertKey, Level
from monitor.ports import OutboxRow


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event of one alert. ``at``: wall time.

    ``level``: as it is after the event, ok where nothing fires any more. ``weight``: the worse of the levels before and
    after. ``was_muted``: before the event.
    """

    alert_id: str
    type: EventType
    key: AlertKey
    level: Level
    weight: Level
    is_muted: bool
    was_muted: bool
    summary: str
    at: datetime

    @property
    def is_over(self) -> bool:
        """Whether the alert ends with it."""
        return self.type in (EventType.RESOLVED, EventType.GONE)


def read_news(row: OutboxRow) -> News:
    """Return what *row* says; what cannot be read is said to be so, for nothing that waits behind it must wait for ever."""
    try:
        return _read(row)
    except (ValueError, KeyError, TypeError):
        return News(
            alert_id=row.event_id,
            type=EventType.FIRED,
            key=AlertKey(account="", rule="", subject=""),
            level=row.level,
            weight=row.level,
            is_muted=False,
            was_muted=False,
            summary="a message that this version cannot read: look at the page",
            at=row.created_at,
        )


def _read(row: OutboxRow) -> News:
    event = json.loads(row.body)
    alert, before = event["alert"], event["before"]
    return News(
        alert_id=alert["id"],
        type=EventType(event["type"]),
        key=AlertKey(account=alert["account"] or "", rule=alert["rule"], subject=alert["subject"]),
        level=Level[alert["level"].upper()],
        weight=row.level,
        is_muted=alert["muted"] is not None,
        was_muted=before is not None and before["muted"] is not None,
        summary=" ".join(alert["summary"].split()),
        at=datetime.fromisoformat(event["at"]),
    )
