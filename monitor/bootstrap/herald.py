"""Proof of life through every channel: a summary at the start, and one a day where somebody wants it."""

from collections.abc import Callable
from datetime import date, datetime, time, tzinfo

from monitor.core.rules.finding import AlertKey, Note
from monitor.picture import Picture
from monitor.ports import Clock
from monitor.register import PORTFOLIO, Register
from monitor.wire.digest import digest

LOOK_SECONDS = 20.0
"""How often the calendar is looked at: it may be set, and days may be 23 hours long."""


class Herald:
    """``daily``: when to tell, by the clock on the wall in ``zone``; None: only at the start."""

    def __init__(
        self, register: Register, clock: Clock, picture: Callable[[], Picture], *, daily: time | None, zone: tzinfo
    ) -> None:
        self._register, self._clock, self._picture = register, clock, picture
        self._daily, self._zone = daily, zone

    async def run(self) -> None:
        """Tell the start, then each day. Runs until the last that there is to tell."""
        await self._tell("start", "the monitor has started")
        told = self._due(self._here())
        while self._daily is not None:
            await self._clock.sleep(LOOK_SECONDS)
            due = self._due(self._here())
            if due != told:
                told = due
                await self._tell("digest", "daily digest")

    def _here(self) -> datetime:
        return self._clock.wall().astimezone(self._zone)

    def _due(self, here: datetime) -> date | None:
        """Return the day whose digest is the last that was due at *here*."""
        if self._daily is None:
            return None
        today = here.date()
        return today if here.time() >= self._daily else date.fromordinal(today.toordinal() - 1)

    async def _tell(self, rule: str, what: str) -> None:
        key = AlertKey(account=PORTFOLIO, rule=rule, subject="daemon")
        await self._register.announce(Note(key=key, venue="", summary=f"{what}: {digest(self._picture())}"))
