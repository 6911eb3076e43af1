"""Who is told what, and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.channels.taste import Taste
from monitor.core.alerts.alert import EventType
from monitor.core.rules.finding import AlertKey, Level
from monitor.wire.news import News
from tests.channels.build import NOON, key

NIGHT = (time(23), time(7))
DAY, DARK = datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
PHONE = Taste(least=Level.CRITICAL)
CHAT = Taste(least=Level.WARNING)
SLEEPER = replace(CHAT, quiet=NIGHT)


def news(level: Level = Level.CRITICAL, **different: object) -> News:
    base = News(
        alert_id="a",
        type=EventType.FIRED,
        key=key(),
        level=level,
        weight=level,
        is_muted=False,
        was_muted=False,
        summary="4 % left",
        at=NOON,
    )
    return replace(base, **different)  # type: ignore[arg-type]  # - the test says what


def note(rule: str) -> News:
    return news(type=EventType.NOTED, level=Level.OK, weight=Level.OK, key=AlertKey(account="", rule=rule, subject="daemon"))


def chosen(taste: Taste, *given: News, told: Sequence[str] = (), at: datetime = DAY) -> list[EventType]:
    return [each.type for each in taste.chosen(given, told, at)]


def ending(weight: Level, **different: object) -> News:
    return news(Level.OK, weight=weight, type=EventType.RESOLVED, **different)


def test_a_target_is_told_from_its_level_on() -> None:
    assert not chosen(PHONE, news(Level.WARNING))
    assert chosen(PHONE, news(Level.CRITICAL))
    assert chosen(PHONE, news(Level.EMERGENCY))
    assert chosen(CHAT, news(Level.WARNING))


def test_the_end_of_what_was_bad_enough_is_told_as_well() -> None:
    assert chosen(PHONE, news(Level.WARNING, weight=Level.CRITICAL, type=EventType.EASED)) == [EventType.EASED]
    assert chosen(PHONE, ending(Level.CRITICAL)) == [EventType.RESOLVED]
    assert not chosen(PHONE, ending(Level.WARNING))
    assert chosen(PHONE, ending(Level.WARNING), told=["a"]) == [EventType.RESOLVED]


def test_what_is_muted_is_not_told_nor_its_end_unless_its_beginning_was() -> None:
    assert not chosen(CHAT, news(is_muted=True))
    assert not chosen(CHAT, ending(Level.CRITICAL, was_muted=True))
    assert chosen(CHAT, ending(Level.CRITICAL, was_muted=True), told=["a"]) == [EventType.RESOLVED]
    assert chosen(CHAT, news(was_muted=True, type=EventType.REPEATED)) == [EventType.REPEATED]


def test_quiet_hours_hold_back_warnings_and_their_end_only() -> None:
    assert not chosen(SLEEPER, news(Level.WARNING), at=DARK)
    assert not chosen(SLEEPER, ending(Level.WARNING), told=["a"], at=DARK)
    assert chosen(SLEEPER, news(Level.WARNING), at=DAY)
    assert chosen(SLEEPER, news(Level.CRITICAL), at=DARK)
    assert chosen(SLEEPER, news(Level.EMERGENCY), at=DARK)
    assert chosen(SLEEPER, ending(Level.CRITICAL), at=DARK)


@pytest.mark.parametrize(
    ("clock", "quiet", "is_quiet"),
    [
        ("22:59", NIGHT, False),
        ("23:00", NIGHT, True),
        ("03:00", NIGHT, True),
        ("06:59", NIGHT, True),
        ("07:00", NIGHT, False),
        ("12:59", (time(13), time(14)), False),
        ("13:00", (time(13), time(14)), True),
        ("14:00", (time(13), time(14)), False),
    ],
)
def test_quiet_hours_may_go_over_midnight(clock: str, quiet: tuple[time, time], *, is_quiet: bool) -> None:
    at = datetime.fromisoformat(f"2026-11-24T{clock}+00:00")
    assert bool(chosen(replace(CHAT, quiet=quiet), news(Level.WARNING), at=at)) is not is_quiet


def test_quiet_hours_are_those_of_the_time_zone() -> None:
    tokyo = replace(SLEEPER, zone=ZoneInfo("Asia/Tokyo"))
    assert not chosen(tokyo, news(Level.WARNING), at=datetime(2026, 11, 24, 15, tzinfo=UTC))
    assert chosen(tokyo, news(Level.WARNING), at=DARK)


def test_notes_are_for_those_who_want_warnings_and_what_is_gone_for_whom_it_was_bad_enough() -> None:
    gone = news(Level.OK, weight=Level.CRITICAL, type=EventType.GONE)
    assert [chosen(taste, note("position_change")) for taste in (PHONE, CHAT)] == [[], [EventType.NOTED]]
    assert [chosen(taste, gone) for taste in (PHONE, CHAT)] == [[EventType.GONE], [EventType.GONE]]
    mild = news(Level.OK, weight=Level.WARNING, type=EventType.GONE)
    assert [chosen(taste, mild) for taste in (PHONE, CHAT)] == [[], [EventType.GONE]]
    assert not chosen(SLEEPER, note("position_change"), at=DARK)


def test_every_target_is_told_of_starts_digests_and_tests_but_nobody_is_woken_by_a_start() -> None:
    sleeper = replace(PHONE, quiet=NIGHT)
    assert [rule for rule in ("start", "digest", "test") if chosen(sleeper, note(rule))] == ["start", "digest", "test"]
    assert [rule for rule in ("start", "digest", "test") if chosen(sleeper, note(rule), at=DARK)] == ["digest", "test"]


def test_several_events_of_one_alert_are_told_once_by_the_last() -> None:
    fired, resolved = news(), ending(Level.CRITICAL)
    assert chosen(PHONE, fired, resolved) == [EventType.RESOLVED]
    assert chosen(PHONE, fired, news(Level.OK, type=EventType.GONE)) == [EventType.GONE]
    assert chosen(PHONE, fired, news(is_muted=True, type=EventType.REPEATED)) == [EventType.FIRED]
    assert chosen(PHONE, fired, news(alert_id="b")) == [EventType.FIRED, EventType.FIRED]


def test_a_warning_of_more_than_an_hour_ago_gives_way_to_newer_news_of_its_subject() -> None:
    old, new = news(Level.WARNING), news(alert_id="b", at=NOON + timedelta(hours=2))
    late = NOON + timedelta(hours=2)
    assert [each.alert_id for each in CHAT.chosen([old, new], (), late)] == ["b"]
    assert [each.alert_id for each in CHAT.chosen([old, new], (), NOON + timedelta(minutes=59))] == ["a", "b"]
    assert [each.alert_id for each in CHAT.chosen([old], (), late)] == ["a"]
    assert [each.alert_id for each in CHAT.chosen([replace(old, weight=Level.CRITICAL), new], (), late)] == ["a", "b"]
