"""What the rules of an account look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from monitor.core.account import Account
from monitor.core.risk import AccountRisk, PoolRisk
from monitor.core.rules.finding import AlertKey, Finding, Level, Note
from monitor.core.subject import Identity, position_subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a key may do beyond reading. None: the venue does not tell."""

    may_trade: bool | None
    may_withdraw: bool | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules of an account look at.

    ``risk``: of a reading validated just now; None: there is none (an outage), so only what is known without it is judged.
    ``before``: the validated reading before this one. ``seen_at``: when the last validated reading came in, or the start.
    ``refusals``: how often in a row the venue has refused us. ``failure``: why the last poll failed, in our words.
    ``levels``: the levels at which alerts fire now. ``rights``: None: not asked yet. ``coins``: that are to be read; None: all.
    """

    account: str
    venue: str
    now: datetime
    interval: timedelta
    seen_at: datetime
    risk: AccountRisk | None = None
    before: Account | None = None
    refusals: int = 0
    failure: str | None = None
    rights: Rights | None = None
    coins: frozenset[str] | None = None
    levels: Mapping[AlertKey, Level] = field(default_factory=dict)

    def key(self, rule: str, subject: str) -> AlertKey:
        """Return the key of an alert of this account."""
        return AlertKey(account=self.account, rule=rule, subject=subject)

    @cached_property
    def subjects(self) -> Mapping[Identity, str]:
        """Return the slugs of all positions of this reading and the one before."""
        now = self.risk.account.positions if self.risk else ()
        return position_subjects((*(self.before.positions if self.before else ()), *now))

    @property
    def pools(self) -> tuple[PoolRisk, ...]:
        """Return the pools of the reading; none without one."""
        return self.risk.pools if self.risk else ()


Findings = Iterator[Finding | Note]
