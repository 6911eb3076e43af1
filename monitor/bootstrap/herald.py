"""Proof of life through every channel: a summary at the start, and one a day where somebody wants it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo

from monitor.core.rules.finding import AlertKey, Note
from monitor.picture import Picture
from monitor.ports import Clock
from monitor.register import PORTFOLIO, Register
from monitor.wire.digest import digest

DAY = timedelta(days=1)
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
        if self._daily is None:
            return
        told = self._due(self._here(), self._daily)
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            due = self._due(self._here(), self._daily)
            is_new, told = due > told, _remembered(due, told)
            if is_new:
                await self._tell("digest", "daily digest")

    def _here(self) -> datetime:
        return self._clock.wall().astimezone(self._zone)

    @staticmethod
    def _due(here: datetime, daily: time) -> date:
        """Return the day whose digest is the last that was due at *here*."""
        today = here.date()
        return today if here.time() >= daily else today - DAY

    async def _tell(self, rule: str, what: str) -> None:
        key = AlertKey(account=PORTFOLIO, rule=rule, subject="daemon")
        await self._register.announce(Note(key=key, venue="", summary=f"{what}: {digest(self._picture())}"))


def _remembered(due: date, told: date) -> date:
    """Return the last day that counts as told: a clock set back a little tells no day twice, one far ahead is forgotten."""
    return due if told - due > DAY else max(due, told)
