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
