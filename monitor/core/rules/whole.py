"""All accounts together: `net_delta` and `concentration`. Both are off until they are given levels."""

from dataclasses import dataclass

from monitor.core.number import Coin, Ratio
from monitor.core.portfolio import CoinExposure, Portfolio
from monitor.core.rules.facts import Findings
from monitor.core.rules.finding import AlertKey
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy
from monitor.core.rules.words import percent
from monitor.core.subject import slug


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFacts:
    """What the rules across accounts look at. ``is_complete``: every account is fresh, so that the sums are sums of all."""

    portfolio: Portfolio
    is_complete: bool


def net_delta(facts: WholeFacts, policy: Policy) -> Findings:
    """Say how far the exposure to a coin, across accounts and holdings, is from its target; a lost hedge leg shows here."""
    for coin in facts.portfolio.coins:
        settings = policy.settings("net_delta", account="", coin=coin.coin)
        if settings.enabled and any(settings.thresholds):
            off = abs(coin.delta - (settings.target or 0)) if _is_known(facts, coin.coin) else None
            figure = Figure(value=off, summary=_worded(coin, settings.target or Coin(0)), unit="coins")
            yield measured(_key("net_delta", slug(coin.coin)), "", settings, policy.hold, figure)


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


def _is_known(facts: WholeFacts, coin: str) -> bool:
    return facts.is_complete and not any(name.endswith(f" {coin}") for name in facts.portfolio.unknown)


def _worded(coin: CoinExposure, target: Coin) -> str:
    hedge = "" if coin.hedge is None else f"; {'buy' if coin.hedge > 0 else 'sell'} {abs(coin.hedge):,.0f} dollars to be neutral"
    return f"{coin.coin}: exposed to {coin.delta:,.4f} coins, {coin.delta - target:+,.4f} off its target{hedge}"


def _key(rule: str, subject: str) -> AlertKey:
    return AlertKey(account="", rule=rule, subject=subject)
