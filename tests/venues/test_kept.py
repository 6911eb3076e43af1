"""A value is read by one for all, and a reader who leaves takes nobody along."""

import asyncio

import pytest

from monitor.ports import ErrorKind, VenueError, VenueUnavailable
from monitor.venues.kept import RETRY, Kept


class Source:
    """Something to read, that can be slow or fail, and a clock to go with it."""

    def __init__(self) -> None:
        self.reads = 0
        self.at = 0.0
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    def monotonic(self) -> float:
        return self.at

    async def read(self) -> int:
        self.reads += 1
        await self.gate.wait()
        if self.fails:
            raise VenueUnavailable(ErrorKind.UNAVAILABLE, "gone")
        return self.reads


@pytest.fixture
async def source() -> Source:
    return Source()


@pytest.fixture
async def kept(source: Source) -> Kept[int]:
    return Kept(source.read, source.monotonic)


async def test_it_is_read_again_only_at_its_age(source: Source, kept: Kept[int]) -> None:
    assert [await kept.get(10), await kept.get(10)] == [1, 1]
    source.at = 10
    assert await kept.get(10) == 2


async def test_many_readers_share_one_flight(source: Source, kept: Kept[int]) -> None:
    assert await asyncio.gather(*(kept.get(10) for _ in range(50))) == [1] * 50
    assert source.reads == 1


async def test_a_cancelled_reader_does_not_cancel_the_others(source: Source, kept: Kept[int]) -> None:
    source.gate.clear()
    first, second = asyncio.create_task(kept.get(10)), asyncio.create_task(kept.get(10))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await second == 1
    assert (first.cancelled(), source.reads) == (True, 1)


async def test_a_failure_reaches_every_reader_and_is_forgotten(source: Source, kept: Kept[int]) -> None:
    source.fails = True
    found = await asyncio.gather(*(kept.get(10) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [VenueUnavailable] * 3
    source.fails = False
    assert await kept.get(10) == 2


async def test_a_failure_that_nobody_waits_for_is_no_complaint(source: Source, kept: Kept[int]) -> None:
    source.fails = True
    source.gate.clear()
    reader = asyncio.create_task(kept.get(10))
    await asyncio.sleep(0)
    reader.cancel()
    source.gate.set()
    await asyncio.sleep(0.01)
    assert source.reads == 1


async def test_an_older_value_is_kept_where_it_may_be_and_asked_for_again_later(source: Source, kept: Kept[int]) -> None:
    assert await kept.get_or_keep(10) == 1
    source.at, source.fails = 100, True
    assert [await kept.get_or_keep(10), await kept.get_or_keep(10), source.reads] == [1, 1, 2]
    source.at, source.fails = 100 + RETRY, False
    assert await kept.get_or_keep(10) == 3


async def test_without_an_older_value_a_failure_is_one(source: Source, kept: Kept[int]) -> None:
    source.fails = True
    with pytest.raises(VenueError):
        await kept.get_or_keep(10)
    source.fails = False
    assert await kept.get_or_keep(10) == 2


async def test_what_is_under_way_can_be_given_up(source: Source, kept: Kept[int]) -> None:
    source.gate.clear()
    reader = asyncio.create_task(kept.get(10))
    await asyncio.sleep(0)
    kept.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    kept.cancel()
