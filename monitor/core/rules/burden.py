"""What weighs on a pool: `leverage`, `funding` and `exit_cost`. The first and the last are off until they are given levels."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from monitor.core.account import Pool, Position
from monitor.core.exposure import adverse_leverage, exposure
from monitor.core.funding import DAY, cost, days_until, interval_change, share_of_buffer, total_cost
from monitor.core.margin import scope
from monitor.core.number import Coin, Ratio
from monitor.core.risk import AccountRisk, PoolRisk, PositionRisk
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import Finding, Level, Note
from monitor.core.rules.measured import Figure, measured
from monitor.core.rules.settings import Policy, RuleSettings
from monitor.core.rules.words import percent, spoken
from monitor.core.subject import slug

ADVERSE_MOVE = Decimal("0.1")


def leverage(facts: Facts, policy: Policy) -> Findings:
    """Say how many times its equity a pool's positions are worth, after a 10 % move that hurts: the worse of it and now."""
    for pool in facts.pools:
        coin = pool.pool.coin
        settings = policy.settings("leverage", account=facts.account, coin=coin)
        seen = None if pool.delta is None else exposure(pool.pool)
        if settings.enabled and any(settings.thresholds) and pool.positions:
            after = None if seen is None else adverse_leverage(seen, ADVERSE_MOVE)
            missing = "unknown" if seen is None else "no equity left"
            summary = f"{coin}: leverage {_times(pool.leverage, missing)}, {_times(after, missing)} after 10 % against it"
            finding = measured(
                facts.key("leverage", slug(coin)), facts.venue, settings, policy.hold, Figure(value=after, summary=summary)
            )
            yield _beyond_all(finding, settings) if seen and after is None else finding


def funding(facts: Facts, policy: Policy) -> Findings:
    """Say which share of the buffer funding takes in a day, and note where a venue has changed how often it charges."""
    for pool, risk, settings in _charged(facts, policy, "funding"):
        key = facts.key("funding", facts.subjects[risk.position.identity])
        paid = _in_own_unit(pool, risk, cost(risk.position, DAY))
        share = share_of_buffer(paid, pool.margin_of(risk).buffer)
        figure = Figure(value=share, summary=_worded_funding(pool, risk, paid, share))
        finding = measured(key, facts.venue, settings, policy.hold, figure)
        danger = policy.settings("liquidation_distance", account=facts.account, coin=pool.pool.coin).warning
        yield _with_days(finding, pool, risk, danger) if finding.level and danger else finding
        if changed := _interval_changed(facts, risk.position):
            yield Note(key=key, venue=facts.venue, summary=changed)


def exit_cost(facts: Facts, policy: Policy) -> Findings:
    """Say which share of the buffer closing at market would cost now; a book too thin for it is a warning at least."""
    for pool, risk, settings in _charged(facts, policy, "exit_cost"):
        if _is_on(settings):
            key = facts.key("exit_cost", facts.subjects[risk.position.identity])
            paid = _in_own_unit(pool, risk, risk.exit_cost.cost if risk.exit_cost else None)
            share = share_of_buffer(paid, pool.margin_of(risk).buffer)
            figure = Figure(value=share, summary=_worded_exit(pool, risk, paid, share))
            finding = measured(key, facts.venue, settings, policy.hold, figure)
            is_thin = risk.exit_cost is not None and not risk.exit_cost.is_complete
            yield _a_warning_at_least(finding) if is_thin else finding


def wanted_order_books(risk: AccountRisk, policy: Policy) -> tuple[str, ...]:
    """Return the symbols whose order books `exit_cost` asks for, each once."""
    held = ((pool.pool.coin, each.position.symbol) for pool in risk.pools for each in pool.positions)
    asked = (symbol for coin, symbol in held if _is_on(_exit_settings(policy, risk.account.name, coin, symbol)))
    return tuple(dict.fromkeys(asked))


def _exit_settings(policy: Policy, account: str, coin: str, symbol: str) -> RuleSettings:
    return policy.settings("exit_cost", account=account, coin=coin, symbol=symbol)


def _is_on(settings: RuleSettings) -> bool:
    return settings.enabled and any(settings.thresholds)


def _charged(facts: Facts, policy: Policy, rule: str) -> Iterator[tuple[PoolRisk, PositionRisk, RuleSettings]]:
    for pool in facts.pools:
        for risk in pool.positions:
            symbol = risk.position.symbol
            settings = policy.settings(rule, account=facts.account, coin=pool.pool.coin, symbol=symbol)
            if settings.enabled:
                yield pool, risk, settings


def _in_own_unit(pool: PoolRisk, risk: PositionRisk, coins: Coin | None) -> Coin | None:
    return None if coins is None else pool.pool.in_own_unit(risk.position, coins)


def _worded_funding(pool: PoolRisk, risk: PositionRisk, paid: Coin | None, share: Ratio | None) -> str:
    name = f"{risk.position.symbol} {risk.position.side}"
    if paid is None or share is None:
        return f"{name}: what funding costs is not known"
    does = "takes" if paid > 0 else "brings"
    return f"{name}: funding {does} {abs(paid):.6f} {pool.pool.unit_of(risk.position)} a day, {percent(abs(share))} of the buffer"


def _with_days(finding: Finding, pool: PoolRisk, risk: PositionRisk, danger: Ratio) -> Finding:
    """Return *finding* with the days in which funding alone, of all that shares the buffer, brings the distance to *danger*."""
    legs, wallet = _scope_of(pool.pool, risk.position)
    mark = risk.position.mark_price if risk.position.is_isolated else pool.mark_price
    if mark is None or wallet is None:
        return finding
    days = days_until(scope(wallet, legs, mark), total_cost(legs, DAY), danger)
    when = None if days is None else f"; it alone brings it within {percent(danger)} in {spoken(float(days) * DAY)}"
    return replace(finding, summary=f"{finding.summary}{when or ''}")


def _scope_of(pool: Pool, position: Position) -> tuple[tuple[Position, ...], Coin | None]:
    return ((position,), position.isolated_margin) if position.is_isolated else (pool.cross, pool.wallet_balance)


def _interval_changed(facts: Facts, position: Position) -> str | None:
    before = {p.identity: p for p in facts.before.positions} if facts.before else {}
    old = before.get(position.identity)
    change = interval_change(old.funding, position.funding) if old else None
    if change is None:
        return None
    return f"{position.symbol}: funding is charged every {spoken(change.after)} now, it was every {spoken(change.before)}"


def _worded_exit(pool: PoolRisk, risk: PositionRisk, paid: Coin | None, share: Ratio | None) -> str:
    name, seen = f"{risk.position.symbol} {risk.position.side}", risk.exit_cost
    if seen is None:
        return f"{name}: what closing it would cost is not known, its order book could not be read"
    short = f"{seen.shortfall:,f} of {risk.position.contracts:,f} contracts"
    thin = "" if seen.is_complete else f"; the book has no price for {short}"
    coins = "unknown" if paid is None else f"{paid:.6f} {pool.pool.unit_of(risk.position)}"
    return f"{name}: closing it now costs {coins}, {percent(share)} of the buffer{thin}"


def _a_warning_at_least(finding: Finding) -> Finding:
    level = max(finding.level or Level.OK, Level.WARNING)
    return replace(finding, level=level, holds=max(finding.holds, level))


def _beyond_all(finding: Finding, settings: RuleSettings) -> Finding:
    """Return *finding* at the worst level that is on: where no equity is left, leverage is beyond every threshold."""
    level, threshold = next(settings.thresholds)
    return replace(finding, level=level, holds=level, threshold=threshold, lasting=settings.lasting)


def _times(leverage_: Ratio | None, missing: str) -> str:
    return missing if leverage_ is None else f"{leverage_:.2f}x"
