"""How near liquidation is: `liquidation_distance` and `margin_ratio`."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.core.account import Position
from monitor.core.number import ONE, ZERO, Ratio
from monitor.core.risk import Margin, Status
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy, RuleSettings
from monitor.core.rules.words import percent
from monitor.core.subject import slug


def liquidation_distance(facts: Facts, policy: Policy) -> Findings:
    """Say how far the nearest liquidation price is, all contracts of the pool together. Liquidatable is an emergency."""
    for scope in _scopes(facts):
        yield from scope.graded("liquidation_distance", policy, scope.margin.distance, _worded_distance(scope), low_is_bad=True)


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
    coin: str
    position: Position | None
    subject: str
    margin: Margin

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.position.symbol} {self.position.side} isolated" if self.position else self.coin

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
            yield _Scope(facts, coin, None, slug(coin), pool.margin)
        for risk in pool.positions:
            if risk.margin is not None:
                yield _Scope(facts, coin, risk.position, facts.subjects[risk.position.identity], risk.margin)


def _worded_distance(scope: _Scope) -> str:
    margin = scope.margin
    if margin.distance is None:
        return f"{scope.name}: no price liquidates it"
    price = margin.liquidation_price
    where = "by a move of all its coins together" if price is None else f"at {price:,.2f}"
    return f"{scope.name}: {percent(margin.distance)} from liquidation {where}{_advice(scope)}"


def _advice(scope: _Scope) -> str:
    add = scope.margin.top_up
    return f"; add {add.coin:.4f} {scope.coin} to be {percent(add.to_distance)} away" if add and add.coin else ""
