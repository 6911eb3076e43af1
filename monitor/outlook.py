"""How figures and findings are wanted, as the configuration has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from monitor.core.number import Coin, Ratio
from monitor.core.rules.settings import Policy
from monitor.core.rules.whole import Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """``holdings``: name -> coin -> amount, coins held elsewhere. ``zone``: of the holder, for what has a date."""

    policy: Policy
    target_distance: Ratio
    holdings: Mapping[str, Mapping[str, Coin]]
    calendar: tuple[Occasion, ...] = ()
    zone: tzinfo = UTC

    def day(self, wall: datetime) -> date:
        """Return the holder's date at *wall*."""
        return wall.astimezone(self.zone).date()
