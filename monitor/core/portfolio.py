"""All accounts together: net exposure per coin, equity, and how much of it lies at one venue."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.number import Coin, Price, Quote, Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinExposure:
    """One coin across accounts and holdings. ``delta`` includes ``holdings``.

    ``equity``: of the pools alone, in coin. ``price``: None where no account shows a mark for the coin, and then so is
    ``hedge`` (``-delta * price``: the dollars to buy, negative to sell, that make it neutral).
    """

    coin: str
    delta: Coin
    equity: Coin
    holdings: Coin
    price: Price | None
    hedge: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """All accounts that are up. ``unknown``: accounts and pools whose part is not known, so every sum is without them.

    ``equity``: in dollars, of coins that have a price. ``venue_shares``: of that equity. ``concentration``: the sum of the
    squared shares (Herfindahl-Hirschman index), 1 where all lies at one venue; None where there is no equity.
    """

    coins: tuple[CoinExposure, ...]
    equity: Quote
    venue_shares: Mapping[str, Ratio]
    concentration: Ratio | None
    unknown: tuple[str, ...]
