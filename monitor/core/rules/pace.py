"""How fast danger comes: `touch_probability`."""

from monitor.core.assessment import HORIZONS
from monitor.core.number import ONE
from monitor.core.rules.facts import Facts, Findings
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
