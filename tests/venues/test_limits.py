"""A venue's budget is kept, and its orders to wait are obeyed by everybody behind the address."""

import asyncio
import time

import pytest

from monitor.ports import VenueUnavailable
from monitor.venues.limits import SHARE, Gate, Rate


class Monotonic:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_what_is_beyond_the_budget_waits() -> None:
    gate = Gate("venue", Rate(10 / SHARE, 0.2), time.monotonic)
    started = time.perf_counter()
    await asyncio.gather(*(gate.passage(1) for _ in range(10)))
    assert time.perf_counter() - started < 0.1
    await gate.passage(5)
    assert time.perf_counter() - started > 0.08


async def test_a_request_heavier_than_the_whole_budget_takes_all_of_it() -> None:
    gate = Gate("venue", Rate(1, 1), time.monotonic)
    await asyncio.wait_for(gate.passage(100), timeout=1)


async def test_a_held_way_lets_nobody_out_until_its_time() -> None:
    clock = Monotonic()
    gate = Gate("venue", Rate(10, 1), clock)
    gate.hold(30)
    gate.hold(5)
    clock.at = 10
    with pytest.raises(VenueUnavailable, match="venue: it has told this address to wait, for 20 s more") as caught:
        await gate.passage(1)
    assert caught.value.retry_after == 20
    clock.at = 30
    await gate.passage(1)


async def test_who_waits_for_the_budget_hears_of_a_ban_before_asking() -> None:
    gate = Gate("venue", Rate(1 / SHARE, 0.1), time.monotonic)
    await gate.passage(1)
    waiting = asyncio.create_task(gate.passage(1))
    await asyncio.sleep(0)
    gate.hold(30)
    with pytest.raises(VenueUnavailable):
        await waiting
