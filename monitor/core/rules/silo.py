"""One pool in danger while others of the same coin have plenty: `silo`."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from monitor.core import rescue
from monitor.core.number import ONE, ZERO, Ratio
from monitor.core.risk import PoolRisk, Status
from monitor.core.rules.facts import Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.settings import CLEAR_FACTOR, Policy
from monitor.core.rules.whole import WholeFacts
from monitor.core.rules.words import enough_text
from monitor.core.subject import slug

Pools = Mapping[str, PoolRisk]
"""The pools of one coin that can be computed, by account."""

MOST_GIVERS = 10
"""Of many pools only the richest are asked what they can give: it takes a search for each, and few transfers are wanted."""


def silo(facts: WholeFacts, policy: Policy) -> Findings:
    """Find coins of which one pool is within its warning distance while others can bring it to the target; say how much to move.

    Accounts that are not known give nothing, so that only what is seen to be enough is told.
    """
    for coin, pools in _by_coin(facts).items():
        if policy.settings("silo", account="", coin=coin).enabled and len(pools) > 1:
            key = AlertKey(account="", rule="silo", subject=slug(coin))
            reach = CLEAR_FACTOR if facts.levels.get(key) else ONE
            in_danger = any(_is_in_danger(account, pool, policy, reach) for account, pool in pools.items())
            found = _rescue(pools, facts.target) if in_danger else None
            is_told = found is not None and found.is_enough
            level = Level.WARNING if is_told else Level.OK
            yield Finding(
                key=key,
                venue="",
                level=level,
                holds=level,
                value=found.needed if found and is_told else None,
                unit="coins",
                summary=_worded(coin, found, facts.target),
                hold=policy.hold if found else timedelta(0),
            )


def _rescue(pools: Pools, target: Ratio) -> rescue.Silo | None:
    """Return what the richest of *pools* can give to the one that is nearest to liquidation."""
    weakest = min(pools, key=lambda name: _distance(pools[name]))
    richest = sorted(pools.keys() - {weakest}, key=lambda name: (-(pools[name].margin.equity or ZERO), name))
    return rescue.silo({name: pools[name].pool for name in (weakest, *richest[:MOST_GIVERS])}, target)


def _distance(pool: PoolRisk) -> Ratio:
    return rescue.INFINITY if pool.margin.distance is None else pool.margin.distance


def _by_coin(facts: WholeFacts) -> Mapping[str, Pools]:
    found: dict[str, dict[str, PoolRisk]] = {}
    for account, pool in _computed(facts):
        found.setdefault(pool.pool.coin, {})[account] = pool
    return found


def _computed(facts: WholeFacts) -> Iterator[tuple[str, PoolRisk]]:
    for risk in facts.risks:
        for pool in risk.pools:
            if pool.margin.status is not Status.UNASSESSED:
                yield risk.account.name, pool


def _is_in_danger(account: str, pool: PoolRisk, policy: Policy, reach: Ratio) -> bool:
    """Whether a pool is within its warning distance; *reach*: times as far, so that what is told does not flap."""
    warning = policy.settings("liquidation_distance", account=account, coin=pool.pool.coin).warning
    distance = pool.margin.distance
    is_near = warning is not None and distance is not None and distance <= warning * reach
    return pool.margin.status is Status.LIQUIDATABLE or is_near


def _worded(coin: str, found: rescue.Silo | None, target: Ratio) -> str:
    if found is None:
        return f"{coin}: no pool needs what another has"
    if not found.is_enough:
        return f"{coin}: {found.taker} is in danger, and the others no longer hold enough to bring it out"
    moves = " and ".join(f"{enough_text(gift.coins)} from {gift.name}" for gift in found.gifts)
    return f"{coin}: {found.taker} is in danger; move {moves} to it, and it is {100 * target:.0f} % away"
