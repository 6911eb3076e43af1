"""All accounts together: `net_delta` and `concentration`. Both are off until they are given levels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from monitor.core.market import Market
from monitor.core.number import Coin, Ratio
from monitor.core.portfolio import CoinExposure, Portfolio
from monitor.core.risk import AccountRisk
from monitor.core.rules.facts import Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy
from monitor.core.rules.words import percent
from monitor.core.subject import slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something that will happen to a market, as somebody has entered it in the calendar."""

    venue: str
    symbol: str
    date: date
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFacts:
    """What the rules across accounts look at. ``is_complete``: every account is fresh, so that the sums are sums of all.

    ``risks``: of the accounts that are. ``is_current``: every account's last look went well and is young; ``markets`` are of
    those of which it did. ``today``: by the calendar of the holder's time zone. ``target``: the distance that a rescue aims at.
    ``levels``: the levels at which alerts across accounts fire now.
    """

    now: datetime
    today: date
    portfolio: Portfolio
    is_complete: bool
    is_current: bool
    target: Ratio
    risks: tuple[AccountRisk, ...] = ()
    markets: tuple[Market, ...] = ()
    calendar: tuple[Occasion, ...] = ()
    levels: Mapping[AlertKey, Level] = field(default_factory=dict)


def net_delta(facts: WholeFacts, policy: Policy) -> Findings:
    """Say how far the exposure to a coin, across accounts and holdings, is from its target; a lost hedge leg shows here."""
    for coin in facts.portfolio.coins:
        settings = policy.settings("net_delta", account="", coin=coin.coin)
        if settings.enabled and any(settings.thresholds):
            off = abs(coin.delta - (settings.target or 0)) if _is_known(facts, coin.coin) else None
            figure = Figure(value=off, summary=_worded(coin, settings.target or Coin(0)), unit="coins")
            yield measured(_key("net_delta", slug(coin.coin)), "", settings, policy.hold, figure)
    for unknown in sorted(facts.portfolio.partial - {coin.coin for coin in facts.portfolio.coins}):
        yield from _not_over(facts, _key("net_delta", slug(unknown)))


def concentration(facts: WholeFacts, policy: Policy) -> Findings:
    """Say which part of all equity lies at one venue, and would be lost with it."""
    settings = policy.settings("concentration", account="")
    if not settings.enabled or not any(settings.thresholds):
        return
    is_known = facts.is_complete and not facts.portfolio.unknown
    for venue, share in facts.portfolio.venue_shares.items():
        value: Ratio | None = share if is_known else None
        figure = Figure(value=value, summary=f"{venue} holds {percent(share)} of all equity")
        yield measured(_key("concentration", venue), venue, settings, policy.hold, figure)
    for key in facts.levels if facts.portfolio.unknown else ():
        if key.rule == "concentration" and key.subject not in facts.portfolio.venue_shares:
            yield from _not_over(facts, key)


def _is_known(facts: WholeFacts, coin: str) -> bool:
    return facts.is_complete and coin not in facts.portfolio.partial


def _not_over(facts: WholeFacts, key: AlertKey) -> Findings:
    """Yield that an alert which fires is not known to be over: nothing is left of its sum but what is not known."""
    if key in facts.levels:
        yield Finding(key=key, venue="", level=None)


def _worded(coin: CoinExposure, target: Coin) -> str:
    hedge = "" if coin.hedge is None else f"; {'buy' if coin.hedge > 0 else 'sell'} {abs(coin.hedge):,.0f} dollars to be neutral"
    return f"{coin.coin}: exposed to {coin.delta:,.4f} coins, {coin.delta - target:+,.4f} off its target{hedge}"


def _key(rule: str, subject: str) -> AlertKey:
    return AlertKey(account="", rule=rule, subject=subject)
