"""Every rule, by the name that it has in the configuration, in topics and in metrics."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from monitor.core.rules.agreement import disagreement, reconcile
from monitor.core.rules.burden import exit_cost, funding, leverage
from monitor.core.rules.change import position_change
from monitor.core.rules.danger import liquidation_distance, margin_ratio
from monitor.core.rules.facts import Facts, Findings
from monitor.core.rules.finding import AlertKey, Finding, Note
from monitor.core.rules.freshness import account_error, stale
from monitor.core.rules.market import price_divergence, venue_notice
from monitor.core.rules.pace import time_to_liquidation, touch_probability
from monitor.core.rules.permission import coins, key_scope
from monitor.core.rules.settings import Policy
from monitor.core.rules.sight import unassessed, units
from monitor.core.rules.silo import silo
from monitor.core.rules.whole import WholeFacts, concentration, net_delta

AccountRule = Callable[[Facts, Policy], Findings]

ACCOUNT_RULES: Mapping[str, AccountRule] = {
    "liquidation_distance": liquidation_distance,
    "margin_ratio": margin_ratio,
    "unassessed": unassessed,
    "touch_probability": touch_probability,
    "time_to_liquidation": time_to_liquidation,
    "reconcile": reconcile,
    "disagreement": disagreement,
    "units": units,
    "leverage": leverage,
    "funding": funding,
    "exit_cost": exit_cost,
    "stale": stale,
    "account_error": account_error,
    "key_scope": key_scope,
    "coins": coins,
    "position_change": position_change,
}
"""Every rule that looks at one account."""

WHOLE_RULES: Mapping[str, Callable[[WholeFacts, Policy], Findings]] = {
    "net_delta": net_delta,
    "concentration": concentration,
    "silo": silo,
    "price_divergence": price_divergence,
    "venue_notice": venue_notice,
}
"""Every rule that looks across accounts."""

OTHER_RULES = ("venue_down", "store", "delivery")
"""Every rule that needs no look: about silence of a venue, and about the monitor itself."""

WITHOUT_READING = ("stale", "account_error", "key_scope")
"""The rules that judge an account also when there is no validated reading."""


def judge(facts: Facts, policy: Policy) -> tuple[Finding | Note, ...]:
    """Return what every rule of an account finds; without a reading, that what fires is not known to be over."""
    names = ACCOUNT_RULES if facts.risk else WITHOUT_READING
    found = (found for name in names for found in ACCOUNT_RULES[name](facts, policy))
    return (*found, *(() if facts.risk else _unknown(facts)))


def _unknown(facts: Facts) -> Iterator[Finding]:
    for key in facts.levels:
        if key.account == facts.account and key.rule not in WITHOUT_READING:
            yield Finding(key=key, venue=facts.venue, level=None)


def judge_whole(facts: WholeFacts, policy: Policy) -> tuple[Finding | Note, ...]:
    """Return what every rule across accounts finds.

    What fires and is not seen while an account has not just been looked at is not known to be over.
    """
    found = tuple(each for rule in WHOLE_RULES.values() for each in rule(facts, policy))
    seen = {each.key for each in found}
    unseen = () if facts.is_current else (key for key in facts.levels if key.rule in WHOLE_RULES and key not in seen)
    return (*found, *(Finding(key=key, venue="", level=None) for key in unseen))


def worse(left: Iterable[Finding | Note], right: Iterable[Finding | Note]) -> tuple[Finding, ...]:
    """Return, subject by subject, the finding of two that is worse; of two equal ones the right one. Notes are left out."""
    found: dict[AlertKey, Finding] = {}
    for finding in (*left, *right):
        if isinstance(finding, Finding) and _badness(finding) >= _badness(found.get(finding.key)):
            found[finding.key] = finding
    return tuple(found.values())


def _badness(finding: Finding | None) -> tuple[int, int]:
    return (-1, -1) if finding is None else (finding.level or 0, finding.holds)
