"""Alerts, silences and faults, in words, with what can be done about them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.alerts.alert import Alert
from monitor.core.alerts.matcher import matcher_text, read_matcher
from monitor.core.number import Ratio
from monitor.core.rules.finding import AlertKey, Level
from monitor.core.rules.words import percent, spoken
from monitor.picture import ChannelPicture, Picture
from monitor.views.page.look import Look
from monitor.views.scopes import Seen
from monitor.views.words import age_text

WITHOUT_AMOUNTS = frozenset(
    {
        "margin_ratio",
        "touch_probability",
        "time_to_liquidation",
        "reconcile",
        "disagreement",
        "price_divergence",
        "concentration",
        "stale",
        "venue_down",
        "account_error",
        "key_scope",
        "venue_notice",
        "store",
        "delivery",
    }
)
"""The rules whose sentences hold no amount of anything; those of others are not shown with ``privacy.hide_sizes``."""


FIGURES: Mapping[str, Callable[[Ratio], str]] = {
    "ratio": percent,
    "seconds": lambda seconds: spoken(timedelta(seconds=float(seconds))),
}
"""How a figure is told, by its unit, where that is no amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One alert that fires. ``matcher``: what would silence just it; None: nothing can."""

    alert: Alert
    words: str
    since: str
    matcher: str | None

    @property
    def about(self) -> str:
        """Return which alert it is, for those who cannot see where a button stands."""
        return " ".join(part for part in (self.alert.key.account, self.alert.key.rule, self.alert.key.subject) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """One silence."""

    id: str
    matcher: str
    author: str
    left: str


def notices(firing: Iterable[Alert], picture: Picture, look: Look) -> tuple[Notice, ...]:
    """Return what fires, in the same order."""
    return tuple(
        Notice(
            alert=alert,
            words=_hidden(alert, picture.at) if look.hide_sizes else alert.summary_at(picture.at),
            since=spoken(picture.at - alert.since),
            matcher=_matcher(alert),
        )
        for alert in firing
    )


def quiets(picture: Picture) -> tuple[Quiet, ...]:
    """Return the silences that are in force."""
    return tuple(
        Quiet(id=each.id, matcher=matcher_text(each.matcher), author=each.author, left=spoken(each.until - picture.at))
        for each in picture.silences
        if each.until > picture.at
    )


def faults(picture: Picture, accounts: Iterable[Seen]) -> tuple[str, ...]:
    """Return what does not work, a sentence each."""
    stale = (f"{a.account}: {a.fault} (last data: {age_text(a.age)})" for a in accounts if a.fault is not None)
    unsent = (f"{channel.name}: {channel.fault}" for channel in picture.channels if channel.fault)
    return (*stale, *unsent, *([picture.store_fault] if picture.store_fault else []))


def waiting(channel: ChannelPicture, picture: Picture) -> str:
    """Return what a channel has still to deliver."""
    backlog = channel.backlog
    if not backlog.pending:
        return "nothing waits"
    since = f", the oldest for {spoken(picture.at - backlog.oldest)}" if backlog.oldest else ""
    return f"{backlog.pending} waiting{since}"


def _hidden(alert: Alert, now: datetime) -> str:
    """Return an alert without amounts: its sentence where its rule speaks of none, else its figure where that is a ratio."""
    if alert.key.rule in WITHOUT_AMOUNTS:
        return alert.summary_at(now)
    value, limit = _figure(alert.unit, alert.value), _figure(alert.unit, alert.threshold)
    figures = f": {value}" + (f", the limit is {limit}" if limit else "") if value else ""
    return replace(alert, summary=f"{alert.key.subject}{figures} (amounts are hidden)").summary_at(now)


def _figure(unit: str, figure: Ratio | None) -> str | None:
    if figure is None or unit not in FIGURES:
        return None
    return FIGURES[unit](figure)


def _matcher(alert: Alert) -> str | None:
    """Return a matcher for this alert alone; None: emergencies are never silenced, and odd names cannot be written."""
    if alert.level is Level.EMERGENCY:
        return None
    text = ",".join(f"{key}={value}" for key, value in _pairs(alert.key))
    try:
        read_matcher(text)
    except ValueError:
        return None
    return text


def _pairs(key: AlertKey) -> Iterator[tuple[str, str]]:
    if key.account:
        yield "account", key.account
    yield "rule", key.rule
    yield "subject", key.subject
