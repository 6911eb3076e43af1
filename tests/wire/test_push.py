"""What a phone shows: short, the worst first, and how old it is."""

from datetime import timedelta

import pytest

from monitor.core.alerts.alert import Alert, EventType
from monitor.core.rules.finding import Level
from monitor.ports import OutboxRow
from monitor.store.contents import weight
from monitor.wire.messages import event_body
from monitor.wire.news import News, read_news
from monitor.wire.push import SHORTEST, TEXT, TITLE, Kind, message
from tests.channels.build import NOON, alert, event

NOW = NOON + timedelta(seconds=2)
LONG = "7.8 % from liquidation at 31,879.00; add 0.5120 BTC to be 30.0 % away" + ", and much more that people say" * 4


def news(of: Alert, *, before: Alert | None = None, type: EventType = EventType.FIRED) -> News:  # noqa: A002 - the event's own word
    told = event(of, before=before, type=type)
    return read_news(OutboxRow(number=1, event_id=told.id, level=weight(told), body=event_body(told), created_at=told.at))


def test_one_alert_is_a_title_and_a_line_that_tells_all() -> None:
    shown = message([news(alert("BTC", level=Level.CRITICAL, summary="BTC: 7.8 % from liquidation at 31,879.00"))], NOW)
    assert shown.title == "CRITICAL main BTC"
    assert shown.text == "CRITICAL main BTC: 7.8 % from liquidation at 31,879.00"
    assert shown.kind is Kind.FAILURE


def test_a_subject_that_the_summary_does_not_begin_with_is_named() -> None:
    assert message([news(alert("mqtt", summary="MQTT: nothing listens"))], NOW).text == "WARNING main mqtt: MQTT: nothing listens"
    assert message([news(alert("account", summary="no data for 45 s"))], NOW).text == "WARNING main: no data for 45 s"
    position = alert("BTC-USD_BTC-long", summary="BTC/USD:BTC long: 20 % off")
    assert message([news(position)], NOW).text == "WARNING main BTC/USD:BTC long: 20 % off"


@pytest.mark.parametrize(
    ("type", "level", "begins", "kind"),
    [
        (EventType.FIRED, Level.WARNING, "WARNING main", Kind.WARNING),
        (EventType.ESCALATED, Level.EMERGENCY, "EMERGENCY main", Kind.FAILURE),
        (EventType.EASED, Level.WARNING, "EASED TO WARNING main", Kind.WARNING),
        (EventType.REPEATED, Level.CRITICAL, "STILL CRITICAL main", Kind.FAILURE),
        (EventType.RESOLVED, Level.OK, "RESOLVED main", Kind.SUCCESS),
        (EventType.GONE, Level.OK, "GONE main", Kind.INFO),
        (EventType.NOTED, Level.OK, "NOTE main", Kind.INFO),
    ],
)
def test_each_event_has_its_word_and_its_kind(type: EventType, level: Level, begins: str, kind: Kind) -> None:  # noqa: A002 - as above
    shown = message([news(alert("BTC", level=level), type=type)], NOW)
    assert shown.text.startswith(f"{begins} BTC: ")
    assert shown.kind is kind


def test_ten_alerts_are_ten_lines_the_worst_first_and_fit() -> None:
    several = [news(alert(f"C{number}", summary=f"C{number}: {LONG}")) for number in range(9)]
    shown = message([*several, news(alert("X", level=Level.EMERGENCY, summary="X: can be liquidated now"))], NOW)
    lines = shown.text.splitlines()
    assert shown.title == "EMERGENCY main X and 9 more"
    assert lines[0] == "EMERGENCY main X: can be liquidated now"
    assert [line.split()[2] for line in lines[1:]] == [f"C{number}:" for number in range(9)]
    assert all("from liquidation at 31,879.00" in line for line in lines[1:])
    assert len(shown.text) <= TEXT


@pytest.mark.parametrize("count", [1, 2, 9, 10, 11, 12, 40, 1000])
def test_whatever_there_is_it_fits_and_what_is_left_out_is_counted(count: int) -> None:
    shown = message([news(alert(f"C{number}", summary=f"C{number}: {LONG}" + " more" * 200)) for number in range(count)], NOW)
    lines = shown.text.splitlines()
    said = [line for line in lines if line.startswith("WARNING")]
    left_out = [int(line.split()[1]) for line in lines if line.startswith("and ")]
    assert len(said) + sum(left_out) == count
    assert all(len(line) > SHORTEST - 20 for line in said)
    assert len(shown.text) <= TEXT
    assert len(shown.title) <= TITLE


def test_a_long_name_leaves_room_for_how_many_more_there_are() -> None:
    long = alert("-".join(["A"] * 60), level=Level.CRITICAL)
    shown = message([news(long), news(alert())], NOW)
    assert shown.title.endswith("… and 1 more") or shown.title.endswith(" and 1 more")
    assert len(shown.title) <= TITLE


def test_what_is_old_says_so() -> None:
    old = news(alert("BTC", summary="BTC: 4 % left"))
    assert message([old], NOON + timedelta(seconds=50)).text == "WARNING main BTC: 4 % left"
    shown = message([old], NOON + timedelta(minutes=12))
    assert shown.text == "12 min ago: WARNING main BTC: 4 % left"
    assert shown.title == "12 min ago: WARNING main BTC"


def test_a_message_that_cannot_be_read_is_told_to_be_there() -> None:
    row = OutboxRow(number=1, event_id="e", level=Level.CRITICAL, body=b'{"alert": 3}', created_at=NOON)
    shown = message([read_news(row)], NOW)
    assert shown.text == "CRITICAL: a message that this version cannot read: look at the page"


def test_the_title_of_a_note_says_what_it_notes() -> None:
    started = alert("daemon", level=Level.OK, summary="the monitor has started: 3 accounts, the nearest 30.0 % from liquidation")
    shown = message([news(started, type=EventType.NOTED)], NOW)
    assert shown.title == "NOTE main daemon: the monitor has started: 3 accounts, the…"


def test_a_summary_of_many_lines_is_one_line() -> None:
    assert "\n" not in message([news(alert(summary="one\ntwo\r\nthree"))], NOW).text
