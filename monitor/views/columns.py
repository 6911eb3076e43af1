"""The columns in which page and terminal show what can be liquidated. Unknown says so; it is never blank and never 0."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from monitor.core.risk import Margin, Status
from monitor.core.rules.words import coin_text, enough_text, price_text
from monitor.views.scopes import Scope
from monitor.views.words import age_text, ratio_text, times_text

UNKNOWN = "unknown"
NONE = "none"
NO_EQUITY = "no equity"
NOT_UP = "not up"
NOW = "now"

Absent = Mapping[Status, str]
"""What a figure that is None means, by the status of the scope; where that says nothing, it is unknown."""

NO_PRICE: Absent = {Status.OK: NONE, Status.FLAT: NONE, Status.LIQUIDATABLE: NOW}
NO_RATIO: Absent = {Status.OK: NONE, Status.FLAT: NONE, Status.LIQUIDATABLE: NO_EQUITY}
NO_AMOUNT: Absent = {Status.OK: NONE, Status.FLAT: NONE}
NO_MARK: Absent = {Status.FLAT: NONE}

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``is_size``: it tells how much somebody owns, and is left out with ``privacy.hide_sizes``."""

    key: str
    title: str
    text: Callable[[Scope], str]
    is_size: bool = False
    is_figure: bool = True


def status_text(scope: Scope) -> str:
    """Return the status, or that the account is not up."""
    return scope.status.value if scope.is_current and scope.status else NOT_UP


def liquidation_texts(scope: Scope) -> tuple[str, ...]:
    """Return the liquidation prices below and above the mark, or the word that stands for them.

    Of coins that back each other: the joint moves of all of them.
    """
    if scope.reported is not None and scope.status is Status.UNASSESSED:
        return (f"venue {price_text(scope.reported)}",)
    margin = scope.margin
    prices = (margin.liquidation_price_below, margin.liquidation_price_above) if margin else ()
    moves = (margin.joint_shock_below, margin.joint_shock_above) if margin else ()
    known = (*(price_text(price) for price in prices if price is not None), *(ratio_text(m) for m in moves if m is not None))
    return known or (_absent(scope, NO_PRICE),)


def _margin(of: Callable[[Margin], T | None], show: Callable[[T], str], absent: Absent) -> Callable[[Scope], str]:
    def text(scope: Scope) -> str:
        value = of(scope.margin) if scope.margin else None
        return _absent(scope, absent) if value is None else show(value)

    return text


def _absent(scope: Scope, absent: Absent) -> str:
    return absent.get(scope.status, UNKNOWN) if scope.status else UNKNOWN


def _leverage(scope: Scope) -> str:
    if scope.leverage is None:
        return UNKNOWN if scope.delta is None else NO_EQUITY
    return times_text(scope.leverage)


def _delta(scope: Scope) -> str:
    return UNKNOWN if scope.delta is None else coin_text(scope.delta)


def _mark(scope: Scope) -> str:
    return _absent(scope, NO_MARK) if scope.mark_price is None else price_text(scope.mark_price)


COLUMNS: tuple[Column, ...] = (
    Column(key="account", title="account", text=lambda s: s.seen.account, is_figure=False),
    Column(key="scope", title="pool, position", text=lambda s: s.name, is_figure=False),
    Column(key="status", title="status", text=status_text, is_figure=False),
    Column(key="distance", title="distance", text=_margin(lambda m: m.distance, ratio_text, NO_PRICE)),
    Column(key="mark", title="mark", text=_mark),
    Column(key="liquidation", title="liquidation", text=lambda s: "\n".join(liquidation_texts(s))),
    Column(key="margin-ratio", title="margin ratio", text=_margin(lambda m: m.margin_ratio, ratio_text, NO_RATIO)),
    Column(key="leverage", title="leverage", text=_leverage),
    Column(key="delta", title="delta", text=_delta, is_size=True),
    Column(key="buffer", title="buffer", text=_margin(lambda m: m.buffer, coin_text, NO_AMOUNT), is_size=True),
    Column(
        key="top-up",
        title="top-up",
        text=_margin(lambda m: m.top_up, lambda t: enough_text(t.coin), NO_AMOUNT),
        is_size=True,
    ),
    Column(key="age", title="data from", text=lambda s: age_text(s.seen.age), is_figure=False),
)
"""In the order in which they are shown."""
