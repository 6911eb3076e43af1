"""All accounts together: net exposure per coin, equity, and how much of it lies at one venue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.core.account import Account
from monitor.core.exposure import Exposure, exposure, reference
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinExposure:
    """One coin across accounts and holdings. ``delta`` includes ``holdings``.

    ``equity``: of the pools alone, in coin. ``price``: None where no account shows a mark for the coin, and then so is
    ``hedge`` (``-delta * price``: the dollars to buy, negative to sell, that make it neutral).
    """

    coin: str
    delta: Coin
    equity: Coin
    holdings: Coin
    price: Price | None
    hedge: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """All accounts that are up. ``unknown``: accounts and pools whose part is not known, so every sum is without them.

    ``equity``: in dollars, of coins that have a price; None where there is none. ``venue_shares``: of that equity.
    ``concentration``: the sum of the squared shares (Herfindahl-Hirschman index), 1 where all lies at one venue; None where
    there is no equity.
    """

    coins: tuple[CoinExposure, ...]
    equity: Quote | None
    venue_shares: Mapping[str, Ratio]
    concentration: Ratio | None
    unknown: tuple[str, ...]


def portfolio(accounts: Iterable[Account], holdings: Mapping[str, Mapping[str, Coin]]) -> Portfolio:
    """Return the sums over *accounts* and over *holdings* (a name -> coin -> amount map of coins held elsewhere)."""
    readings = tuple(accounts)
    seen = [(a, pool, None if pool.obstacle else exposure(pool)) for a in readings for pool in a.pools]
    known = [(account.venue, pool.coin, e) for account, pool, e in seen if e is not None]
    prices = _prices(readings)
    coins = sorted({coin for _, coin, _ in known} | {coin for kept in holdings.values() for coin in kept})
    at_venues = _by_venue(known, prices)
    equity = sum(at_venues.values(), ZERO) if at_venues else None
    shares = {venue: value / equity for venue, value in at_venues.items()} if equity and equity > 0 else {}
    return Portfolio(
        coins=tuple(_coin(coin, known, holdings, prices.get(coin)) for coin in coins),
        equity=equity,
        venue_shares=shares,
        concentration=sum((share * share for share in shares.values()), ZERO) if shares else None,
        unknown=tuple(f"{account.name} {pool.coin}" for account, pool, e in seen if e is None),
    )


Known = tuple[str, str, Exposure]


def _prices(accounts: Iterable[Account]) -> dict[str, Price]:
    marks = {pool.coin: reference(pool) for account in accounts for pool in account.pools if pool.positions}
    return {coin: position.mark_price for coin, position in marks.items() if position is not None}


def _by_venue(known: Iterable[Known], prices: Mapping[str, Price]) -> dict[str, Quote]:
    values: dict[str, Quote] = {}
    for venue, coin, seen in known:
        if coin in prices:
            values[venue] = values.get(venue, ZERO) + seen.equity * prices[coin]
    return values


def _coin(coin: str, known: Iterable[Known], holdings: Mapping[str, Mapping[str, Coin]], price: Price | None) -> CoinExposure:
    own = [seen for _, of, seen in known if of == coin]
    kept = sum((amounts[coin] for amounts in holdings.values() if coin in amounts), ZERO)
    delta = sum((seen.delta for seen in own), kept)
    return CoinExposure(
        coin=coin,
        delta=delta,
        equity=sum((seen.equity for seen in own), ZERO),
        holdings=kept,
        price=price,
        hedge=None if price is None else -delta * price,
    )
