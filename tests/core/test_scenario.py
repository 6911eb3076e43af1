"""Changes and stress tables against worked numbers, then against the laws that every scenario keeps."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.account import (
    Account,
    Basis,
    Collateral,
    GroupSize,
    Kind,
    MarginMode,
    Pool,
    PoolMode,
    Position,
    TierGroup,
    TierUnit,
)
from monitor.core.contract import Side
from monitor.core.course import Outcome
from monitor.core.exposure import Exposure, adverse_leverage, exposure, synthetic_dollar
from monitor.core.feedback import Feedback, feedback
from monitor.core.liquidation import liquidation
from monitor.core.margin import scope
from monitor.core.piecewise import at
from monitor.core.risk import Status
from monitor.core.scenario import NotHeldError, ScenarioError, added, everywhere, in_one, priced, reduced, shocked
from monitor.core.stress import SHOCKS, CoinStress, Stress, coin_stress, stress
from tests.build import BTC_PERPETUAL, BTC_QUARTERLY, D, Figure, account, isolated, long, pool, position, risk, rule, short, tiers
from tests.core.test_liquidation import legs

FREE = rule("0")


def seen(of: Pool) -> Exposure:
    found = exposure(of)
    assert found is not None
    return found


def near(found: Decimal | None, printed: Figure, tolerance: Figure = "1e-20") -> bool:
    return found is not None and abs(found - D(printed)) <= D(tolerance)


def table(of: Pool, *shocks: Figure) -> tuple[Stress, ...]:
    rows = stress(of, [D(shock) for shock in shocks]) if shocks else stress(of)
    assert rows is not None
    return rows


def way(of: Pool) -> Feedback:
    found = feedback(of)
    assert found is not None
    return found[0]


def usd_pool(*positions: object, **different: object) -> Pool:
    rows = (
        Collateral(coin="BTC", balance=D(1), price=D(50_000), haircut=D("0.05"), beta=D(1)),
        Collateral(coin="ETH", balance=D(10), price=D(2_000), haircut=D("0.1"), beta=D("1.2")),
        Collateral(coin="USDT", balance=D(1_000), price=D(1), haircut=D(0), beta=D(0)),
    )
    values = {"coin": "USD", "mode": PoolMode.MULTI_COIN, "collateral": rows} | different
    return pool(71_000, *positions, **values)  # type: ignore[arg-type]  # a builder's keywords


# Moves of price


def test_a_shock_moves_marks_and_indices_together_and_nothing_else() -> None:
    perpetual, quarterly = long(10_000, 45_000, 50_000, index_price=D(50_100)), short(5_000, 51_000, 52_000, symbol=BTC_QUARTERLY)
    after = shocked(account(pool(1, perpetual, quarterly)), D("-0.3"))
    moved = pool(1, replace(perpetual, mark_price=D(35_000), index_price=D(35_070)), replace(quarterly, mark_price=D(36_400)))
    assert after == account(moved)


def test_a_shock_of_one_coin_leaves_the_others_as_they_are() -> None:
    before = account(pool(1, long(10_000, 50_000)), pool(5, long(10, 2_000, symbol="ETH/USD:ETH"), coin="ETH"))
    after = shocked(before, D("0.1"), "ETH")
    assert after.pools[0] is before.pools[0]
    assert after.pools[1].positions[0].mark_price == 2_200


def test_a_set_price_is_that_of_the_reference_contract_exactly_and_the_others_keep_their_ratio() -> None:
    before = account(pool(1, long(10_000, 45_000, 45_001), short(90_000, 46_000, 46_000, symbol=BTC_QUARTERLY)))
    perpetual, quarterly = priced(before, "BTC", D(50_000)).positions
    assert perpetual.mark_price == 50_000
    assert near(quarterly.mark_price, D(46_000) * 50_000 / 45_001)


def test_a_symbol_that_tells_nothing_moves_with_its_pool() -> None:
    before = account(pool(1, long(10_000, 45_000, symbol="XBTUSD")))
    assert priced(before, "BTC", D(50_000)).positions[0].mark_price == 50_000


def test_after_a_change_nothing_is_left_of_what_the_venue_said_about_the_margin() -> None:
    said = long(10_000, 50_000, venue_liquidation_price=D(30_000), venue_coin_value=D("0.2"))
    alone = isolated(long(10_000, 50_000, venue_liquidation_price=D(40_000)), "0.1")
    before = account(
        pool(1, said, alone, venue_equity=D(1), venue_maintenance_margin=D("0.1"), venue_margin_ratio=D("0.1"), order_margin=D(2))
    )
    after = shocked(before, D("-0.5")).pools[0]
    assert (after.venue_equity, after.venue_maintenance_margin, after.venue_margin_ratio) == (None, None, None)
    assert after.order_margin == 2
    assert [p.venue_liquidation_price for p in after.positions] == [None, D(40_000)]


def test_a_venues_coin_value_moves_along_so_that_misread_units_stay_visible() -> None:
    misread = account(pool(1, long(10_000, 50_000, venue_coin_value=D("2"))))
    for after in (shocked(misread, D("-0.2")), reduced(misread, BTC_PERPETUAL, D(5_000))):
        (p,) = after.positions
        assert p.venue_coin_value is not None
        assert p.venue_coin_value / p.coin_value == 10
        assert risk(*after.pools).pools[0].margin.status is Status.UNASSESSED


def test_in_a_pool_of_several_coins_all_move_by_their_beta_or_one_by_itself() -> None:
    held = usd_pool(
        long(1, 50_000, symbol="BTC/USDT:USDT", kind=Kind.LINEAR, settle="USDT", venue_coin_value=D(50_000)),
        long(1_000, 2_000, symbol="ETH/USD:ETH", settle="ETH"),
    )
    joint = shocked(account(held), D("-0.1")).pools[0]
    assert [row.price for row in joint.collateral] == [45_000, 1_760, 1]
    assert [p.mark_price for p in joint.positions] == [45_000, 1_760]
    assert joint.positions[0].venue_coin_value == 45_000
    assert joint.wallet_balance == 71_000 - 5_000 - 2_400
    alone = shocked(account(held), D("-0.1"), "ETH").pools[0]
    assert [row.price for row in alone.collateral] == [50_000, 1_800, 1]
    assert [p.mark_price for p in alone.positions] == [50_000, 1_800]


def test_a_coin_that_is_only_collateral_has_a_price_too() -> None:
    after = priced(account(usd_pool()), "ETH", D(3_000)).pools[0]
    assert [row.price for row in after.collateral] == [50_000, 3_000, 1]


@pytest.mark.parametrize("ratio", [-1, "-1.5"])
def test_no_price_falls_to_nothing(ratio: Figure) -> None:
    with pytest.raises(ScenarioError, match="a price is above zero"):
        shocked(account(pool(1, long(10_000, 50_000))), D(ratio))


def test_a_beta_takes_no_coin_below_nothing() -> None:
    with pytest.raises(ScenarioError, match="ETH would be"):
        shocked(account(usd_pool()), D("-0.9"))


def test_a_set_price_is_above_zero() -> None:
    with pytest.raises(ScenarioError, match="a price is above zero"):
        priced(account(pool(1, long(10_000, 50_000))), "BTC", D(0))


@pytest.mark.parametrize(
    "change",
    [
        lambda of: shocked(of, D("0.1"), "DOGE"),
        lambda of: priced(of, "DOGE", D(1)),
        lambda of: added(of, "DOGE", D(1)),
    ],
)
def test_a_coin_that_is_not_held_is_named(change: Callable[[Account], Account]) -> None:
    with pytest.raises(NotHeldError, match=r"main .* DOGE"):
        change(account(pool(1, long(10_000, 50_000))))


# Coins and contracts


def test_added_coins_go_to_the_wallet_and_not_to_an_isolated_position() -> None:
    before = account(pool(1, long(10_000, 50_000), isolated(long(10_000, 50_000), "0.1")), pool(2, coin="ETH"))
    after = added(before, "BTC", D("0.5"))
    assert after.pools[0] == replace(before.pools[0], wallet_balance=D("1.5"))
    assert after.pools[1] is before.pools[1]
    assert added(after, "BTC", D("-0.5")) == before


def test_added_coins_go_to_the_row_of_their_coin_where_several_back_a_pool() -> None:
    after = added(account(usd_pool()), "ETH", D(5)).pools[0]
    assert [row.balance for row in after.collateral] == [1, 15, 1_000]
    assert after.wallet_balance == 81_000


def test_closing_realises_the_profit_at_mark_and_leaves_the_entry() -> None:
    # nautilus-pnl-2: 100,000 dollars long from 10,500 to 11,505.6 are 0.83238969 BTC; half of it
    before = account(pool(1, long(100_000, 10_500, "11505.6")))
    after = reduced(before, BTC_PERPETUAL, D(50_000)).pools[0]
    assert near(after.wallet_balance, D(1) + D("0.83238969") / 2, "1e-8")
    assert after.positions == (replace(before.positions[0], contracts=D(50_000)),)


def test_closing_costs_the_fee_that_is_given() -> None:
    after = reduced(account(pool(1, short(100_000, 50_000))), BTC_PERPETUAL, D(100_000), fee_rate=D("0.0005")).pools[0]
    assert (after.wallet_balance, after.positions) == (D("0.999"), ())


def test_cross_contracts_are_closed_first_and_an_isolated_position_frees_its_share_of_margin() -> None:
    crossed, alone = long(10_000, 50_000, contracts=D(100)), isolated(long(10_000, 50_000, 40_000, contracts=D(100)), "10")
    before = account(pool(1, alone, crossed))
    after = reduced(before, BTC_PERPETUAL, D(150)).pools[0]
    assert [(p.contracts, p.isolated_margin) for p in after.positions] == [(50, 5)]
    assert near(after.wallet_balance, D(1) + 5 + 50 * (1 / D(50_000) - 1 / D(40_000)))
    only = reduced(before, BTC_PERPETUAL, D(50)).pools[0]
    assert [p.contracts for p in only.positions] == [100, 50]


def test_what_closing_frees_is_not_made_up() -> None:
    unknown = replace(isolated(long(10_000, 50_000), 1), isolated_margin=None)
    with pytest.raises(ScenarioError, match="isolated margin of BTC/USD:BTC is not known"):
        reduced(account(pool(1, unknown)), BTC_PERPETUAL, D(1))
    with_cross = account(pool(1, unknown, long(10, 50_000, id="2")))
    assert len(reduced(with_cross, BTC_PERPETUAL, D(10)).positions) == 1


def test_in_hedge_mode_the_side_must_be_said() -> None:
    hedged = account(pool(1, long(10_000, 50_000), short(4_000, 50_000)))
    with pytest.raises(ScenarioError, match="holds BTC/USD:BTC long and short; say which"):
        reduced(hedged, BTC_PERPETUAL, D(1_000))
    after = reduced(hedged, BTC_PERPETUAL, D(1_000), Side.SHORT)
    assert [p.contracts for p in after.positions] == [10_000, 3_000]


@pytest.mark.parametrize("contracts", [0, -1, 10_001])
def test_no_more_is_closed_than_is_held(contracts: int) -> None:
    with pytest.raises(ScenarioError, match="main holds 10000 contracts of BTC/USD:BTC, of which"):
        reduced(account(pool(1, long(10_000, 50_000))), BTC_PERPETUAL, D(contracts))


def test_a_symbol_or_side_that_is_not_held_is_named() -> None:
    main = account(pool(1, long(10_000, 50_000)))
    with pytest.raises(NotHeldError, match=r"main holds no ETH/USD:ETH$"):
        reduced(main, "ETH/USD:ETH", D(1))
    with pytest.raises(NotHeldError, match=r"main holds no BTC/USD:BTC short$"):
        reduced(main, BTC_PERPETUAL, D(1), Side.SHORT)


def test_in_a_pool_of_several_coins_the_profit_goes_to_the_coin_it_is_paid_in() -> None:
    linear = long(2, 40_000, 50_000, symbol="BTC/USDT:USDT", kind=Kind.LINEAR, settle="USDT")
    after = reduced(account(usd_pool(linear), pool(1)), "BTC/USDT:USDT", D(1))
    assert [row.balance for row in after.pools[0].collateral] == [1, 10, 11_000]
    assert after.pools[1] == pool(1)


def test_a_price_moves_for_every_account_that_holds_the_coin() -> None:
    one, other, third = (
        account(pool(1, long(10, 50_000)), name="a"),
        account(name="b"),
        account(pool(1, short(9, 50_000)), name="c"),
    )
    after = everywhere([one, other, third], lambda of: priced(of, "BTC", D(40_000)))
    assert [[p.mark_price for p in of.positions] for of in after] == [[40_000], [], [40_000]]
    assert after[1] is other
    assert everywhere([], lambda of: of) == ()
    with pytest.raises(NotHeldError, match="a holds no contract on DOGE"):
        everywhere([one, other], lambda of: shocked(of, D(1), "DOGE"))


def test_coins_and_contracts_are_of_one_account() -> None:
    one, other = account(pool(1), name="a"), account(pool(1), pool(1, coin="ETH"), name="b")
    assert in_one([one, other], lambda of: added(of, "ETH", D(1)))[1].pools[1].wallet_balance == 2
    with pytest.raises(ScenarioError, match="a, b all hold this; say which account"):
        in_one([one, other], lambda of: added(of, "BTC", D(1)))


# The stress table


def test_ten_percent_down_is_eleven_percent_of_the_position_in_coin() -> None:
    # CoinDesk 2022-10-18: 10,000 dollars at 10,000: +10 % is +0.0909 BTC, -10 % is -0.1111 BTC
    down, up = table(pool(1, long(10_000, 10_000, maintenance=FREE)), "-0.1", "0.1")
    assert near(down.equity, 1 - D("0.11111111"), "1e-8")
    assert near(up.equity, 1 + D("0.09090909"), "1e-8")


def test_the_collateral_falls_too_which_the_linear_view_forgets() -> None:
    # liquidation.md 6: U / U0 = (1 + L0) p - L0 against 1 + L0 (p - 1)
    (row,) = table(pool(1, long(20_000, 10_000, maintenance=FREE)), "-0.2")
    assert (row.price, row.equity_usd, row.linear_equity, row.leverage) == (8_000, 4_000, 6_000, 5)


def test_a_synthetic_dollar_keeps_its_dollars_and_its_leverage() -> None:
    rows = table(pool(1, short(50_000, 50_000)))
    assert [row.shock for row in rows] == list(SHOCKS)
    assert all(near(row.equity_usd, 50_000) and near(row.leverage, 1) for row in rows)
    assert all(row.cross is not None and row.cross.distance is None and row.liquidated == 0 for row in rows)


def test_liquidated_is_what_the_path_crosses() -> None:
    # a 2x long dies 33 % down; a short of 2 coins' worth on one coin dies 99 % up
    rows = {row.shock: row.cross for row in table(pool("0.5", long(50_000, 50_000)), "-0.5", "-0.32", "-0.34", "0.5")}
    outcomes = {str(shock): row.outcome for shock, row in rows.items() if row}
    assert outcomes == {"-0.5": "liquidated", "-0.32": "ok", "-0.34": "liquidated", "0.5": "ok"}
    assert [row.distance == 0 for row in rows.values() if row] == [True, False, True, False]


@pytest.mark.parametrize(
    ("of", "shock"), [(long(50_000, 50_000, maintenance=FREE), "-0.5"), (short(250_000, 50_000, maintenance=FREE), "0.25")]
)
def test_a_shock_exactly_to_the_liquidation_price_liquidates(of: Position, shock: str) -> None:
    # a 1x long dies at half its price, a 5x short at 5 / 4 of it
    (row,) = table(pool(1, of), shock)
    assert row.liquidated == 1


def test_a_pool_that_a_price_on_the_way_liquidates_is_not_saved_by_a_better_one_beyond() -> None:
    # a plain slab that asks much between 12 and 14 coins and little above: the way to 50 % down leads through it
    slabs = rule(tiers=tiers((0, "0.001"), (12, "0.2"), (14, "0.001"), amounts=(0, 0, 0)))
    of = pool(6, long(50_000, 10_000, maintenance=slabs), short(50_000, 10_000, maintenance=FREE, id="hedge"))
    grown = replace(of, positions=tuple(replace(p, contracts=D(100_000)) for p in of.positions), wallet_balance=D(2))
    far, close = table(grown, "-0.4", "-0.1")
    after = shocked(account(grown), D("-0.4"))
    assert risk(*after.pools).pools[0].margin.status is Status.OK
    assert far.cross is not None and close.cross is not None  # noqa: PT018 - both rows have cross positions
    assert (far.cross.outcome, close.cross.outcome) == (Outcome.LIQUIDATED, Outcome.OK)
    assert far.cross.distance == 0


def test_each_isolated_position_has_a_fate_of_its_own() -> None:
    alone = isolated(long(50_000, 50_000, 51_000, symbol=BTC_QUARTERLY), "0.1")
    (row,) = table(pool(1, long(10_000, 50_000), alone), "-0.2")
    assert row.cross is not None
    assert row.cross.outcome is Outcome.OK
    assert [(one.position, one.outcome) for one in row.isolated] == [(alone, Outcome.LIQUIDATED)]
    assert near(row.equity, row.cross.equity + row.isolated[0].equity, "1e-25")
    assert row.liquidated == 1


def test_without_cross_positions_there_is_no_cross_scope() -> None:
    (row,) = table(pool(1, isolated(long(50_000, 50_000), "0.1")), "0.1")
    assert row.cross is None
    assert row.leverage is not None


def test_what_is_liquidatable_now_is_lost_whatever_comes() -> None:
    rows = table(pool("0.001", long(50_000, 50_000)))
    assert {row.cross.outcome for row in rows if row.cross} == {Outcome.LIQUIDATED}


def test_without_a_rule_the_figures_are_there_and_the_outcome_is_unknown() -> None:
    of = pool(1, long(50_000, 50_000, maintenance=None))
    (row,) = table(of, "-0.1")
    assert row.cross is not None
    assert (row.cross.outcome, row.cross.distance) == (Outcome.UNKNOWN, None)
    assert near(row.equity, D(1) + 1 - D(50_000) / 45_000, "1e-25")
    assert feedback(of) == ()


@pytest.mark.parametrize(
    "of",
    [
        pool(1),
        usd_pool(long(1_000, 2_000)),
        pool(1, long(1_000, 2_000), obstacle="options"),
        pool(1, long(1_000, 2_000, settle="USDT")),
        pool(1, long(1_000, 2_000), mode=PoolMode.PORTFOLIO),
        pool(1, replace(isolated(long(1_000, 2_000), 1), isolated_margin=None)),
    ],
)
def test_what_cannot_be_reckoned_has_no_table(of: Pool) -> None:
    assert stress(of) is None
    assert feedback(of) is None


def test_where_no_equity_is_left_there_is_no_leverage() -> None:
    (row,) = table(pool(1, long(10_000, 10_000)), "-0.5")
    assert (row.equity, row.leverage) == (0, None)


def test_a_price_under_the_tick_or_beyond_a_hundred_times_the_mark_is_none() -> None:
    (low,) = table(pool(50, long(3, 40_000, tick_size=D("0.1"))), "-0.1")
    assert low.cross is not None
    assert low.cross.distance is None
    far = pool("0.9875", short(10_000, 10_000))  # dies at about 80 x its price: beyond 100 x once that has fallen by half
    half, now = table(far, "-0.5", 0)
    assert half.cross is not None and now.cross is not None  # noqa: PT018 - both rows have cross positions
    assert half.cross.distance is None
    assert now.cross.distance is not None


def test_pools_of_a_coin_add_up_row_by_row() -> None:
    one, other = pool("0.5", long(50_000, 50_000)), pool(1, short(50_000, 50_000))
    (row,) = coin_stress([table(one, "-0.5"), table(other, "-0.5")])
    assert row == CoinStress(
        shock=D("-0.5"),
        equity=D("1.5"),
        equity_usd=D(37_500),
        linear_equity=D(75_000),
        leverage=D(4) / D("1.5"),
        liquidated=1,
        unknown=0,
    )
    assert coin_stress([]) == ()


def test_scopes_of_which_it_is_not_known_are_counted_beside_those_that_are_liquidated() -> None:
    dark = isolated(long(50_000, 50_000, maintenance=None), "0.1")
    (one,), (other,) = table(pool("0.5", long(50_000, 50_000), dark), "-0.5"), table(pool(9, dark), "-0.5")
    assert [(row.liquidated, row.unknown) for row in (one, other)] == [(1, 1), (0, 1)]
    (row,) = coin_stress([(one,), (other,)], others=2)
    assert (row.liquidated, row.unknown) == (1, 4)


def test_tables_of_different_shocks_do_not_add_up() -> None:
    of = pool(1, short(50_000, 50_000))
    with pytest.raises(ValueError, match="different shocks"):
        coin_stress([table(of, "-0.5"), table(of, "-0.4")])


# Leverage on the way


@pytest.mark.parametrize(
    ("leverage", "fall", "after"),
    [
        # liquidation.md 6
        (1, "0.1", "1.25"),
        (1, "0.25", "2"),
        (1, "0.4", "5"),
        (2, "0.1", "2.857"),
        (2, "0.2", "5"),
        (2, "0.3", "20"),
        (5, "0.05", "7.143"),
        (5, "0.1", "12.5"),
        (5, "0.15", "50"),
    ],
)
def test_a_falling_price_drives_the_leverage_of_a_long(leverage: int, fall: str, after: str) -> None:
    of = pool(1, long(10_000 * leverage, 10_000))
    assert adverse_leverage(seen(of), D(0)) == leverage
    assert near(adverse_leverage(seen(of), D(fall)), after, "1e-3")


def test_the_side_that_hurts_depends_on_delta() -> None:
    assert adverse_leverage(seen(pool(1, long(10_000, 10_000))), D("0.5")) is None
    assert adverse_leverage(seen(pool(1, short(10_000, 10_000))), D("0.5")) == 1
    # a 2x short: L0 / ((1 - L0) p + L0) at p = 1.5 is 4
    assert adverse_leverage(seen(pool(1, short(20_000, 10_000))), D("0.5")) == 4


def test_the_way_to_liquidation_shows_leverage_and_tiers_step_up() -> None:
    # 190 BTC at the mark; on the way down the bounds at 200 and at 250 BTC are passed
    ladder = rule(tiers=tiers((0, "0.01"), (200, "0.02"), (250, "0.05")))
    found = way(pool(100, long(9_000_000, 45_000, maintenance=ladder, contracts=D(8_550_000))))
    assert (len(found.below), found.above) == (11, ())
    assert [step.tiers for step in found.below] == sorted(step.tiers for step in found.below)
    assert (found.below[0].tiers, found.below[-1].tiers) == ((1,), (3,))
    assert found.below[0].coin_value == 190
    leverages = [step.leverage for step in found.below if step.leverage is not None]
    assert all(later > D("1.04") * sooner for sooner, later in pairwise(leverages))
    assert found.below[-1].distance == 0
    assert near(found.below[-1].leverage, found.below[-1].coin_value / found.below[-1].maintenance_margin, "1e-9")


def test_a_rising_price_leads_a_short_to_its_end() -> None:
    found = way(pool("0.5", short(50_000, 50_000)))
    assert found.below == ()
    assert [step.price for step in found.above] == sorted(step.price for step in found.above)
    # liquidation.md 6: +99.0 %
    assert near(found.above[-1].price / 50_000 - 1, "0.990", "1e-3")
    assert found.above[-1].distance == 0


def test_there_is_no_way_where_nothing_liquidates_or_everything_does() -> None:
    for of in (pool(2, short(50_000, 50_000)), pool("0.9999", short(10_000, 10_000)), pool(0, long(50_000, 50_000))):
        assert way(of) == Feedback(position=None, below=(), above=())


def test_an_isolated_position_has_a_way_of_its_own() -> None:
    alone = isolated(long(50_000, 50_000), "0.1")
    found = feedback(pool(1, alone))
    assert found is not None
    assert [(one.position, len(one.below)) for one in found] == [(alone, 11)]


@pytest.mark.parametrize(
    ("size", "expected"), [(GroupSize.SUM, (3, 3)), (GroupSize.NET, (1, 1)), (GroupSize.MAX, (2, 2)), (None, (2, 1))]
)
def test_tiers_in_force_follow_the_combined_size(size: GroupSize | None, expected: tuple[int, ...]) -> None:
    group = None if size is None else TierGroup(id="g", size=size)
    ladder = rule(tiers=tiers((0, "0.01"), (6, "0.02"), (10, "0.03")), tier_group=group)
    of = pool(1, long(80_000, 10_000, maintenance=ladder), short(40_000, 10_000, maintenance=ladder))
    assert way(of).below[0].tiers == expected


@pytest.mark.parametrize(
    "maintenance",
    [
        rule(tiers=tiers((0, "0.01"), (80_000, "0.02")), tier_unit=TierUnit.CONTRACTS),
        rule(tiers=tiers((0, "0.01"), (8, "0.02")), basis=Basis.ENTRY),
    ],
)
def test_tiers_of_contracts_or_of_entry_values_stand_still(maintenance: object) -> None:
    steps = way(pool(2, long(80_000, 10_000, maintenance=maintenance))).below
    assert {step.tiers for step in steps} == {(2,)}


def test_a_synthetic_dollar_is_its_dollars_and_what_is_left_unhedged() -> None:
    found = synthetic_dollar(seen(pool("1.1", short(50_000, 50_000))))
    assert found is not None
    assert (found.dollars, found.residual, found.residual_usd) == (50_000, D("0.1"), 5_000)
    assert near(found.hedge_ratio, 1 / D("1.1"))


def test_what_is_not_net_short_is_no_synthetic_dollar() -> None:
    assert synthetic_dollar(seen(pool(1))) is None
    assert synthetic_dollar(seen(pool(1, long(50_000, 50_000)))) is None
    ruined = synthetic_dollar(seen(pool("0.1", short(50_000, 40_000, 50_000))))
    assert ruined is not None
    assert ruined.hedge_ratio is None


# Properties

ratios = st.decimals("-0.9", 3, places=2)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    positions = [draw(legs(number)) for number in range(draw(st.integers(1, 4)))]
    alone = draw(st.integers(0, 1))
    positions[:alone] = [isolated(p, draw(st.decimals(1, 9, places=1))) for p in positions[:alone]]
    return pool(draw(st.decimals("0.5", 120, places=2)), *positions)


def flipped(of: Pool) -> Pool:
    """The mirror in ``1 / price``: nothing but the sides."""
    return replace(of, positions=tuple(replace(p, side=Side.SHORT if p.side is Side.LONG else Side.LONG) for p in of.positions))


@given(pools(), ratios)
def test_a_shock_changes_neither_delta_nor_dollars(of: Pool, ratio: Decimal) -> None:
    before, after = seen(of), seen(shocked(account(of), ratio).pools[0])
    assert near(after.delta, before.delta, "1e-20")
    # another leg may become the reference only where marks tie
    assert near(after.dollars, before.dollars, "1e-15")


@given(pools())
def test_equity_after_a_shock_is_delta_coins_less_dollars(of: Pool) -> None:
    now = seen(of)
    assert now.mark_price is not None
    for row in table(of):
        assert near(row.equity, now.delta - now.dollars / row.price, "1e-20")
        scopes = (*row.isolated, *((row.cross,) if row.cross else ()))
        unused = D(0) if row.cross else of.wallet_balance
        assert near(sum((one.equity for one in scopes), unused), row.equity, "1e-18")
        after = seen(shocked(account(of), row.shock).pools[0])
        assert near(after.equity, row.equity, "1e-18")
        assert (after.leverage is None) == (row.leverage is None)
        assert near(
            row.equity_usd - now.equity * now.mark_price, (now.equity * now.mark_price + now.dollars) * row.shock, "1e-12"
        )


@given(pools())
def test_an_outcome_agrees_with_the_liquidation_prices_and_the_distance_with_an_assessment_there(of: Pool) -> None:
    now = risk(of).pools[0].margin
    assume(now.status is Status.OK)
    # the bound on a fee at the bankruptcy price of longs and shorts together goes by the mark of the day
    fees = {p.maintenance.fee_basis for p in of.cross if p.maintenance and p.maintenance.fee_rate}
    assume(Basis.BANKRUPTCY not in fees or len({p.side for p in of.cross}) == 1)
    for row in table(of):
        if row.cross is None:
            continue
        below, above = now.liquidation_price_below, now.liquidation_price_above
        crossed = (below is not None and row.price <= below) or (above is not None and row.price >= above)
        assert (row.cross.outcome is Outcome.LIQUIDATED) == crossed
        there = risk(*shocked(account(of), row.shock).pools).pools[0].margin
        if not crossed:
            assert there.status is Status.OK
            assert (there.distance is None) == (row.cross.distance is None)
            assert there.distance is None or near(row.cross.distance, there.distance, "1e-15")


@given(pools())
def test_the_way_ends_where_the_scope_dies(of: Pool) -> None:
    found = next((one for one in feedback(of) or () if one.position is None), None)
    assume(found is not None)
    assert found is not None
    contract = seen(of).mark_price
    assert contract is not None
    whole = scope(of.wallet_balance, of.cross, contract)
    if at(whole.deficit, whole.x) >= 0:
        assert (found.below, found.above) == ((), ())
        return
    prices = liquidation(whole, None)
    assert [steps[-1].price if steps else None for steps in (found.below, found.above)] == [prices.below, prices.above]
    for step in found.below + found.above:
        assert step.distance is not None
        assert near(step.maintenance_margin, at(whole.requirement, 1 / step.price), "1e-20")
        for number, leg in zip(step.tiers, of.cross, strict=True):
            rungs = leg.maintenance.tiers if leg.maintenance else ()
            assert 1 <= number <= len(rungs)


@given(pools(), ratios, ratios)
def test_shocks_compose_and_commute(of: Pool, one: Decimal, other: Decimal) -> None:
    start = account(of)
    ways = (
        shocked(shocked(start, one), other),
        shocked(shocked(start, other), one),
        shocked(start, (1 + one) * (1 + other) - 1),
    )
    first, *others = [[p.mark_price for p in end.positions] for end in ways]
    for marks in others:
        assert all(near(mark, expected, "1e-15") for mark, expected in zip(marks, first, strict=True))


@given(pools(), ratios, st.decimals("0.1", 9, places=1))
def test_a_top_up_and_a_shock_commute(of: Pool, ratio: Decimal, coins: Decimal) -> None:
    start = account(of)
    assert added(shocked(start, ratio), "BTC", coins) == shocked(added(start, "BTC", coins), ratio)


@given(pools(), st.integers(20_000, 90_000), ratios)
def test_a_price_set_last_is_the_price(of: Pool, price: int, ratio: Decimal) -> None:
    start = account(of)
    straight, detour = priced(start, "BTC", D(price)), priced(shocked(start, ratio), "BTC", D(price))
    for one, other in zip(straight.positions, detour.positions, strict=True):
        assert near(one.mark_price, other.mark_price, "1e-15")
    assert seen(straight.pools[0]).mark_price == price


@given(pools(), st.data())
def test_closing_at_mark_does_not_change_equity(of: Pool, data: st.DataObject) -> None:
    leg = data.draw(st.sampled_from(of.positions))
    contracts = D(data.draw(st.integers(1, int(leg.contracts))))
    after = reduced(account(of), leg.symbol, contracts).pools[0]
    before, then = seen(of), seen(after)
    mark = before.mark_price
    assert mark is not None
    worth = then.equity if then.mark_price is None else then.delta - then.dollars / then.mark_price
    assert near(worth, before.equity, "1e-18")
    assert then.notional == before.notional - contracts * leg.contract_size


@given(pools(), st.data())
def test_closing_in_two_goes_is_closing_at_once(of: Pool, data: st.DataObject) -> None:
    leg = data.draw(st.sampled_from(of.positions))
    first = data.draw(st.integers(1, int(leg.contracts) - 1))
    second = data.draw(st.integers(1, int(leg.contracts) - first))
    at_once = reduced(account(of), leg.symbol, D(first + second)).pools[0]
    in_two = reduced(reduced(account(of), leg.symbol, D(first)), leg.symbol, D(second)).pools[0]
    assert near(in_two.wallet_balance, at_once.wallet_balance)
    assert [p.contracts for p in in_two.positions] == [p.contracts for p in at_once.positions]


@given(pools())
def test_the_mirror_of_a_pool_gains_what_the_pool_loses(of: Pool) -> None:
    bare = replace(of, positions=of.cross)
    assume(bare.positions)
    for row, other in zip(table(bare), table(flipped(bare)), strict=True):
        assert near(row.equity + other.equity, 2 * of.wallet_balance, "1e-18")
        assert near(row.coin_value, other.coin_value, "1e-20")


def test_a_margin_mode_is_all_that_makes_a_scope() -> None:
    of = long(50_000, 50_000)
    cross, alone = pool("0.1", of), pool(0, isolated(of, "0.1"))
    assert of.margin_mode is MarginMode.CROSS
    for one, other in zip(table(cross), table(alone), strict=True):
        assert one.cross is not None
        assert replace(other.isolated[0], position=None) == one.cross


def test_an_account_without_positions_is_moved_by_nothing() -> None:
    empty: Account = account(pool(1))
    assert shocked(empty, D("-0.3")) is empty
    assert position(Side.LONG, 1, 1).symbol == BTC_PERPETUAL
