import json
from datetime import timedelta
from typing import Any

from monitor.core.alerts.life import Scope, step
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.wire.messages import Stamp, alert_json, event_body
from tests.build import NOON, D

KEYS = [
    "id",
    "account",
    "venue",
    "rule",
    "subject",
    "level",
    "status",
    "since",
    "at",
    "value",
    "threshold",
    "unit",
    "summary",
    "acked",
    "muted",
    "event",
]


def finding(account: str = "main") -> Finding:
    return Finding(
        key=AlertKey(account=account, rule="liquidation_distance", subject="BTC"),
        venue="bybit",
        level=Level.CRITICAL,
        holds=Level.CRITICAL,
        value=D("0.0812"),
        threshold=D("0.1"),
        unit="ratio",
        summary="BTC: 8.1 % from liquidation",
    )


def fired(account: str = "main") -> Any:
    (event,) = step({}, [finding(account)], now=NOON, scope=Scope(covers=lambda _: True)).events
    return event


def test_an_event_says_what_happened_to_which_alert() -> None:
    told = json.loads(event_body(fired()))
    assert (told["type"], told["before"], told["at"]) == ("fired", None, "2026-11-22T12:00:00+00:00")
    alert = told["alert"]
    assert list(alert) == KEYS
    assert (alert["account"], alert["level"], alert["status"]) == ("main", "critical", "firing")
    assert (alert["value"], alert["threshold"], alert["unit"]) == (0.0812, 0.1, "ratio")
    assert (alert["acked"], alert["muted"], alert["event"]) == (False, None, told["id"])


def test_an_alert_across_accounts_has_no_account() -> None:
    assert alert_json(fired(account="").alert, Stamp(NOON))["account"] is None


def test_stamps_are_wall_time_also_after_the_clock_was_set() -> None:
    told = json.loads(event_body(fired(), timedelta(hours=-1)))
    assert told["at"] == told["alert"]["since"] == told["alert"]["at"] == "2026-11-22T11:00:00+00:00"


def test_what_is_only_last_known_says_so_while_it_fires() -> None:
    alert = fired().alert
    assert alert_json(alert, Stamp(NOON + timedelta(seconds=59)))["summary"] == alert.summary
    later = alert_json(alert, Stamp(NOON + timedelta(minutes=6)))["summary"]
    assert later == "BTC: 8.1 % from liquidation (last known, 6 min ago)"


def test_an_event_that_follows_another_shows_what_was_before() -> None:
    first = fired()
    gone = step({first.alert.key: first.alert}, [], now=NOON + timedelta(minutes=1), scope=Scope(covers=lambda _: True)).events[0]
    told = json.loads(event_body(gone))
    assert (told["type"], told["alert"]["level"], told["alert"]["status"]) == ("gone", "ok", "resolved")
    assert told["before"]["level"] == "critical"
    assert told["before"]["id"] == told["alert"]["id"]
