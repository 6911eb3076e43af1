"""What is public at a venue, read once for all accounts with the same connection settings."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from monitor.core.account import Tier
from monitor.core.liquidity import OrderBook
from monitor.venues.client import Client
from monitor.venues.dialect import Dialect, Instruments, Ladders, Tickers
from monitor.venues.instrument import Instrument
from monitor.venues.kept import RETRY, Kept
from monitor.venues.parse import invalid, understood
from monitor.venues.skew import Skew

T = TypeVar("T")

HOUR = 3600.0
"""Instruments and tiers change by the week; contracts roll at most daily."""

UNLISTED = "the venue no longer lists it"


class Book:
    """Instruments and tiers on a slow clock, with them the venue's time; tickers once per cycle."""

    def __init__(self, dialect: Dialect, client: Client, skew: Skew, monotonic: Callable[[], float]) -> None:
        self._dialect = dialect
        self._client = client
        self._skew = skew
        self._monotonic = monotonic
        self._instruments: Kept[Instruments] = Kept(self._read_instruments, monotonic)
        self._ladders: Kept[Ladders] = Kept(self._read_ladders, monotonic)
        self._tickers: Kept[Tickers] = Kept(self._read_tickers, monotonic)
        self._groups: dict[str, Kept[tuple[Tier, ...]]] = {}
        self._order_books: dict[str, Kept[OrderBook]] = {}
        self._listed: Instruments = {}
        self._tiers: Ladders = {}

    async def instruments(self, wanted: Iterable[str] = ()) -> Instruments:
        """Return the contracts by the venue's names; read at once where one of *wanted* is not among them.

        Older ones are kept where they cannot be read, and, with a notice, those that a new list leaves out: a position may
        outlive its market.
        """
        instruments = await self._instruments.get_or_keep(HOUR)
        if any(name not in instruments for name in wanted):
            instruments = await self._instruments.get_or_keep(RETRY)
        return instruments

    async def ladders(self) -> Ladders:
        """Return the public margin tiers by the venue's names; older ones where they cannot be read or are left out."""
        return await self._ladders.get_or_keep(HOUR)

    async def ladder(self, group: str) -> tuple[Tier, ...]:
        """Return the public margin tiers of one *group* of contracts, as the venue file calls it; older ones where need be."""
        kept = self._groups.setdefault(group, Kept(partial(self._read_ladder, group), self._monotonic))
        return await kept.get_or_keep(HOUR)

    async def tickers(self, max_age: float) -> Tickers:
        """Return index, funding and open interest by the venue's names, not older than *max_age* seconds."""
        return await self._tickers.get(max_age)

    async def order_book(self, symbol: str, max_age: float) -> OrderBook:
        """Return the order book of the contract that ccxt calls *symbol*, not older than *max_age* seconds."""
        instrument = next((each for each in (await self.instruments()).values() if each.symbol == symbol), None)
        if instrument is None:
            raise invalid(self._client.venue, f"it does not list {symbol}")
        kept = self._order_books.setdefault(symbol, Kept(partial(self._read_order_book, instrument), self._monotonic))
        return await kept.get(max_age)

    def close(self) -> None:
        """Give up what is being read."""
        for kept in (self._instruments, self._ladders, self._tickers):
            kept.cancel()
        for group in self._groups.values():
            group.cancel()
        for order_book in self._order_books.values():
            order_book.cancel()

    async def _read_instruments(self) -> Instruments:
        await self._skew.measure()
        listed = await self._understood(self._dialect.instruments(self._client))
        if not listed:
            raise invalid(self._client.venue, "lists no contracts at all")
        self._listed = {**{name: replace(old, notice=UNLISTED) for name, old in self._listed.items()}, **listed}
        return self._listed

    async def _read_ladders(self) -> Ladders:
        if self._dialect.ladders is not None:
            self._tiers = {**self._tiers, **await self._understood(self._dialect.ladders(self._client))}
        return self._tiers

    async def _read_ladder(self, group: str) -> tuple[Tier, ...]:
        return await self._understood(self._dialect.ladder(self._client, group)) if self._dialect.ladder else ()

    async def _read_tickers(self) -> Tickers:
        return await self._understood(self._dialect.tickers(self._client, await self.instruments()))

    async def _read_order_book(self, instrument: Instrument) -> OrderBook:
        return await self._understood(self._dialect.order_book(self._client, instrument))

    async def _understood(self, read: Awaitable[T]) -> T:
        return await understood(self._client.venue, read)
