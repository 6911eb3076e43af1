"""A dead venue is asked once a second; one that says anything at all is alive."""

import asyncio
import time
from dataclasses import replace
from random import Random

import pytest

from monitor.demo.bybit import SimulatedBybit
from monitor.demo.faults import Fault
from monitor.demo.server import serve
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


def tripped() -> tuple[Breaker, Time]:
    clock = Time()
    breaker = Breaker(clock)
    for _ in range(MOST_FAILURES):
        breaker.check()
        breaker.failed(DEAD)
    return breaker, clock


def test_a_few_failures_keep_nobody_from_asking() -> None:
    breaker = Breaker(Time())
    for _ in range(MOST_FAILURES - 1):
        breaker.failed(DEAD)
    breaker.check()


def test_a_dead_venue_is_asked_once_a_second_and_the_others_hear_why_not() -> None:
    breaker, clock = tripped()
    breaker.check()
    with pytest.raises(VenueUnavailable, match="under maintenance; wait; it has not answered 20 times") as refused:
        breaker.check()
    assert refused.value.kind is ErrorKind.MAINTENANCE
    clock.now += PROBE_SECONDS
    breaker.check()
    with pytest.raises(VenueUnavailable):
        breaker.check()


def test_one_answer_and_everybody_may_ask_again() -> None:
    breaker, _ = tripped()
    breaker.check()
    breaker.answered()
    for _ in range(5):
        breaker.check()


@pytest.mark.parametrize("said", [VenueRefused(ErrorKind.REFUSED, "no"), VenueDataInvalid(ErrorKind.INVALID, "what?")])
def test_a_refusal_and_nonsense_are_signs_of_life(said: VenueRefused | VenueDataInvalid) -> None:
    breaker, _ = tripped()
    breaker.check()
    breaker.failed(said)
    for _ in range(5):
        breaker.check()


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
