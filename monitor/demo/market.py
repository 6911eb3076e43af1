"""What the simulated markets quote: a price script that is a pure function of story time and seed, and the marks made of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from monitor.core.number import ONE, Price, Ratio

STORY_SECONDS = 120.0
"""How long the script lasts before it repeats."""

OPENING: Mapping[str, Price] = {"BTC": Decimal(60_000), "ETH": Decimal(3_000), "SOL": Decimal(150)}
"""The price of each coin at story time zero."""

_BETA: Mapping[str, float] = {"BTC": 1.0, "ETH": 0.9, "SOL": 0.8}
"""How far each coin follows BTC's fall."""

_SCENES: tuple[tuple[float, float], ...] = (
    (0.0, 1.0),
    (3.0, 1.0),
    (17.0, 0.83),  # the first wave ends: the leveraged long warns
    (22.0, 0.83),
    (34.0, 0.757),  # the second wave ends: it is critical, and not an emergency
    (40.0, 0.757),
    (51.0, 0.985),  # all is past every clear value
    (110.0, 1.0),
    (STORY_SECONDS, 1.0),
)
"""Story second and BTC's price there, as a share of its opening price; between two of them it eases."""

_RIPPLES = (7, 11, 17, 23)
"""Whole cycles of the jitter in one story, so that it repeats without a step."""
_RIPPLE_SIZE = 0.0003

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """All prices of one moment. Marks are whole cents, so that every venue's wire format carries them exactly.

    ``basis``: how far a dated contract's mark stands above the perpetual's. ``premium``: the perpetual's above the index.
    """

    prices: Mapping[str, Price]
    basis: Ratio = Decimal("0.008")
    premium: Ratio = Decimal("0.0002")

    def mark(self, coin: str, expiry: date | None = None) -> Price:
        """Return the mark price of *coin*'s perpetual, or of its contract that ends at *expiry*."""
        price = self.prices[coin]
        return price if expiry is None else (price * (ONE + self.basis)).quantize(_CENT)

    def index(self, coin: str) -> Price:
        """Return the price of the spot basket behind *coin*'s contracts."""
        return (self.prices[coin] * (ONE - self.premium)).quantize(_CENT)


class Market:
    """The story's prices. The same *seed* gives the same prices on every run."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        self._phases = {coin: [chance.random() * math.tau for _ in _RIPPLES] for coin in OPENING}

    def price(self, coin: str, t: float) -> Price:
        """Return the price of *coin* at story second *t*; every `STORY_SECONDS` it repeats."""
        share = 1.0 - _BETA[coin] * (1.0 - _scene(t % STORY_SECONDS))
        return (OPENING[coin] * Decimal(repr(share * (1.0 + self._ripple(coin, t))))).quantize(_CENT)

    def at(self, t: float) -> Quotes:
        """Return all quotes of story second *t*."""
        return Quotes(prices={coin: self.price(coin, t) for coin in OPENING})

    def _ripple(self, coin: str, t: float) -> float:
        turn = math.tau * t / STORY_SECONDS
        return _RIPPLE_SIZE * sum(math.sin(n * turn + phase) for n, phase in zip(_RIPPLES, self._phases[coin], strict=True))


def _scene(t: float) -> float:
    for (start, before), (end, after) in pairwise(_SCENES):
        if t <= end:
            u = (t - start) / (end - start)
            return before + (after - before) * u * u * (3.0 - 2.0 * u)
    return 1.0


def quarterly(today: date) -> date:
    """Return the delivery day of the nearest quarterly contract that has four weeks left: a quarter's last Friday.

    Source: Binance COIN-M, Bybit inverse and Deribit contract specifications; seen 2026-11.
    """
    months = (today.month - 1) // 3 * 3 + 3
    return next(day for n in range(3) if (day := _last_friday(today.year, months + 3 * n)) >= today + timedelta(weeks=4))


def _last_friday(year: int, month: int) -> date:
    years, first_month_after = divmod(month, 12)
    last_day = date(year + years, first_month_after + 1, 1) - timedelta(days=1)
    return last_day - timedelta(days=(last_day.weekday() - 4) % 7)
