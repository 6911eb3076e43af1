"""How fast liquidation comes: each pool followed from look to look, and the time that is left at its speed.

Source: derived here from the sightings of `volatility` and the bleed of `funding`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.account import Pool
from monitor.core.funding import DAY, days_until, payment, total_cost
from monitor.core.margin import scope
from monitor.core.number import ZERO, Coin, Ratio
from monitor.core.risk import AccountRisk, PoolRisk
from monitor.core.volatility import Approach, approach_speed, sighted, time_to_liquidation

Sizes = tuple[tuple[tuple[str, str, str, str], Ratio], ...]
"""Contracts of each cross position, by identity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A pool's distances since its holder last did something: wallets and positions as last seen, and the way so far."""

    wallets: Mapping[str, Coin]
    sizes: Sizes
    approach: Approach


Courses = Mapping[str, Course]
"""By coin of the pool."""

NO_COURSES: Courses = {}


def paced(risk: AccountRisk, before: Courses, at: datetime) -> tuple[AccountRisk, Courses]:
    """Return *risk* with the speed of each pool and its time left, and the courses to hand in next time."""
    courses = {pool.pool.coin: followed(before.get(pool.pool.coin), pool, at) for pool in risk.pools}
    pools = tuple(_paced(pool, courses[pool.pool.coin].approach) for pool in risk.pools)
    return replace(risk, pools=pools), courses


def followed(before: Course | None, risk: PoolRisk, at: datetime) -> Course:
    """Return the course after one more look. It begins anew where positions changed, or a wallet by more than funding does."""
    pool = risk.pool
    sizes = tuple((p.identity, p.contracts) for p in pool.cross)
    goes_on = before is not None and before.sizes == sizes and _is_left_alone(before.wallets, pool)
    approach = sighted(before.approach if before and goes_on else (), risk.margin.log_distance, at)
    return Course(wallets=pool.wallets, sizes=sizes, approach=approach)


FUNDING_SLACK = 2
"""Funding is charged at the mark of its stamp and at the rate that was current then; both may differ from now by less than
this."""


def _is_left_alone(before: Mapping[str, Coin], pool: Pool) -> bool:
    """Whether no wallet has moved by more than one payment of funding; a rate that is not known explains nothing."""
    moved: dict[str, Coin] = {}
    for position in pool.cross:
        coin = position.settle or pool.coin
        moved[coin] = moved.get(coin, ZERO) + FUNDING_SLACK * abs(payment(position) or ZERO)
    now = pool.wallets
    return before.keys() == now.keys() and all(abs(now[coin] - before[coin]) <= moved.get(coin, ZERO) for coin in now)


def _paced(risk: PoolRisk, approach: Approach) -> PoolRisk:
    speed, left = approach_speed(approach), risk.margin.log_distance
    if speed is None:
        return risk
    return replace(risk, approach_speed=speed, time_to_liquidation=time_to_liquidation(left, speed, _bleed(risk)))


def _bleed(risk: PoolRisk) -> float:
    """Return the log distance per second that funding takes beside what was seen; rates that are not known are left out.

    Funding that is charged all the time is in the sightings already.
    """
    legs = [p for p in risk.pool.cross if not (p.funding and p.funding.is_continuous)]
    taken = total_cost((p for p in legs if payment(p) is not None), DAY)
    if risk.mark_price is None or not risk.margin.log_distance or not taken or taken < 0:
        return 0.0
    days = days_until(scope(risk.pool.wallet_balance, risk.pool.cross, risk.mark_price), taken, ZERO)
    return float(risk.margin.log_distance) / (float(days) * DAY.total_seconds()) if days else 0.0
