"""Ways out of danger: worked numbers, then that each answer does what it says and one step less does not."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.account import Basis, GroupSize, Pool, PoolMode, Position, TierGroup
from monitor.core.contract import Side
from monitor.core.exposure import exposure, reference
from monitor.core.liquidation import liquidation, top_up
from monitor.core.margin import Scope, scope
from monitor.core.piecewise import at
from monitor.core.rescue import EVEN, Closing, Giver, Silo, contracts_to_close, silo, transfer
from monitor.core.scenario import reduced
from tests.build import BTC_QUARTERLY, D, Figure, account, isolated, long, pool, pool_risk, risk, rule, short, tiers
from tests.core.test_liquidation import legs

FREE = rule("0")


def near(found: Decimal | None, printed: Figure, tolerance: Figure = "1e-12") -> bool:
    return found is not None and abs(found - D(printed)) <= D(tolerance)


def whole(of: Pool) -> Scope:
    contract = reference(of)
    return scope(of.wallet_balance, of.cross, contract.mark_price if contract else D(1))


def reach(of: Pool | Scope) -> Decimal:
    """The nearest price on either side that liquidates, as a ratio of mark; 0 now, 999 never."""
    found = whole(of) if isinstance(of, Pool) else of
    if at(found.deficit, found.x) >= 0:
        return D(0)
    prices = liquidation(found, None)
    return min((abs(p / found.mark_price - 1) for p in (prices.below, prices.above) if p), default=D(999))


def closed(of: Pool, closing: Closing, contracts: Decimal) -> Scope:
    """The pool's scope after so many contracts of a leg are closed: in plain words, and without the module's code."""
    leg = closing.position
    gain = leg.side.sign * contracts * leg.contract_size * (1 / leg.entry_price - 1 / leg.mark_price)
    left = replace(leg, contracts=leg.contracts - contracts)
    positions = tuple(left if p is leg else p for p in of.cross)
    return scope(of.wallet_balance + gain, tuple(p for p in positions if p.contracts), whole(of).mark_price)


def richer(of: Pool, coins: Figure) -> Pool:
    return replace(of, wallet_balance=of.wallet_balance + D(coins))


# Contracts to close


def test_a_long_closes_until_it_is_as_far_as_it_should_be() -> None:
    # without maintenance a long of L times its coin dies L / (L + 1) of the way, so half of it is L = 1: 50,000 of 100,000
    of = pool(1, long(100_000, 50_000, maintenance=FREE))
    assert contracts_to_close(of, D("0.5")) == Closing(position=of.positions[0], contracts=D(50_000))


def test_a_short_closes_too() -> None:
    # a short of L dies at L / (L - 1): twice its price at L = 2, +50 % at L = 3
    of = pool(1, short(150_000, 50_000, maintenance=FREE))
    assert contracts_to_close(of, D("0.5")) == Closing(position=of.positions[0], contracts=D(0))
    found = contracts_to_close(of, D("0.8"))
    # 1.8 = L / (L - 1): L = 2.25
    assert found is not None
    assert found.contracts == 150_000 - 112_500


def test_a_pool_that_is_far_enough_closes_nothing() -> None:
    found = contracts_to_close(pool(1, long(10_000, 50_000)), D("0.3"))
    assert found is not None
    assert found.contracts == 0


def test_a_profit_counts_and_a_loss_does() -> None:
    # equity at the mark is what matters, not the entry: 1 coin at 50,000 in all three
    for wallet, entry in ((1, 50_000), (0, "33333.33333333333333333333333"), (2, "100000")):
        found = contracts_to_close(pool(wallet, long(100_000, entry, 50_000, maintenance=FREE)), D("0.5"))
        assert found is not None
        assert abs(found.contracts - 50_000) <= 1


def test_the_largest_leg_on_the_losing_side_is_closed() -> None:
    small, large, hedge = long(60_000, 50_000), long(90_000, 50_000, symbol=BTC_QUARTERLY), short(120_000, 50_000, id="h")
    found = contracts_to_close(pool("0.3", small, large, hedge), D("0.5"))
    assert found is not None
    assert found.position is large
    flipped = tuple(replace(p, side=Side.SHORT if p.side is Side.LONG else Side.LONG) for p in (small, large, hedge))
    # a net short of the same size loses on the other side
    found = contracts_to_close(pool("0.1", *flipped), D("0.5"))
    assert found is not None
    assert found.position is flipped[1]


def test_where_the_largest_leg_does_not_do_it_another_one_is_closed() -> None:
    # 3 free coins and 2 that need 40 %, on 1 coin: 20 % lower the free ones lack 0.75 and the others 0.75 each, so that without
    # the free ones 1.5 is lacking, and a third of one of the others may stay
    large, dear = long(150_000, 50_000, maintenance=FREE), long(100_000, 50_000, symbol=BTC_QUARTERLY, maintenance=rule("0.4"))
    found = contracts_to_close(pool(1, large, dear), D("0.2"))
    assert found == Closing(position=dear, contracts=D(83_334))
    assert contracts_to_close(pool(1, large, dear), D("0.2"), large.symbol) is None


def test_a_leg_on_the_winning_side_is_closed_where_it_alone_asks_for_too_much() -> None:
    # 4 free coins long, and 2 short that need 50 %, which is 1 of the 0.5 that are there, however few are long; 10 % lower the
    # long ones alone lose 0.444, and each short one asks for 0.444 more than it wins: an eighth of one may stay
    of = pool("0.5", long(200_000, 50_000, maintenance=FREE), short(100_000, 50_000, maintenance=rule("0.5")))
    found = contracts_to_close(of, D("0.1"))
    assert found is not None
    assert found.position is of.positions[1]
    assert 93_750 <= found.contracts <= 93_751


def test_the_leg_of_a_symbol_is_closed_where_one_is_named() -> None:
    perpetual, quarterly = long(60_000, 50_000), long(90_000, 50_000, symbol=BTC_QUARTERLY)
    found = contracts_to_close(pool("1.2", perpetual, quarterly), D("0.35"), perpetual.symbol)
    assert found is not None
    assert found.position is perpetual
    assert contracts_to_close(pool(1, perpetual), D("0.4"), "ETH/USD:ETH") is None


def test_none_where_closing_all_of_the_leg_is_not_enough() -> None:
    small, large = long(10_000, 50_000), long(900_000, 50_000, symbol=BTC_QUARTERLY)
    assert contracts_to_close(pool(1, small, large), D("0.6"), small.symbol) is None


def test_none_where_nothing_is_left_to_save() -> None:
    assert contracts_to_close(pool(-1, long(10_000, 50_000)), D("0.3")) is None


def test_where_closing_everything_exposes_the_hedge_the_right_part_is_found() -> None:
    # 4 coins long and 3 short on half a coin: without the longs a 6x short is left, which dies at +20 %
    of = pool("0.5", long(200_000, 50_000, maintenance=FREE), short(150_000, 50_000, maintenance=FREE))
    found = contracts_to_close(of, D("0.6"))
    assert found is not None
    assert found.position.side is Side.LONG
    assert reach(closed(of, found, found.contracts)) >= D("0.6")
    assert reach(closed(of, found, found.contracts - 1)) < D("0.6")
    assert near(reach(closed(of, found, D(200_000))), "0.2")


def test_a_fraction_of_a_contract_is_closed_only_with_all_of_them() -> None:
    # 2.5 contracts of 50,000 dollars on an equity of 0.1: two leave 0.5 coins, which is not far enough
    coarse = long(1, 50_000, contracts=D("2.5"), contract_size=D(50_000), maintenance=FREE)
    found = contracts_to_close(pool("0.1", coarse), D("0.5"))
    assert found is not None
    assert found.contracts == D("2.5")


def test_what_is_liquidatable_now_can_close_too() -> None:
    found = contracts_to_close(pool("0.01", long(100_000, 50_000)), D("0.2"))
    assert found is not None
    assert 0 < found.contracts < 100_000


@pytest.mark.parametrize(
    "of",
    [
        pool(1),
        pool(1, isolated(long(10_000, 50_000), "0.1")),
        pool(1, long(10_000, 50_000, maintenance=None)),
        pool(1, long(10_000, 50_000), obstacle="options"),
        pool(1, long(10_000, 50_000), mode=PoolMode.PORTFOLIO),
        pool(1, long(10_000, 50_000, settle="USDT")),
    ],
)
def test_what_cannot_be_computed_or_has_no_cross_leg_is_not_answered(of: Pool) -> None:
    assert contracts_to_close(of, D("0.3")) is None


def test_with_plain_slabs_the_number_still_reaches() -> None:
    slabs = rule(tiers=tiers((0, "0.01"), (12, "0.2"), amounts=(0, 0)))
    of = pool(3, long(100_000, 10_000, maintenance=slabs))
    found = contracts_to_close(of, D("0.2"))
    assert found is not None
    assert reach(closed(of, found, found.contracts)) >= D("0.2")
    # one fewer jumps up a slab exactly there
    assert reach(closed(of, found, found.contracts - 1)) == D("0.2")


@pytest.mark.parametrize("of", [long(100_000, 48_000, 50_000), short(300_000, 52_000, 50_000)])
def test_what_if_the_contracts_are_closed_shows_the_target(of: Position) -> None:
    found = contracts_to_close(pool(1, of), D("0.45"))
    assert found is not None
    after = reduced(account(pool(1, of)), of.symbol, found.contracts).pools[0]
    distance = risk(after).pools[0].margin.distance
    assert distance is not None
    assert D("0.45") <= distance < D("0.4501")


# Coins to move

WEAK = pool("0.2", long(50_000, 50_000, maintenance=FREE))
SAFE = pool(2, long(50_000, 50_000, maintenance=FREE))


def test_two_longs_share_their_coins_until_both_are_equally_far() -> None:
    # the same size on 0.2 and 2 coins: 1.1 each, and 1 / 2.1 of the mark is left of the price
    found = transfer({"weak": WEAK, "safe": SAFE}, D("0.3"))
    assert found is not None
    assert (found.taker, found.giver.name, found.is_even) == ("weak", "safe", True)
    assert near(found.coins, "0.9", "1e-15")
    for distance in (found.taker_distance, found.giver_distance):
        assert near(distance, 1 - 1 / D("2.1"), "1e-12")


def test_the_safest_with_coins_to_spare_gives() -> None:
    pools = {"weak": WEAK, "less": pool(1, long(50_000, 50_000)), "most": SAFE, "bound": replace(SAFE, order_margin=D(2))}
    found = transfer(pools, D("0.3"))
    assert found is not None
    assert found.giver.name == "most"
    # a flat pool is the safest of all, but orders hold all of its coins
    found = transfer(pools | {"flat": pool(3, order_margin=D(3))}, D("0.3"))
    assert found is not None
    assert found.giver.name == "most"


def test_a_giver_keeps_its_own_target() -> None:
    # both short of coins: at 0.3 a long without maintenance needs 3 / 7 of its size
    pools = {"weak": pool("0.1", long(100_000, 50_000, maintenance=FREE)), "safe": pool("0.5", SAFE.positions[0])}
    found = transfer(pools, D("0.3"))
    assert found is not None
    assert near(found.coins, D("0.5") - D(3) / 7, "1e-15")
    assert near(found.giver_distance, "0.3")
    assert not found.is_even


def test_order_margin_losses_and_unrealised_profit_do_not_move() -> None:
    ordered = replace(SAFE, order_margin=D("1.75"))
    found = transfer({"weak": WEAK, "safe": ordered}, D("0.3"))
    assert found is not None
    assert (found.coins, found.giver, found.is_even) == (
        D("0.25"),
        Giver(name="safe", coins=D("0.25"), order_margin=D("1.75")),
        False,
    )
    winner = pool("0.1", long(50_000, 40_000, 80_000, maintenance=FREE))  # 0.725 coins of equity, 0.1 of them realised
    assert _gift(winner) == D("0.1")
    loser = pool("1.5", long(50_000, 100_000, 50_000, maintenance=FREE))  # 1 of equity, of which it needs 3 / 7
    assert near(_gift(loser), 1 - D(3) / 7, "1e-15")
    apart = pool("0.1", isolated(long(50_000, 50_000), 9))
    assert _gift(apart) == D("0.1")


def _gift(giver: Pool) -> Decimal:
    found = silo({"weak": pool("0.2", long(5_000_000, 50_000)), "giver": giver}, D("0.3"))
    assert found is not None
    return found.gifts[0].coins


def test_a_pool_that_nothing_liquidates_gives_what_is_needed_and_no_more() -> None:
    for free in (pool(5), pool(5, short(50_000, 50_000), order_margin=D(3))):
        found = transfer({"weak": WEAK, "free": free}, D("0.3"))
        assert found is not None
        assert near(found.coins, D(3) / 7 - D("0.2"), "1e-20")
        assert near(found.taker_distance, "0.3")
        assert (found.giver_distance, found.is_even) == (None, False)


def test_of_two_that_nothing_liquidates_the_one_with_more_to_spare_gives() -> None:
    found = transfer({"few": pool("0.1"), "weak": WEAK, "many": pool(5)}, D("0.3"))
    assert found is not None
    assert found.giver.name == "many"


def test_a_long_and_a_short_can_be_equally_far_too() -> None:
    # a short on 0.34 of its value dies at +51 %, a long of a hundredth of a coin on 9 coins at -99.9 %
    pools = {"weak": pool("0.34", short(50_000, 50_000)), "safe": pool(9, long(500, 50_000))}
    found = transfer(pools, D("0.6"))
    assert found is not None
    assert found.is_even
    assert near(found.taker_distance, "0.9989", "1e-4")


def test_no_transfer_without_danger_a_second_pool_or_coins_to_spare() -> None:
    poor = pool("0.3", long(50_000, 50_000))
    assert transfer({"one": SAFE, "other": SAFE}, D("0.3")) is None
    assert transfer({"weak": WEAK}, D("0.3")) is None
    assert transfer({"weak": WEAK, "poor": poor}, D("0.3")) is None
    assert transfer({}, D("0.3")) is None
    assert transfer({"flat": pool(0), "other": pool(1)}, D("0.3")) is None
    assert transfer({"weak": WEAK, "dark": replace(SAFE, obstacle="options")}, D("0.3")) is None


def test_what_the_venue_does_not_say_of_orders_stays_unsaid() -> None:
    found = transfer({"weak": WEAK, "safe": SAFE}, D("0.3"))
    assert found is not None
    assert found.giver.order_margin is None


# The silo


def test_the_richest_gives_first_and_only_what_is_needed() -> None:
    # 5,000,000 dollars are 100 coins: at 0.3 they need 300 / 7 = 42.857 of them
    weak = pool("0.2", long(5_000_000, 50_000, maintenance=FREE))
    found = silo({"weak": weak, "small": pool(4), "large": pool(40), "none": pool(0)}, D("0.3"))
    needed = D(300) / 7 - D("0.2")
    assert found is not None
    assert near(found.needed, needed, "1e-20")
    assert [(gift.name, gift.coins) for gift in found.gifts] == [("large", 40), ("small", found.needed - 40)]
    assert found.is_enough
    assert near(reach(richer(weak, sum((gift.coins for gift in found.gifts), D(0)))), "0.3")


def test_it_says_so_where_all_together_have_not_enough() -> None:
    weak = pool("0.2", long(5_000_000, 50_000))
    found = silo({"weak": weak, "a": pool(4), "b": pool(3)}, D("0.3"))
    assert found is not None
    assert [gift.name for gift in found.gifts] == ["a", "b"]
    assert not found.is_enough


def test_where_nobody_can_give_it_says_what_is_needed() -> None:
    found = silo({"weak": WEAK, "poor": pool("0.3", long(50_000, 50_000))}, D("0.3"))
    assert found == Silo(taker="weak", needed=top_up(whole(WEAK), D("0.3")), gifts=(), is_enough=False)
    assert not found.is_enough


def test_no_silo_without_danger_or_a_second_pool() -> None:
    assert silo({"weak": WEAK}, D("0.3")) is None
    assert silo({"weak": WEAK, "odd": pool(1, long(1, 1, maintenance=None))}, D("0.3")) is None
    assert silo({"one": SAFE, "other": SAFE}, D("0.3")) is None


def test_what_is_liquidatable_already_is_the_weakest() -> None:
    dead = pool("0.001", long(50_000, 50_000))
    found = silo({"weak": WEAK, "dead": dead, "rich": pool(9)}, D("0.3"))
    assert found is not None
    assert found.taker == "dead"
    assert near(pool_risk(D("0.001") + found.needed, *dead.positions).margin.distance, "0.3")


# Properties

targets = st.decimals("0.05", "0.6", places=2)


@st.composite
def pools(draw: st.DrawFn, *, most: int = 3) -> Pool:
    positions = tuple(draw(legs(number)) for number in range(draw(st.integers(1, most))))
    return pool(draw(st.decimals("0.5", 120, places=2)), *positions, order_margin=draw(st.sampled_from([None, D(0), D(2)])))


def with_fee_on_mark(of: Pool) -> Pool:
    """A fee at the bankruptcy price jumps to nothing where no price is bankrupt any more; it has a test of its own."""
    rules = [p.maintenance or FREE for p in of.positions]
    bare = (replace(p, maintenance=replace(r, fee_basis=Basis.MARK)) for p, r in zip(of.positions, rules, strict=True))
    return replace(of, positions=tuple(bare))


plain = pools().map(with_fee_on_mark)


@given(plain, targets)
def test_the_contracts_reach_the_target_and_no_fewer_do(of: Pool, target: Decimal) -> None:
    found = contracts_to_close(of, target)
    if found is None:
        return
    assert found.contracts == int(found.contracts)
    assert reach(closed(of, found, found.contracts)) >= target - D("1e-20")
    for fewer in {found.contracts - 1, *(found.contracts * n / 20 // 1 for n in range(20))}:
        assert not 0 <= fewer < found.contracts or reach(closed(of, found, fewer)) < target


@given(pools(most=1).map(with_fee_on_mark), targets)
def test_where_there_is_no_answer_no_number_reaches(of: Pool, target: Decimal) -> None:
    if contracts_to_close(of, target) is None:
        leg = of.positions[0]
        for n in range(21):
            assert reach(closed(of, Closing(position=leg, contracts=D(0)), leg.contracts * n / 20)) < target


def in_few_contracts(of: Pool) -> Pool:
    """The same positions in at most twenty contracts each, so that every number can be tried."""
    held = (replace(p, contracts=p.contracts / 1000, contract_size=p.contract_size * 1000) for p in of.positions)
    return replace(of, positions=tuple(held))


def fewest(of: Pool, leg: Position, target: Decimal) -> Decimal | None:
    """The fewest contracts of a leg that reach, by trying each number."""
    numbers = (Closing(position=leg, contracts=D(number)) for number in range(int(leg.contracts) + 1))
    return next((each.contracts for each in numbers if reach(closed(of, each, each.contracts)) >= target), None)


@given(plain.map(in_few_contracts), targets)
def test_the_first_leg_that_any_number_of_contracts_brings_there_is_closed(of: Pool, target: Decimal) -> None:
    found = contracts_to_close(of, target)
    able = {leg.symbol: number for leg in of.cross if (number := fewest(of, leg, target)) is not None}
    if found is None:
        assert able == {}
        return
    assert able[found.position.symbol] == found.contracts
    same_side = [leg for leg in of.cross if leg.side is found.position.side and leg.symbol in able]
    assert found.position.coin_value == max(leg.coin_value for leg in same_side)


@given(plain, targets)
def test_closing_at_mark_leaves_the_equity_as_it_is(of: Pool, target: Decimal) -> None:
    found = contracts_to_close(of, target)
    assume(found is not None)
    assert found is not None
    assert near(closed(of, found, found.contracts).equity, whole(of).equity, "1e-18")


@given(pools(most=1), targets)
def test_with_a_fee_at_the_bankruptcy_price_the_contracts_reach_too(of: Pool, target: Decimal) -> None:
    leg = of.positions[0]
    fee = replace(leg.maintenance or FREE, fee_basis=Basis.BANKRUPTCY, fee_rate=D("0.001"))
    held = replace(of, positions=(replace(leg, maintenance=fee),))
    found = contracts_to_close(held, target)
    if found is not None and found.contracts:
        assert reach(closed(held, found, found.contracts)) >= target - D("1e-20")
        assert reach(closed(held, found, found.contracts - 1)) < target


@given(pools(), pools(), targets)
def test_after_the_move_both_are_equally_far_and_nobody_is_pushed_under_its_limit(
    one: Pool, other: Pool, target: Decimal
) -> None:
    held = {"one": one, "other": other}
    found = transfer(held, target)
    if found is None:
        return
    giver, taker = held[found.giver.name], held[found.taker]
    after = reach(richer(giver, -found.coins)), reach(richer(taker, found.coins))
    assert reach(taker) < target
    assert 0 < found.coins <= found.giver.coins
    assert after[0] >= target - D("1e-15")
    assert giver.wallet_balance - found.coins >= (giver.order_margin or 0)
    assert after[1] <= after[0]
    seen = exposure(giver)
    assert seen is not None
    assert found.coins <= seen.equity
    if found.is_even:
        assert abs(after[0] - after[1]) <= EVEN
    elif after[0] != 999:
        assert found.coins == found.giver.coins
    else:
        assert after[1] <= target + D("1e-15")


@given(plain, targets)
def test_the_gifts_bring_the_weakest_to_the_target_where_they_are_enough(of: Pool, target: Decimal) -> None:
    found = silo({"weak": of, "rich": pool(1_000), "poor": pool("0.01")}, target)
    assert (found is None) == (top_up(whole(of), target) == 0)
    if found is not None and found.is_enough:
        given_ = sum((gift.coins for gift in found.gifts), D(0))
        assert given_ == found.needed
        assert reach(richer(of, given_)) >= target - D("1e-12")


@given(st.integers(1, 9), st.integers(10, 90), targets)
def test_long_and_short_of_a_mirror_close_alike(wallet: int, size: int, rise: Decimal) -> None:
    # in 1 / price a rise of u is the stretch u / (1 + u), and a fall of t is t / (1 - t): where they are equal, so is the answer
    stretch = rise / (1 + rise)
    fall = stretch / (1 + stretch)
    sold = contracts_to_close(pool(D(wallet) / 10, short(size * 10_000, 50_000, maintenance=FREE)), rise)
    bought = contracts_to_close(pool(D(wallet) / 10, long(size * 10_000, 50_000, maintenance=FREE)), fall)
    assert sold is not None
    assert bought is not None
    assert abs(sold.contracts - bought.contracts) <= 1


def test_a_ladder_that_nets_needs_more_once_its_hedge_is_gone() -> None:
    group = TierGroup(id="g", size=GroupSize.NET)
    ladder = rule(tiers=tiers((0, "0.05"), (2, "0.2")), tier_group=group)
    of = pool(1, long(400_000, 50_000, maintenance=ladder), short(250_000, 50_000, maintenance=ladder))
    found = contracts_to_close(of, D("0.2"))
    assert found is not None
    assert found.position.side is Side.LONG
    assert reach(closed(of, found, found.contracts)) >= D("0.2")
    assert reach(closed(of, found, found.contracts - 1)) < D("0.2")
