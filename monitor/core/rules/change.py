"""What happened to positions: `position_change`."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.account import Position
from monitor.core.number import ZERO
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import AlertKey, Finding, Level, Note
from monitor.core.rules.settings import Policy
from monitor.core.rules.words import CENTS, price_text
from monitor.core.subject import slug

HIGH_ADL_RANK = 4
"""From this rank on (of 5) a venue may close a position against another's bankruptcy soon.

Source: Bybit, "Auto-deleveraging", help centre; Binance, "What is ADL", help centre: five lights; seen 2026-11.
"""


def position_change(facts: Facts, policy: Policy) -> Findings:
    """Note what was opened, closed, resized or is next to be deleveraged; what vanished in danger is critical until acked."""
    if facts.risk is None or facts.before is None:
        return
    now = {p.identity: p for p in facts.risk.account.positions}
    before = {p.identity: p for p in facts.before.positions}
    for identity in sorted(now.keys() | before.keys()):
        old, new = before.get(identity), now.get(identity)
        position = new or old
        if position and policy.settings("position_change", account=facts.account, symbol=position.symbol).enabled:
            yield from _changed(facts, position, old, new)


def _changed(facts: Facts, position: Position, old: Position | None, new: Position | None) -> Findings:
    subject = facts.subjects[position.identity]
    key = facts.key("position_change", subject)
    if old and not new and _was_in_danger(facts, subject, old):
        yield _gone_in_danger(facts, key, old)
        return
    for text in _changes(position, old, new):
        yield Note(key=key, venue=facts.venue, summary=text)


def _changes(position: Position, old: Position | None, new: Position | None) -> Iterator[str]:
    if old is None or new is None:
        what = "opened" if new else "closed"
        price = price_text(position.mark_price, CENTS)
        yield f"{position.symbol} {position.side} {what}: {position.contracts:,f} contracts at {price}"
        return
    if old.contracts != new.contracts:
        loser = " (adding to a loser)" if new.contracts > old.contracts and new.unrealized_pnl < ZERO else ""
        yield f"{new.symbol} {new.side} resized: {old.contracts:,f} -> {new.contracts:,f} contracts{loser}"
    if (new.adl_rank or 0) >= HIGH_ADL_RANK > (old.adl_rank or 0):
        yield f"{new.symbol} {new.side}: auto-deleveraging rank is now {new.adl_rank} of 5"


def _was_in_danger(facts: Facts, subject: str, position: Position) -> bool:
    pool = next((p.coin for p in (facts.before.pools if facts.before else ()) if position in p.positions), "")
    keys = (facts.key(rule, of) for rule in ("liquidation_distance", "margin_ratio") for of in (subject, slug(pool)))
    return any(facts.levels.get(key, Level.OK) >= Level.CRITICAL for key in keys)


def _gone_in_danger(facts: Facts, key: AlertKey, position: Position) -> Finding:
    return Finding(
        key=key,
        venue=facts.venue,
        level=Level.CRITICAL,
        holds=Level.CRITICAL,
        value=position.contracts,
        unit="contracts",
        summary=f"{position.symbol} {position.side} is gone while in danger: closed or liquidated",
        sticky=timedelta(hours=24),
    )
