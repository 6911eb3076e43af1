"""Silence is a finding: `stale` data and an `account_error`."""

from datetime import timedelta
from decimal import Decimal

from monitor.core.number import Ratio
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import Finding, Level
from monitor.core.rules.settings import Policy, graded
from monitor.core.rules.words import spoken


def stale(facts: Facts, policy: Policy) -> Findings:
    """Say for how long there have been no validated data: the more danger was last known, the higher it starts.

    Over at the first validated poll, without a clear band.
    """
    settings = policy.settings("stale", account=facts.account)
    if not settings.enabled:
        return
    age = facts.now - facts.seen_at
    level, _, threshold = graded(_seconds(age), settings, low_is_bad=False)
    if level:
        level = max(level, _last_known_danger(facts))
    yield Finding(
        key=facts.key("stale", "account"),
        venue=facts.venue,
        level=level,
        holds=level,
        value=_seconds(age),
        threshold=threshold,
        unit="seconds",
        summary=f"no validated data for {spoken(age)}: {facts.failure or 'no poll has finished'}" if level else "data are fresh",
    )


def account_error(facts: Facts, policy: Policy) -> Findings:
    """Say that the venue refuses the key, the address or the clock, twice in a row."""
    if not policy.settings("account_error", account=facts.account).enabled:
        return
    is_refused = facts.refusals >= 2
    level = Level.CRITICAL if is_refused else Level.OK if facts.risk else None
    yield Finding(
        key=facts.key("account_error", "account"),
        venue=facts.venue,
        level=level,
        holds=Level.CRITICAL if is_refused else Level.OK,
        value=Decimal(facts.refusals),
        unit="refusals",
        summary=facts.failure or "the venue refuses to answer" if is_refused else "the venue accepts the key",
    )


def _seconds(duration: timedelta) -> Ratio:
    return Decimal(str(duration.total_seconds()))


def _last_known_danger(facts: Facts) -> Level:
    distances = (lv for key, lv in facts.levels.items() if key.account == facts.account and key.rule == "liquidation_distance")
    worst = max(distances, default=Level.OK)
    return Level.EMERGENCY if worst >= Level.CRITICAL else Level.CRITICAL if worst else Level.OK
