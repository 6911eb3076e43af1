"""All accounts together: their sums, and what the rules across accounts find in them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from monitor.core.portfolio import portfolio
from monitor.core.rules.finding import AlertKey, Finding, Level, Note
from monitor.core.rules.freshness import Heard, venue_down
from monitor.core.rules.table import judge_whole
from monitor.core.rules.whole import WholeFacts
from monitor.marks import Marks
from monitor.outlook import Outlook
from monitor.ward import Ward

BETWEEN_SUMS = timedelta(seconds=5)
"""All accounts are summed up for the rules at most so often, or once per interval where that is shorter: many take a while."""

Levels = Mapping[AlertKey, Level]


class Whole:
    """Sums up the wards and judges the sums."""

    def __init__(self, wards: Mapping[str, Ward], marks: Marks, outlook: Outlook) -> None:
        self._wards, self._marks, self._outlook = wards, marks, outlook
        self._pause = min((ward.interval for ward in wards.values()), default=BETWEEN_SUMS)
        self._judged: tuple[datetime, tuple[Finding | Note, ...]] | None = None

    def judge(self, now: datetime, today: date, levels: Levels) -> tuple[Finding | Note, ...]:
        """Return what the rules across accounts find: of ages now, of sums a little while ago."""
        if self._judged is None or now - self._judged[0] >= min(self._pause, BETWEEN_SUMS):
            self._judged = (now, judge_whole(self.facts(now, today, levels), self._outlook.policy))
        heard = [
            Heard(account=ward.name, venue=ward.venue_id, age=now - ward.seen_at, is_read=ward.risk is not None)
            for ward in self._wards.values()
        ]
        return (*venue_down(heard, self._outlook.policy, levels), *self._judged[1])

    def facts(self, now: datetime, today: date, levels: Levels) -> WholeFacts:
        """Return the sums over all accounts that are fresh, and what else the rules across accounts look at."""
        risks = tuple(ward.risk for ward in self._wards.values() if ward.risk and ward.is_fresh(now))
        current = [ward.account for ward in self._wards.values() if ward.account and ward.is_current(now)]
        return WholeFacts(
            now=now,
            today=today,
            portfolio=portfolio((risk.account for risk in risks), self._outlook.holdings),
            is_complete=len(risks) == len(self._wards),
            is_current=len(current) == len(self._wards),
            target=self._outlook.target_distance,
            risks=risks,
            markets=self._marks.markets(current),
            calendar=self._outlook.calendar,
            levels=levels,
        )
