from decimal import Decimal

import pytest

from monitor.core.account import Basis, GroupSize, Maintenance, Position, TierGroup, TierUnit
from monitor.core.liquidation import top_up
from monitor.core.margin import Scope, deductions, scope
from monitor.core.piecewise import at, highest
from tests.build import BTC_QUARTERLY, D, isolated, long, rule, short, tiers


def required(*positions: Position, wallet: str = "100") -> Decimal:
    whole = scope(D(wallet), positions, positions[0].mark_price)
    return at(whole.requirement, whole.x)


def test_deductions_follow_from_the_ladder_as_binance_prints_them() -> None:
    rates = ("0.004", "0.005", "0.01", "0.025", "0.05", "0.1", "0.125")
    ladder = tiers(*zip((0, 10, 20, 30, 50, 100, 200), rates, strict=True))
    found = deductions(ladder)
    assert (found[3], found[4], found[6]) == (D("0.56"), D("1.81"), D("11.81"))


def test_a_given_deduction_is_the_base_of_the_next_derived_one() -> None:
    assert deductions(tiers((0, "0.01"), (10, "0.02"), (20, "0.05"), amounts=(0, "0.2", None))) == (D(0), D("0.2"), D("0.8"))


def test_maintenance_is_on_the_value_at_mark() -> None:
    # Binance, help centre: 100 contracts of 100 dollars at 25,000, 0.4 %
    assert required(long(10_000, 20_000, 25_000, maintenance=rule("0.004"))) == D("0.0016")


def test_maintenance_on_entry_value_does_not_move() -> None:
    on_entry = rule("0.005", basis=Basis.ENTRY)
    values = {required(long(10_000, 20_000, mark, maintenance=on_entry)) for mark in (15_000, 20_000, 30_000)}
    assert values == {D("0.0025")}


def test_marginal_tiers_add_up_as_bybit_explains_them() -> None:
    # 10,000 dollars at 400 are 25 coins: 10 x 1 % + 10 x 2 % + 5 x 3 %
    ladder = rule(tiers=tiers((0, "0.01"), (10, "0.02"), (20, "0.03")))
    assert required(long(10_000, 400, maintenance=ladder)) == D("0.45")


def test_plain_slabs_charge_the_whole_value_at_the_rate_of_its_tier() -> None:
    slabs = rule(tiers=tiers((0, "0.01"), (10, "0.02"), (20, "0.03"), amounts=(0, 0, 0)))
    assert required(long(10_000, 400, maintenance=slabs)) == D("0.75")


def test_a_size_on_the_bound_is_in_the_upper_tier() -> None:
    slabs = rule(tiers=tiers((0, "0.01"), (10, "0.02"), amounts=(0, 0)))
    assert required(long(4000, 400, maintenance=slabs)) == D("0.2")


def test_tiers_by_contracts_do_not_move_with_the_price_of_the_coin() -> None:
    ladder = rule(tiers=tiers((0, "0.01"), (1000, "0.02")), tier_unit=TierUnit.CONTRACTS)
    # 1,500 contracts of 10 dollars: 1 % of the first 1,000 and 2 % of the other 500, in coin at the mark
    for mark in (10_000, 40_000):
        position = long(15_000, 20_000, mark, contracts=D(1500), contract_size=D(10), maintenance=ladder)
        assert required(position) == (D(1000) * D("0.01") + D(500) * D("0.02")) * 10 / mark


def test_tiers_by_contracts_on_entry_value() -> None:
    ladder = rule(tiers=tiers((0, "0.01"), (1000, "0.02")), tier_unit=TierUnit.CONTRACTS, basis=Basis.ENTRY)
    position = long(15_000, 20_000, 40_000, contracts=D(1500), contract_size=D(10), maintenance=ladder)
    assert required(position) == D("0.01")


def test_a_slope_makes_the_rate_grow_with_the_position() -> None:
    # liquidation.md 1.2: 1 % plus 0.005 % for each coin, 20 coins
    assert required(long(1_000_000, 50_000, maintenance=rule("0.01", slope=D("0.00005")))) == D("0.01") * 20 + D("0.00005") * 400


@pytest.mark.parametrize(("size", "coins"), [(GroupSize.SUM, 15), (GroupSize.NET, 5), (GroupSize.MAX, 10)])
def test_positions_on_one_ladder_enter_it_together(size: GroupSize, coins: int) -> None:
    shared = rule("0.01", tier_group=TierGroup(id="btc", size=size))
    assert required(long(10_000, 1000, maintenance=shared), short(5_000, 1000, maintenance=shared)) == D("0.01") * coins


def test_positions_on_two_ladders_do_not_net() -> None:
    one, other = (rule("0.01", tier_group=TierGroup(id=name, size=GroupSize.NET)) for name in ("btc", "btc-quarterly"))
    assert required(long(10_000, 1000, maintenance=one), short(5_000, 1000, maintenance=other)) == D("0.01") * 15


def test_each_contract_has_its_legs_and_the_ladders_that_begin_with_them() -> None:
    shared = rule("0.01", tier_group=TierGroup(id="btc", size=GroupSize.SUM))
    first, second = long(1000, 50_000, maintenance=shared), short(500, 50_000, symbol=BTC_QUARTERLY, maintenance=shared)
    alone = long(200, 50_000, symbol="BTC/USD:BTC-261225")
    whole = scope(D(1), (first, second, alone), D(50_000))
    own, common = sorted(whole.ladders, key=lambda ladder: len(ladder.legs))
    assert whole.by_symbol[first.symbol] == ((first,), (common,))
    assert whole.by_symbol[second.symbol] == ((second,), ())
    assert whole.by_symbol[alone.symbol] == ((alone,), (own,))


def test_a_netted_group_of_equal_legs_requires_nothing() -> None:
    shared = rule("0.01", tier_group=TierGroup(id="btc", size=GroupSize.NET))
    by_contracts = rule(
        "0.01", tier_group=TierGroup(id="btc", size=GroupSize.NET), tier_unit=TierUnit.CONTRACTS, basis=Basis.ENTRY
    )
    for each in (shared, by_contracts):
        assert required(long(10_000, 1000, maintenance=each), short(10_000, 1000, maintenance=each)) == 0


@pytest.mark.parametrize(("basis", "fee"), [(Basis.MARK, "0.001"), (Basis.ENTRY, "0.002"), (Basis.BANKRUPTCY, "0.0022004401")])
def test_the_closing_fee_is_part_of_the_requirement(basis: Basis, fee: str) -> None:
    # 10,000 dollars bought at 5,000, now at 10,000, 0.1 %: 1 coin at mark, 2 at entry; bankrupt at 10,010 / 2.2 = 4,545
    position = long(10_000, 5_000, 10_000, maintenance=rule("0", fee_rate=D("0.001"), fee_basis=basis))
    assert abs(required(position, wallet="0.2027") - D(fee)) < D("1e-6")


def _charged(basis: Basis) -> Position:
    return long(10_000, 5_000, 10_000, maintenance=rule("0", fee_rate=D("0.001"), fee_basis=basis))


def test_the_closing_fees_at_another_price_are_each_on_its_own_basis() -> None:
    # 10 dollars of fee each: 1 / 5,000 at entry, 1 / 8,000 at the price asked for, 1 / 4,000 at the closing price
    whole = scope(D(1), tuple(map(_charged, Basis)), D(10_000))
    assert whole.fees_at(1 / D(8_000), 1 / D(4_000)) == D("0.002") + D("0.00125") + D("0.0025")


def test_a_fee_at_the_bankruptcy_price_takes_its_share_of_what_is_added() -> None:
    # a coin more moves the bankruptcy price by 1 / (20,000 dollars + 10 of fee at mark + 10 of fee at bankruptcy)
    legs = (_charged(Basis.MARK), _charged(Basis.BANKRUPTCY))
    poor, rich = (scope(D(wallet), legs, D(10_000)) for wallet in ("0.1", "1.1"))
    assert poor.fee_share == D(10) / D(20_020)
    assert abs(rich.required - poor.required - poor.fee_share) < D("1e-25")


def test_what_is_topped_up_covers_the_fee_on_it_as_well() -> None:
    position = long(10_000, 8_000, maintenance=rule(fee_rate=D("0.05"), fee_basis=Basis.BANKRUPTCY))
    edge, poor = 1 / D(4_000), scope(D("0.5"), (position,), D(8_000))
    richer = scope(D("0.5") + top_up(poor, D("0.5")), (position,), D(8_000))
    assert at(poor.deficit, edge) > D("0.5")
    assert abs(at(richer.deficit, edge)) < D("1e-25")


@pytest.mark.parametrize(
    ("wallet", "longs", "shorts"),
    [
        ("0.00001", 1000, 1000),
        ("0.00005", 1000, 1001),
        ("0", 1000, 1002),
        ("0.00005", 100_000, 100_075),
        ("-0.2", 1000, 0),
        ("-2", 1000, 999),
        ("-1", 0, 1000),
    ],
)
def test_a_top_up_reaches_the_distance_where_the_fee_begins_or_ends_on_the_way(wallet: str, longs: int, shorts: int) -> None:
    classic = rule("0.005", fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    held = (long(longs, 10_000, maintenance=classic), short(shorts, 10_000, maintenance=classic))
    legs = tuple(leg for leg in held if leg.contracts)
    poor = scope(D(wallet), legs, D(10_000))
    richer = scope(D(wallet) + top_up(poor, D("0.3")), legs, D(10_000))
    assert poor.equity < poor.required
    assert abs(highest(richer.deficit, richer.x / D("1.3"), richer.x / D("0.7"))) < D("1e-20")


@pytest.mark.parametrize(("longs", "shorts"), [(1000, 0), (0, 1000), (1000, 1000), (1000, 1001), (1000, 1002), (1000, 900)])
@pytest.mark.parametrize("wallet", ["-1", "-0.0001", "0", "0.00005", "0.0002", "1"])
def test_what_is_kept_of_coins_added_is_what_the_fee_leaves(longs: int, shorts: int, wallet: str) -> None:
    classic = rule("0", fee_rate=D("0.00075"), fee_basis=Basis.BANKRUPTCY)
    held = (long(longs, 10_000, maintenance=classic), short(shorts, 11_000, 10_000, maintenance=classic))
    legs = tuple(leg for leg in held if leg.contracts)
    poor = scope(D(wallet), legs, D(10_000))
    for added in map(D, ("0", "0.00001", "0.0001", "0.0003", "0.01", "0.5", "1", "2")):
        richer = scope(D(wallet) + added, legs, D(10_000))
        assert abs(at(poor.kept, added) - (added - richer.required)) < D("1e-24")


@pytest.mark.parametrize("fee", [rule("0.01"), rule("0.01", fee_rate=D("0.001"))])
def test_without_a_fee_at_bankruptcy_all_of_it_is_kept(fee: Maintenance) -> None:
    assert at(scope(D("0.1"), (long(10_000, 10_000, maintenance=fee),), D(10_000)).kept, D(3)) == 3


def test_a_position_of_a_dollar_has_a_bankruptcy_price_as_well() -> None:
    assert scope(D("0.00002"), (long(1, 50_000),), D(50_000)).bankruptcy == 1 / D(25_000)


def test_a_short_whose_wallet_is_its_entry_value_cannot_go_bankrupt() -> None:
    assert scope(D(1), (short(10_000, 10_000),), D(10_000)).bankruptcy is None


def test_a_scope_that_cannot_go_bankrupt_pays_no_fee_at_bankruptcy() -> None:
    fee = rule("0.01", fee_rate=D("0.001"), fee_basis=Basis.BANKRUPTCY)
    whole = scope(D(10), (short(10_000, 5_000, maintenance=fee),), D(5_000))
    assert whole.bankruptcy is None
    assert at(whole.requirement, whole.x) == D("0.02")
    assert whole.fee_share == 0


def test_a_position_without_a_rule_belongs_in_no_scope() -> None:
    with pytest.raises(ValueError, match="maintenance rule is not known"):
        scope(D(1), (long(1, 1, maintenance=None),), D(1))


def test_equity_is_the_wallet_plus_the_profit_of_all_legs_at_their_own_marks() -> None:
    legs = (long(10_000, 50_000, 40_000), short(5_000, 50_000, 41_000, symbol="BTC/USD:BTC-270326"))
    whole: Scope = scope(D(1), legs, D(40_000))
    profit = sum((leg.unrealized_pnl for leg in legs), D(0))
    assert abs(whole.equity - (1 + profit)) < D("1e-25")


def test_an_isolated_position_is_a_scope_of_its_own() -> None:
    alone = isolated(long(200, "37643.10000021", "38103.05510455"), "0.00268058")
    whole = scope(D("0.00268058"), (alone,), alone.mark_price)
    # ccxt 4.5.90, sample of positionRisk: isolatedMargin is margin plus profit
    assert abs(whole.equity - D("0.00274471")) < D("1e-8")


@pytest.mark.parametrize("short_face", [1_000_000, 1_000_001, 1_015_000, 1_019_000])
def test_longs_and_shorts_that_cancel_pay_a_fee_of_the_size_of_their_value(short_face: int) -> None:
    classic = rule("0.005", basis=Basis.ENTRY, fee_rate=D("0.00055"), fee_basis=Basis.BANKRUPTCY)
    legs = (long(1_000_000, 50_000, maintenance=classic), short(short_face, 51_000, 50_000, maintenance=classic))
    whole = scope(D(3), legs, D(50_000))
    needed = at(whole.requirement, whole.x)
    assert D("0.19") < needed < D("0.25")
    assert whole.fee_share == 0
    assert top_up(whole, D("0.3")) >= 0


def test_a_scope_that_holds_both_directions_reckons_its_fee_at_half_the_mark_at_the_lowest() -> None:
    hedged = scope(D(3), (long(1_000_000, 50_000), short(999_000, 50_000)), D(50_000))
    assert hedged.bankruptcy is not None
    assert 1 / hedged.bankruptcy < 25_000
    assert hedged.closing_x == 1 / D(25_000)
    alone = scope(D(3), (long(1_000, 50_000),), D(50_000))
    assert alone.closing_x == alone.bankruptcy
