"""The life of an alert: histories first, then a machine that tries to break every promise."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitor.core.alerts.alert import Alert, Event, EventType, Mute, Phase, Silence
from monitor.core.alerts.earlier import not_after
from monitor.core.alerts.life import KEPT_RESOLVED, Scope, Step, acknowledge, step
from monitor.core.rules.finding import AlertKey, Finding, Level, Note
from tests.build import NOON, D

OK, WARNING, CRITICAL, EMERGENCY = Level
KEY = AlertKey(account="main", rule="liquidation_distance", subject="BTC")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
EVERYTHING = Scope(covers=lambda _: True)


def found(level: Level | None, holds: Level | None = None, **different: object) -> Finding:
    """A finding of a rule with thresholds; it clears where it raises nothing, unless *holds* says otherwise."""
    values = {"key": KEY, "venue": "bybit", "level": level, "holds": holds or level or OK, "summary": "BTC: near", "hold": MINUTE}
    return Finding(**(values | different))  # type: ignore[arg-type]  # - a test says what it wants


@dataclass
class History:
    """What a store would hold: the alerts as they stand, and every event so far."""

    alerts: dict[AlertKey, Alert] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    now: datetime = NOON
    silences: tuple[Silence, ...] = ()

    def step(self, *findings: Finding | Note, scope: Scope = EVERYTHING) -> Step:
        done = step(self.alerts, findings, now=self.now, scope=scope, silences=self.silences)
        for event in done.events:
            _check_event(event, self.alerts, self.now)
        for key, alert in done.alerts.items():
            if alert is None:
                del self.alerts[key]
            else:
                self.alerts[key] = alert
        self.events += done.events
        return done

    def after(self, wait: timedelta) -> "History":
        self.now += wait
        return self

    def ack(self, key: AlertKey = KEY) -> None:
        self.alerts[key] = acknowledge(self.alerts[key], "the holder", self.now)

    @property
    def told(self) -> list[str]:
        return [_spoken(event) for event in self.events]


def _check_event(event: Event, before: Mapping[AlertKey, Alert], now: datetime) -> None:
    """What holds of every event of every history: receivers and the dashboard take its word for it."""
    assert (event.at, event.alert.at, event.alert.event) == (now, now, event.id)
    assert event.before == (None if event.type is EventType.NOTED else before.get(event.alert.key))


def _spoken(event: Event) -> str:
    since = int((event.at - NOON).total_seconds())
    return f"{event.type.value} {event.alert.level.word} @{since}"


Seen = Level | tuple[Level, Level] | None


def run(*levels: Seen, every: int = 15) -> list[str]:
    """Step through findings at fixed intervals: a level, or (level, level that it holds), or None for not found at all."""
    history = History()
    for level in levels:
        history.step(*(() if level is None else (found(*level) if isinstance(level, tuple) else found(level),)))
        history.after(timedelta(seconds=every))
    return history.told


def test_an_alert_fires_once_and_resolves_once_it_has_been_well_for_a_minute() -> None:
    assert run(WARNING, WARNING, OK, OK, OK, OK, OK, OK) == ["fired warning @0", "resolved ok @90"]


def test_it_escalates_at_once_and_eases_after_a_minute() -> None:
    assert run(WARNING, EMERGENCY, *[WARNING] * 5) == ["fired warning @0", "escalated emergency @15", "eased warning @90"]


def test_every_level_has_a_minute_of_its_own() -> None:
    steps: list[Seen] = [CRITICAL, (OK, WARNING), (OK, WARNING), OK, OK, OK, OK, OK, OK]
    assert run(*steps) == ["fired critical @0", "eased warning @75", "resolved ok @105"]


def test_what_was_quiet_before_it_got_worse_does_not_count() -> None:
    better: Seen = (OK, WARNING)
    assert run(CRITICAL, better, EMERGENCY, *[better] * 5)[1:] == ["escalated emergency @30", "eased warning @105"]


def test_inside_the_clear_band_nothing_happens() -> None:
    assert run(WARNING, *[(OK, WARNING)] * 40) == ["fired warning @0"]


def test_flapping_across_the_clear_value_is_silent() -> None:
    flapping: list[Seen] = [OK, (OK, WARNING)]
    assert run(WARNING, *flapping * 40) == ["fired warning @0"]


def test_what_fires_again_has_a_new_id() -> None:
    history = History()
    for level in (WARNING, OK):
        history.step(found(level, hold=timedelta(0)))
        history.after(MINUTE)
    history.step(found(WARNING))
    assert history.told == ["fired warning @0", "resolved ok @60", "fired warning @120"]
    assert history.events[0].alert.id != history.events[2].alert.id
    assert len({event.id for event in history.events}) == 3


def test_the_same_decision_has_the_same_id() -> None:
    one, other = History(), History()
    assert one.step(found(WARNING)).events == other.step(found(WARNING)).events


def test_an_id_is_made_of_the_subject_and_the_time_alike_in_every_version() -> None:
    (event,) = History().step(found(WARNING)).events
    assert event.id == hashlib.sha256(b"main/liquidation_distance/BTC/2026-11-22T12:00:00+00:00").hexdigest()[:12] + "-1"


def test_an_alert_shows_the_figures_of_the_last_finding() -> None:
    for lasting in (timedelta(0), HOUR):
        history = History()
        for level, value in ((WARNING, D("0.15")), (CRITICAL, D("0.08"))):
            shown: dict[str, Any] = {
                "value": value,
                "threshold": value * 2,
                "unit": level.word,
                "summary": f"BTC: {value}",
                "left": value / 2,
            }
            history.after(MINUTE).step(found(level, lasting=lasting, **shown))
            alert = history.alerts[KEY]
            assert (alert.level, alert.seen) == (level, history.now)
            assert {name: getattr(alert, name) for name in shown} == shown


def test_a_rule_without_thresholds_resolves_at_the_first_reading_without_it() -> None:
    history = History()
    for level in (CRITICAL, OK):
        history.step(found(level, hold=timedelta(0)))
    assert history.told == ["fired critical @0", "resolved ok @0"]


def test_it_waits_for_as_long_as_it_is_told() -> None:
    history, patient = History(), timedelta(minutes=5)
    for _ in range(6):
        history.step(found(WARNING, lasting=patient)).events  # noqa: B018 - what it told is in the history
        history.after(MINUTE)
    assert history.told == ["fired warning @300"]
    assert history.alerts[KEY].phase is Phase.FIRING


def test_what_was_only_pending_goes_without_a_word() -> None:
    for end in ((found(OK),), ()):
        history = History()
        history.step(found(WARNING, lasting=MINUTE))
        assert history.alerts[KEY].phase is Phase.PENDING
        history.step(*end)
        assert (history.told, history.alerts) == ([], {})


def test_what_is_pending_again_does_not_forget_that_it_once_fired() -> None:
    for end in ((found(OK),), ()):
        history = History()
        history.step(found(WARNING))
        history.step()
        history.after(MINUTE).step(found(WARNING, lasting=MINUTE))
        pending = history.alerts[KEY]
        assert (pending.phase, pending.events, pending.event) == (Phase.PENDING, 2, history.events[-1].id)
        history.after(SECOND).step(*end)
        alert = history.alerts[KEY]
        assert (alert.phase, alert.level, alert.at) == (Phase.RESOLVED, OK, history.now)


def test_an_unknown_figure_holds_the_level_and_starts_nothing() -> None:
    assert History().step(found(None)) == Step()
    history = History()
    history.step(found(CRITICAL))
    history.after(MINUTE * 10).step(found(None))
    assert history.told == ["fired critical @0"]
    assert history.alerts[KEY].level is CRITICAL


def test_an_unknown_figure_keeps_a_pending_alert_pending() -> None:
    history = History()
    history.step(found(WARNING, lasting=MINUTE))
    history.after(MINUTE * 10).step(found(None))
    assert history.alerts[KEY].phase is Phase.PENDING


def test_what_is_last_known_says_how_old_it_is_when_it_is_told_again() -> None:
    history = History()
    history.step(found(CRITICAL, summary="BTC: 4 % left"))
    history.after(timedelta(minutes=15)).step(found(None))
    assert history.events[-1].alert.summary_at(history.now) == "BTC: 4 % left (last known, 15 min ago)"
    assert history.alerts[KEY].summary_at(NOON) == "BTC: 4 % left"


def test_a_figure_tells_its_age_from_one_minute_on() -> None:
    history = History()
    history.step(found(CRITICAL, summary="BTC: 4 % left"))
    assert history.alerts[KEY].summary_at(NOON + MINUTE - SECOND) == "BTC: 4 % left"
    assert history.alerts[KEY].summary_at(NOON + MINUTE) == "BTC: 4 % left (last known, 60 s ago)"


def test_a_closed_position_ends_its_alert_as_gone() -> None:
    assert run(WARNING, None) == ["fired warning @0", "gone ok @15"]


def test_an_alert_outside_the_scope_is_left_alone() -> None:
    history = History()
    history.step(found(WARNING))
    assert history.step(scope=Scope(covers=lambda key: key.rule == "stale")) == Step()


def test_an_unconfirmed_reading_may_raise_and_clears_nothing() -> None:
    history, suspicious = History(), Scope(covers=lambda _: True, may_clear=False)
    history.step(found(WARNING))
    history.step(found(CRITICAL), scope=suspicious)
    history.after(MINUTE * 5).step(found(OK), scope=suspicious)
    history.step(scope=suspicious)
    assert history.told == ["fired warning @0", "escalated critical @0"]
    assert history.alerts[KEY].is_firing


PACES = pytest.mark.parametrize(("level", "pace"), [(WARNING, 4 * HOUR), (CRITICAL, 15 * MINUTE), (EMERGENCY, 5 * MINUTE)])


@PACES
def test_it_is_told_again_at_the_pace_of_its_level(level: Level, pace: timedelta) -> None:
    history = History()
    history.step(found(level))
    for times in (1, 2):
        history.after(pace - SECOND).step(found(level))
        assert len(history.events) == times
        history.after(SECOND).step(found(level))
        assert history.events[-1].type is EventType.REPEATED


@PACES
def test_it_is_not_told_again_once_somebody_acks(level: Level, pace: timedelta) -> None:
    history = History()
    history.step(found(level))
    history.ack()
    assert history.alerts[KEY].acked_by == "the holder"
    history.after(pace).step(found(level))
    assert len(history.events) == 1


def test_an_ack_ends_when_the_level_rises() -> None:
    history = History()
    history.step(found(WARNING, left=D("0.15")))
    history.ack()
    history.step(found(CRITICAL))
    alert = history.alerts[KEY]
    assert (alert.is_acked, alert.acked_at, alert.acked_by, alert.acked_left) == (False, None, None, None)


def test_an_ack_ends_when_half_of_what_was_left_is_gone() -> None:
    history = History()
    history.step(found(CRITICAL, left=D("0.08")))
    history.ack()
    history.after(MINUTE).step(found(CRITICAL, left=D("0.05")))
    assert len(history.events) == 1
    history.after(MINUTE).step(found(CRITICAL, left=D("0.04")))
    assert history.events[-1].type is EventType.REPEATED
    assert not history.alerts[KEY].is_acked


def test_an_ack_of_an_emergency_lasts_half_an_hour() -> None:
    for level, expected in ((EMERGENCY, 2), (CRITICAL, 1)):
        history = History()
        history.step(found(level))
        history.ack()
        history.after(30 * MINUTE - SECOND).step(found(level))
        assert len(history.events) == 1
        history.after(SECOND).step(found(level))
        assert len(history.events) == expected


def test_a_warning_about_a_subject_that_is_critical_already_is_muted() -> None:
    history, other = History(), AlertKey(account="main", rule="margin_ratio", subject="BTC")
    history.step(found(CRITICAL), found(WARNING, key=other))
    assert (history.alerts[KEY].muted, history.alerts[other].muted) == (None, Mute.CRITICAL)
    assert [event.alert.muted for event in history.events] == [None, Mute.CRITICAL]


def test_a_danger_that_this_step_is_not_about_mutes_as_well() -> None:
    history, other = History(), AlertKey(account="main", rule="margin_ratio", subject="BTC")
    history.step(found(CRITICAL))
    history.step(found(WARNING, key=other), scope=Scope(covers=lambda key: key == other))
    assert history.alerts[other].muted is Mute.CRITICAL


def test_what_still_fires_when_its_mute_ends_is_told_again() -> None:
    history, other = History(), AlertKey(account="main", rule="margin_ratio", subject="BTC")
    history.step(found(CRITICAL, hold=timedelta(0)), found(WARNING, key=other))
    history.step(found(OK, hold=timedelta(0)), found(WARNING, key=other))
    assert _spoken(history.events[-1]) == "repeated warning @0"
    assert history.alerts[other].muted is None


def test_a_danger_of_another_subject_mutes_nothing() -> None:
    history, other = History(), AlertKey(account="main", rule="liquidation_distance", subject="ETH")
    history.step(found(CRITICAL), found(WARNING, key=other))
    assert history.alerts[other].muted is None


def silence(*matcher: tuple[str, str], minutes: int = 60) -> Silence:
    return Silence(id="s1", matcher=matcher, until=NOON + timedelta(minutes=minutes), author="the holder")


STALE = AlertKey(account="main", rule="stale", subject="account")
DOWN = AlertKey(account="", rule="venue_down", subject="bybit")


def test_a_venue_that_is_down_mutes_its_stale_accounts() -> None:
    history = History()
    history.step(found(CRITICAL, key=DOWN))
    history.step(found(CRITICAL, key=STALE), found(CRITICAL, key=DOWN))
    assert history.alerts[STALE].muted is Mute.VENUE_DOWN
    history.step(found(EMERGENCY, key=STALE), found(CRITICAL, key=DOWN))
    assert history.alerts[STALE].muted is None
    history.step(found(CRITICAL, key=replace(STALE, rule="account_error")), found(CRITICAL, key=DOWN))
    assert history.alerts[replace(STALE, rule="account_error")].muted is None


@pytest.mark.parametrize("danger", ["liquidation_distance", "margin_ratio"])
def test_it_does_not_mute_an_account_that_was_in_danger_or_is_at_another_venue(danger: str) -> None:
    history, near = History(), replace(KEY, rule=danger)
    history.step(found(WARNING, key=near), found(CRITICAL, key=DOWN))
    history.step(found(CRITICAL, key=STALE), found(CRITICAL, key=DOWN), found(None, key=near))
    assert history.alerts[STALE].muted is None
    elsewhere = replace(STALE, account="other")
    history.step(found(CRITICAL, key=elsewhere, venue="deribit"), found(CRITICAL, key=DOWN))
    assert history.alerts[elsewhere].muted is None


def test_when_the_venue_is_back_what_is_stale_still_is_told() -> None:
    history = History()
    history.step(found(CRITICAL, key=DOWN))
    history.step(found(CRITICAL, key=STALE), found(CRITICAL, key=DOWN))
    history.after(MINUTE).step(found(CRITICAL, key=STALE), found(OK, key=DOWN, hold=timedelta(0)))
    assert history.told[-2:] == ["resolved ok @60", "repeated critical @60"]


def test_a_silence_mutes_what_it_meets_but_never_an_emergency() -> None:
    history = History(silences=(silence(("account", "ma*"), ("rule", "liquidation_*")),))
    history.step(found(CRITICAL))
    assert history.events[-1].alert.muted is Mute.SILENCE
    history.step(found(EMERGENCY))
    assert history.events[-1].alert.muted is None


def test_a_silence_mutes_nothing_else_and_expires() -> None:
    history = History(silences=(silence(("venue", "deribit")), silence(("subject", "BTC"), minutes=1)))
    history.step(found(CRITICAL))
    assert history.alerts[KEY].muted is Mute.SILENCE
    history.after(MINUTE).step(found(CRITICAL))
    assert _spoken(history.events[-1]) == "repeated critical @60"


def test_a_sticky_alert_stays_until_it_is_acked() -> None:
    history = History()
    history.step(found(CRITICAL, sticky=timedelta(hours=24)))
    history.after(MINUTE).step()
    assert history.alerts[KEY].is_firing
    history.ack()
    history.step()
    assert history.told == ["fired critical @0", "resolved ok @60"]


def test_a_sticky_alert_is_told_again_and_ends_after_its_time() -> None:
    history = History()
    history.step(found(CRITICAL, sticky=timedelta(hours=24)))
    history.after(timedelta(minutes=15)).step()
    history.after(timedelta(hours=23, minutes=45)).step()
    assert history.told == ["fired critical @0", "repeated critical @900", "resolved ok @86400"]


def test_what_lasts_grows() -> None:
    history, growing = History(), found(WARNING, grows=(timedelta(minutes=10), CRITICAL))
    history.step(growing)
    history.after(timedelta(minutes=10)).step(growing)
    assert history.told == ["fired warning @0", "escalated critical @600"]


def test_a_note_is_one_event_without_state() -> None:
    history = History()
    history.step(Note(key=KEY, venue="bybit", summary="opened"))
    (event,) = history.events
    alert = event.alert
    assert (event.type, alert.phase, event.before, history.alerts) == (EventType.NOTED, Phase.NOTED, None, {})
    assert (alert.key, alert.venue, alert.summary, alert.level) == (KEY, "bybit", "opened", OK)
    assert (alert.since, alert.seen, alert.value, alert.threshold, alert.unit) == (NOON, NOON, None, None, "")


def test_two_notes_about_one_subject_have_two_ids() -> None:
    history = History()
    history.step(*(Note(key=KEY, venue="bybit", summary=text) for text in ("resized", "rank is high")))
    assert len({event.id for event in history.events}) == 2


def test_a_resolved_alert_is_shown_for_a_day_and_then_forgotten() -> None:
    history = History()
    history.step(found(WARNING))
    history.step()
    history.after(24 * HOUR - MINUTE).step()
    assert history.alerts[KEY].phase is Phase.RESOLVED
    history.after(MINUTE).step()
    assert history.alerts == {}


def test_a_well_subject_leaves_a_resolved_alert_as_it_is() -> None:
    history = History()
    history.step(found(WARNING))
    history.step()
    assert history.step(found(OK)) == Step()
    assert history.step(found(None)) == Step()


@pytest.mark.parametrize(("given", "since", "until"), [(-1, -1, 1), (0, 0, 2), (1, 0, 2), (None, None, 2)])
def test_a_silence_of_later_lasts_as_long_from_now_on(given: int | None, since: int | None, until: int) -> None:
    ends = NOON + HOUR * (2 if given is None else given + 2)
    kept = replace(silence(("rule", "*")), since=given if given is None else NOON + given * HOUR, until=ends)
    moved = kept.not_after(NOON)
    assert moved == replace(kept, since=since if since is None else NOON + since * HOUR, until=NOON + until * HOUR)


times = st.sampled_from([NOON - HOUR, NOON, NOON + HOUR])
maybe = st.none() | times


@given(times, times, times, maybe, st.tuples(maybe, maybe, maybe))
def test_an_alert_of_later_is_one_of_now(
    since: datetime,
    at: datetime,
    seen: datetime,
    acked_at: datetime | None,
    quiet: tuple[datetime | None, datetime | None, datetime | None],
) -> None:
    history = History()
    history.step(found(WARNING))
    kept = replace(history.alerts[KEY], since=since, at=at, seen=seen, acked_at=acked_at, quiet=quiet)
    moved = not_after(kept, NOON)
    for before, after in zip((since, at, seen, acked_at, *quiet), _times(moved), strict=True):
        assert after == (NOON if before == NOON + HOUR else before)
    assert replace(moved, since=since, at=at, seen=seen, acked_at=acked_at, quiet=quiet) == kept


def _times(alert: Alert) -> tuple[datetime | None, ...]:
    return (alert.since, alert.at, alert.seen, alert.acked_at, *alert.quiet)


class AlertMachine(RuleBasedStateMachine):
    """Random histories of three subjects, with restarts anywhere: what was promised is looked for after every step."""

    keys = tuple(AlertKey(account="main", rule="liquidation_distance", subject=s) for s in ("BTC", "ETH", "XRP"))

    @initialize()
    def begin(self) -> None:
        self.history = History()

    @rule(
        levels=st.tuples(*[st.sampled_from([None, *Level, "gone"])] * 3),
        holds=st.tuples(*[st.sampled_from(list(Level))] * 3),
        left=st.integers(1, 100).map(Decimal),
        lasting=st.sampled_from([timedelta(0), MINUTE]),
        may_clear=st.booleans(),
    )
    def look(
        self,
        levels: tuple[Level | str | None, ...],
        holds: tuple[Level, ...],
        left: Decimal,
        lasting: timedelta,
        may_clear: bool,  # noqa: FBT001 - hypothesis passes arguments by name
    ) -> None:
        findings = [
            found(lv, max(held, lv or OK), key=key, left=left, lasting=lasting)
            for key, lv, held in zip(self.keys, levels, holds, strict=True)
            if not isinstance(lv, str)
        ]
        before = dict(self.history.after(timedelta(milliseconds=1)).alerts)
        done = self.history.step(*findings, scope=replace(EVERYTHING, may_clear=may_clear))
        # A restart between any two steps (here: a copy of what is stored, and nothing else) decides the same.
        again = History(dict(before), [], self.history.now).step(*findings, scope=replace(EVERYTHING, may_clear=may_clear))
        assert again == done
        self._check_step(done, {f.key: f for f in findings}, may_clear=may_clear)

    @rule(wait=st.sampled_from([timedelta(seconds=15), MINUTE, timedelta(minutes=6), timedelta(hours=5), timedelta(hours=25)]))
    def wait(self, wait: timedelta) -> None:
        self.history.after(wait)

    @rule(key=st.sampled_from(keys))
    def ack(self, key: AlertKey) -> None:
        if key in self.history.alerts and self.history.alerts[key].is_firing:
            self.history.ack(key)

    def _check_step(self, done: Step, findings: dict[AlertKey, Finding], *, may_clear: bool) -> None:
        for event in done.events:
            level = findings[event.alert.key].level if event.alert.key in findings else None
            if event.type in (EventType.FIRED, EventType.ESCALATED):
                assert level == event.alert.level
            if event.type in (EventType.EASED, EventType.RESOLVED, EventType.GONE):
                assert may_clear
            if event.type is EventType.GONE:
                assert event.alert.key not in findings
            if event.type in (EventType.EASED, EventType.RESOLVED):
                assert findings[event.alert.key].level is not None

    @invariant()
    def ids_are_never_used_twice(self) -> None:
        ids = [event.id for event in self.history.events]
        assert len(set(ids)) == len(ids)

    @invariant()
    def transitions_chain(self) -> None:
        for key in self.keys:
            _check_chain([event for event in self.history.events if event.alert.key == key])

    @invariant()
    def nothing_is_forgotten(self) -> None:
        for key in self.keys:
            last = next((e for e in reversed(self.history.events) if e.alert.key == key), None)
            alert = self.history.alerts.get(key)
            fires = alert is not None and alert.is_firing
            assert fires == (last is not None and last.alert.level > OK)
            if alert is not None and last is not None and fires:
                assert (alert.level, alert.id, alert.event) == (last.alert.level, last.alert.id, last.id)


def _check_chain(events: Iterable[Event]) -> None:
    level: Level = OK
    last: Event | None = None
    for event in events:
        is_new = last is None or event.at - last.at >= KEPT_RESOLVED
        before = event.before and event.before.event
        assert before == (last and last.id) or (is_new and before is None)
        if event.type is EventType.FIRED:
            assert level is OK
            assert event.alert.level > OK
        elif event.type is EventType.ESCALATED:
            assert OK < level < event.alert.level
        elif event.type is EventType.EASED:
            assert OK < event.alert.level < level
        elif event.type is EventType.REPEATED:
            assert event.alert.level is level
        else:
            assert event.alert.level is OK
            assert level > OK
        level, last = event.alert.level, event


TestAlertMachine = AlertMachine.TestCase
TestAlertMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
