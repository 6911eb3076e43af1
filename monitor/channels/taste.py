"""What a push target wants to be told, and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from monitor.core.alerts.alert import EventType
from monitor.core.rules.finding import Level
from monitor.wire.news import News

FOR_ALL = ("start", "digest", "test")
"""Rules whose notes every target is told, whatever its level."""

WORTH_TELLING = timedelta(hours=1)
"""A warning that waited longer is not told where there are newer news of the same subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """``least``: from this level on. ``quiet``: from when to when, by the clock of *zone*, there are no warnings; None: never."""

    least: Level
    quiet: tuple[time, time] | None = None
    zone: tzinfo = UTC

    def chosen(self, news: Sequence[News], told: Collection[str], wall: datetime) -> Sequence[News]:
        """Return what to tell of *news*, oldest first: each alert once, as it is after all of them.

        *told*: ids of alerts that the target was told of; *wall*: now, for that is when somebody would be woken.
        """
        wanted = {each.alert_id for each in news if self._is_wanted(each, told, wall)}
        last = {each.alert_id: each for each in news if not each.is_muted and each.alert_id in wanted}
        newest = {each.key: each.alert_id for each in news}
        return [each for each in last.values() if newest[each.key] == each.alert_id or not _is_past(each, wall)]

    def _is_wanted(self, news: News, told: Collection[str], wall: datetime) -> bool:
        if news.is_muted:
            return False
        if news.key.rule in FOR_ALL:
            return news.key.rule != "start" or not self._is_quiet(wall)
        if news.weight < Level.CRITICAL and self._is_quiet(wall):
            return False
        if news.type is EventType.NOTED:
            return self.least is Level.WARNING
        if news.type in (EventType.RESOLVED, EventType.GONE):
            return news.alert_id in told or (news.weight >= self.least and not news.was_muted)
        return news.weight >= self.least

    def _is_quiet(self, wall: datetime) -> bool:
        if self.quiet is None:
            return False
        (start, end), at = self.quiet, wall.astimezone(self.zone).time()
        return start <= at < end if start < end else at >= start or at < end


def _is_past(news: News, wall: datetime) -> bool:
    return news.weight is Level.WARNING and wall - news.at > WORTH_TELLING
