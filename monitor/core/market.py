"""One market as its marks show it: what it says now, and since when it has said nothing new."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from monitor.core.account import Position
from monitor.core.number import ONE, Price, Ratio

FROZEN_AFTER = timedelta(minutes=5)
"""A mark that has not moved for so long while its index did is no calm."""

INDEX_MOVE = ONE / 1000
"""By how much an index has to have moved, as a ratio, before a mark that has not is called frozen: less may be rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One contract at one venue. ``since``: when its mark last changed; ``index_then``: the index at that time.

    ``index``, ``index_then``, ``basis`` (``mark / index - 1`` of one moment) None: the venue does not give an index.
    ``notice``: see `Position.market_notice`.
    """

    venue: str
    symbol: str
    mark: Price
    index: Price | None
    basis: Ratio | None
    since: datetime
    index_then: Price | None
    notice: str | None
    is_perpetual: bool

    @property
    def name(self) -> tuple[str, str]:
        """Return what makes it the same market at the next look."""
        return (self.venue, self.symbol)


def sighted(before: Market | None, venue: str, position: Position, at: datetime) -> Market:
    """Return the market of *position* after one more look."""
    is_news = before is None or before.mark != position.mark_price
    return Market(
        venue=venue,
        symbol=position.symbol,
        mark=position.mark_price,
        index=position.index_price,
        basis=position.basis_ratio,
        since=at if before is None or is_news else before.since,
        index_then=position.index_price if before is None or is_news else before.index_then,
        notice=position.market_notice,
        is_perpetual=position.is_perpetual,
    )


def frozen_for(market: Market, now: datetime) -> timedelta | None:
    """Return for how long the mark has not moved while its index did; None: it is not frozen, or nothing tells."""
    still, index, then = now - market.since, market.index, market.index_then
    if still < FROZEN_AFTER or index is None or then is None:
        return None
    return still if abs(index / then - 1) >= INDEX_MOVE else None


def from_index(market: Market) -> Ratio | None:
    """Return how far a perpetual's mark is from its index, ``|mark / index - 1|``; None: not known.

    A dated contract has a basis, so that the same would say nothing about its mark: None.
    """
    return abs(market.basis) if market.is_perpetual and market.basis is not None else None


def from_others(market: Market, markets: Iterable[Market]) -> Ratio | None:
    """Return how far the mark is from the median of the same contract's at the other venues; None: nobody else shows one."""
    others = [other.mark for other in markets if other.symbol == market.symbol and other.venue != market.venue]
    return abs(market.mark / median(others) - 1) if others else None
