"""Metrics across accounts. A sum that lacks an account which has been part of it, or a pool, is not that sum, and is not shown.

An account that has never been read has no rows of its own and holds no sum back.
"""

from collections.abc import Callable, Iterator

from monitor.core.portfolio import CoinExposure, coins_of
from monitor.picture import Picture
from monitor.views.metric import Figure, Labels, Metric


def _coin(name: str, text: str, of: Callable[[CoinExposure], Figure], *, is_sum: bool = True) -> Metric:
    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        partial = _partial_coins(picture) if is_sum else frozenset()
        return (({"coin": coin.coin}, of(coin)) for coin in picture.portfolio.coins if coin.coin not in partial)

    return Metric(name=f"inverse_{name}", help=text, labels=("coin",), samples=samples)


def _partial_coins(picture: Picture) -> frozenset[str]:
    stale = (account.account for account in picture.accounts if not account.is_up and account.account)
    return picture.portfolio.partial.union(*(coins_of(pool) for account in stale for pool in account.pools))


def _is_whole(picture: Picture) -> bool:
    is_read = all(account.is_up or account.account is None for account in picture.accounts)
    return is_read and not picture.portfolio.unknown


def _equity(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    if _is_whole(picture):
        yield {}, picture.portfolio.equity or None  # a sum of nothing that has a price is not known, rather than 0


def _shares(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    if _is_whole(picture):
        yield from (({"venue": venue}, share) for venue, share in picture.portfolio.venue_shares.items())


def _concentration(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    if _is_whole(picture):
        yield {}, picture.portfolio.concentration


PORTFOLIO_METRICS = (
    _coin("coin_price_usd", "Mark price of the coin's reference contract.", lambda c: c.price, is_sum=False),
    _coin("portfolio_delta_coins", "Coins that all accounts and holdings together are.", lambda c: c.delta),
    _coin("portfolio_hedge_usd", "Dollars to buy of the coin to be neutral; negative: to sell.", lambda c: c.hedge),
    Metric(name="inverse_portfolio_equity_usd", help="Equity of all accounts, of coins that have a price.", samples=_equity),
    Metric(
        name="inverse_venue_equity_share_ratio",
        help="The part of that equity that lies at the venue.",
        labels=("venue",),
        samples=_shares,
    ),
    Metric(
        name="inverse_portfolio_concentration_ratio",
        help="Sum of the squared venue shares; 1: all lies at one venue.",
        samples=_concentration,
    ),
)
