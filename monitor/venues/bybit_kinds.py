"""Kinds of Bybit account: what backs inverse contracts in each, and on which value their margin is reckoned.

Classic accounts and unified 1.0 keep a wallet for each coin (accountType CONTRACT): pools of one coin, margin on the entry
value. Unified 2.0 pools everything in dollars, unless its margin mode is isolated: then every position stands alone and
margin is reckoned on the mark value.

Source: Bybit API v5, "Get Account Info", "Get Wallet Balance"; ccxt 4.5.90, async_support/bybit.py:3607; both read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.account import Basis, PoolMode
from monitor.core.number import ZERO, Ratio
from monitor.venues.bybit_market import TAKER_FEE, VENUE, answers
from monitor.venues.endpoint import Endpoint, holds_number
from monitor.venues.parse import whole

INFO = Endpoint(api=("private",), path="v5/account/info", shape=answers(holds_number("result", "unifiedMarginStatus")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a kind of account margins inverse contracts. ``isolated`` None: each position says for itself."""

    words: str
    wallet: str
    basis: Basis
    fee_rate: Ratio
    isolated: bool | None = None
    mode: PoolMode = PoolMode.COIN
    obstacle: str | None = None


CLASSIC = Rules(words="classic", wallet="CONTRACT", basis=Basis.ENTRY, fee_rate=TAKER_FEE)
UNIFIED_1 = Rules(words="unified 1.0", wallet="CONTRACT", basis=Basis.ENTRY, fee_rate=TAKER_FEE)
ISOLATED = Rules(words="unified 2.0, isolated margin", wallet="UNIFIED", basis=Basis.MARK, fee_rate=ZERO, isolated=True)
CROSS = Rules(
    words="unified 2.0, cross margin",
    wallet="UNIFIED",
    basis=Basis.MARK,
    fee_rate=ZERO,
    isolated=False,
    mode=PoolMode.MULTI_COIN,
    obstacle="all coins of a unified account in cross margin back each other in dollars, which is not computed yet",
)
PORTFOLIO = Rules(
    words="unified 2.0, portfolio margin",
    wallet="UNIFIED",
    basis=Basis.MARK,
    fee_rate=ZERO,
    isolated=False,
    mode=PoolMode.PORTFOLIO,
    obstacle="portfolio margin follows the venue's own stress test, which cannot be computed here",
)

STATUSES: Mapping[int, Rules | None] = {1: CLASSIC, 3: UNIFIED_1, 4: UNIFIED_1, 5: None, 6: None}
"""``unifiedMarginStatus``; None: unified 2.0, where the margin mode decides.

Source: Bybit API v5, "Enums", unifiedMarginStatus; ccxt 4.5.90, async_support/bybit.py:3607; read 2026-11.
"""

MODES = {"ISOLATED_MARGIN": ISOLATED, "REGULAR_MARGIN": CROSS, "PORTFOLIO_MARGIN": PORTFOLIO}


def parse_rules(answer: object) -> Rules:
    """Return how the account margins, from account/info."""
    row = whole(answer, VENUE, INFO.path).inner("result")
    status = int(row.number("unifiedMarginStatus"))
    if status not in STATUSES:
        raise row.fault("unifiedMarginStatus", f"is {status}, a kind of account that is not known")
    rules = STATUSES[status] or MODES.get(row.text("marginMode"))
    if rules is None:
        raise row.fault("marginMode", "is not known")
    return rules
