"""What cannot be seen: `unassessed` pools and `units` that disagree."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.exposure import misread_units
from monitor.core.risk import Margin, PoolRisk, Status
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import Finding, Level
from monitor.core.rules.settings import Policy


def unassessed(facts: Facts, policy: Policy) -> Findings:
    """Find positions without a liquidation price of our own: a warning that grows with time, and says why."""
    for pool in facts.pools:
        settings = policy.settings("unassessed", account=facts.account, coin=pool.pool.coin)
        if not settings.enabled:
            continue
        reason = next((m.reason for m in (pool.margin, *_isolated_margins(pool)) if m.status is Status.UNASSESSED), None)
        yield Finding(
            key=facts.key("unassessed", pool.pool.coin),
            venue=facts.venue,
            level=Level.OK if reason is None else Level.WARNING,
            holds=Level.OK if reason is None else Level.EMERGENCY,
            summary=f"{pool.pool.coin}: no liquidation price of our own: {reason}" if reason else f"{pool.pool.coin}: assessed",
            lasting=max(settings.lasting, timedelta(seconds=float(settings.warning or 0))),
            grows=None if settings.critical is None else (timedelta(seconds=float(settings.critical)), Level.CRITICAL),
        )


def units(facts: Facts, policy: Policy) -> Findings:
    """Find contract arithmetic off by a factor: our coin value against the venue's, at the mark of the same answer."""
    for pool in facts.pools:
        for risk in pool.positions:
            position = risk.position
            if policy.settings("units", account=facts.account, coin=pool.pool.coin, symbol=position.symbol).enabled:
                off = misread_units(position)
                yield Finding(
                    key=facts.key("units", facts.subjects[position.identity]),
                    venue=facts.venue,
                    level=Level.OK if off is None else Level.CRITICAL,
                    holds=Level.OK if off is None else Level.CRITICAL,
                    value=off,
                    unit="ratio",
                    summary=f"{position.symbol}: our coin value is {off:.4g} times the venue's: its pool is not assessed"
                    if off is not None
                    else f"{position.symbol}: units agree",
                )


def _isolated_margins(pool: PoolRisk) -> Iterator[Margin]:
    return (risk.margin for risk in pool.positions if risk.margin is not None)
