"""What a move of all prices would make of every pool and isolated position, for the slider of the page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitor.core.course import Outcome, ScopeStress
from monitor.core.detail import pool_stress
from monitor.core.number import ZERO, Ratio
from monitor.core.risk import PoolRisk, Status
from monitor.core.rules.words import coin_text, price_text
from monitor.core.stress import Stress
from monitor.views.columns import NO_EQUITY, UNKNOWN
from monitor.views.page.look import Look
from monitor.views.scopes import Scope
from monitor.views.words import ratio_text, times_text

WIDEST = 50
USUAL = -20
"""The move that is shown where none is asked for, in percent."""

MIDDLE, SCALE = 500, 1000
"""The strip of a row goes from -50 % at 0 to +50 % at 1000."""

NOT_REACHED = "not reached"


class BadMove(ValueError):  # noqa: N818 - it says what is the matter
    """No move that can be shown; the message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one scope. ``low`` and ``high``: how far of the strip is deadly from its left and its right end."""

    scope: Scope
    words: str
    tone: str
    price: str
    equity: str
    leverage: str
    low: int
    high: int

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.scope.seen.account} · {self.scope.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All of them after a move of *percent*. ``at``: where the move is on the strips."""

    percent: int
    sentence: str
    fates: tuple[Fate, ...]
    at: int
    has_sizes: bool

    @property
    def move(self) -> str:
        """Return the move in words."""
        return f"{self.percent:+d} %"


def read_percent(text: str) -> int:
    """Return a whole percentage from -50 to 50.

    Raises:
        BadMove: it is none.

    """
    if not re.fullmatch(r"[+-]?\d{1,2}", text, re.ASCII) or abs(int(text)) > WIDEST:
        raise BadMove(f"percent must be a whole number from -{WIDEST} to {WIDEST}")
    return int(text)


def outlook(scopes: Iterable[Scope], percent: int, look: Look, most: int) -> Outlook:
    """Return what a move of *percent* does; *most* rows are shown, all are counted."""
    shock = Decimal(percent) / 100
    rows = _Rows(shock)
    fates = tuple(_fate(scope, shock, rows.of(scope.pool)) for scope in scopes if scope.positions or scope.pool is None)
    return Outlook(
        percent=percent,
        sentence=_sentence(percent, fates),
        fates=fates[:most],
        at=int(MIDDLE + SCALE * shock),
        has_sizes=not look.hide_sizes,
    )


def _sentence(percent: int, fates: Sequence[Fate]) -> str:
    dead = [fate.name for fate in fates if fate.tone == "emergency"]
    dark = sum(fate.tone == "unknown" for fate in fates)
    named = f": {', '.join(dead[:5])}{' and others' if len(dead) > 5 else ''}" if dead else ""
    verb = "is" if len(dead) == 1 else "are"
    old = sum(fate.tone != "unknown" and not fate.scope.is_current for fate in fates)
    rest = f"; of {dark} it is not known" if dark else ""
    by = f"; of {old} by the last known figures" if old else ""
    return f"At {percent:+d} %, {len(dead) or 'none'} of {len(fates)} {verb} liquidated{named}{rest}{by}."


class _Rows:
    """The stress of each pool now and after *shock*, reckoned once for all scopes in it."""

    def __init__(self, shock: Ratio) -> None:
        self._shock = shock
        self._known: dict[int, tuple[Stress, ...]] = {}

    def of(self, pool: PoolRisk | None) -> tuple[Stress, ...]:
        if pool is None:
            return ()
        if id(pool) not in self._known:
            self._known[id(pool)] = pool_stress(pool, (ZERO, self._shock))
        return self._known[id(pool)]


def _fate(scope: Scope, shock: Ratio, rows: tuple[Stress, ...]) -> Fate:
    now, then = (_of(scope, row) for row in rows) if rows else (None, None)
    if now is None or then is None or then.outcome is Outcome.UNKNOWN:
        return _told(scope, "not known", "unknown", (UNKNOWN, UNKNOWN, UNKNOWN))
    if then.outcome is Outcome.LIQUIDATED:
        return _told(scope, "liquidated", "emergency", (NOT_REACHED, NOT_REACHED, NOT_REACHED))
    words = "no price liquidates it" if then.distance is None else f"{ratio_text(then.distance)} left"
    return _told(scope, words, "ok", (price_text((scope.mark_price or ZERO) * (1 + shock)), *_changes(now, then, scope)))


def _told(scope: Scope, words: str, tone: str, figures: tuple[str, str, str]) -> Fate:
    price, equity, leverage = figures
    low, high = _deadly(scope)
    return Fate(scope=scope, words=words, tone=tone, price=price, equity=equity, leverage=leverage, low=low, high=high)


def _changes(now: ScopeStress, then: ScopeStress, scope: Scope) -> tuple[str, str]:
    equity = f"{coin_text(now.equity)} → {coin_text(then.equity)} {scope.coin}"
    return equity, f"{_times(now.leverage)} → {_times(then.leverage)}"


def _times(leverage: Ratio | None) -> str:
    return NO_EQUITY if leverage is None else times_text(leverage)


def _of(scope: Scope, row: Stress) -> ScopeStress | None:
    if scope.alone is None:
        return row.cross
    identity = scope.alone.position.identity
    return next((one for one in row.isolated if one.position and one.position.identity == identity), None)


def _deadly(scope: Scope) -> tuple[int, int]:
    """Return how far of the strip is deadly from its left end, and from its right end."""
    margin, mark = scope.margin, scope.mark_price
    if margin is None or not mark:
        return 0, 0
    if margin.status is Status.LIQUIDATABLE:
        return SCALE, 0
    below, above = margin.liquidation_price_below, margin.liquidation_price_above
    low = 0 if below is None else MIDDLE + int(SCALE * (below / mark - 1))
    high = 0 if above is None else MIDDLE - int(SCALE * (above / mark - 1))
    return max(low, 0), max(high, 0)
