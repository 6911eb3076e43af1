"""Where accounts are held: the table of venues, and the way from an access to a venue that can be looked at."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Self

import aiohttp
import certifi

from monitor.ports import Clock, Venue
from monitor.venues import binancecoinm, bingx, bybit, deribit, gate, htx, krakenfutures, kucoinfutures, okx, phemex
from monitor.venues.access import (
    Access,
    UnusableAccess,
    check_base64,
    check_options,
    check_passphrase,
    egress,
    signing_secret,
)
from monitor.venues.adapter import Adapter
from monitor.venues.connection import Connection
from monitor.venues.dialect import Dialect
from monitor.venues.guard import Direct, bases, guarded
from monitor.venues.limits import Gate
from monitor.venues.permit import permit
from monitor.venues.skew import SigningClock


class Entry(NamedTuple):
    """A row of the table: how a venue speaks, and what reads it."""

    dialect: Dialect
    adapter: type[Adapter]


TABLE: Mapping[str, Entry] = MappingProxyType(
    {
        "binancecoinm": Entry(binancecoinm.DIALECT, binancecoinm.BinanceCoinM),
        "bingx": Entry(bingx.DIALECT, bingx.BingX),
        "bybit": Entry(bybit.DIALECT, bybit.Bybit),
        "bybitid": Entry(replace(bybit.DIALECT, id="bybitid"), bybit.Bybit),
        "deribit": Entry(deribit.DIALECT, deribit.Deribit),
        "gate": Entry(gate.DIALECT, gate.Gate),
        "htx": Entry(htx.DIALECT, htx.Htx),
        "krakenfutures": Entry(krakenfutures.DIALECT, krakenfutures.KrakenFutures),
        "kucoinfutures": Entry(kucoinfutures.DIALECT, kucoinfutures.KuCoinFutures),
        "myokx": Entry(replace(okx.DIALECT, id="myokx"), okx.Okx),
        "okx": Entry(okx.DIALECT, okx.Okx),
        "phemex": Entry(phemex.DIALECT, phemex.Phemex),
    }
)
"""Venues that can be read, by ccxt's id. A new venue is a file and a row here."""

ALIASES: Mapping[str, str] = MappingProxyType({"bybitid": "bybit", "myokx": "okx"})
"""Ids whose venue speaks like another one and has only its own hosts, contracts and accounts.

Source: ccxt 4.5.90, async_support/bybitid.py and myokx.py; read 2026-11.
"""

GONE = MappingProxyType(
    {
        "bitmex": "bitmex closed on 2026-09-23",
        "huobi": "huobi is now htx",
        "gateio": "gateio is now gate",
        "okex": "okex is now okx",
        "kucoin": "coin-margined contracts of kucoin are read as kucoinfutures",
        "kraken": "coin-margined contracts of kraken are read as krakenfutures",
        "binance": "coin-margined contracts of binance are read as binancecoinm",
    }
)
"""What became of ids that people still write.

Source: ccxt pull request 29914 (bitmex removed); ccxt 4.5.90's list of exchanges; seen 2026-11.
"""


def check_venue(venue: str) -> None:
    """Refuse an id that is not in the table.

    Raises:
        UnusableAccess: it is not; the text lists those that are.

    """
    if venue not in TABLE:
        reason = GONE.get(venue, f"{venue} is not supported")
        raise UnusableAccess(f"{reason}; supported venues: {', '.join(sorted(TABLE))}")


class Venues:
    """The way to every venue, over one session. Use it as ``async with Venues(clock) as venues``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._connections: dict[tuple[str, str], Connection] = {}
        self._gates: dict[tuple[object, ...], Gate] = {}

    async def __aenter__(self) -> Self:
        context = ssl.create_default_context(cafile=certifi.where())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for connection in self._connections.values():
            connection.close()
        if self._session is not None:
            await self._session.close()

    def open(self, access: Access) -> Venue:
        """Return the account behind *access*, ready to be looked at. Nothing is asked yet.

        Raises:
            UnusableAccess: it cannot be opened as it is configured; the message says what to change.

        """
        check_venue(access.venue)
        entry = TABLE[access.venue]
        check_options(access.options)
        if entry.dialect.passphrase:
            check_passphrase(access)
        secret = signing_secret(access.api_secret, ed25519=entry.dialect.ed25519)
        if entry.dialect.base64_secret:
            check_base64(secret)
        return entry.adapter(self._connection(entry.dialect, access.options).seat(access, secret))

    @property
    def clock_offsets(self) -> Mapping[str, float]:
        """Return each venue's clock minus ours in seconds, as last measured; venues never measured are left out."""
        measured = {venue: connection.skew.offset for (venue, _), connection in self._connections.items()}
        return {venue: offset for venue, offset in measured.items() if offset is not None}

    def _connection(self, dialect: Dialect, options: Mapping[str, object]) -> Connection:
        key = (dialect.id, json.dumps(options, sort_keys=True, default=str))
        if key not in self._connections:
            self._connections[key] = self._connect(dialect, options)
        return self._connections[key]

    def _connect(self, dialect: Dialect, options: Mapping[str, object]) -> Connection:
        if self._session is None:
            raise RuntimeError("Venues is used outside of its block")
        exchange, addresses = _exchange(dialect.id, options, Direct(self._session))
        exchange.arm(permit(dialect.endpoints, addresses), SigningClock(self._clock))
        way = (dialect.id, egress(options), exchange.permit.origins)
        if way not in self._gates:
            self._gates[way] = Gate(dialect.id, dialect.budget.address, self._clock.monotonic)
        return Connection(dialect, exchange, self._gates[way], self._clock)


def _exchange(venue: str, options: Mapping[str, object], session: Direct) -> tuple[Any, Mapping[str, str]]:
    """Return a guarded exchange and its addresses; over settings of another form than its own ccxt stumbles anywhere."""
    try:
        exchange = guarded(venue, options, session)
        return exchange, bases(exchange)
    except Exception as error:
        if not options:
            raise
        raise UnusableAccess(
            f"ccxt: these settings cannot be used ({type(error).__name__}): write each in the form that ccxt's manual gives it"
        ) from None
