"""`alerts`, `ack`, `silence`, `unsilence` and `test-alert`: what a running daemon is asked over HTTP."""

import getpass
import json
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitor.bootstrap.client import NoDaemon, ask, tell
from monitor.bootstrap.trouble import MISUSED, Trouble
from monitor.command import Command, Kind
from monitor.config.settings import Config
from monitor.core.alerts.matcher import read_matcher
from monitor.core.rules.finding import Level
from monitor.core.span import read_span
from monitor.views.table import STYLES
from monitor.wire.commands import command_json
from monitor.wire.messages import body


def command(kind: Kind, target: str | None = None, lasting: str | None = None) -> Command:
    """Return a command as this user gives it.

    Raises:
        Trouble: matcher or duration cannot be read.

    """
    try:
        if kind is Kind.SILENCE:
            read_matcher(target or "")
        span = None if lasting is None else read_span(lasting)
    except ValueError as error:
        raise Trouble(f"{kind.value}: {error}", MISUSED) from None
    return Command(kind=kind, target=target, lasting=span, author=_author(), request=None, origin="cli")


async def order(config: Config, wish: Command) -> str:
    """Let the daemon carry out *wish*, and return its answer as a sentence.

    Raises:
        Trouble: no daemon answers, or it does not do it.

    """
    try:
        code, text = await tell(config, f"/api/{wish.kind.value}", body(command_json(wish)))
    except NoDaemon as error:
        raise Trouble(str(error)) from None
    said = _read(text)
    if code == 200 and said:
        return str(said["text"])
    raise Trouble(str(said["text"]) if said else f"the daemon answers {code}: {text.strip()}")


async def listing(config: Config) -> RenderableType:
    """Return a table of the alerts that fire, worst first, and of the silences.

    Raises:
        Trouble: no daemon answers.

    """
    try:
        code, text = await ask(config, "/api/status")
    except NoDaemon as error:
        raise Trouble(str(error)) from None
    if code != 200:
        raise Trouble(f"the daemon answers {code}: {text.strip()}")
    said = json.loads(text)
    return Group(*_alerts([alert for alert in said["alerts"] if alert["status"] == "firing"]), *_silences(said["silences"]))


def _alerts(firing: list[Mapping[str, Any]]) -> Iterator[RenderableType]:
    if not firing:
        yield Text("no alert fires")
        return
    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in ("id", "level", "account", "rule", "since", "what"):
        drawn.add_column(column, overflow="fold", no_wrap=column == "id")
    for alert in firing:
        drawn.add_row(*map(Text, _row(alert)), style=STYLES[Level[alert["level"].upper()]])
    yield drawn


def _row(alert: Mapping[str, Any]) -> tuple[str, ...]:
    quiet = "acked" if alert["acked"] else alert["muted"]
    level = f"{alert['level']} ({quiet})" if quiet else alert["level"]
    since = f"{datetime.fromisoformat(alert['since']):%m-%d %H:%M}"
    return alert["id"], level, alert["account"] or "all", alert["rule"], since, alert["summary"]


def _silences(silences: list[Mapping[str, Any]]) -> Iterator[RenderableType]:
    for silence in silences:
        until = f"{datetime.fromisoformat(silence['until']):%Y-%m-%d %H:%M}"
        yield Text(f"silence {silence['id']}: {silence['matcher']} until {until}, by {silence['author']}")


def _read(text: str) -> Mapping[str, Any] | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "text" in said else None


def _author() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name}@{socket.gethostname()}"[:100]
