"""What an earlier run left of an alert, met by what a run that did not know of it has decided."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.alerts.alert import Alert, EventType, Phase
from monitor.core.alerts.earlier import taken_up
from monitor.core.alerts.life import acknowledge
from monitor.core.rules.finding import Level
from tests.build import NOON, D
from tests.core.test_alerts import HOUR, KEY, MINUTE, History, found

OK, WARNING, CRITICAL, EMERGENCY = Level
LATER = NOON + HOUR


def fired(level: Level, at_hour: int) -> Alert:
    history = History(now=NOON + at_hour * HOUR)
    history.step(found(level))
    return history.alerts[KEY]


def waiting() -> Alert:
    history = History(now=LATER)
    history.step(found(CRITICAL, lasting=MINUTE))
    return history.alerts[KEY]


def over(of: Alert) -> Alert:
    return replace(of, level=OK, phase=Phase.RESOLVED)


def test_what_nothing_was_decided_about_goes_on_as_it_was_left_but_not_from_the_future() -> None:
    left = fired(CRITICAL, 0)
    assert taken_up(left, None, LATER) == left
    assert taken_up(left, None, NOON - HOUR).since == NOON - HOUR


def test_one_that_fired_before_and_fires_now_has_fired_once() -> None:
    left, anew = replace(fired(CRITICAL, 0), events=3), fired(CRITICAL, 1)
    assert taken_up(left, anew, LATER) == replace(anew, id=left.id, since=NOON, events=4)


@pytest.mark.parametrize(("level", "is_acked"), [(WARNING, True), (CRITICAL, True), (EMERGENCY, False)])
def test_it_stays_acknowledged_unless_it_is_worse_now(level: Level, *, is_acked: bool) -> None:
    left = acknowledge(replace(fired(CRITICAL, 0), left=D("0.08")), "ann", NOON + MINUTE)
    both = taken_up(left, fired(level, 1), LATER)
    assert (both.level, both.is_acked, both.acked_by) == (level, is_acked, "ann" if is_acked else None)
    assert both.acked_left == (D("0.08") if is_acked else None)


def test_an_acknowledgement_of_now_stands() -> None:
    left, anew = (acknowledge(fired(CRITICAL, hour), who, NOON + hour * HOUR) for hour, who in ((0, "ann"), (1, "bob")))
    both = taken_up(left, anew, LATER)
    assert (both.acked_by, both.acked_at) == ("bob", LATER)


def test_what_is_over_by_now_is_over_and_what_was_over_then_says_nothing() -> None:
    assert taken_up(fired(CRITICAL, 0), over(fired(CRITICAL, 1)), LATER) == over(fired(CRITICAL, 1))
    assert taken_up(over(fired(CRITICAL, 0)), fired(CRITICAL, 1), LATER) == fired(CRITICAL, 1)


def test_what_fired_does_not_begin_to_wait_again() -> None:
    assert taken_up(fired(CRITICAL, 0), waiting(), LATER) == fired(CRITICAL, 0)


def test_the_next_event_has_an_id_that_neither_run_has_given() -> None:
    left, anew = fired(WARNING, 0), fired(WARNING, 1)
    history = History(alerts={KEY: taken_up(left, anew, LATER)}, now=LATER + timedelta(seconds=1))
    (event,) = history.step(found(CRITICAL)).events
    assert (event.type, event.before and event.before.event) == (EventType.ESCALATED, anew.event)
    assert event.id == f"{left.id}-3"
