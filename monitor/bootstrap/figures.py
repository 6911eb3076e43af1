"""What `assess` and `what-if` are made of: snapshots from a file or from a poll, and the figures to print."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.bootstrap.assess import DEFAULTS, Aims, Reading, aims, answer, assessed, read_file, readings
from monitor.bootstrap.once import look_once
from monitor.bootstrap.printing import show, show_json
from monitor.bootstrap.trouble import MISUSED, Trouble, configured, do
from monitor.bootstrap.what_if import Wishes, changed
from monitor.core.scenario import ScenarioError
from monitor.views.details import details
from monitor.views.scopes import assessed as as_seen
from monitor.views.status import fault
from monitor.views.table import table
from monitor.wire.node import SnapshotError


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Accounts to assess. ``raw``: a list where the answer is a portfolio. ``of``: what figures aim at."""

    raw: object
    read: Sequence[Reading]
    of: Aims


def from_file(file: str, config: Path, *, is_named: bool) -> Given:
    """Return what is in *file*. *is_named*: the configuration was asked for, so that it must be there.

    Raises:
        Trouble: it cannot be read, or something in it is impossible.

    """
    of = aims(configured(config)) if is_named or config.exists() else DEFAULTS
    try:
        raw = read_file(file)
        return Given(raw=raw, read=readings(raw), of=of)
    except SnapshotError as error:
        raise Trouble(str(error), MISUSED) from None


def polled(path: Path, only: str | None) -> Given:
    """Return what one poll of the accounts shows, those left out that cannot be read.

    Raises:
        Trouble: none can.

    """
    config = configured(path, "error")
    picture = do(look_once(config, only))
    for lost in (each for each in picture.accounts if not each.account):
        sys.stderr.write(f"{lost.name} is left out: {fault(lost)}\n")
    read = [Reading(account=each.account, books={}) for each in picture.accounts if each.account]
    if not read:
        raise Trouble("no account could be read")
    return Given(raw=[] if only is None else None, read=read, of=aims(config))


def after(given: Given, wishes: Wishes) -> Given:
    """Return *given* after all of *wishes*; order books say nothing at other prices.

    Raises:
        Trouble: one cannot be made.

    """
    try:
        accounts = changed([each.account for each in given.read], wishes)
    except ScenarioError as error:
        raise Trouble(str(error), MISUSED) from None
    books = [each.books if wishes.leaves_prices else {} for each in given.read]
    read = [Reading(account=account, books=of) for account, of in zip(accounts, books, strict=True)]
    return Given(raw=given.raw, read=read, of=given.of)


def show_figures(given: Given, *, as_json: bool) -> None:
    """Print all that can be said of *given*."""
    found = assessed(given.read, given.of)
    if as_json:
        show_json(answer(given.raw, found))
    else:
        show(table([as_seen(risk) for risk in found.risks]))
        show(details(found.risks, found.pools, found.coins, found.whole, given.of.danger))
