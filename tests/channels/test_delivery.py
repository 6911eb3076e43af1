"""From the outbox through a channel that fails in every way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import structlog

from monitor.channels.delivery import Delivery
from monitor.core.rules.finding import Level
from monitor.ports import DeliveryFailed
from tests.channels.build import alert, told
from tests.channels.fakes import FakeChannel, FakeClock, until
from tests.store_fake import FakeStore


class World:
    """A store, a channel and what carries from one to the other."""

    def __init__(self, *, patience: float = 0) -> None:
        self.store, self.clock = FakeStore("mqtt"), FakeClock()
        self.channel = FakeChannel(patience=patience)
        self.delivery = Delivery(self.store, self.channel, self.clock, chance=lambda: 0.5)

    async def tell(self, *subjects: str, level: Level = Level.WARNING) -> None:
        for subject in subjects:
            await self.store.commit(told(alert(subject, level=level)))
        self.delivery.wake()

    async def until_nothing_waits(self) -> None:
        await until(lambda: self.store.backlog("mqtt").pending == 0)

    @property
    def taken(self) -> list[str]:
        return [row.event_id for row in self.channel.taken]

    @property
    def groups(self) -> list[list[str]]:
        return [[row.event_id for row in group] for group in self.channel.groups]


@asynccontextmanager
async def running(*, patience: float = 0) -> AsyncIterator[World]:
    world = World(patience=patience)
    task = asyncio.create_task(world.delivery.run())
    try:
        yield world
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_what_is_committed_is_delivered_in_order_and_then_forgotten() -> None:
    async with running() as world:
        await world.tell("A", "B", "C")
        await world.until_nothing_waits()
        assert world.taken == ["id-A-1", "id-B-1", "id-C-1"]
        assert world.delivery.results == {"delivered": 3, "failed": 0}
        assert world.clock.slept == []


async def test_a_later_commit_wakes_it() -> None:
    async with running() as world:
        await world.tell("A")
        await world.until_nothing_waits()
        await world.tell("B")
        await world.until_nothing_waits()
        assert world.taken == ["id-A-1", "id-B-1"]


async def test_while_the_channel_fails_rows_wait_in_order_and_it_is_tried_ever_more_slowly() -> None:
    async with running() as world:
        world.channel.refuse(times=6)
        await world.tell("A", "B")
        await world.until_nothing_waits()
        assert world.taken == ["id-A-1", "id-B-1"]
        assert world.clock.slept == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
        assert world.delivery.results == {"delivered": 2, "failed": 6}
        assert world.delivery.fault is None


async def test_the_reason_is_there_to_be_shown_while_it_lasts() -> None:
    async with running() as world:
        world.channel.refuse(DeliveryFailed("the broker is asleep"))
        await world.tell("A")
        await until(lambda: world.delivery.fault)
        assert world.delivery.fault == "the broker is asleep"
        assert world.store.backlog("mqtt").pending == 1
        world.channel.accept()
        await world.until_nothing_waits()


@pytest.mark.parametrize(("times", "lines"), [(1, []), (3, []), (6, ["messages wait: not delivered", "delivering again"])])
async def test_a_failure_is_logged_once_and_only_if_it_lasts(times: int, lines: list[str]) -> None:
    with structlog.testing.capture_logs() as logged:
        async with running() as world:
            world.channel.refuse(times=times)
            await world.tell("A")
            await world.until_nothing_waits()
    assert [line["event"] for line in logged] == lines


async def test_a_bug_in_a_channel_does_not_end_it() -> None:
    async with running() as world:
        world.channel.refuse(ZeroDivisionError("secret"), times=2)
        await world.tell("A")
        await world.until_nothing_waits()
        assert world.delivery.results == {"delivered": 1, "failed": 2}


async def test_the_same_decision_committed_again_while_it_waits_arrives_once() -> None:
    async with running() as world:
        world.channel.refuse(times=1)
        await world.tell("A")
        await world.tell("A")
        await world.until_nothing_waits()
        assert world.taken == ["id-A-1"]


async def test_a_channel_without_patience_takes_each_row_by_itself() -> None:
    async with running() as world:
        await world.tell("A", "B")
        await world.until_nothing_waits()
        assert world.groups == [["id-A-1"], ["id-B-1"]]


async def test_what_comes_within_a_channels_patience_travels_together_and_is_forgotten_together() -> None:
    async with running(patience=2) as world:
        await world.tell("A", "B", "C")
        await world.until_nothing_waits()
        assert world.groups == [["id-A-1", "id-B-1", "id-C-1"]]
        assert world.clock.slept == [2.0]
        assert world.delivery.results == {"delivered": 1, "failed": 0}


async def test_an_emergency_is_not_held_back_and_takes_along_what_waits() -> None:
    async with running(patience=2) as world:
        await world.tell("A")
        await world.tell("B", level=Level.EMERGENCY)
        await world.until_nothing_waits()
        assert world.groups == [["id-A-1", "id-B-1"]]
        assert world.clock.slept == []


async def test_a_group_that_fails_stays_whole_and_grows() -> None:
    async with running(patience=2) as world:
        world.channel.refuse()
        await world.tell("A", "B")
        await until(lambda: world.delivery.results["failed"] >= 3)
        await world.store.commit(told(alert("C")))
        failed = world.delivery.results["failed"]
        await until(lambda: world.delivery.results["failed"] >= failed + 2)
        world.channel.accept()
        await world.until_nothing_waits()
        assert world.groups == [["id-A-1", "id-B-1", "id-C-1"]]


async def test_an_emergency_that_fails_is_not_tried_again_at_the_pace_of_a_storm() -> None:
    async with running(patience=2) as world:
        world.channel.refuse()
        while world.delivery.results["failed"] < 12:
            await world.tell("A", level=Level.EMERGENCY)
            await asyncio.sleep(0)
        assert world.clock.elapsed > 12


async def test_what_had_not_to_be_sent_is_forgotten_but_proves_nothing() -> None:
    async with running() as world:
        world.channel.refuse(times=1)
        await world.tell("A")
        world.channel.withhold()
        await world.until_nothing_waits()
        assert world.delivery.fault == "nobody listens"
        assert world.delivery.results == {"delivered": 0, "failed": 1}
