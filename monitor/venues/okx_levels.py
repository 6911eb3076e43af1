"""Levels of an OKX account: what backs inverse contracts in each.

Source: OKX API v5, "Get account configuration", ``acctLv``; "Spot and futures mode: cross margin trading", "Multi-currency margin
mode: cross margin trading", help centre; seen 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.core.account import PoolMode
from monitor.core.number import ONE
from monitor.venues.okx_market import endpoint, only_row

CONFIG = endpoint("private", "account/config", weight=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What backs the pools of an account, and what bars their computation."""

    words: str
    mode: PoolMode = PoolMode.COIN
    obstacle: str | None = None


SPOT = Level(words="spot mode, which has no contracts")
FUTURES = Level(words="futures mode (single-currency margin)")
MULTI = Level(
    words="multi-currency margin",
    mode=PoolMode.MULTI_COIN,
    obstacle="all coins of a multi-currency account back each other in dollars, which is not computed yet",
)
PORTFOLIO = Level(
    words="portfolio margin",
    mode=PoolMode.PORTFOLIO,
    obstacle="portfolio margin follows the venue's own stress test, which cannot be computed here",
)

LEVELS: Mapping[int, Level] = {1: SPOT, 2: FUTURES, 3: MULTI, 4: PORTFOLIO}

DELTA_NEUTRAL = "the account follows the venue's delta neutral strategy, whose margin is not computed yet"


def parse_level(answer: object) -> Level:
    """Return how the account margins, from account/config. ``stgyType`` 1: hedged spot and contracts offset each other.

    Source: OKX API v5, "Get account configuration" and ``hedgedPos`` in "Get positions"; seen 2026-11.
    """
    row = only_row(answer, CONFIG)
    level = LEVELS.get(int(row.number("acctLv")))
    if level is None:
        raise row.fault("acctLv", "is not a level of account that is known")
    neutral = row.optional("stgyType") == ONE
    return replace(level, words=f"{level.words}, delta neutral", obstacle=level.obstacle or DELTA_NEUTRAL) if neutral else level
