"""Liquidation prices against printed numbers, and against a brute-force scan that shares no code with the solver."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.account import Basis, GroupSize, MarginMode, Position, TierGroup, TierUnit
from monitor.core.contract import Side
from monitor.core.convention import convention_price
from monitor.core.liquidation import Liquidation, bankruptcy_price, liquidation, top_up
from monitor.core.margin import Scope, scope
from monitor.core.piecewise import at
from tests.build import BTC_QUARTERLY, D, Figure, long, position, rule, short, tiers


def solve(wallet: Figure, *positions: Position, tick: Figure | None = None) -> Liquidation:
    return liquidation(scope(D(wallet), positions, positions[0].mark_price), None if tick is None else D(tick))


def near(found: Decimal | None, printed: Figure, tolerance: Figure = "1e-6") -> bool:
    return found is not None and abs(found - D(printed)) <= D(tolerance) * abs(D(printed))


BINANCE_LADDER = tiers((0, "0.066975"), (200, "0.125"), amounts=(0, "11.605"))
BINANCE_OLD_LADDER = tiers((0, "0.06595"), (200, "0.125"), amounts=(0, "11.81"))


def test_binance_isolated_as_in_the_sample_of_position_risk() -> None:
    found = solve("0.00268058", long(200, "37643.10000021", "38103.05510455", maintenance=rule("0.004")))
    assert near(found.below, "25119.97445760", "1e-9")
    assert found.above is None


def test_binance_cross_uses_the_tier_at_the_liquidation_price() -> None:
    # dev.binance.vision topic 6292: 222 BTC at the mark, 298 BTC where it dies
    found = solve(101, long(10_000_000, 45_000, maintenance=rule(tiers=BINANCE_LADDER)))
    assert near(found.below, "33599.4")


def test_binance_cross_with_the_stale_maintenance_amount_of_the_thread() -> None:
    found = solve(101, long(10_000_000, 45_000, maintenance=rule(tiers=BINANCE_OLD_LADDER)))
    assert near(found.below, "33578.859744834", "1e-8")


def test_bybit_classic_maintenance_on_entry_and_fee_at_bankruptcy() -> None:
    # help.bybit.com 360039261334: bankrupt at 5,718.57, liquidated at 5,739.08, printed rounded up to the tick 5,739.5
    classic = rule("0.005", basis=Basis.ENTRY, fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    whole = scope(D("0.5"), (long(10_000, 8_000, maintenance=classic),), D(8_000))
    assert near(whole.bankruptcy and 1 / whole.bankruptcy, "5718.571428571428", "1e-9")
    assert near(liquidation(whole, D("0.5")).below, "5739.083529081445", "1e-9")


def test_okx_isolated_with_the_fee_on_mark() -> None:
    okx = rule("0.008", fee_rate=D("0.0005"))
    found = solve("0.0003896645377994", long(10, "2566.31", "2565.656", maintenance=okx))
    assert near(found.below, "2352.8496681818233", "1e-5")


def test_htx_cross_where_maintenance_is_adjustment_over_leverage() -> None:
    found = solve("12.022979096123276", long(10, "0.39456", "0.39712", maintenance=rule(D("0.075") / 5)))
    assert near(found.below, "0.27162520049379957", "1e-6")


def test_htx_prints_null_for_a_short_whose_wallet_covers_it() -> None:
    found = solve("403.13177414607503", short(10, "0.0991", "0.097085", maintenance=rule(D("0.2") / 10)))
    assert found == Liquidation(None, None)


def test_kraken_reproduces_only_with_maintenance_on_mark() -> None:
    on_mark = solve("0.01", long(1000, 8000, maintenance=rule("0.01")))
    on_entry = solve("0.01", long(1000, 8000, maintenance=rule("0.01", basis=Basis.ENTRY)))
    assert near(on_mark.below, 7481, "1e-4")
    assert near(on_entry.below, "7476.635514018692", "1e-9")


@pytest.mark.parametrize(
    ("side", "entry", "leverage", "rate", "printed", "tolerance"),
    [
        # 10101, crates/xxi-node/src/cfd.rs and coordinator/src/payout_curve.rs
        (Side.LONG, 30_000, 2, "0", "20000", "1e-12"),
        (Side.SHORT, 30_000, 2, "0", "60000", "1e-12"),
        (Side.SHORT, 30_000, 3, "0", "45000", "1e-9"),
        # itchysats, crates/daemon-tests/tests/main/offer.rs
        (Side.LONG, 50_000, 2, "0", "33333.333333333336", "1e-9"),
        (Side.SHORT, 50_000, 2, "0", "100000", "1e-9"),
        # help.mcs.io 360041008371
        (Side.LONG, 2_000, 10, "0.005", "1826.48", "1e-5"),
        (Side.SHORT, 2_000, 10, "0.005", "2209.94", "1e-5"),
        # KuCoin, "How to calculate contract bankruptcy price"; printed cut off
        (Side.LONG, 28_000, 50, "0", "27450", "1e-4"),
        # BitMEX: a 1x long dies at about half its entry
        (Side.LONG, 10_000, 1, "0.005", "5000", "5e-3"),
    ],
)
def test_isolated_with_maintenance_on_entry(
    side: Side, entry: int, leverage: int, rate: str, printed: str, tolerance: str
) -> None:
    margin = D(30_000) / entry / leverage
    found = solve(margin, position(side, 30_000, entry, maintenance=rule(rate, basis=Basis.ENTRY)))
    assert near(found.below or found.above, printed, tolerance)


@pytest.mark.parametrize(
    ("leverage", "long_move", "short_move"),
    [(1, "-0.498", None), (2, "-0.330", "0.990"), (3, "-0.246", "0.493"), (5, "-0.163", "0.244"), (10, "-0.086", "0.106")],
)
def test_an_inverse_long_dies_sooner_than_its_leverage_suggests(leverage: int, long_move: str, short_move: str | None) -> None:
    margin = D(50_000) / 50_000 / leverage
    dies, lives = solve(margin, long(50_000, 50_000)), solve(margin, short(50_000, 50_000))
    assert dies.below is not None
    assert abs(dies.below / 50_000 - 1 - D(long_move)) < D("1e-3")
    assert (lives.above is None) == (short_move is None)
    assert short_move is None or abs((lives.above or D(0)) / 50_000 - 1 - D(short_move)) < D("1e-3")


def test_a_rate_that_grows_with_size_brings_the_price_nearer() -> None:
    # liquidation.md 1.2: 1,000,000 dollars long, 5 coins, from 50,000: 40,449.44 against 40,400.00 flat
    sloped = solve(5, long(1_000_000, 50_000, maintenance=rule("0.01", slope=D("0.00005"))))
    flat = solve(5, long(1_000_000, 50_000, maintenance=rule("0.01")))
    assert near(sloped.below, "40449.44", "1e-6")
    assert near(flat.below, 40_400, "1e-12")


def test_a_perpetual_and_a_quarterly_die_together_and_sooner_than_the_exchange_shows() -> None:
    # liquidation.md 1.3: shown 25,171, really 31,879
    legs = (long(400_000, 50_000), long(300_000, 51_000, symbol=BTC_QUARTERLY))
    whole = scope(D(8), legs, D(50_000))
    assert near(liquidation(whole, None).below, "31879.03", "1e-6")
    assert near(convention_price(whole, "BTC/USD:BTC", "binancecoinm", None), "25171.27", "1e-6")


def test_a_spread_dies_sooner_than_the_exchange_shows() -> None:
    # liquidation.md 1.3: perpetual long and quarterly short on 2 coins: 40,299 shown, 31,017 joint
    legs = (long(400_000, 50_000), short(250_000, 51_000, symbol=BTC_QUARTERLY))
    whole = scope(D(2), legs, D(50_000))
    assert near(liquidation(whole, None).below, 31_017, "1e-4")
    assert near(convention_price(whole, "BTC/USD:BTC", "binancecoinm", None), 40_299, "1e-4")


def test_equal_long_and_short_are_not_riskless() -> None:
    # liquidation.md 1.3: 3 coins, a million each way, 5 % each: dead at 33,333
    found = solve(3, long(1_000_000, 50_000, maintenance=rule("0.05")), short(1_000_000, 50_000, maintenance=rule("0.05")))
    assert near(found.below, "33333.3333", "1e-8")
    assert found.above is None


def test_a_price_under_the_tick_is_no_price() -> None:
    # Gate, futures.positions sample: 3 dollars on 50 coins, exact 0.0603, shown as one tick of 0.1
    poor = long(3, "40000.36666661111", maintenance=rule("0.005"))
    assert solve("49.999890611186", poor, tick="0.1") == Liquidation(None, None)
    assert near(solve("49.999890611186", poor).below, "0.0603", "1e-3")


def test_a_price_beyond_a_hundred_times_the_mark_is_no_price() -> None:
    nearly_hedged = short(10_000, 10_000)
    assert solve(D("0.9999"), nearly_hedged).above is None
    assert solve(D("0.98"), nearly_hedged).above is not None


def test_a_price_of_one_tick_or_a_hundred_times_the_mark_is_still_a_price() -> None:
    free = rule("0")
    assert solve(9999, long(10_000, 10_000, maintenance=free), tick=1).below == 1
    assert solve("0.99", short(10_000, 10_000, maintenance=free)).above == 1_000_000
    assert solve("0.99001", short(10_000, 10_000, maintenance=free)).above is None


@pytest.mark.parametrize(("wallet", "printed"), [("0.5", 20_000), ("0.99", 1_000_000), ("0.99001", None), (2, None)])
def test_the_bankruptcy_price_is_where_the_wallet_has_paid_for_the_loss(wallet: Figure, printed: int | None) -> None:
    assert bankruptcy_price(scope(D(wallet), (short(10_000, 10_000),), D(10_000))) == printed


def test_where_plain_slabs_jump_the_first_crossing_wins() -> None:
    slabs = rule(tiers=tiers((0, "0.01"), (12, "0.2"), amounts=(0, 0)))
    # at 10 coins it needs 0.1; at 12 coins (price 8,333.33) the requirement jumps to 2.4 while equity is still 1
    found = solve(3, long(100_000, 10_000, maintenance=slabs))
    assert near(found.below, D(100_000) / 12, "1e-20")


def test_the_nearest_price_is_the_nearer_by_logarithm() -> None:
    assert Liquidation(D(50), D(199)).nearest(D(100)) == D(199)
    assert Liquidation(D(50), D(201)).nearest(D(100)) == D(50)
    assert Liquidation(D(50), D(200)).nearest(D(100)) == D(50)
    assert Liquidation(D(50), None).nearest(D(100)) == D(50)
    assert Liquidation(None, D(199)).nearest(D(100)) == D(199)
    assert Liquidation(None, None).nearest(D(100)) is None


# Properties


@st.composite
def ladders(draw: st.DrawFn) -> tuple[tuple[Figure, Figure], ...]:
    rates = sorted(draw(st.lists(st.decimals("0.001", "0.2", places=4), min_size=1, max_size=4, unique=True)))
    floors = sorted(draw(st.lists(st.integers(1, 300), min_size=len(rates) - 1, max_size=len(rates) - 1, unique=True)))
    return tuple(zip((0, *floors), rates, strict=True))


@st.composite
def legs(draw: st.DrawFn, number: int) -> Position:
    mark = draw(st.integers(45_000, 55_000))
    maintenance = rule(
        tiers=tiers(*draw(ladders())),
        basis=draw(st.sampled_from([Basis.MARK, Basis.ENTRY])),
        fee_rate=draw(st.sampled_from([D(0), D("0.0005")])),
        fee_basis=draw(st.sampled_from(list(Basis))),
        tier_unit=draw(st.sampled_from(list(TierUnit))),
        slope=draw(st.sampled_from([None, D("0.00005")])),
    )
    return position(
        draw(st.sampled_from(list(Side))),
        draw(st.integers(1, 20)) * 100_000,
        draw(st.integers(40_000, 60_000)),
        mark,
        symbol=f"BTC/USD:BTC-2703{number:02}",
        contract_size=D(100),
        contracts=D(draw(st.integers(1, 20)) * 1000),
        maintenance=maintenance,
    )


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    positions = tuple(draw(legs(number)) for number in range(draw(st.integers(1, 4))))
    whole = scope(draw(st.decimals("0.5", 120, places=2)), positions, positions[0].mark_price)
    assume(at(whole.deficit, whole.x) < 0)
    return whole


def ladder_cost(steps: tuple[tuple[Decimal, Decimal], ...], size: Decimal) -> Decimal:
    """Marginal tiers by plain addition: each slice of the size at its own rate."""
    ends = [*(floor for floor, _ in steps[1:]), size]
    return sum((rate * max(D(0), min(size, end) - floor) for (floor, rate), end in zip(steps, ends, strict=True)), D(0))


def needed(whole: Scope, price: Decimal) -> Decimal:
    """What a scope needs at a price of its reference contract, added up leg by leg (no code of the solver)."""
    return sum((_needed(leg, price * leg.mark_price / whole.mark_price, whole) for leg in whole.positions), D(0))


def _needed(leg: Position, price: Decimal, whole: Scope) -> Decimal:
    of = leg.maintenance
    assert of is not None
    steps = tuple((tier.floor, tier.rate) for tier in of.tiers)
    at_price = {Basis.MARK: price, Basis.ENTRY: leg.entry_price}
    value = leg.contracts * leg.contract_size / at_price[of.basis]
    own = (
        ladder_cost(steps, value) if of.tier_unit is TierUnit.COIN else ladder_cost(steps, leg.contracts) * value / leg.contracts
    )
    if whole.closing_x:
        at_price[Basis.BANKRUPTCY] = leg.mark_price / whole.mark_price / whole.closing_x
    fee = of.fee_rate * leg.contracts * leg.contract_size / at_price[of.fee_basis] if of.fee_basis in at_price else D(0)
    return own + (of.slope or 0) * value * value + fee


def worth(whole: Scope, price: Decimal) -> Decimal:
    profits = (
        leg.side.sign * leg.notional * (1 / leg.entry_price - whole.mark_price / leg.mark_price / price)
        for leg in whole.positions
    )
    return whole.wallet + sum(profits, D(0))


def gap(whole: Scope) -> Callable[[Decimal], Decimal]:
    return lambda price: worth(whole, price) - needed(whole, price)


@given(scopes())
def test_at_a_liquidation_price_equity_equals_the_requirement(whole: Scope) -> None:
    found = liquidation(whole, None)
    for price in (found.below, found.above):
        assert price is None or abs(gap(whole)(price)) < D("1e-12")


@given(scopes())
def test_no_price_nearer_than_the_one_found_liquidates(whole: Scope) -> None:
    left, found = gap(whole), liquidation(whole, None)
    low, high = found.below or whole.mark_price / 200, found.above or whole.mark_price * 100
    for n in range(1, 60):
        assert left(low + (whole.mark_price - low) * n / 60) > D("-1e-12")
        assert left(whole.mark_price + (high - whole.mark_price) * n / 60) > D("-1e-12")


@given(scopes())
def test_beyond_it_the_scope_stays_lost(whole: Scope) -> None:
    found = liquidation(whole, None)
    for n in range(1, 20):
        assert found.below is None or gap(whole)(found.below * (20 - n) / 20) < D("1e-12")
        assert found.above is None or gap(whole)(found.above * (20 + n) / 20) < D("1e-12")


@given(scopes())
def test_at_the_bankruptcy_price_nothing_is_left_but_the_fee(whole: Scope) -> None:
    free = replace_rules(whole, rate=D(0))
    if free.bankruptcy is not None and free.closing_x == free.bankruptcy:
        assert abs(gap(free)(1 / free.bankruptcy)) < D("1e-12")


def replace_rules(whole: Scope, rate: Decimal) -> Scope:
    bare = tuple(
        replace(leg, maintenance=leg.maintenance and replace(leg.maintenance, tiers=tiers((0, rate)), slope=None))
        for leg in whole.positions
    )
    return scope(whole.wallet, bare, whole.mark_price)


@given(scopes(), st.decimals("0.05", "0.6", places=2))
def test_a_top_up_reaches_the_distance_and_not_a_coin_more(whole: Scope, distance: Decimal) -> None:
    coins = top_up(whole, distance)
    richer = scope(whole.wallet + coins + D("1e-9"), whole.positions, whole.mark_price)
    found = liquidation(richer, None)
    for price in (found.below, found.above):
        assert price is None or abs(price - whole.mark_price) / whole.mark_price >= distance - D("1e-9")
    if coins > D("1e-6"):
        poorer = scope(whole.wallet + coins - D("1e-6"), whole.positions, whole.mark_price)
        nearest = liquidation(poorer, None).nearest(whole.mark_price)
        assert nearest is not None
        edges = (whole.mark_price * (1 - distance), whole.mark_price * (1 + distance))
        assert min(gap(poorer)(edge) for edge in edges) < 0


@given(scopes())
def test_splitting_a_position_on_its_own_ladder_changes_nothing(whole: Scope) -> None:
    first = whole.positions[0]
    assert first.maintenance is not None
    shared = replace(first.maintenance, tier_group=TierGroup(id="split", size=GroupSize.SUM))
    halves = tuple(replace(first, contracts=first.contracts / 2, maintenance=shared, id=name) for name in ("a", "b"))
    split = scope(whole.wallet, (*halves, *whole.positions[1:]), whole.mark_price)
    for one, other in zip(_prices(whole), _prices(split), strict=True):
        assert (one is None) == (other is None)
        assert one is None or other is None or abs(one - other) < D("1e-9")


@given(scopes(), st.integers(2, 1000))
def test_a_contract_of_another_size_is_the_same_face(whole: Scope, factor: int) -> None:
    by_coin = [leg for leg in whole.positions if leg.maintenance and leg.maintenance.tier_unit is TierUnit.COIN]
    assume(len(by_coin) == len(whole.positions))
    finer = tuple(replace(leg, contracts=leg.contracts * factor, contract_size=leg.contract_size / factor) for leg in by_coin)
    for one, other in zip(_prices(whole), _prices(scope(whole.wallet, finer, whole.mark_price)), strict=True):
        assert one == other or (one is not None and other is not None and abs(one - other) < D("1e-9"))


def _prices(whole: Scope) -> tuple[Decimal | None, Decimal | None]:
    found = liquidation(whole, None)
    return found.below, found.above


def test_an_isolated_margin_mode_changes_no_arithmetic() -> None:
    cross = long(10_000, 10_000)
    alone = replace(cross, margin_mode=MarginMode.ISOLATED, isolated_margin=D("0.2"))
    assert solve("0.2", cross) == solve("0.2", alone)
