"""Silence is a finding: `stale` data, an `account_error`, and a `venue_down`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from monitor.core.number import Ratio
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.settings import Policy, graded
from monitor.core.rules.words import spoken


def stale(facts: Facts, policy: Policy) -> Findings:
    """Say for how long there have been no validated data: the more danger was last known, the higher it starts.

    Over at the first validated poll, without a clear band, and not before: a restart counts anew, but has seen nothing.
    """
    settings = policy.settings("stale", account=facts.account)
    if not settings.enabled:
        return
    age = facts.now - facts.seen_at
    level, _, threshold = graded(_seconds(age), settings, low_is_bad=False)
    if level:
        level = max(level, _last_known_danger(facts))
    key = facts.key("stale", "account")
    fires = Level.OK if facts.risk else facts.levels.get(key, Level.OK)
    yield Finding(
        key=key,
        venue=facts.venue,
        level=level or (None if fires else Level.OK),
        holds=max(level, fires),
        value=_seconds(age),
        threshold=threshold,
        unit="seconds",
        summary=f"no validated data for {spoken(age)}: {facts.failure or 'no poll has finished'}" if level else "data are fresh",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How long ago an account was last heard of: validated data, before the first of them the start.

    ``is_read``: whether there were validated data since the start.
    """

    account: str
    venue: str
    age: timedelta
    is_read: bool = True


def venue_down(heard: Iterable[Heard], policy: Policy, firing: Mapping[AlertKey, Level]) -> Findings:
    """Find venues of which two or more accounts are watched and all are stale: one alert in place of one for each.

    As bad as the account of which was heard last. Nothing that is *firing* is over or eases before one of them was read.
    """
    by_venue: dict[str, list[Heard]] = {}
    for one in heard:
        by_venue.setdefault(one.venue, []).append(one)
    if policy.settings("venue_down", account="").enabled:
        for venue, accounts in by_venue.items():
            if len(accounts) > 1:
                yield _venue_down(venue, {one.account: _staleness(one, policy) for one in accounts}, accounts, firing)


def _staleness(one: Heard, policy: Policy) -> Level:
    return graded(_seconds(one.age), policy.settings("stale", account=one.account), low_is_bad=False)[0]


def _venue_down(venue: str, levels: Mapping[str, Level], accounts: list[Heard], firing: Mapping[AlertKey, Level]) -> Finding:
    level, age = min(levels.values()), min(one.age for one in accounts)
    key = AlertKey(account="", rule="venue_down", subject=venue)
    fires = Level.OK if any(one.is_read for one in accounts) else firing.get(key, Level.OK)
    return Finding(
        key=key,
        venue=venue,
        level=level or (None if fires else Level.OK),
        holds=max(level, fires),
        value=_seconds(age),
        unit="seconds",
        summary=f"{venue}: none of its {len(accounts)} accounts can be read, for {spoken(age)} now"
        if level
        else f"{venue} answers",
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
