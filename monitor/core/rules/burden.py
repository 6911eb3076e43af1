"""What weighs on a pool: `leverage`. It is off until it is given levels."""

from decimal import Decimal

from monitor.core.exposure import adverse_leverage, exposure
from monitor.core.number import Ratio
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy
from monitor.core.subject import slug

ADVERSE_MOVE = Decimal("0.1")


def leverage(facts: Facts, policy: Policy) -> Findings:
    """Say how many times its equity a pool's positions are worth, after a 10 % move that hurts: the worse of it and now."""
    for pool in facts.pools:
        coin = pool.pool.coin
        settings = policy.settings("leverage", account=facts.account, coin=coin)
        seen = None if pool.delta is None else exposure(pool.pool)
        if settings.enabled and any(settings.thresholds) and pool.positions:
            after = None if seen is None else adverse_leverage(seen, ADVERSE_MOVE)
            figure = Figure(
                value=after, summary=f"{coin}: leverage {_times(pool.leverage)}, {_times(after)} after 10 % against it"
            )
            yield measured(facts.key("leverage", slug(coin)), facts.venue, settings, policy.hold, figure)


def _times(leverage_: Ratio | None) -> str:
    return "unknown" if leverage_ is None else f"{leverage_:.2f}x"
