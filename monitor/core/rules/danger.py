"""How near liquidation is: `liquidation_distance` and `margin_ratio`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.core.account import Position
from monitor.core.number import ONE, ZERO, Ratio
from monitor.core.rescue import contracts_to_close
from monitor.core.risk import Margin, PoolRisk, Status
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy, RuleSettings
from monitor.core.rules.words import CENTS, enough_text, percent, price_text, spoken
from monitor.core.subject import slug


def liquidation_distance(facts: Facts, policy: Policy) -> Findings:
    """Say how far the nearest liquidation price is, all contracts of the pool together. Liquidatable is an emergency."""
    for scope in _scopes(facts):
        found_ = scope.graded("liquidation_distance", policy, scope.margin.distance, _worded_distance(scope), low_is_bad=True)
        yield from (_told(found, scope) if isinstance(found, Finding) else found for found in found_)


def margin_ratio(facts: Facts, policy: Policy) -> Findings:
    """Say how much of the equity is maintenance margin. Liquidatable is an emergency."""
    for scope in _scopes(facts):
        ratio = scope.margin.margin_ratio
        summary = f"{scope.name}: {percent(ratio)} of the equity is maintenance margin"
        yield from scope.graded("margin_ratio", policy, ratio, summary, low_is_bad=False)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What can be liquidated: a pool's cross positions, or an isolated position."""

    facts: Facts
    pool: PoolRisk
    coin: str
    position: Position | None
    subject: str
    margin: Margin

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.position.symbol} {self.position.side} isolated" if self.position else self.coin

    @property
    def unit(self) -> str:
        """Return what its amounts are in."""
        return self.pool.pool.unit_of(self.position) if self.position else self.coin

    def graded(self, rule: str, policy: Policy, value: Ratio | None, summary: str, *, low_is_bad: bool) -> Findings:
        """Yield the finding of a rule with thresholds, unless the rule is off."""
        symbol = self.position.symbol if self.position else None
        settings = policy.settings(rule, account=self.facts.account, coin=self.coin, symbol=symbol)
        if not settings.enabled:
            return
        key = self.facts.key(rule, self.subject)
        left = value if low_is_bad or value is None else ONE - value
        if self.margin.status is Status.LIQUIDATABLE:
            yield _lost(self, key, settings, value)
        elif value is None and self.margin.status is Status.OK:
            yield Finding(key=key, venue=self.facts.venue, level=Level.OK, summary=summary, hold=policy.hold)
        else:
            known = None if self.margin.status is Status.UNASSESSED else value
            figure = Figure(value=known, summary=summary, low_is_bad=low_is_bad, left=left)
            yield measured(key, self.facts.venue, settings, policy.hold, figure)


def _lost(scope: _Scope, key: AlertKey, settings: RuleSettings, value: Ratio | None) -> Finding:
    return Finding(
        key=key,
        venue=scope.facts.venue,
        level=Level.EMERGENCY,
        holds=Level.EMERGENCY,
        value=value,
        threshold=settings.emergency,
        unit="ratio",
        summary=f"{scope.name}: can be liquidated now",
        left=ZERO,
        lasting=settings.lasting,
    )


def _scopes(facts: Facts) -> Iterator[_Scope]:
    for pool in facts.pools:
        coin = pool.pool.coin
        if pool.pool.cross or (pool.margin.status is Status.UNASSESSED and not pool.pool.isolated):
            yield _Scope(facts, pool, coin, None, slug(coin), pool.margin)
        for risk in pool.positions:
            if risk.margin is not None:
                yield _Scope(facts, pool, coin, risk.position, facts.subjects[risk.position.identity], risk.margin)


def _worded_distance(scope: _Scope) -> str:
    margin = scope.margin
    if margin.distance is None:
        return f"{scope.name}: no price liquidates it"
    price = margin.liquidation_price
    where = "by a move of all its coins together" if price is None else f"at {price_text(price, CENTS)}"
    return f"{scope.name}: {percent(margin.distance)} from liquidation {where}{_pace(scope)}"


def _told(found: Finding, scope: _Scope) -> Finding:
    """Return a finding that fires with what to do about it, which takes a search."""
    return replace(found, summary=f"{found.summary}{_advice(scope)}") if found.level else found


def _pace(scope: _Scope) -> str:
    left = scope.pool.time_to_liquidation if scope.position is None else None
    return "" if left is None else f", in {spoken(left)} at this speed"


def _advice(scope: _Scope) -> str:
    add = scope.margin.top_up
    if not add or not add.coin:
        return ""
    closing = contracts_to_close(scope.pool.pool, add.to_distance) if scope.position is None else None
    close = f" or close {closing.contracts:,f} of {closing.position.symbol} {closing.position.side}" if closing else ""
    return f"; add {enough_text(add.coin)} {scope.unit}{close} to be {percent(add.to_distance)} away"
