"""What happens to markets: `price_divergence` and `venue_notice`, for every contract that somebody holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from monitor.core.market import Market, from_index, from_others, frozen_for
from monitor.core.number import Ratio
from monitor.core.rules.facts import Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy
from monitor.core.rules.whole import Occasion, WholeFacts
from monitor.core.rules.words import percent, spoken
from monitor.core.subject import slug

NOTICE = timedelta(days=7)
"""From so long before its date on an entry of the calendar is told."""


def price_divergence(facts: WholeFacts, policy: Policy) -> Findings:
    """Say how far a mark is from its index and from the other venues' marks: the farther; a frozen mark is a warning at least.

    Marks of different venues are read at different times, so that a difference between them has to last before it is told.
    """
    for market in facts.markets:
        settings = policy.settings("price_divergence", account="", symbol=market.symbol)
        if settings.enabled:
            index, others = from_index(market), from_others(market, facts.markets)
            off = max((far for far in (index, others) if far is not None), default=None)
            figure = Figure(value=off, summary=_worded(market, index, others))
            patient = settings if off == index else replace(settings, lasting=max(settings.lasting, policy.hold))
            finding = measured(_key("price_divergence", *market.name), market.venue, patient, policy.hold, figure)
            still = frozen_for(market, facts.now)
            yield finding if still is None else _frozen(finding, market, still)


def venue_notice(facts: WholeFacts, policy: Policy) -> Findings:
    """Say that a market does not trade as usual, or that the calendar has something for it within a week, or in the past."""
    for market in facts.markets:
        if policy.settings("venue_notice", account="", symbol=market.symbol).enabled:
            said = "; ".join(_notices(market, facts))
            level = Level.WARNING if said else Level.OK
            yield Finding(
                key=_key("venue_notice", *market.name),
                venue=market.venue,
                level=level,
                holds=level,
                summary=f"{market.symbol} at {market.venue}: {said or 'trades as usual'}",
            )


def _notices(market: Market, facts: WholeFacts) -> Iterator[str]:
    if market.notice:
        yield market.notice
    for occasion in facts.calendar:
        if (occasion.venue, occasion.symbol) == market.name and occasion.date - facts.today <= NOTICE:
            yield _dated(occasion, facts.today)


def _dated(occasion: Occasion, today: date) -> str:
    days = (occasion.date - today).days
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days" if days > 0 else f"{-days} days ago")
    return f"{occasion.what} on {occasion.date:%Y-%m-%d}, {when}"


def _worded(market: Market, index: Ratio | None, others: Ratio | None) -> str:
    known = [(index, "its index"), (others, "the other venues")]
    said = [f"{percent(far)} from {what}" for far, what in known if far is not None]
    return f"{market.symbol} at {market.venue}: its mark is {' and '.join(said) or 'not comparable with anything'}"


def _frozen(finding: Finding, market: Market, still: timedelta) -> Finding:
    summary = f"{market.symbol} at {market.venue}: its mark has not moved for {spoken(still)}, while its index has"
    level = max(finding.level or Level.OK, Level.WARNING)
    return replace(finding, level=level, holds=max(finding.holds, level), summary=summary)


def _key(rule: str, venue: str, symbol: str) -> AlertKey:
    return AlertKey(account="", rule=rule, subject=f"{venue}-{slug(symbol)}")
