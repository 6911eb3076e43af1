"""Several coins behind one pool, against a scan in plain floats that shares no code with it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.account import Basis, Collateral, GroupSize, Kind, Maintenance, PoolMode, Position, TierGroup, TierUnit
from monitor.core.collateral import Shocks, book
from monitor.core.contract import Side
from monitor.core.risk import PoolRisk, PriceSource, Status
from tests.build import D, Figure, isolated, long, pool, position, risk, rule, short, tiers


def held(coin: str, balance: Figure, price: Figure, haircut: Figure = 0, beta: Figure = 1) -> Collateral:
    return Collateral(coin=coin, balance=D(balance), price=D(price), haircut=D(haircut), beta=D(beta))


def usd(collateral: tuple[Collateral, ...], *positions: Position) -> PoolRisk:
    return risk(pool(0, *positions, coin="USD", mode=PoolMode.MULTI_COIN, collateral=collateral)).pools[0]


BTC, USDT = held("BTC", 2, 50_000), held("USDT", 10_000, 1, beta=0)


def inverse(side: Side, notional: Figure, **different: Any) -> Position:
    return position(side, notional, 50_000, **({"settle": "BTC"} | different))


def linear(side: Side, amount: Figure, **different: Any) -> Position:
    given = {"symbol": "BTC/USDT:USDT", "settle": "USDT", "kind": Kind.LINEAR}
    return position(side, amount, 50_000, **(given | different))


def test_haircuts_are_taken_from_what_is_owned_and_not_from_what_is_owed() -> None:
    # helpcenter.bitexch.io 9777671: two coins with haircuts of 2 % and 0.1 %
    owned = (held("BTC", "3.136088934", "37496.76318", "0.02"), held("USDT", "347974.9709", "1.000296667", "0.001"))
    equity = book(pool(0, coin="USD", collateral=owned)).equity(D(0), {})
    assert abs(equity - D("462971.4456")) < D("0.01")
    owed = (held("BTC", -1, 50_000, "0.1"),)
    assert book(pool(0, coin="USD", collateral=owed)).equity(D(0), {}) == -50_000


def test_the_haircut_of_kraken_is_implied_by_both_currencies() -> None:
    # ccxt sample of krakenfutures accounts: 2.245 %
    for value, collateral in (("4998.721054420551", "4886.49976674881"), ("4999.137289089901", "4886.906656949836")):
        equity = book(pool(0, coin="USD", collateral=(held("X", value, 1, "0.02245"),))).equity(D(0), {})
        assert abs(equity - D(collateral)) < D("0.01")


def test_with_one_coin_and_no_haircut_it_is_the_coin_pool_in_dollars() -> None:
    leg = inverse(Side.LONG, 300_000)
    joint, alone = usd((BTC,), leg), risk(pool(2, leg)).pools[0]
    assert alone.margin.distance is not None
    assert joint.margin.distance is not None
    assert abs(joint.margin.distance - alone.margin.distance) < D("1e-20")
    assert joint.margin.equity == 100_000
    assert joint.margin.maintenance_margin == 1500
    assert joint.margin.joint_shock_below is not None
    assert abs(joint.margin.joint_shock_below + joint.margin.distance) < D("1e-20")
    assert joint.margin.joint_shock_above is None
    assert joint.positions[0].liquidation_price is not None
    assert alone.positions[0].liquidation_price is not None
    assert abs(joint.positions[0].liquidation_price - alone.positions[0].liquidation_price) < D("1e-10")


def test_a_one_times_short_with_a_haircut_on_the_net_coin_stays_flat() -> None:
    found = usd((held("BTC", 1, 50_000, "0.1"),), inverse(Side.SHORT, 50_000))
    assert found.margin.equity == 45_000
    assert found.margin.joint_shock_below is None
    assert found.margin.status is Status.OK


def test_a_linear_leg_moves_in_dollars() -> None:
    # 1 coin long at 50,000 on 10,000 dollars, 0.5 %: 10000 - 50000 d = 0.005 * 50000 (1 - d)
    found = usd((USDT,), linear(Side.LONG, 1))
    assert found.margin.joint_shock_below is not None
    assert abs(found.margin.joint_shock_below + D(9750) / D("49750")) < D("1e-20")
    assert found.margin.own_shocks[0].coin == "BTC"
    assert found.margin.own_shocks[0].below == found.margin.joint_shock_below


def test_each_coin_moves_alone_too_and_stablecoins_stand_still() -> None:
    eth = held("ETH", 20, 2_500, "0.05", beta="1.2")
    leg = inverse(Side.LONG, 250_000)
    found = usd((BTC, eth), leg)
    shocks = {shock.coin: shock for shock in found.margin.own_shocks}
    assert shocks["BTC"].below is not None
    assert found.margin.joint_shock_below is not None
    assert shocks["BTC"].below < found.margin.joint_shock_below
    assert shocks["ETH"].below is None
    assert {shock.coin for shock in usd((BTC, USDT), leg).margin.own_shocks} == {"BTC"}


def test_what_cannot_be_reckoned_is_unassessed_with_its_reason() -> None:
    leg = inverse(Side.LONG, 1000)
    shared = rule(tier_group=TierGroup(id="a", size=GroupSize.SUM))
    fee = rule(fee_rate=D("0.001"), fee_basis=Basis.BANKRUPTCY)
    cases: tuple[tuple[tuple[Collateral, ...], Position, str], ...] = (
        ((), leg, "several coins back this pool together, and which is not known"),
        ((USDT,), leg, "settles in BTC, of which no balance is known"),
        ((BTC,), inverse(Side.LONG, 1000, settle=None), "settles in an unknown coin"),
        ((BTC,), inverse(Side.LONG, 1000, maintenance=None), "maintenance margin rule is not known"),
        ((BTC,), inverse(Side.LONG, 1000, maintenance=shared), "its ladder is shared"),
        ((BTC,), inverse(Side.LONG, 1000, maintenance=fee), "a fee at the bankruptcy price"),
        ((BTC,), inverse(Side.LONG, 1000, venue_coin_value=D(1)), "units disagree"),
    )
    for collateral, position_, reason in cases:
        found = usd(collateral, position_)
        assert found.margin.status is Status.UNASSESSED
        assert reason in (found.margin.reason or "")
        assert found.positions[0].liquidation_price_source is PriceSource.UNKNOWN


def test_a_pool_that_is_lost_is_liquidatable() -> None:
    found = usd((held("BTC", "0.1", 50_000),), inverse(Side.LONG, 50_000, mark_price=D(45_000)))
    assert found.margin.status is Status.LIQUIDATABLE
    assert (found.margin.distance, found.margin.own_shocks) == (0, ())
    assert found.positions[0].liquidation_price is None


def test_an_isolated_position_in_it_stands_alone() -> None:
    alone = isolated(inverse(Side.LONG, 50_000), "0.2")
    found = usd((BTC,), inverse(Side.SHORT, 10_000), alone)
    own = found.positions[1].margin
    assert own is not None
    assert own.liquidation_price_below is not None
    assert found.positions[0].margin is None


def test_the_nearest_shock_is_the_nearer_by_logarithm() -> None:
    assert Shocks(D("-0.5"), D("0.9")).nearest() == D("0.9")
    assert Shocks(D("-0.5"), D("1.1")).nearest() == D("-0.5")
    assert Shocks(None, None).nearest() is None


def test_a_top_up_in_dollars_reaches_the_distance() -> None:
    found = usd((BTC,), inverse(Side.LONG, 300_000))
    assert found.margin.top_up is not None
    cash = held("USD", found.margin.top_up.coin, 1, beta=0)
    richer = usd((BTC, cash), inverse(Side.LONG, 300_000))
    assert richer.margin.distance is not None
    assert abs(richer.margin.distance - D("0.3")) < D("1e-12")


def test_where_plain_slabs_jump_the_first_crossing_wins() -> None:
    slabs = rule(tiers=tiers((0, "0.01"), (7, "0.9"), amounts=(0, 0)))
    found = usd((BTC,), inverse(Side.LONG, 300_000, maintenance=slabs))
    assert found.margin.joint_shock_below is not None
    assert abs(50_000 * (1 + found.margin.joint_shock_below) - D(300_000) / 7) < D("1e-15")


# Properties


@st.composite
def rules(draw: st.DrawFn) -> Maintenance:
    rates = sorted(draw(st.lists(st.decimals("0.001", "0.1", places=4), min_size=1, max_size=3, unique=True)))
    floors = sorted(draw(st.lists(st.integers(1, 40), min_size=len(rates) - 1, max_size=len(rates) - 1, unique=True)))
    return rule(
        tiers=tiers(*zip((0, *floors), rates, strict=True)),
        basis=draw(st.sampled_from([Basis.MARK, Basis.ENTRY])),
        tier_unit=draw(st.sampled_from(list(TierUnit))),
        fee_rate=draw(st.sampled_from([D(0), D("0.0005")])),
        slope=draw(st.sampled_from([None, D("0.00005")])),
    )


@st.composite
def books(draw: st.DrawFn) -> PoolRisk:
    collateral = (
        held("BTC", draw(st.integers(1, 20)), 50_000, draw(st.sampled_from(["0", "0.05", "0.1"])), 1),
        held("ETH", draw(st.integers(-20, 200)), 2_500, "0.07", draw(st.sampled_from(["0.8", "1.3"]))),
        held("USDT", draw(st.integers(-100_000, 300_000)), 1, "0.001", 0),
    )
    legs = []
    for number in range(draw(st.integers(1, 3))):
        side, entry = draw(st.sampled_from(list(Side))), draw(st.integers(45_000, 55_000))
        name = f"-2703{number:02}"
        if draw(st.booleans()):
            leg = position(side, draw(st.integers(1, 20)) * 50_000, entry, 50_500, symbol=f"BTC/USD:BTC{name}", settle="BTC")
        else:
            amount = draw(st.integers(1, 10))
            leg = position(side, amount, entry, 50_500, symbol=f"BTC/USDT:USDT{name}", settle="USDT", kind=Kind.LINEAR)
        legs.append(leg.__class__(**{f: getattr(leg, f) for f in leg.__slots__} | {"maintenance": draw(rules())}))
    found = usd(collateral, *legs)
    assume(found.margin.status is Status.OK)
    return found


def lacking(found: PoolRisk, shock: float, betas: Mapping[str, float]) -> float:
    """Requirement less equity in dollars at a shock, in plain floats, from the definitions alone."""
    values, needed = {}, 0.0
    moves = {coin: 1 + beta * shock for coin, beta in betas.items()}
    prices = {row.coin: float(row.price) * moves.get(row.coin, 1) for row in found.pool.collateral}
    for row in found.pool.collateral:
        values[row.coin] = float(row.balance) * prices[row.coin]
    for leg in found.pool.positions:
        face, entry, settle = float(leg.contracts * leg.contract_size), float(leg.entry_price), leg.settle or ""
        mark = float(leg.mark_price) * moves.get("BTC", 1)
        sign = 1 if leg.side is Side.LONG else -1
        is_linear, price = leg.kind is Kind.LINEAR, prices[settle]
        values[settle] += sign * face * ((mark - entry) if is_linear else (1 / entry - 1 / mark)) * price
        needed += price * (_needed(leg, face * mark, face * entry) if is_linear else _needed(leg, face / mark, face / entry))
    haircuts = {row.coin: float(row.haircut) for row in found.pool.collateral}
    return needed - sum(value * (1 - haircuts[coin]) if value > 0 else value for coin, value in values.items())


def _needed(leg: Position, at_mark: float, at_entry: float) -> float:
    of = leg.maintenance
    assert of is not None
    value = at_entry if of.basis is Basis.ENTRY else at_mark
    size = value if of.tier_unit is TierUnit.COIN else float(leg.contracts)
    steps = [(float(tier.floor), float(tier.rate)) for tier in of.tiers]
    ends = [*(floor for floor, _ in steps[1:]), size]
    slices = sum(rate * max(0.0, min(size, end) - floor) for (floor, rate), end in zip(steps, ends, strict=True))
    fee = float(of.fee_rate) * at_mark
    return slices * (1 if of.tier_unit is TierUnit.COIN else value / size) + float(of.slope or 0) * value * value + fee


JOINT = {"BTC": 1.0, "USDT": 0.0}


@given(books())
def test_at_a_joint_shock_equity_equals_the_requirement_and_no_nearer_one_liquidates(found: PoolRisk) -> None:
    betas = JOINT | {"ETH": float(found.pool.collateral[1].beta)}
    edges = (found.margin.joint_shock_below, found.margin.joint_shock_above)
    for edge, far in zip(edges, (-0.76, 5.0), strict=True):
        limit = far if edge is None else float(edge)
        assert all(lacking(found, limit * n / 200, betas) < 1e-4 for n in range(200))
        assert edge is None or abs(lacking(found, float(edge), betas)) < 1e-3


@given(books())
def test_each_coins_own_shock_is_found_too(found: PoolRisk) -> None:
    for shock in found.margin.own_shocks:
        for edge in (shock.below, shock.above):
            assert edge is None or abs(lacking(found, float(edge), {shock.coin: 1.0})) < 1e-3


def test_a_leg_without_a_rule_belongs_in_no_book() -> None:
    bare = book(pool(0, inverse(Side.LONG, 1000, maintenance=None), coin="USD", collateral=(BTC,)))
    with pytest.raises(ValueError, match="maintenance rule is not known"):
        bare.requirement(D(0), {})


def test_decimals_are_used_throughout() -> None:
    found = usd((BTC,), long(1000, 50_000, settle="BTC"), short(10, 50_000, settle="BTC", symbol="BTC/USD:BTC-270326"))
    assert isinstance(found.margin.equity, Decimal)
