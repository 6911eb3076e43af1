"""The page for people: what is nearest to liquidation, what is wrong, and how old all that is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.core.alerts.alert import Alert
from monitor.core.risk import Status
from monitor.core.rules.finding import Level
from monitor.core.rules.words import spoken
from monitor.picture import ChannelPicture, Picture
from monitor.views.columns import COLUMNS, liquidation_texts, status_text
from monitor.views.scopes import Scope, Seen, scopes, seen
from monitor.views.words import age_text

REFRESH_SECONDS = 5
FAR = Decimal("0.5")
"""The bar is full at this distance; beyond it there is nothing to worry about that a picture could show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pool or isolated position. ``filled``: how much of its bar, in percent; None: there is no distance."""

    scope: Scope
    status: str
    level: str
    prices: tuple[str, ...]
    filled: int | None

    @property
    def is_known(self) -> bool:
        """Whether its danger is known now."""
        return self.scope.is_current and self.scope.status is not Status.UNASSESSED

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.scope.seen.account} · {self.scope.name}"

    def text(self, key: str) -> str:
        """Return the text of one column."""
        return next(column.text(self.scope) for column in COLUMNS if column.key == key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The one thing to know: the nearest danger that is known now. ``figure`` None: there is none.

    ``doubts``: what could be nearer, for all that is known.
    """

    figure: str | None
    caption: str
    detail: str
    level: str
    doubts: tuple[str, ...]


def page(picture: Picture, *, hide_sizes: bool) -> str:
    """Return the page as HTML."""
    accounts = tuple(seen(account) for account in picture.accounts)
    firing = tuple(sorted((a for a in picture.alerts if a.is_firing), key=lambda a: (-a.level, a.key)))
    rows = _rows(scopes(accounts), firing)
    faults = _faults(picture, accounts)
    return (
        _environment()
        .get_template("page.html")
        .render(
            refresh=REFRESH_SECONDS,
            at=f"{picture.at:%Y-%m-%d %H:%M:%S} UTC",
            headline=_headline(rows),
            summary=_summary(accounts, firing, faults),
            rows=rows,
            columns=tuple(column for column in COLUMNS if not (hide_sizes and column.is_size)),
            alerts=firing,
            since={alert.key: spoken(picture.at - alert.since) for alert in firing},
            faults=faults,
            channels=picture.channels,
            waiting={channel.name: _waiting(channel, picture) for channel in picture.channels},
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.views", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _rows(found: Iterable[Scope], firing: Iterable[Alert]) -> tuple[Row, ...]:
    levels: dict[tuple[str, str], Level] = {}
    for alert in firing:
        about = (alert.key.account, alert.key.subject)
        levels[about] = max(alert.level, levels.get(about, Level.OK))
    return tuple(_row(scope, levels) for scope in found)


def _row(scope: Scope, levels: Mapping[tuple[str, str], Level]) -> Row:
    distance = scope.margin.distance if scope.margin else None
    return Row(
        scope=scope,
        status=status_text(scope),
        level=levels.get((scope.seen.account, scope.subject or ""), Level.OK).word,
        prices=liquidation_texts(scope),
        filled=None if distance is None else int(100 * min(distance / FAR, Decimal(1))),
    )


def _headline(rows: tuple[Row, ...]) -> Headline:
    nearest = next((row for row in rows if row.is_known and row.filled is not None), None)
    doubts = tuple(_doubt(row) for row in rows[: rows.index(nearest) if nearest else None] if not row.is_known)
    if nearest is None:
        caption = "Nothing is known now." if doubts or not rows else "No price liquidates anything that is held."
        return Headline(figure=None, caption=caption, detail="", level="", doubts=doubts)
    return Headline(
        figure=nearest.text("distance"),
        caption="can be liquidated now" if nearest.scope.status is Status.LIQUIDATABLE else "to the nearest liquidation",
        detail=f"{nearest.name} · mark {nearest.text('mark')} · liquidation {' / '.join(nearest.prices)}",
        level=nearest.level,
        doubts=doubts,
    )


def _doubt(row: Row) -> str:
    if row.scope.is_current:
        return f"{row.name}: not assessed"
    if row.scope.margin is None:
        return f"{row.scope.seen.account}: never read"
    return f"{row.name}: last known distance {row.text('distance')}, {age_text(row.scope.seen.age)}"


def _summary(accounts: tuple[Seen, ...], firing: tuple[Alert, ...], faults: tuple[str, ...]) -> tuple[str, str]:
    """Return the state of all in a word, and its class. All is well only where all is known."""
    down = sum(account.fault is not None for account in accounts)
    if firing:
        worst = firing[0].level.word
        return (f"{worst}, and {down} of {len(accounts)} accounts not up" if down else worst, worst)
    if down:
        return f"{down} of {len(accounts)} accounts not up", "unknown"
    return ("not everything works", "unknown") if faults or not accounts else ("all clear", "ok")


def _faults(picture: Picture, accounts: Iterable[Seen]) -> tuple[str, ...]:
    stale = (f"{a.account}: {a.fault} (last data: {age_text(a.age)})" for a in accounts if a.fault is not None)
    unsent = (f"{channel.name}: {channel.fault}" for channel in picture.channels if channel.fault)
    return (*stale, *unsent, *([picture.store_fault] if picture.store_fault else []))


def _waiting(channel: ChannelPicture, picture: Picture) -> str:
    backlog = channel.backlog
    if not backlog.pending:
        return "nothing waits"
    since = f", the oldest for {spoken(picture.at - backlog.oldest)}" if backlog.oldest else ""
    return f"{backlog.pending} waiting{since}"
