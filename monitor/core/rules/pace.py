"""How fast danger comes: `touch_probability` and `time_to_liquidation`."""

from datetime import timedelta
from decimal import Decimal

from monitor.core.assessment import HORIZONS
from monitor.core.number import ONE, Ratio
from monitor.core.risk import PoolRisk, Status
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import Finding, Level
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy
from monitor.core.rules.words import percent, spoken
from monitor.core.subject import slug


def touch_probability(facts: Facts, policy: Policy) -> Findings:
    """Say how likely the price is to touch liquidation within a day, at the volatility of the marks that were seen."""
    horizon = HORIZONS[-1]
    for pool in facts.pools:
        coin = pool.pool.coin
        settings = policy.settings("touch_probability", account=facts.account, coin=coin)
        if settings.enabled and pool.pool.cross:
            chance = pool.touch_probability[horizon]
            summary = f"{coin}: the chance to touch liquidation within {spoken(horizon)} is {percent(chance)}"
            figure = Figure(value=chance, summary=summary, left=None if chance is None else ONE - chance)
            yield measured(facts.key("touch_probability", slug(coin)), facts.venue, settings, policy.hold, figure)


NEAR = 2
"""A pool farther away than so many times the warning distance is too far for its speed to mean anything (design 5.6)."""


def time_to_liquidation(facts: Facts, policy: Policy) -> Findings:
    """Say when liquidation comes at the speed of the last half hour or more, funding included, of pools that are not far."""
    for pool in facts.pools:
        coin = pool.pool.coin
        settings = policy.settings("time_to_liquidation", account=facts.account, coin=coin)
        if settings.enabled and pool.pool.cross:
            key, left = facts.key("time_to_liquidation", slug(coin)), _seconds_left(pool)
            if _is_far(facts.account, pool, policy) or _recedes(pool):
                summary = f"{coin}: liquidation does not come nearer"
                yield Finding(key=key, venue=facts.venue, level=Level.OK, unit="seconds", summary=summary, hold=policy.hold)
            else:
                figure = Figure(value=left, summary=_worded(coin, pool, left), unit="seconds", low_is_bad=True, left=left)
                yield measured(key, facts.venue, settings, policy.hold, figure)


def _seconds_left(pool: PoolRisk) -> Ratio | None:
    if pool.margin.status is Status.LIQUIDATABLE:
        return Decimal(0)
    left = pool.time_to_liquidation
    return None if left is None else Decimal(str(left.total_seconds()))


def _is_far(account: str, pool: PoolRisk, policy: Policy) -> bool:
    warning = policy.settings("liquidation_distance", account=account, coin=pool.pool.coin).warning
    distance = pool.margin.distance
    is_safe = distance is None and pool.margin.status is Status.OK
    return is_safe or (warning is not None and distance is not None and distance >= NEAR * warning)


def _recedes(pool: PoolRisk) -> bool:
    return pool.margin.status is Status.OK and pool.approach_speed is not None and pool.time_to_liquidation is None


def _worded(coin: str, pool: PoolRisk, left: Ratio | None) -> str:
    if left is None:
        return f"{coin}: the time to liquidation is not known yet"
    time = spoken(timedelta(seconds=float(left)))
    return f"{coin}: at this speed liquidation comes in {time}, {percent(pool.margin.distance)} away now"
