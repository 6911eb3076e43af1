"""How several venues show what they reckon of a position."""

from math import ceil

from monitor.core.account import NoPrice
from monitor.core.number import ZERO, Price, Ratio
from monitor.venues.instrument import Instrument


def shown_price(price: Price | None, instrument: Instrument, highest: Price | None = None) -> Price | NoPrice | None:
    """Return a venue's liquidation price: none is one tick and less, or *highest* and more; 0 says nothing, and is None."""
    if not price:
        return None
    is_low, is_high = price <= (instrument.tick_size or ZERO), highest is not None and price >= highest
    return "none" if is_low or is_high else price


def rank_of(percentile: Ratio | None) -> int | None:
    """Return the ADL rank from 1 to 5, of a *percentile* that is 1 for who is deleveraged first; None: 0, or it is not said."""
    return ceil(percentile * 5) if percentile else None
