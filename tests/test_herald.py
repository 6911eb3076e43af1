"""A summary at the start, and one a day at the hour that somebody wants it, whatever the calendar does."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from monitor.bootstrap.herald import Herald
from tests.fakes import FakeClock
from tests.test_watch import CALM, Rig, held


class House:
    """A herald over a calm account, with a clock that stops after so many hours."""

    def __init__(self, start: datetime, daily: time | None, zone: tzinfo = UTC) -> None:
        self.rig = Rig()
        self.rig.clock.__init__(start)  # type: ignore[misc] # - the rig's clock begins at the moment that the test wants
        self.clock = _Ending(start)
        self.herald = Herald(self.rig.watch.register, self.clock, self.rig.watch.picture, daily=daily, zone=zone)

    async def hours(self, hours: float) -> list[str]:
        self.rig.venues["main"].feed(held(CALM))
        await self.rig.cycle(after=0)
        self.clock.end = hours * 3600
        with suppress(asyncio.CancelledError):
            await self.herald.run()
        return [f"{e.alert.key.rule} {e.alert.summary.partition(':')[0]}" for e in self.rig.events]


class _Ending(FakeClock):
    """``steps``: by how many seconds the calendar is set, by the second at which somebody does it."""

    end = 0.0

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.steps: dict[float, float] = {}

    async def sleep(self, seconds: float) -> None:
        if self._elapsed >= self.end:
            raise asyncio.CancelledError
        await super().sleep(seconds)
        self.set_calendar(self.steps.pop(self._elapsed, 0.0))


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_the_start_is_told_with_what_is_seen() -> None:
    house = House(NOON, None)
    assert await house.hours(1) == ["start the monitor has started"]
    assert house.rig.events[0].alert.summary == (
        "the monitor has started: 1 of 1 accounts up; 1 pools, nearest 58.1 % (main BTC); no alert fires"
    ).replace("1 pools", "1 pool")


async def test_a_digest_is_told_once_a_day_at_its_hour() -> None:
    assert await House(NOON, time(8)).hours(50) == ["start the monitor has started", *["digest daily digest"] * 2]
    assert await House(NOON, time(8)).hours(19.9) == ["start the monitor has started"]


async def test_the_hour_is_the_holders_own_also_when_days_have_23_hours() -> None:
    """Berlin goes to summer time on 2027-03-28: 08:00 there is 06:00 UTC."""
    berlin = ZoneInfo("Europe/Berlin")
    eve = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert len(await House(eve, time(8), berlin).hours(17.9)) == 1
    assert len(await House(eve, time(8), berlin).hours(18.1)) == 2


async def test_a_clock_that_is_set_does_not_tell_a_day_twice() -> None:
    house = House(datetime(2026, 11, 22, 7, 30, tzinfo=UTC), time(8))
    house.clock.steps = {600: 3600, 1200: -3600}
    assert await house.hours(2) == ["start the monitor has started", "digest daily digest"]


async def test_a_clock_that_was_years_ahead_does_not_end_the_digests() -> None:
    house = House(datetime(2026, 11, 22, 7, 30, tzinfo=UTC), time(8))
    year = 365 * 86400
    house.clock.steps = {600: year, 1200: -year}
    assert await house.hours(26) == ["start the monitor has started", *["digest daily digest"] * 3]
