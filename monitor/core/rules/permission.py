"""What an account lets happen that it should not: `key_scope` and `coins`."""

from monitor.core.rules.facts import Facts, Findings, Rights
from monitor.core.rules.finding import Finding, Level
from monitor.core.rules.settings import Policy

HARMLESS = "the key may only read"


def key_scope(facts: Facts, policy: Policy) -> Findings:
    """Say what the key may do beyond reading: trade is a warning, withdraw critical.

    A venue that cannot tell, or was not asked yet since the start, changes nothing.
    """
    key = facts.key("key_scope", "account")
    if (facts.rights is not None or key in facts.levels) and policy.settings("key_scope", account=facts.account).enabled:
        level, summary = _judged(facts.rights)
        yield Finding(key=key, venue=facts.venue, level=level, holds=level or Level.OK, summary=summary)


def coins(facts: Facts, policy: Policy) -> Findings:
    """Find positions in coins that the account's ``coins`` leaves out: somebody trades where nobody looks."""
    for pool in facts.pools:
        for risk in pool.positions:
            position = risk.position
            settings = policy.settings("coins", account=facts.account, coin=pool.pool.coin, symbol=position.symbol)
            if settings.enabled and facts.coins is not None:
                is_strange = (position.settle or pool.pool.coin) not in facts.coins
                size = f"{position.symbol} {position.side}: {position.contracts:,f} contracts"
                yield Finding(
                    key=facts.key("coins", facts.subjects[position.identity]),
                    venue=facts.venue,
                    level=Level.CRITICAL if is_strange else Level.OK,
                    holds=Level.CRITICAL if is_strange else Level.OK,
                    summary=f"{size} in a coin that `coins` leaves out" if is_strange else f"{size}, as expected",
                )


def _judged(rights: Rights | None) -> tuple[Level | None, str]:
    if rights is None:
        return None, "the venue was not asked yet what the key may do"
    if rights.may_withdraw:
        return Level.CRITICAL, "the key may withdraw coins: replace it by one that may only read"
    if rights.may_trade:
        return Level.WARNING, "the key may trade: replace it by one that may only read"
    is_known = rights.may_trade is not None and rights.may_withdraw is not None
    return (Level.OK, HARMLESS) if is_known else (None, "the venue does not tell what the key may do")
