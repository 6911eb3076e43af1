from decimal import Decimal

from monitor.core.account import Collateral, PoolMode
from monitor.core.portfolio import portfolio
from tests.build import D, account, long, pool, short


def test_exposure_is_summed_per_coin_over_accounts_and_holdings() -> None:
    hodl = account(pool(1, long(50_000, 50_000)), name="hodl", venue="bybit")
    hedge = account(pool(2, short(100_000, 50_000)), pool(5, coin="ETH"), name="hedge", venue="deribit")
    whole = portfolio([hodl, hedge], {"cold": {"BTC": D("12.5")}})
    btc, eth = whole.coins
    assert (btc.coin, btc.delta, btc.equity, btc.holdings) == ("BTC", D(2) + 0 + D("12.5"), 3, D("12.5"))
    assert (btc.price, btc.hedge) == (50_000, D("-725000.0"))
    assert (eth.coin, eth.delta, eth.price, eth.hedge) == ("ETH", 5, None, None)


def test_equity_is_in_dollars_where_a_price_is_known_and_shares_add_up() -> None:
    one, other = account(pool(1, long(50_000, 50_000)), venue="bybit"), account(pool(3, long(1000, 50_000)), venue="deribit")
    whole = portfolio([one, other], {})
    assert whole.equity == 200_000
    assert whole.venue_shares == {"bybit": D("0.25"), "deribit": D("0.75")}
    assert whole.concentration == D("0.625")


def test_what_is_not_known_is_named_and_not_counted() -> None:
    dark = account(pool(9, long(50_000, 50_000), obstacle="options"), name="dark")
    odd = account(pool(9, long(50_000, 50_000, settle="USDT")), name="odd")
    whole = portfolio([dark, odd], {})
    assert whole.unknown == ("dark BTC", "odd BTC")
    assert whole.coins == ()
    assert whole.partial == {"BTC"}


def test_a_pool_of_several_coins_that_is_not_known_leaves_no_sum_of_them_whole() -> None:
    kept = Collateral(coin="SOL", balance=D(9), price=D(100), haircut=D(0), beta=D(1))
    several = pool(9, long(50_000, 50_000), coin="USD", mode=PoolMode.MULTI_COIN, collateral=(kept,), obstacle="several coins")
    assert portfolio([account(several)], {}).partial == {"USD", "BTC", "SOL"}


def test_a_size_that_is_misread_by_a_factor_is_in_no_sum() -> None:
    misread = account(pool(101, long(10_000_000, 45_000, venue_coin_value=D("22.2"))))
    whole = portfolio([misread], {})
    assert (whole.unknown, whole.coins, whole.equity) == (("main BTC",), (), None)


def test_without_equity_there_is_no_concentration() -> None:
    whole = portfolio([], {"cold": {"BTC": Decimal(1)}})
    assert (whole.equity, whole.venue_shares, whole.concentration) == (None, {}, None)
    assert whole.coins[0].delta == 1
