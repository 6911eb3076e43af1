"""Alerts that an earlier run left, as this run goes on with them."""

from dataclasses import replace
from datetime import datetime

from monitor.core.alerts.alert import Alert, Phase


def taken_up(left: Alert, running: Alert | None, now: datetime) -> Alert:
    """Return what becomes of an alert that was *left*, where this run has made *running* of the same subject; None: nothing.

    What this run has decided stands. But what fired then and fires now has fired once: it keeps the id and the time of its
    first firing, and stays acknowledged unless it is worse now; and what fired then does not wait for its ``for`` again.
    """
    before = not_after(left, now)
    if running is None or (before.is_firing and running.phase is Phase.PENDING):
        return before
    if not (before.is_firing and running.is_firing):
        return running
    acked = running if running.is_acked or running.level > before.level else before
    return replace(
        running,
        id=before.id,
        since=before.since,
        events=before.events + running.events,
        acked_at=acked.acked_at,
        acked_by=acked.acked_by,
        acked_left=acked.acked_left,
    )


def not_after(alert: Alert, now: datetime) -> Alert:
    """Return *alert* with no time later than *now*: the calendar was set back while nobody ran, and it must not wait for that."""
    warning, critical, emergency = (None if since is None else min(since, now) for since in alert.quiet)
    return replace(
        alert,
        since=min(alert.since, now),
        at=min(alert.at, now),
        seen=min(alert.seen, now),
        acked_at=None if alert.acked_at is None else min(alert.acked_at, now),
        quiet=(warning, critical, emergency),
    )
