"""The life of an alert: one function from the old state and the findings to the new state and what changed.

``ok -> pending(for) -> firing(level) -> resolved``; see design 5.6. Nothing here looks at a clock: ``now`` is an argument that
grows from step to step, and every id is made from what was decided and when, so that the same decision has the same id after
a restart.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.core.alerts.alert import Alert, Event, EventType, Mute, Phase, Silence
from monitor.core.rules.finding import AlertKey, Finding, Level, Note

REPEATS: Mapping[Level, timedelta] = {
    Level.WARNING: timedelta(hours=4),
    Level.CRITICAL: timedelta(minutes=15),
    Level.EMERGENCY: timedelta(minutes=5),
}
"""How long after its last event an alert that nobody has acknowledged is told again (design 5.6)."""

EMERGENCY_ACK = timedelta(minutes=30)
"""For so long an ack quiets an emergency (design 5.6)."""

KEPT_RESOLVED = timedelta(hours=24)
"""For so long a resolved alert whose subject is gone is still shown as ok."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step changed. ``alerts``: the new state of each alert that changed; None: it is to be forgotten."""

    alerts: Mapping[AlertKey, Alert | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a step is about. ``covers``: keys whose absence from the findings means that their subject is gone.

    ``may_clear`` False: a reading that nobody has confirmed yet; it may raise, but nothing eases, resolves or goes.
    """

    covers: Callable[[AlertKey], bool]
    may_clear: bool = True


def step(
    before: Mapping[AlertKey, Alert],
    found: Iterable[Finding | Note],
    *,
    now: datetime,
    scope: Scope,
    silences: Iterable[Silence] = (),
) -> Step:
    """Return what *found* makes of the alerts in *before*, which must hold at least all that *scope* covers."""
    news = tuple(found)
    findings = {finding.key: finding for finding in news if isinstance(finding, Finding)}
    keys = findings.keys() | {key for key in before if scope.covers(key)}
    moves = {key: _moved(before.get(key), findings.get(key), now, scope) for key in sorted(keys)}
    after = {key: alert for key, alert in before.items() if key not in moves}
    after |= {key: move.alert for key, move in moves.items() if move.alert}
    active = tuple(silence for silence in silences if now < silence.until)
    told = {key: _told(before.get(key), move, _mute(move.alert, after, active), now) for key, move in moves.items()}
    notes = tuple(_noted(note, now) for note in news if isinstance(note, Note))
    return Step(
        alerts={key: alert for key, (alert, _) in told.items() if alert != before.get(key)},
        events=(*(event for _, event in told.values() if event), *notes),
    )


def acknowledge(alert: Alert, author: str, now: datetime) -> Alert:
    """Return *alert* as seen by *author*: not told again until it gets worse, half of what is left is gone, or time is up."""
    return replace(alert, acked_at=now, acked_by=author, acked_left=alert.left)


@dataclass(frozen=True, slots=True)
class _Move:
    alert: Alert | None
    event: EventType | None = None


def _moved(alert: Alert | None, finding: Finding | None, now: datetime, scope: Scope) -> _Move:
    if finding is None:
        return _unfound(alert, now, scope)
    if alert is None or alert.phase is Phase.RESOLVED:
        return _started(alert, finding, now)
    if finding.level is None:
        return _again(alert, now)
    if alert.phase is Phase.PENDING:
        return _waited(alert, finding, now)
    return _judged(_updated(alert, finding, now), finding, now, scope)


def _unfound(alert: Alert | None, now: datetime, scope: Scope) -> _Move:
    if alert is None or not scope.may_clear:
        return _Move(alert)
    if alert.until is not None and alert.is_firing:
        is_over = alert.is_acked or now >= alert.until
        return _resolved(alert, now, EventType.RESOLVED) if is_over else _again(alert, now)
    if alert.is_firing:
        return _resolved(alert, now, EventType.GONE)
    if alert.phase is Phase.PENDING:
        return _Move(_calm(alert, now))
    return _Move(None if now - alert.at >= KEPT_RESOLVED else alert)


def _calm(alert: Alert, now: datetime) -> Alert | None:
    """Return what is left of a pending alert that never fired: that of a firing before it, if there was one."""
    return replace(alert, level=Level.OK, phase=Phase.RESOLVED, at=now) if alert.events else None


def _started(alert: Alert | None, finding: Finding, now: datetime) -> _Move:
    if not finding.level:
        return _Move(alert)
    is_due = not finding.lasting
    started = Alert(
        key=finding.key,
        id=_digest(finding.key, now),
        venue=finding.venue,
        level=finding.level,
        phase=Phase.FIRING if is_due else Phase.PENDING,
        since=now,
        at=now,
        seen=now,
        value=finding.value,
        threshold=finding.threshold,
        unit=finding.unit,
        summary=finding.summary,
        left=finding.left,
        event=alert.event if alert else None,
        events=alert.events if alert and not is_due else 0,
        until=None if finding.sticky is None else now + finding.sticky,
    )
    return _Move(started, EventType.FIRED if is_due else None)


def _waited(alert: Alert, finding: Finding, now: datetime) -> _Move:
    if not finding.level:
        return _Move(_calm(alert, now))
    if now - alert.since < finding.lasting:
        return _Move(replace(_updated(alert, finding, now), level=finding.level))
    return _started(None, replace(finding, lasting=timedelta(0)), now)


def _updated(alert: Alert, finding: Finding, now: datetime) -> Alert:
    return replace(
        alert,
        seen=now,
        value=finding.value,
        threshold=finding.threshold,
        unit=finding.unit,
        summary=finding.summary,
        left=finding.left,
    )


def _judged(alert: Alert, finding: Finding, now: datetime, scope: Scope) -> _Move:
    level = _raised(alert, finding, now)
    if level > alert.level:
        return _Move(_unacked(replace(alert, level=level, at=now, quiet=(None, None, None))), EventType.ESCALATED)
    if not scope.may_clear:
        return _again(alert, now)
    calmer = replace(alert, quiet=_quiet(alert, max(finding.holds, level), now))
    eased = _eased(calmer, finding.hold, now)
    if eased is Level.OK:
        return _resolved(calmer, now, EventType.RESOLVED)
    if eased < alert.level:
        return _Move(replace(calmer, level=eased, at=now), EventType.EASED)
    return _again(calmer, now)


def _raised(alert: Alert, finding: Finding, now: datetime) -> Level:
    level = finding.level or Level.OK
    if level and finding.grows and now - alert.since >= finding.grows[0]:
        return max(level, finding.grows[1])
    return level


def _quiet(alert: Alert, holds: Level, now: datetime) -> tuple[datetime | None, datetime | None, datetime | None]:
    warning, critical, emergency = (
        None if level <= holds else since or now for level, since in zip((1, 2, 3), alert.quiet, strict=True)
    )
    return (warning, critical, emergency)


def _eased(alert: Alert, hold: timedelta, now: datetime) -> Level:
    levels = (Level.WARNING, Level.CRITICAL, Level.EMERGENCY)
    over = {lv: since is not None and now - since >= hold for lv, since in zip(levels, alert.quiet, strict=True)}
    return max((level for level in levels if level <= alert.level and not over[level]), default=Level.OK)


def _again(alert: Alert, now: datetime) -> _Move:
    if not alert.is_firing:
        return _Move(alert)
    if alert.is_acked and not _is_ack_over(alert, now):
        return _Move(alert)
    is_due = alert.is_acked or now - alert.at >= REPEATS[alert.level]
    return _Move(_unacked(replace(alert, at=now)), EventType.REPEATED) if is_due else _Move(alert)


def _is_ack_over(alert: Alert, now: datetime) -> bool:
    has_halved = alert.left is not None and alert.acked_left is not None and 2 * alert.left <= alert.acked_left
    is_late = alert.acked_at is not None and now - alert.acked_at >= EMERGENCY_ACK
    return has_halved or (alert.level is Level.EMERGENCY and is_late)


def _unacked(alert: Alert) -> Alert:
    return replace(alert, acked_at=None, acked_by=None, acked_left=None)


def _resolved(alert: Alert, now: datetime, how: EventType) -> _Move:
    return _Move(replace(alert, level=Level.OK, phase=Phase.RESOLVED, at=now), how)


def _mute(alert: Alert | None, among: Mapping[AlertKey, Alert], silences: Iterable[Silence]) -> Mute | None:
    if alert is None or not alert.is_firing:
        return None
    if alert.level < Level.EMERGENCY and any(silence.meets(alert) for silence in silences):
        return Mute.SILENCE
    if alert.level is Level.WARNING and any(_outranks(other, alert) for other in among.values()):
        return Mute.CRITICAL
    return Mute.VENUE_DOWN if _is_told_of_its_venue(alert, among) else None


DANGERS = ("liquidation_distance", "margin_ratio")


def _is_told_of_its_venue(alert: Alert, among: Mapping[AlertKey, Alert]) -> bool:
    """Whether a stale account, that was in no danger, is one of a venue that is told to be down, as badly or worse."""
    if alert.key.rule != "stale":
        return False
    down = among.get(AlertKey(account="", rule="venue_down", subject=alert.venue))
    is_told = down is not None and down.is_firing and down.level >= alert.level
    return is_told and not any(
        other.is_firing and key.account == alert.key.account and key.rule in DANGERS for key, other in among.items()
    )


def _outranks(other: Alert, alert: Alert) -> bool:
    is_same = (other.key.account, other.key.subject) == (alert.key.account, alert.key.subject)
    return is_same and other.key != alert.key and other.is_firing and other.level >= Level.CRITICAL


def _told(before: Alert | None, move: _Move, mute: Mute | None, now: datetime) -> tuple[Alert | None, Event | None]:
    alert, kind = move.alert, move.event
    if alert is None:
        return None, None
    if kind is None and before is not None and before.muted and not mute and alert.is_firing:
        alert, kind = replace(alert, at=now), EventType.REPEATED
    alert = replace(alert, muted=mute)
    if kind is None:
        return alert, None
    number = alert.events + 1
    alert = replace(alert, events=number, event=f"{alert.id}-{number}")
    return alert, Event(id=f"{alert.id}-{number}", type=kind, alert=alert, before=before, at=now)


def _noted(note: Note, now: datetime) -> Event:
    alert = Alert(
        key=note.key,
        id=_digest(note.key, now, note.summary),
        venue=note.venue,
        level=Level.OK,
        phase=Phase.NOTED,
        since=now,
        at=now,
        seen=now,
        value=None,
        threshold=None,
        unit="",
        summary=note.summary,
    )
    return Event(id=f"{alert.id}-1", type=EventType.NOTED, alert=replace(alert, event=f"{alert.id}-1"), before=None, at=now)


def _digest(key: AlertKey, now: datetime, *more: str) -> str:
    text = "/".join((key.account, key.rule, key.subject, now.isoformat(), *more))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
