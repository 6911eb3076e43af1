"""Alerts and events as JSON (design 5.4)."""

import json
from collections.abc import Mapping

from monitor.core.alerts.alert import Alert, Event
from monitor.core.rules.finding import Level
from monitor.wire.figures import number

Json = Mapping[str, object]


def alert_json(alert: Alert) -> Json:
    """Return one alert as it stands."""
    return {
        "id": alert.id,
        "account": alert.key.account or None,
        "venue": alert.venue or None,
        "rule": alert.key.rule,
        "subject": alert.key.subject,
        "level": alert.level.word if alert.is_firing else Level.OK.word,
        "status": alert.phase.value,
        "since": alert.since.isoformat(),
        "at": alert.at.isoformat(),
        "value": number(alert.value),
        "threshold": number(alert.threshold),
        "unit": alert.unit,
        "summary": alert.summary,
        "acked": alert.is_acked,
        "muted": alert.muted and alert.muted.value,
        "event": alert.event,
    }


def event_json(event: Event) -> Json:
    """Return one change of one alert."""
    return {
        "id": event.id,
        "type": event.type.value,
        "alert": alert_json(event.alert),
        "before": event.before and alert_json(event.before),
        "at": event.at.isoformat(),
    }


def event_body(event: Event) -> bytes:
    """Return the bytes of an event, as they go into the outbox and out of it."""
    return body(event_json(event))


def body(value: object) -> bytes:
    """Return compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
