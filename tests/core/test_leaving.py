"""Each position whose order book was read knows what leaving it costs."""

from monitor.core.account import Collateral, Kind, PoolMode
from monitor.core.leaving import with_exit_costs
from monitor.core.liquidity import Level, OrderBook
from tests.build import BTC_PERPETUAL, BTC_QUARTERLY, D, long, pool, risk

BOOK = OrderBook(bids=(Level(D(9_900), D(50_000)),), asks=(Level(D(10_100), D(50_000)),))


def test_only_positions_with_a_book_have_a_cost() -> None:
    held = pool(2, long(9_900, 10_000, taker_fee=D("0.001")), long(100, 10_000, symbol=BTC_QUARTERLY))
    one, other = with_exit_costs(risk(held), {BTC_PERPETUAL: BOOK}).pools[0].positions
    assert one.exit_cost is not None
    assert one.exit_cost.cost == D(1) - D("0.99") + D("0.001")
    assert other.exit_cost is None


def test_a_linear_leg_has_none() -> None:
    btc = Collateral(coin="BTC", balance=D(1), price=D(10_000), haircut=D(0), beta=D(1))
    linear = long(1, 10_000, symbol="BTC/USDT:USDT", settle="USDT", kind=Kind.LINEAR)
    of = pool(0, linear, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    assert with_exit_costs(risk(of), {"BTC/USDT:USDT": BOOK}).pools[0].positions[0].exit_cost is None


def test_a_buffer_in_dollars_is_seen_in_the_coin_that_leaving_costs() -> None:
    """0.2 coins of 10,000 dollars back one coin of value at 0.5 %: 1,950 dollars; what is not known stays unknown."""
    btc = Collateral(coin="BTC", balance=D("0.2"), price=D(10_000), haircut=D(0), beta=D(1))
    held = long(10_000, 10_000, settle="BTC")
    known = risk(pool(0, held, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))).pools[0]
    assert (known.margin.buffer, known.buffer_of(known.positions[0])) == (1_950, D("0.195"))
    dark = risk(pool(1, long(10_000, 10_000, maintenance=None))).pools[0]
    assert dark.buffer_of(dark.positions[0]) is None
