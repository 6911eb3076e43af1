"""Details are what the single figures say, put together; a pool without figures has none."""

from dataclasses import replace
from datetime import timedelta
from decimal import localcontext
from typing import Any

from monitor.core.account import Collateral, Funding, Pool, PoolMode, Position
from monitor.core.assessment import assess
from monitor.core.detail import NOTHING, PRECISION, coin_details, pool_detail, pool_stress
from monitor.core.exposure import adverse_leverage, exposure
from monitor.core.feedback import feedback
from monitor.core.funding import Spread, days_until
from monitor.core.margin import scope
from monitor.core.rescue import contracts_to_close
from monitor.core.risk import AccountRisk
from monitor.core.stress import stress
from tests.build import D, account, isolated, long, pool, risk, short

TARGET, DANGER = D("0.3"), D("0.2")
DEAR = Funding(rate=D("0.001"), interval=timedelta(hours=8))


def test_a_pool_has_every_figure() -> None:
    of = pool("0.4", long(10_000, 10_000, funding=DEAR))
    found, seen = pool_detail(risk(of).pools[0], TARGET, DANGER), exposure(of)
    assert seen is not None
    with localcontext(prec=PRECISION):
        assert found.adverse_leverage == adverse_leverage(seen, D("0.1"))
        assert found.closing == contracts_to_close(of, TARGET)
        assert found.stress == stress(of)
        assert found.feedback == feedback(of)
        assert found.funding_per_day == D("0.003")
        assert found.days_to_danger == days_until(scope(D("0.4"), of.positions, D(10_000)), D("0.003"), DANGER)
    assert (found.linear_distance, found.buffer_usd) == (D("0.395"), 3_950)


def test_a_flat_pool_and_one_of_isolated_positions_have_no_days_and_no_buffer() -> None:
    flat = pool_detail(risk(pool(1)).pools[0], TARGET, DANGER)
    assert (flat.linear_distance, flat.days_to_danger, flat.adverse_leverage, flat.stress) == (None, None, None, ())
    alone = pool_detail(risk(pool(1, isolated(short(10_000, 10_000, funding=DEAR), "0.2"))).pools[0], TARGET, DANGER)
    assert (alone.funding_per_day, alone.days_to_danger) == (None, None)
    assert alone.stress


def test_a_pool_of_several_coins_has_what_its_coins_allow() -> None:
    btc = Collateral(coin="BTC", balance=D("0.2"), price=D(10_000), haircut=D(0), beta=D(1))
    several = pool(0, long(10_000, 10_000, settle="BTC", funding=DEAR), coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    found = pool_detail(risk(several).pools[0], TARGET, DANGER)
    assert (found.stress, found.closing, found.days_to_danger, found.buffer_usd) == ((), None, None, None)
    assert found.funding_per_day == 30


def test_an_unassessed_pool_has_nothing() -> None:
    dark = risk(pool(1, long(10_000, 10_000, maintenance=None)), pool(2, coin="ETH"))
    assert pool_detail(dark.pools[0], TARGET, DANGER) == NOTHING
    assert [each.coin for each in coin_details([dark], TARGET)] == ["ETH"]


def test_a_coin_counts_every_scope_of_which_it_is_not_known_what_becomes_of_it() -> None:
    dark = isolated(long(10_000, 10_000, maintenance=None), "0.2")
    sums = [at_venue("a", pool("0.2", long(10_000, 10_000), dark)), at_venue("b", pool(9, short(10_000, 10_000)))]
    (btc,) = coin_details(sums, TARGET)
    assert [(row.liquidated, row.unknown) for row in (btc.stress[0], btc.stress[-1])] == [(1, 1), (0, 1)]
    lacking = at_venue("c", pool(1, long(1, 10_000, maintenance=None), dark, replace(dark, id="2")))
    (btc,) = coin_details([*sums, lacking], TARGET)
    assert (btc.stress[0].liquidated, btc.stress[0].unknown, btc.unknown) == (1, 4, ("c",))


def test_a_pool_that_no_sum_can_hold_is_named() -> None:
    alone = replace(isolated(long(10_000, 10_000, id="alone"), "0.2"), isolated_margin=None)
    found = [at_venue("a", pool(1, long(10_000, 10_000), alone)), at_venue("b", pool(9, short(10_000, 10_000)))]
    (btc,) = coin_details(found, TARGET)
    assert (btc.unknown, btc.stress[0].unknown, btc.silo) == (("a",), 2, None)


def test_a_coin_that_nobody_trades_has_no_stress() -> None:
    (btc,) = coin_details([risk(pool(1))], TARGET)
    assert (btc.stress, btc.spread, btc.transfer, btc.silo) == ((), None, None, None)


def test_the_stress_of_a_pool_is_that_of_each_scope_in_it() -> None:
    of = pool("0.4", long(10_000, 10_000), isolated(short(10_000, 10_000), "0.2"))
    now, down = pool_stress(risk(of).pools[0], (D(0), D("-0.2")))
    assert now.cross is not None
    assert now.cross.leverage == D("2.5")
    assert down.cross is not None
    assert (down.cross.coin_value, down.cross.equity, down.cross.leverage) == (D("1.25"), D("0.15"), D("1.25") / D("0.15"))
    assert (down.isolated[0].coin_value, down.isolated[0].equity) == (D("1.25"), D("0.45"))


def test_there_is_no_stress_of_what_is_not_assessed_or_not_held() -> None:
    dark = risk(pool(1, long(10_000, 10_000, maintenance=None)), pool(2, coin="ETH"))
    assert [pool_stress(each, (D("0.1"),)) for each in dark.pools] == [(), ()]


def at_venue(venue: str, of: Pool) -> AccountRisk:
    return assess(account(of, name=venue, venue=venue.partition(" ")[0]), age=timedelta(0), target_distance=D("0.3"))


def funded(rate: str | None, **different: Any) -> Position:
    return long(100, 10_000, funding=rate and Funding(rate=D(rate), interval=timedelta(hours=8)), **different)


def test_a_venue_that_tells_its_rate_once_has_told_it() -> None:
    risks = [at_venue(v, pool(1, funded(rate))) for v, rate in (("okx", "0.0001"), ("bybit", "0.0005"), ("bybit too", None))]
    (btc,) = coin_details(risks, D("0.3"))
    assert btc.spread == Spread(long_at="okx", short_at="bybit", daily=D("0.0012"))


def test_funding_of_different_coins_has_no_spread() -> None:
    def several(coin: str, rate: str) -> Pool:
        backing = Collateral(coin=coin, balance=D(1), price=D(10_000), haircut=D(0), beta=D(1))
        leg = funded(rate, symbol=f"{coin}/USD:{coin}", settle=coin)
        return pool(0, leg, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(backing,))

    risks = [at_venue("okx", several("BTC", "0.0001")), at_venue("bybit", several("ETH", "0.0005"))]
    assert [each.spread for each in coin_details(risks, D("0.3"))] == [None]
