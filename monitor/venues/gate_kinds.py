"""Kinds of Gate account: what backs contracts in each; and what a key may do there.

Source: Gate API v4, "Get futures account", "Query all main account key information"; ccxt 4.5.90, async_support/gate.py; both
read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.account import PoolMode
from monitor.ports import Examination
from monitor.venues.gate_market import SETTLE, VENUE, endpoint
from monitor.venues.parse import Row, rows, whole

KEYS = endpoint("private", "account", "main_keys", lambda answer: isinstance(answer, dict | list))

COIN = SETTLE.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of account: what backs contracts, and what bars their computation."""

    words: str
    mode: PoolMode = PoolMode.COIN
    obstacle: str | None = None


KINDS: Mapping[int, Kind] = {
    0: Kind(words="classic"),
    1: Kind(
        words="unified, multi-currency margin",
        mode=PoolMode.MULTI_COIN,
        obstacle="all coins of a unified account back each other in dollars, which is not computed yet",
    ),
    2: Kind(
        words="unified, portfolio margin",
        mode=PoolMode.PORTFOLIO,
        obstacle="portfolio margin follows the venue's own stress test, which cannot be computed here",
    ),
    3: Kind(
        words="unified, single-currency margin",
        obstacle="a unified account backs its contracts with all of the coin that it holds, which is not read yet",
    ),
}
"""``margin_mode``.

Source: Gate API v4, "Get futures account": 0 classic, 1 multi-currency, 2 portfolio, 3 single-currency; ``total`` only of classic
accounts; seen 2026-11.
"""


def parse_kind(account: Row) -> Kind:
    """Return what kind of account it is. One that does not say is not taken for a classic one."""
    mode = account.optional("margin_mode")
    if mode is None:
        return Kind(words="unknown", obstacle="the venue does not say what kind of account this is")
    known = KINDS.get(int(mode))
    return known or Kind(words=f"margin mode {mode}", obstacle=f"margin mode {mode} of the account is not known")


def parse_key(answer: object, api_key: str) -> frozenset[str] | None:
    """Return the areas that our own key may write to; None: it is not listed. Names of keys are cut off by stars.

    Source: Gate API v4, "Query all main account key information": a list; test data of late 2026 have one object; seen 2026-11.
    """
    if isinstance(answer, dict):
        return writable(whole(answer, VENUE, KEYS.path))
    shown = [(row, str(row.raw.get("key") or "").rstrip("*")) for row in rows(answer, VENUE, KEYS.path, "name")]
    ours = [row for row, name in shown if name and api_key.startswith(name)]
    return writable(ours[0]) if len(ours) == 1 else None


def writable(key: Row) -> frozenset[str]:
    """Return the areas of a key that are not read-only."""
    return frozenset(area.text("name") for area in key.rows("perms", "name") if area.raw.get("read_only") is not True)


def parse_examination(offset: float, kind: Kind, areas: frozenset[str] | None) -> Examination:
    """Return what a key that may write to *areas* may do. ``wallet`` moves coins, perhaps out of the venue too."""
    return Examination(
        clock_offset_seconds=offset,
        may_trade=None if areas is None else bool(areas),
        may_withdraw=None if areas is None else not areas.isdisjoint({"wallet", "withdraw"}),
        mode=kind.words,
    )
