"""The table that `once`, `assess` and `status` print, at most 100 columns wide, with a line for each alert and each fault."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitor.core.rules.finding import AlertKey, Level
from monitor.views.columns import COLUMNS
from monitor.views.fitted import Fitted
from monitor.views.scopes import Scope, Seen, scopes
from monitor.views.words import age_text

LEFT_OUT = ("buffer", "age")
TITLES = {"margin-ratio": "margin\nratio", "liquidation": "liqui-\ndation", "scope": "pool,\nposition"}
STYLES: Mapping[Level, str] = {
    Level.OK: "",
    Level.WARNING: "yellow",
    Level.CRITICAL: "red",
    Level.EMERGENCY: "bold red",
}


class Notice(Protocol):
    """What has a line under the table: an alert, or a finding. ``level`` None: it is not known."""

    @property
    def key(self) -> AlertKey:
        """Return what it is about."""

    @property
    def level(self) -> Level | None:
        """Return how bad it is."""

    @property
    def summary(self) -> str:
        """Return it as a sentence."""


def table(accounts: Iterable[Seen], notices: Iterable[Notice] = ()) -> RenderableType:
    """Return one row per pool and isolated position, nearest danger first, then what is wrong, worst first."""
    shown = tuple(accounts)
    said = sorted((n for n in notices if n.level), key=lambda n: (-(n.level or 0), n.key))
    levels = {(n.key.account, n.key.subject): n.level or Level.OK for n in reversed(said)}
    return Group(
        _rows(scopes(shown), levels),
        *(_fault_line(account) for account in shown if account.fault is not None),
        *(_reason_line(scope) for scope in scopes(shown) if scope.margin and scope.margin.reason),
        *(_notice_line(notice) for notice in said),
    )


def _rows(rows: Iterable[Scope], levels: Mapping[tuple[str, str], Level]) -> RenderableType:
    columns = tuple(column for column in COLUMNS if column.key not in LEFT_OUT)
    drawn = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for column in columns:
        is_name = column.key in ("account", "scope")
        title = TITLES.get(column.key, column.title)
        drawn.add_column(title, justify="right" if column.is_figure else "left", no_wrap=not is_name, overflow="fold")
    for row in rows:
        level = levels.get((row.seen.account, row.subject or ""), Level.OK)
        style = STYLES[level] if row.is_current else "dim"
        drawn.add_row(*(Text(_printable(column.text(row))) for column in columns), style=style)
    return Fitted(drawn)


def _fault_line(account: Seen) -> Text:
    age = f"figures from {age_text(account.age)}" if account.risk else "no figures"
    return Text(_printable(f"not up     {account.account}: {account.fault} ({age})"), style="yellow")


def _reason_line(scope: Scope) -> Text:
    reason = scope.margin.reason if scope.margin else None
    return Text(_printable(f"unassessed {scope.seen.account} {scope.name}: {reason}"))


def _notice_line(notice: Notice) -> Text:
    level = notice.level or Level.OK
    where = notice.key.account or "all accounts"
    return Text(_printable(f"{level.word:10} {where}: {notice.summary} ({notice.key.rule})"), style=STYLES[level])


def _printable(text: str) -> str:
    """Return *text* without characters that a terminal would obey."""
    return "".join(each if each.isprintable() or each == "\n" else "?" for each in text)
