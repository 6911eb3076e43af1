from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.core.account import Kind, Position
from monitor.core.contract import Side
from monitor.core.liquidity import ExitCost, Level, OrderBook, exit_cost, share_of_open_interest
from tests.build import D, Figure, long, position, short


def levels(*pairs: tuple[Figure, Figure]) -> tuple[Level, ...]:
    return tuple(Level(D(price), D(contracts)) for price, contracts in pairs)


def book(bids: tuple[Level, ...] = (), asks: tuple[Level, ...] = ()) -> OrderBook:
    return OrderBook(bids=bids, asks=asks)


def near(found: Decimal | None, printed: Figure, tolerance: Figure = "1e-6") -> bool:
    return found is not None and abs(found - D(printed)) <= D(tolerance) * abs(D(printed))


THIN = levels((60_000, 100_000), (59_000, 200_000), (55_000, 300_000))


# Worked examples


def test_a_thin_book_averages_harmonically() -> None:
    # liquidation.md 5: sell 500,000: 8.692861 coins, 57,518.46 and not 57,600; slip against 60,000: 0.3595 coins
    found = exit_cost(long(500_000, 50_000, 60_000), book(bids=THIN), D(0))
    assert near(found.coins, "8.692861")
    assert near(found.average_price, "57518.46")
    assert near(found.slippage, "0.3595", "1e-3")
    assert near(found.coins - D(500_000) / 57_600, "0.0123", "1e-2")
    assert (found.contracts, found.last_price, found.is_complete) == (500_000, 55_000, True)


def test_the_sample_book_of_kucoin_costs_half_a_basis_point() -> None:
    # liquidation.md 5: XBTUSDM, 66,968 x 2 and 66,964.8 x 25,596: 10,000 contracts slip 7.2e-6 coins, 0.49 bp
    found = exit_cost(long(10_000, 60_000, 66_968), book(bids=levels((66_968, 2), ("66964.8", 25_596))), D(0))
    assert near(found.slippage, "7.2e-6", "1e-2")
    assert near(found.slippage / (D(10_000) / 66_968), "0.49e-4", "3e-2")


def test_fills_average_as_entries_do() -> None:
    # vector coinlocally-avg-1: 1,000 at 5,000 and 2,000 at 6,000: 0.533333 coins, 5,625
    found = exit_cost(short(3000, 5000), book(asks=levels((5000, 1000), (6000, 2000))), D(0))
    assert near(found.average_price, 5625)
    assert near(found.coins, "0.533333", "1e-5")


def test_the_taker_fee_is_on_the_coins_exchanged() -> None:
    # vector nautilus-fee-1: 100,000 dollars at 11,450.5, 0.075 %: 0.00654993
    found = exit_cost(long(100_000, "11450.5"), book(bids=levels(("11450.5", 100_000))), D("0.00075"))
    assert near(found.fee, "0.00654993", "1e-5")
    assert (found.slippage, found.cost) == (0, found.fee)


def test_the_coins_of_a_fill_are_the_value_that_kucoin_prints() -> None:
    # vector kucoin-fill-1: 10 dollars at 8,302: 0.001204529
    assert near(exit_cost(long(10, 8302), book(bids=levels((8302, 10))), D(0)).coins, "0.001204529")


def test_a_short_buys_from_the_asks_and_pays_when_they_are_above_the_mark() -> None:
    found = exit_cost(short(100_000, 50_000), book(asks=levels((62_500, 200_000))), D(0))
    assert found.slippage == D(2) - D("1.6")


def test_a_book_better_than_the_mark_costs_less_than_nothing() -> None:
    assert exit_cost(long(100_000, 50_000), book(bids=levels((62_500, 100_000))), D(0)).slippage == D("1.6") - 2
    assert exit_cost(short(100_000, 50_000), book(asks=levels((40_000, 100_000))), D(0)).slippage == D(2) - D("2.5")


def test_a_book_too_thin_says_what_is_missing_and_costs_what_is_filled() -> None:
    found = exit_cost(long(1_000_000, 60_000), book(bids=THIN), D("0.0005"))
    part = exit_cost(long(600_000, 60_000), book(bids=THIN), D("0.0005"))
    assert (found.contracts, found.shortfall, found.is_complete) == (600_000, 400_000, False)
    assert found == replace(part, shortfall=D(400_000))


def test_an_empty_book_fills_nothing() -> None:
    found = exit_cost(long(100, 60_000), book(asks=levels((60_000, 1))), D("0.0005"))
    nothing = {"coins": D(0), "average_price": None, "last_price": None, "slippage": D(0), "fee": D(0)}
    assert found == ExitCost(contracts=D(0), shortfall=D(100), **nothing)  # type: ignore[arg-type] # one dict of both types


def test_contracts_have_a_size() -> None:
    found = exit_cost(
        long(0, 50_000, contracts=D(100), contract_size=D(100)), book(bids=levels((50_000, 60), (40_000, 60))), D(0)
    )
    assert found.coins == D(6000) / 50_000 + D(4000) / 40_000
    assert found.average_price == D(10_000) / found.coins


def test_a_cost_is_a_share_of_what_is_left_of_the_buffer() -> None:
    found = exit_cost(short(100_000, 50_000), book(asks=levels((62_500, 200_000))), D(0))
    assert found.share_of(D(2)) == D("0.2")
    assert found.share_of(D("0.5")) == D("0.8")
    assert found.share_of(D(0)) is None
    assert found.share_of(None) is None


def test_own_size_against_open_interest() -> None:
    assert share_of_open_interest(long(5000, 50_000, open_interest=D(1_000_000))) == D("0.005")
    assert share_of_open_interest(long(5000, 50_000)) is None
    assert share_of_open_interest(long(5000, 50_000, open_interest=D(0))) is None


# Refusals


def test_a_linear_contract_is_refused() -> None:
    with pytest.raises(ValueError, match="not inverse"):
        exit_cost(long(1, 50_000, kind=Kind.LINEAR), book(), D(0))


@pytest.mark.parametrize(
    ("bids", "asks", "told"),
    [
        (((100, 1), (101, 1)), (), "bids: levels must be in order"),
        (((100, 1), (100, 1)), (), "bids: levels must be in order"),
        ((), ((101, 1), (100, 1)), "asks: levels must be in order"),
        (((100, -1),), (), "bids: price and size"),
        (((100, 0),), (), "bids: price and size"),
        ((), ((0, 1),), "asks: price and size"),
        ((), ((-5, 1),), "asks: price and size"),
        (((101, 1),), ((100, 1),), "crossed: bid 101, ask 100"),
        (((100, 1),), ((100, 1),), "crossed"),
    ],
)
def test_a_book_that_cannot_be_is_refused(
    bids: tuple[tuple[int, int], ...], asks: tuple[tuple[int, int], ...], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        book(levels(*bids), levels(*asks))


def test_a_book_in_order_is_not_refused() -> None:
    sound = book(bids=levels(("0.7", "0.5"), ("0.6", 5)), asks=levels((101, 1), (102, 5)))
    assert (len(sound.bids), len(sound.asks)) == (2, 2)


# Properties

sizes = st.integers(1, 100_000)


@st.composite
def books(draw: st.DrawFn) -> OrderBook:
    prices = sorted(draw(st.lists(st.integers(40_000, 60_000), min_size=2, max_size=12, unique=True)))
    cut = draw(st.integers(1, len(prices) - 1))
    bids, asks = prices[:cut][::-1], prices[cut:]
    return book(levels(*((p, draw(sizes)) for p in bids)), levels(*((p, draw(sizes)) for p in asks)))


@st.composite
def holdings(draw: st.DrawFn) -> Position:
    return position(draw(st.sampled_from(list(Side))), draw(st.integers(1, 500_000)), 50_000, draw(st.integers(45_000, 55_000)))


def taken(of: OrderBook, held: Position) -> tuple[Level, ...]:
    return of.bids if held.side is Side.LONG else of.asks


def plain(of: OrderBook, held: Position) -> list[Decimal]:
    """The price of each single contract, one after the other (no code of the walk)."""
    prices = [level.price for level in taken(of, held) for _ in range(int(level.contracts))]
    return prices[: int(held.contracts)]


@given(books(), holdings())
def test_contracts_are_conserved(of: OrderBook, held: Position) -> None:
    found = exit_cost(held, of, D(0))
    assert found.contracts + found.shortfall == held.contracts
    assert found.contracts == min(held.contracts, sum(level.contracts for level in taken(of, held)))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.integers(1, 150), st.sampled_from(list(Side)))
def test_a_walk_takes_contract_by_contract(depth: list[int], contracts: int, side: Side) -> None:
    bids = levels(*((50_000 - 100 * n, size) for n, size in enumerate(depth)))
    asks = levels(*((50_001 + 100 * n, size) for n, size in enumerate(depth)))
    held = position(side, contracts, 50_000)
    prices = plain(book(bids, asks), held)
    found = exit_cost(held, book(bids, asks), D(0))
    assert near(found.coins, sum((1 / price for price in prices), D(0)), "1e-20")
    assert found.last_price == prices[-1]


@given(books(), holdings())
def test_the_harmonic_mean_is_not_above_the_arithmetic_one(of: OrderBook, held: Position) -> None:
    prices = plain(of, held)
    found = exit_cost(held, of, D(0)).average_price
    assert found is not None
    assert min(prices) - D("1e-15") <= found <= sum(prices, D(0)) / len(prices) + D("1e-15")


@given(books(), holdings(), st.integers(0, 11), sizes)
def test_a_thicker_book_is_never_dearer(of: OrderBook, held: Position, index: int, more: int) -> None:
    before = exit_cost(held, of, D("0.0005"))
    assume(before.is_complete)
    side = taken(of, held)
    thicker = tuple(Level(level.price, level.contracts + (more if n == index % len(side) else 0)) for n, level in enumerate(side))
    after = exit_cost(held, replace(of, **{"bids" if held.side is Side.LONG else "asks": thicker}), D("0.0005"))
    assert after.slippage <= before.slippage + D("1e-20")


@given(books(), holdings())
def test_more_contracts_cost_more_for_each(of: OrderBook, held: Position) -> None:
    half = exit_cost(replace(held, contracts=held.contracts / 2), of, D(0))
    full = exit_cost(held, of, D(0))
    assume(full.is_complete)
    assert full.slippage >= 2 * half.slippage - D("1e-20")


@given(books(), holdings(), st.integers(2, 100))
def test_a_contract_of_another_size_is_the_same_dollars(of: OrderBook, held: Position, factor: int) -> None:
    finer = book(
        tuple(Level(level.price, level.contracts * factor) for level in of.bids),
        tuple(Level(level.price, level.contracts * factor) for level in of.asks),
    )
    other = replace(held, contracts=held.contracts * factor, contract_size=held.contract_size / factor)
    one, two = exit_cost(held, of, D("0.0005")), exit_cost(other, finer, D("0.0005"))
    assert one.cost is not None
    assert two.cost is not None
    assert abs(one.cost - two.cost) < D("1e-20")
    assert one.shortfall * factor == two.shortfall


def test_without_a_fee_rate_the_cost_is_not_known_and_the_slippage_is() -> None:
    seen = exit_cost(long(10_000, 10_000), book(bids=levels((9_990, 20_000))), None)
    assert seen.slippage > 0
    assert (seen.fee, seen.cost, seen.share_of(D(1))) == (None, None, None)


@given(books(), holdings())
def test_long_and_short_mirror_in_the_coin(of: OrderBook, held: Position) -> None:
    long_one, mark = replace(held, side=Side.LONG), held.mark_price
    as_far_in_coin = tuple(Level(1 / (2 / mark - 1 / level.price), level.contracts) for level in of.bids)
    one = exit_cost(long_one, of, D(0))
    other = exit_cost(replace(held, side=Side.SHORT), book(asks=as_far_in_coin), D(0))
    assert one.contracts == other.contracts
    assert abs(one.slippage - other.slippage) < D("1e-20")


def test_a_book_that_moves_keeps_its_sizes() -> None:
    moved = book(bids=levels((50_000, 3)), asks=levels((60_000, 4))).moved(D("0.5"))
    assert moved == book(bids=levels((25_000, 3)), asks=levels((30_000, 4)))
