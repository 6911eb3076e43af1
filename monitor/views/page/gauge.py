"""The bar of a scope: a price axis from the liquidation price to the mark, on one scale for all, so that bars compare."""

from dataclasses import dataclass
from decimal import Decimal

from monitor.core.number import ZERO, Price, Ratio
from monitor.core.risk import Margin, Status
from monitor.core.rules.words import price_text
from monitor.views.columns import UNKNOWN
from monitor.views.scopes import Scope
from monitor.views.words import ratio_text

FAR = Decimal("0.5")
"""The bar is full at this distance; beyond it there is nothing to worry about that a picture could show."""

FULL = Decimal(100)
ANCHORS = ((Decimal(25), "start"), (Decimal(75), "middle"), (FULL, "end"))
"""Up to where a word that belongs to a point of the bar begins there, is centred on it, ends there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """What is left is filled from ``start`` to ``end``, price growing to the right; all in percent of the bar.

    ``low`` and ``high``: what the ends of the bar are, in words; "" where an end is only far away. ``mark``: where the mark is.
    """

    start: Decimal
    end: Decimal
    mark: Decimal
    low: str
    high: str
    price: str

    @property
    def anchor(self) -> str:
        """Return how the price at the mark is written."""
        return next(anchor for until, anchor in ANCHORS if self.mark <= until)

    @property
    def words(self) -> str:
        """Return all of it as a sentence."""
        return ", ".join(each for each in (self.low, self.price, self.high) if each)


@dataclass(frozen=True, slots=True)
class _Side:
    """The price that liquidates on one side: how far it is from the mark, and what to call it."""

    distance: Ratio
    words: str


def gauge(scope: Scope) -> Gauge | None:
    """Return the bar of a scope; None: its distance is not known, so there is nothing to draw."""
    margin = scope.margin
    if margin is None or margin.status in (Status.UNASSESSED, Status.FLAT):
        return None
    mark = f"mark {UNKNOWN if scope.mark_price is None else price_text(scope.mark_price)}"
    if margin.status is Status.LIQUIDATABLE:
        return Gauge(start=ZERO, end=ZERO, mark=ZERO, low="can be liquidated now", high="", price=mark)
    return _drawn(_below(margin, scope.mark_price), _above(margin, scope.mark_price), mark)


def _drawn(below: _Side | None, above: _Side | None, price: str) -> Gauge:
    low, high = below.words if below else "", above.words if above else ""
    if below and above and max(below.distance, above.distance) <= FAR:
        at = FULL * below.distance / (below.distance + above.distance)
        return Gauge(start=ZERO, end=FULL, mark=_round(at), low=low, high=high, price=price)
    if below and (above is None or below.distance <= above.distance):
        at = _length(below.distance)
        return Gauge(start=ZERO, end=at, mark=at, low=low, high=high, price=price)
    if above:
        at = FULL - _length(above.distance)
        return Gauge(start=at, end=FULL, mark=at, low=low, high=high, price=price)
    return Gauge(start=ZERO, end=FULL, mark=FULL / 2, low="no price liquidates it", high="", price=price)


def _length(distance: Ratio) -> Decimal:
    return _round(FULL * min(distance / FAR, Decimal(1)))


def _round(percent: Decimal) -> Decimal:
    return percent.quantize(Decimal("0.1"))


def _below(margin: Margin, mark: Price | None) -> _Side | None:
    return _side(margin.liquidation_price_below, margin.joint_shock_below, mark)


def _above(margin: Margin, mark: Price | None) -> _Side | None:
    return _side(margin.liquidation_price_above, margin.joint_shock_above, mark)


def _side(price: Price | None, joint_shock: Ratio | None, mark: Price | None) -> _Side | None:
    if price is not None and mark:
        return _Side(abs(mark - price) / mark, f"liquidation {price_text(price)}")
    if joint_shock is not None:
        return _Side(abs(joint_shock), f"liquidation at a joint move of {ratio_text(joint_shock)}")
    return None
