"""All accounts together: net exposure per coin, equity, and how much of it lies at one venue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from monitor.core.account import Account, Pool
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
class LostHedge:
    """What the loss of a venue does to one coin. ``delta``: what is left of the net exposure without it.

    ``hedge``: dollars to buy elsewhere, negative to sell, so that the exposure is again what it was; None: no price is known.
    """

    coin: str
    delta: Coin
    hedge: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueLoss:
    """What is lost if a venue vanishes: its ``equity`` in dollars, of coins that have a price, and its part of every hedge."""

    venue: str
    equity: Quote
    hedges: tuple[LostHedge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """All accounts that are up. ``unknown``: accounts and pools whose part is not known, so every sum is without them.

    ``partial``: the coins that these pools are made of, so that no sum of such a coin is the sum of all.
    ``equity``: in dollars, of coins that have a price; None where there is none. ``venue_shares``: of that equity.
    ``concentration``: the sum of the squared shares (Herfindahl-Hirschman index), 1 where all lies at one venue; None where
    there is no equity. ``risk_shares``: of each pool, by account and coin, its part of what a move of every coin by the same
    ratio wins or loses, pool by pool: ``|delta| * price / sum |delta| * price``; empty where nothing is exposed.
    """

    coins: tuple[CoinExposure, ...]
    equity: Quote | None
    venue_shares: Mapping[str, Ratio]
    concentration: Ratio | None
    venue_losses: tuple[VenueLoss, ...]
    risk_shares: Mapping[tuple[str, str], Ratio]
    unknown: tuple[str, ...]
    partial: frozenset[str]


def portfolio(accounts: Iterable[Account], holdings: Mapping[str, Mapping[str, Coin]]) -> Portfolio:
    """Return the sums over *accounts* and over *holdings* (a name -> coin -> amount map of coins held elsewhere)."""
    readings = tuple(accounts)
    seen = [(a, pool, None if pool.obstacle else exposure(pool)) for a in readings for pool in a.pools]
    known = [Known(account.name, account.venue, pool.coin, e) for account, pool, e in seen if e is not None]
    prices = _prices(readings)
    coins = sorted({one.coin for one in known} | {coin for kept in holdings.values() for coin in kept})
    at_venues = _by_venue(known, prices)
    equity = sum(at_venues.values(), ZERO) if at_venues else None
    shares = {venue: value / equity for venue, value in at_venues.items()} if equity and equity > 0 else {}
    sums = tuple(_coin(coin, known, holdings, prices.get(coin)) for coin in coins)
    return Portfolio(
        coins=sums,
        equity=equity,
        venue_shares=shares,
        concentration=sum((share * share for share in shares.values()), ZERO) if shares else None,
        venue_losses=tuple(_loss(venue, value, known, sums) for venue, value in at_venues.items()),
        risk_shares=_risk_shares(known, prices),
        unknown=tuple(f"{account.name} {pool.coin}" for account, pool, e in seen if e is None),
        partial=frozenset(coin for _, pool, e in seen if e is None for coin in coins_of(pool)),
    )


class Known(NamedTuple):
    """The exposure of one pool."""

    account: str
    venue: str
    coin: str
    seen: Exposure


def coins_of(pool: Pool) -> frozenset[str]:
    """Return the coins that a pool is made of: its own, those that back it, and those that its contracts are on."""
    on = (position.symbol.partition("/")[0] for position in pool.positions)
    return frozenset((pool.coin, *(row.coin for row in pool.collateral), *on))


def _prices(accounts: Iterable[Account]) -> dict[str, Price]:
    marks = {pool.coin: reference(pool) for account in accounts for pool in account.pools if pool.positions}
    return {coin: position.mark_price for coin, position in marks.items() if position is not None}


def _by_venue(known: Iterable[Known], prices: Mapping[str, Price]) -> dict[str, Quote]:
    values: dict[str, Quote] = {}
    for one in known:
        if one.coin in prices:
            values[one.venue] = values.get(one.venue, ZERO) + one.seen.equity * prices[one.coin]
    return values


def _loss(venue: str, equity: Quote, known: Iterable[Known], sums: Iterable[CoinExposure]) -> VenueLoss:
    there: dict[str, Coin] = {}
    for one in known:
        if one.venue == venue:
            there[one.coin] = there.get(one.coin, ZERO) + one.seen.delta
    hedges = (_lost(coin, there[coin.coin]) for coin in sums if coin.coin in there)
    return VenueLoss(venue=venue, equity=equity, hedges=tuple(hedges))


def _lost(coin: CoinExposure, there: Coin) -> LostHedge:
    return LostHedge(coin=coin.coin, delta=coin.delta - there, hedge=None if coin.price is None else there * coin.price)


def _risk_shares(known: Iterable[Known], prices: Mapping[str, Price]) -> Mapping[tuple[str, str], Ratio]:
    moved = {(one.account, one.coin): abs(one.seen.delta) * prices[one.coin] for one in known if one.coin in prices}
    total = sum(moved.values(), ZERO)
    return {pool: dollars / total for pool, dollars in moved.items()} if total else {}


def _coin(coin: str, known: Iterable[Known], holdings: Mapping[str, Mapping[str, Coin]], price: Price | None) -> CoinExposure:
    own = [one.seen for one in known if one.coin == coin]
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
