"""Alerts and events as JSON (design 5.4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.alerts.alert import Alert, Event, Silence
from monitor.core.alerts.matcher import matcher_text
from monitor.core.rules.finding import Level
from monitor.wire.figures import number

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment by the clock of decisions, and how far a calendar is ahead of that clock (0 until somebody sets it)."""

    now: datetime
    shift: timedelta = timedelta(0)

    def wall(self, moment: datetime) -> str:
        """Return what a calendar said at *moment*."""
        return (moment + self.shift).isoformat()


def alert_json(alert: Alert, stamp: Stamp) -> Json:
    """Return one alert as it stands at *stamp*; stamps in payloads are wall time."""
    return {
        "id": alert.id,
        "account": alert.key.account or None,
        "venue": alert.venue or None,
        "rule": alert.key.rule,
        "subject": alert.key.subject,
        "level": alert.level.word if alert.is_firing else Level.OK.word,
        "status": alert.phase.value,
        "since": stamp.wall(alert.since),
        "at": stamp.wall(alert.at),
        "value": number(alert.value),
        "threshold": number(alert.threshold),
        "unit": alert.unit,
        "summary": alert.summary_at(stamp.now),
        "acked": alert.is_acked,
        "muted": alert.muted and alert.muted.value,
        "event": alert.event,
    }


def silence_json(silence: Silence, stamp: Stamp) -> Json:
    """Return a silence."""
    return {
        "id": silence.id,
        "matcher": matcher_text(silence.matcher),
        "until": stamp.wall(silence.until),
        "author": silence.author,
    }


def event_json(event: Event, shift: timedelta) -> Json:
    """Return one change of one alert. *shift*: see `Stamp`."""
    stamp = Stamp(event.at, shift)
    return {
        "id": event.id,
        "type": event.type.value,
        "alert": alert_json(event.alert, stamp),
        "before": event.before and alert_json(event.before, stamp),
        "at": stamp.wall(event.at),
    }


def event_body(event: Event, shift: timedelta = timedelta(0)) -> bytes:
    """Return the bytes of an event, as they go into the outbox and out of it. *shift*: see `Stamp`."""
    return body(event_json(event, shift))


def body(value: object) -> bytes:
    """Return compact JSON. Half of a character pair, which JSON can bring in but UTF-8 cannot hold, becomes a question mark."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(errors="replace")
