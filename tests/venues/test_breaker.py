"""A dead venue is asked once a second; one that says anything at all is alive."""

import asyncio
import time
from dataclasses import replace
from random import Random

import pytest

from monitor.demo.bybit import SimulatedBybit
from monitor.demo.exchange import VENUES
from monitor.demo.faults import Fault
from monitor.demo.server import serve
from monitor.demo.venue import SimulatedVenue
from monitor.ports import ErrorKind, VenueDataInvalid, VenueRefused, VenueUnavailable
from monitor.venues import Venues
from monitor.venues.breaker import MOST_FAILURES, PROBE_SECONDS, Breaker
from tests.demo.test_conformance import RealClock, access, portfolio
from tests.demo.worlds import QUARTER, STILL, resident

DEAD = VenueUnavailable(ErrorKind.MAINTENANCE, "bybit v5/position/list: is under maintenance; wait")


class Time:
    """Seconds that a test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def tripped() -> tuple[Breaker, Time]:
    clock = Time()
    breaker = Breaker(clock)
    for _ in range(MOST_FAILURES):
        await breaker.check()
        breaker.failed(DEAD)
    return breaker, clock


async def test_a_few_failures_keep_nobody_from_asking() -> None:
    breaker = Breaker(Time())
    for _ in range(MOST_FAILURES - 1):
        breaker.failed(DEAD)
    await breaker.check()


async def test_a_dead_venue_is_asked_once_a_second_and_the_others_hear_why_not() -> None:
    breaker, clock = await tripped()
    await breaker.check()
    breaker.failed(DEAD)
    with pytest.raises(VenueUnavailable, match="under maintenance; wait; it has not answered 21 times") as refused:
        await breaker.check()
    assert refused.value.kind is ErrorKind.MAINTENANCE
    clock.now += PROBE_SECONDS
    await breaker.check()
    breaker.failed(DEAD)
    with pytest.raises(VenueUnavailable):
        await breaker.check()


async def test_whoever_asks_beside_a_probe_waits_for_what_it_brings() -> None:
    breaker, _ = await tripped()
    await breaker.check()
    beside = asyncio.create_task(breaker.check())
    await asyncio.sleep(0)
    assert not beside.done()
    breaker.answered()
    await beside


async def test_a_probe_of_which_nothing_is_heard_is_not_waited_for_longer_than_until_the_next() -> None:
    breaker, clock = await tripped()
    await breaker.check()
    clock.now += PROBE_SECONDS - 0.01
    with pytest.raises(VenueUnavailable):
        await breaker.check()


@pytest.mark.parametrize("kind", VENUES)
async def test_an_account_whose_questions_go_out_together_comes_back_too(kind: type[SimulatedVenue]) -> None:
    """Each venue, since each asks other things at once; the first questions of a poll are all sent before any is answered."""
    simulated = kind(quotes=lambda: STILL, clock=time.time, quarter=QUARTER)
    simulated.settle(resident(portfolio(Random(1), kind)))
    async with serve(simulated) as address, Venues(RealClock()) as venues:
        account = venues.open(access(simulated, address))
        await account.look()
        simulated.misbehave(Fault.SERVER_ERROR)
        for _ in range(MOST_FAILURES):
            with pytest.raises(VenueUnavailable):
                await account.look()
        simulated.behave()
        await asyncio.sleep(PROBE_SECONDS)
        await account.look()


async def test_one_answer_and_everybody_may_ask_again() -> None:
    breaker, _ = await tripped()
    await breaker.check()
    breaker.answered()
    for _ in range(5):
        await breaker.check()


@pytest.mark.parametrize("said", [VenueRefused(ErrorKind.REFUSED, "no"), VenueDataInvalid(ErrorKind.INVALID, "what?")])
async def test_a_refusal_and_nonsense_are_signs_of_life(said: VenueRefused | VenueDataInvalid) -> None:
    breaker, _ = await tripped()
    await breaker.check()
    breaker.failed(said)
    for _ in range(5):
        await breaker.check()


async def test_forty_accounts_at_a_dead_venue_cost_a_probe_and_come_back_together() -> None:
    simulated = SimulatedBybit(quotes=lambda: STILL, clock=time.time, quarter=QUARTER)
    simulated.settle(resident(portfolio(Random(1), SimulatedBybit)))
    async with serve(simulated) as address, Venues(RealClock()) as venues:
        accounts = [venues.open(replace(access(simulated, address), account=f"a{number}")) for number in range(40)]
        simulated.misbehave(Fault.SERVER_ERROR)
        for account in accounts:
            with pytest.raises(VenueUnavailable):
                await account.look()
        assert simulated.requests.total() <= MOST_FAILURES + 3
        simulated.behave()
        await asyncio.sleep(PROBE_SECONDS)
        await accounts[0].look()
        await asyncio.gather(*(account.look() for account in accounts))
