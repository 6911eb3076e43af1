"""How restless a coin is, and what that means for a liquidation price: chance to touch it, speed of approach, time left.

Statistics, so floats inside; prices, distances and chances cross the edge as exact numbers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import erfc, log, sqrt
from statistics import linear_regression
from typing import NamedTuple

from monitor.core.number import ONE, ZERO, Price, Ratio

HALF_LIFE = timedelta(hours=6)
"""Between the horizons that are asked about, 1 h and 24 h: it follows a change of mood within a quarter of the longer one,
and polled twice a minute it still rests on some 2,000 returns (standard error of the volatility under 2 %)."""

LEAST_SPAN = timedelta(hours=1)
"""Less than this seen (older time counts by its weight), and there is no volatility: an hour says little about a day."""
LEAST_RETURNS = 20
"""Fewer returns (older ones count by their weight), and there is none: the standard error, 1 / sqrt(2 n), is 16 % here."""
GAP_SHARE = 15
"""A gap is longer than a fifteenth of the half-life (24 min): one return over it would be too much of the whole. Marks
nearer than that always come to `LEAST_RETURNS` in the end, as the weights of returns add up to 15 / ln 2 = 21.6."""

WINDOW = timedelta(hours=1)
"""How far back an approach is seen."""
SPACING = timedelta(seconds=30)
"""Sightings nearer than this add nothing but memory."""
LEAST_APPROACH = timedelta(minutes=30)
LEAST_SIGHTINGS = 5
FARTHEST = timedelta(days=365)
"""Nothing that was seen for an hour says anything about a time beyond this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volatility:
    """What is remembered of one series of marks: the last one, and sums in which the past counts half per half-life.

    ``squares``: of log returns; ``seconds`` and ``returns``: how much time and how many returns they stand for.
    """

    price: Price
    at: datetime
    squares: float = 0.0
    seconds: float = 0.0
    returns: float = 0.0

    @property
    def per_root_second(self) -> float | None:
        """Return the standard deviation of the log price after one second: ``sqrt(squares / seconds)``; x sqrt(t) after t.

        None: less than `LEAST_SPAN` or `LEAST_RETURNS` seen; or no mark has ever moved, which is a frozen feed, not a calm.
        """
        too_little = self.seconds < LEAST_SPAN.total_seconds() or self.returns < LEAST_RETURNS
        return None if too_little or not self.squares else sqrt(self.squares / self.seconds)


def updated(before: Volatility | None, price: Price, at: datetime, half_life: timedelta = HALF_LIFE) -> Volatility:
    """Return what is remembered after one more mark of the same series; None: it is the first.

    One series is one venue's mark of one coin: the differences between two venues' marks are not movement. The same or an
    earlier time adds nothing. A gap is no calm: its time is left out, while what was known fades; a gap whose move is
    *wilder* than what was known counts, as one return of the longest span that is no gap.

    Source: J.P. Morgan, "RiskMetrics - Technical Document", 4th ed., 1996, section 5.2 (exponential weights, mean of zero);
    for irregular times derived here: ``sum w r^2 / sum w dt`` with ``w = 2 ^ (-age / half_life)``.
    """
    if before is None:
        return Volatility(price=price, at=at)
    elapsed = (at - before.at).total_seconds()
    if elapsed <= 0:
        return before
    kept = 0.5 ** (elapsed / half_life.total_seconds())
    square = log(price / before.price) ** 2
    counted = min(elapsed, half_life.total_seconds() / GAP_SHARE)
    if counted < elapsed and square * before.seconds <= before.squares * elapsed:
        counted = 0.0
    return Volatility(
        price=price,
        at=at,
        squares=before.squares * kept + square * counted / elapsed,
        seconds=before.seconds * kept + counted,
        returns=before.returns * kept + (counted > 0),
    )


def touch_probability(log_distance: Ratio | None, per_root_second: float | None, horizon: timedelta) -> Ratio | None:
    """Return the chance that the price touches a level within *horizon*: ``2 * Phi(-d / (sigma * sqrt(T)))``, without drift.

    Half of the paths that touch end beyond the level, as each is as likely as its mirror image from there on.
    1 at distance 0, whatever the volatility. None: distance or volatility is not known. Rounded to 12 places.

    Source: reflection principle; I. Karatzas and S. Shreve, "Brownian Motion and Stochastic Calculus", section 2.6.A.
    """
    if log_distance is not None and log_distance <= 0:
        return ONE
    if log_distance is None or per_root_second is None:
        return None
    deviation = per_root_second * sqrt(horizon.total_seconds())
    return round(Decimal(erfc(float(log_distance) / deviation / sqrt(2))), 12) if deviation else ZERO


def touch_probability_either(
    below: Ratio | None, above: Ratio | None, per_root_second: float | None, horizon: timedelta
) -> Ratio | None:
    """Return the chance to touch a level below or one above, at these log distances; None on a side: no level is there.

    ``min(1, sum)``: an upper bound, as paths that touch both are counted twice. With no level on either side it is 0.
    None: the volatility is not known.
    """
    levels = [level for level in (below, above) if level is not None]
    chances = [touch_probability(level, per_root_second, horizon) for level in levels]
    known = [chance for chance in chances if chance is not None]
    return min(ONE, sum(known, ZERO)) if len(known) == len(levels) or ONE in known else None


class Sighting(NamedTuple):
    """A log distance to liquidation, and when it was seen."""

    at: datetime
    log_distance: float


Approach = tuple[Sighting, ...]
"""The log distances of one scope within `WINDOW`, oldest first. Begin anew, with ``()``, when wallet or positions change:
a deposit is no retreat."""


def sighted(before: Approach, log_distance: Ratio | None, at: datetime) -> Approach:
    """Return the approach after one more look; None (not known, or no price liquidates) adds nothing."""
    recent = tuple(sighting for sighting in before if at - sighting.at <= WINDOW)
    if log_distance is None or (recent and at - recent[-1].at < SPACING):
        return recent
    return (*recent, Sighting(at, float(log_distance)))


def approach_speed(approach: Approach) -> float | None:
    """Return the log distance that is lost per second, positive when liquidation comes nearer; None: too little seen.

    Least squares: of a random walk's drift it is within 10 % (in standard error) of the best estimate, last minus first,
    while one bad reading at an end moves it 6/n as far. A median of slopes costs n^2 for each look.
    """
    if len(approach) < LEAST_SIGHTINGS or approach[-1].at - approach[0].at < LEAST_APPROACH:
        return None
    seconds = [(sighting.at - approach[0].at).total_seconds() for sighting in approach]
    return -linear_regression(seconds, [sighting.log_distance for sighting in approach]).slope


def time_to_liquidation(log_distance: Ratio | None, speed: float | None, bleed: float = 0.0) -> timedelta | None:
    """Return the time until a scope is liquidated at this speed: ``log_distance / (speed + bleed)``.

    *bleed*: log distance per second that funding takes beside what was seen: ``log_distance`` over the seconds until funding
    alone liquidates; 0 where it accrues continuously and is in the sightings already.
    0 at distance 0. None: a figure is not known, it comes no nearer, or takes longer than `FARTHEST`.
    """
    if log_distance is None or log_distance <= 0:
        return None if log_distance is None else timedelta(0)
    if speed is None or (speed + bleed) * FARTHEST.total_seconds() < log_distance:
        return None
    return timedelta(seconds=float(log_distance) / (speed + bleed))
