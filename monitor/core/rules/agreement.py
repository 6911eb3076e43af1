"""Whether our figures and the venue's agree: `reconcile` and `disagreement`, each comparing like with like."""

from decimal import Decimal

from monitor.core.number import ZERO, Coin, Ratio
from monitor.core.risk import PoolRisk, PositionRisk
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy
from monitor.core.rules.words import CENTS, percent, price_text
from monitor.core.subject import slug

ROUNDING = Decimal("1e-8")
"""Venues print amounts with eight decimals, so that of a tiny position the margin can be percents off, or 0."""


def reconcile(facts: Facts, policy: Policy) -> Findings:
    """Compare our equity and maintenance margin of a pool with the venue's: the larger relative difference."""
    for pool in facts.pools:
        coin = pool.pool.coin
        settings = policy.settings("reconcile", account=facts.account, coin=coin)
        if settings.enabled and pool.pool.cross:
            off = _difference(pool)
            summary = f"{coin}: our equity or maintenance margin is {percent(off)} off the venue's"
            figure = Figure(value=off, summary=summary)
            yield measured(facts.key("reconcile", slug(coin)), facts.venue, settings, policy.hold, figure)


def disagreement(facts: Facts, policy: Policy) -> Findings:
    """Compare our price by the venue's convention with the price that the venue reports, as a ratio of mark."""
    for pool in facts.pools:
        for risk in pool.positions:
            symbol = risk.position.symbol
            settings = policy.settings("disagreement", account=facts.account, coin=pool.pool.coin, symbol=symbol)
            if settings.enabled:
                key = facts.key("disagreement", facts.subjects[risk.position.identity])
                figure = Figure(value=risk.disagreement, summary=_worded(risk))
                yield measured(key, facts.venue, settings, policy.hold, figure)


def _difference(pool: PoolRisk) -> Ratio | None:
    ours = (pool.margin.equity, pool.margin.maintenance_margin)
    theirs = (pool.pool.venue_equity, pool.pool.venue_maintenance_margin)
    pairs = zip(ours, theirs, strict=True)
    return max((_off(our, their) for our, their in pairs if our is not None and their is not None), default=None)


def _off(our: Coin, their: Coin) -> Ratio:
    """Return the difference as a ratio of the venue's figure, of ours where the venue says 0."""
    gap = abs(our - their)
    return ZERO if gap <= ROUNDING else gap / abs(their or our)


def _worded(risk: PositionRisk) -> str:
    symbol, ours, theirs = risk.position.symbol, risk.venue_convention_price, risk.position.venue_liquidation_price
    if ours is None or not isinstance(theirs, Decimal):
        return f"{symbol}: the venue's price and ours cannot be compared"
    return f"{symbol}: by the venue's convention it dies at {price_text(ours, CENTS)}, the venue says {price_text(theirs, CENTS)}"
