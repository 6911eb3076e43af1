"""A pool is followed from look to look, and its time left is what its way so far says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from math import log

import pytest

from monitor.core.account import Collateral, Funding, Pool, PoolMode
from monitor.core.pace import NO_COURSES, Courses, followed, paced
from monitor.core.risk import PoolRisk
from tests.build import NOON, D, account, isolated, long, pool, risk, short

EIGHT_HOURS = Funding(rate=D("0.0001"), interval=timedelta(hours=8))
MINUTE = timedelta(minutes=1)


def at(mark: float, wallet: str = "0.2", funding: Funding | None = None) -> Pool:
    return pool(wallet, long(10_000, 10_000, f"{mark:.6f}", funding=funding))


def walked(*pools: Pool, every: timedelta = MINUTE) -> tuple[PoolRisk, Courses]:
    courses, seen = NO_COURSES, risk(pools[0])
    for step, each in enumerate(pools):
        seen, courses = paced(risk(each), courses, NOON + step * every)
    return seen.pools[0], courses


def sinking(minutes: int, per_minute: float = 0.001, wallet: str = "0.2", funding: Funding | None = None) -> list[Pool]:
    """Marks that fall by the same ratio each minute."""
    return [at(10_000 * (1 - per_minute) ** n, wallet, funding) for n in range(minutes + 1)]


def test_a_steady_fall_has_its_speed_and_the_time_that_it_leaves() -> None:
    seen, _ = walked(*sinking(40))
    assert seen.approach_speed == pytest.approx(-log(0.999) / 60, rel=1e-6)
    assert seen.margin.log_distance is not None
    left = float(seen.margin.log_distance) / (-log(0.999) / 60)
    assert seen.time_to_liquidation is not None
    assert seen.time_to_liquidation.total_seconds() == pytest.approx(left, rel=1e-6)


def test_half_an_hour_must_have_been_seen() -> None:
    seen, _ = walked(*sinking(29))
    assert (seen.approach_speed, seen.time_to_liquidation) == (None, None)


def test_a_pool_that_gets_safer_has_a_speed_and_no_time_left() -> None:
    seen, _ = walked(*sinking(40, per_minute=-0.001))
    assert seen.approach_speed is not None
    assert seen.approach_speed < 0
    assert seen.time_to_liquidation is None


def test_a_deposit_begins_the_course_anew() -> None:
    way = sinking(40)
    _, courses = walked(*way[:20], *(at(float(p.positions[0].mark_price), "0.3") for p in way[20:]))
    assert len(courses["BTC"].approach) == 21


def test_a_resized_position_begins_it_anew() -> None:
    first = followed(None, risk(at(10_000)).pools[0], NOON)
    bigger = risk(pool("0.2", long(11_000, 10_000))).pools[0]
    assert len(followed(first, bigger, NOON + MINUTE).approach) == 1


def test_a_funding_payment_does_not() -> None:
    before, after = at(10_000, "0.2", EIGHT_HOURS), at(10_000, "0.1999", EIGHT_HOURS)
    first = followed(None, risk(before).pools[0], NOON)
    assert len(followed(first, risk(after).pools[0], NOON + MINUTE).approach) == 2
    unknown = followed(None, risk(at(10_000, "0.2")).pools[0], NOON)
    assert len(followed(unknown, risk(at(10_000, "0.1999")).pools[0], NOON + MINUTE).approach) == 1


def test_funding_that_is_still_to_come_shortens_the_time() -> None:
    dear = Funding(rate=D("0.003"), interval=timedelta(hours=8))
    without, _ = walked(*sinking(40))
    with_it, _ = walked(*sinking(40, funding=dear))
    continuous, _ = walked(*sinking(40, funding=Funding(rate=D("0.003"), interval=timedelta(hours=8), is_continuous=True)))
    earning, _ = walked(*sinking(40, funding=Funding(rate=D("-0.003"), interval=timedelta(hours=8))))
    assert with_it.time_to_liquidation is not None
    assert without.time_to_liquidation is not None
    assert with_it.time_to_liquidation < without.time_to_liquidation
    assert continuous.time_to_liquidation == earning.time_to_liquidation == without.time_to_liquidation


def test_a_flat_price_is_left_to_funding_alone() -> None:
    """At rest, the time left is what `funding.days_until` says: 0.15 coins of buffer, more or less, at 0.0003 a day."""
    rate = Funding(rate=D("0.01"), interval=timedelta(hours=8))
    seen, _ = walked(*[at(10_000, "0.2", rate)] * 40)
    assert seen.approach_speed == pytest.approx(0, abs=1e-12)
    assert seen.time_to_liquidation is not None
    days = seen.time_to_liquidation / timedelta(days=1)
    assert days == pytest.approx(float(Decimal("0.195") / Decimal("0.03")), rel=1e-6)


def test_pools_without_a_distance_have_no_speed() -> None:
    safe, courses = walked(*[pool(2, short(10_000, 10_000))] * 40)
    assert (safe.approach_speed, safe.time_to_liquidation) == (None, None)
    assert courses["BTC"].approach == ()


def test_every_pool_has_a_course_of_its_own() -> None:
    eth = pool("3", long(10_000, 1_000, symbol="ETH/USD:ETH"), coin="ETH")
    _, courses = paced(risk(at(10_000), eth), NO_COURSES, NOON)
    assert set(courses) == {"BTC", "ETH"}


def test_isolated_positions_do_not_move_the_pools_course() -> None:
    alone = pool("1", isolated(long(10_000, 10_000), "0.2"))
    seen, courses = paced(risk(alone), NO_COURSES, NOON)
    assert courses["BTC"].sizes == ()
    assert seen.account == account(alone)


def test_a_pool_of_several_coins_is_followed_by_its_collateral() -> None:
    btc = Collateral(coin="BTC", balance=D("0.2"), price=D(10_000), haircut=D(0), beta=D(1))
    held = long(10_000, 10_000, settle="BTC", funding=EIGHT_HOURS)
    before = pool(0, held, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    changes = (replace(btc, balance=D("0.1999")), replace(btc, balance=D("0.3")))
    paid, topped = (replace(before, collateral=(row,)) for row in changes)
    first = followed(None, risk(before).pools[0], NOON)
    assert [len(followed(first, risk(each).pools[0], NOON + MINUTE).approach) for each in (paid, topped)] == [2, 1]
