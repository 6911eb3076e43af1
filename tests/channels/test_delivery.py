"""From the outbox through a channel that fails in every way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from monitor.channels.delivery import Delivery
from monitor.ports import DeliveryFailed
from tests.channels.build import alert, told
from tests.channels.fakes import FakeChannel, FakeClock, until
from tests.store_fake import FakeStore


class World:
    """A store, a channel and what carries from one to the other."""

    def __init__(self) -> None:
        self.store, self.channel, self.clock = FakeStore("mqtt"), FakeChannel(), FakeClock()
        self.delivery = Delivery(self.store, self.channel, self.clock, chance=lambda: 0.5)

    async def tell(self, *subjects: str) -> None:
        for subject in subjects:
            await self.store.commit(told(alert(subject)))
        self.delivery.wake()

    async def until_nothing_waits(self) -> None:
        await until(lambda: self.store.backlog("mqtt").pending == 0)

    @property
    def taken(self) -> list[str]:
        return [row.event_id for row in self.channel.taken]


@asynccontextmanager
async def running() -> AsyncIterator[World]:
    world = World()
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
