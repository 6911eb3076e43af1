"""What is public at Kraken Futures: contracts, marks, funding and order books.

Source: Kraken Futures REST API v3, "Get instruments", "Get tickers", "Get orderbook"; ccxt 4.5.90,
async_support/krakenfutures.py; both read 2026-11.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from monitor.core.account import Funding
from monitor.core.liquidity import OrderBook
from monitor.core.number import Ratio
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, readable, whole

VENUE = "krakenfutures"


def endpoint(api: str, path: str, shape: Shape, weight: float = 1) -> Endpoint:
    """Return an endpoint below the address of its version, whose answers say that they worked."""
    return Endpoint(api=(api,), path=path, shape=both(says("result", "success"), shape), route=f"/v3/{path}", weight=weight)


TIME = endpoint("public", "instruments/status", holds(str, "serverTime"))
INSTRUMENTS = endpoint("public", "instruments", holds(list, "instruments"))
TICKERS = endpoint("public", "tickers", holds(list, "tickers"))
ORDER_BOOK = endpoint("public", "orderbook", both(holds(list, "orderBook", "bids"), holds(list, "orderBook", "asks")))

TAKER_FEE: Ratio = Decimal("0.0005")
"""Of an account without discount. What this account pays is told only to a spot key since 2026-06.

Source: ccxt 4.5.90, async_support/krakenfutures.py, ``fees``; Kraken Futures REST API v3, "Fee schedules"; read 2026-11.
"""

FUNDING_INTERVAL = timedelta(hours=1)
"""Funding accrues all the time, at a rate that is set at each full hour for the next one. What has accrued is in the portfolio
value at once, and hence in what is read as the wallet.

Source: Kraken, "Inverse crypto-collateral perpetual contract specifications", support article 360022835911; seen 2026-11.
"""

NAME = re.compile(r"[PF]I_(\w+?)USD(_\d{6})?", re.ASCII)
"""An inverse contract: PI_XBTUSD is a perpetual, FI_XBTUSD_261225 is dated."""

CODES: Mapping[str, str] = {"XBT": "BTC", "XDG": "DOGE"}
"""Coins that Kraken calls by names of its own.

Source: ccxt 4.5.90, base/exchange.py, ``commonCurrencies``; read 2026-11.
"""


async def read_instruments(client: Client) -> Instruments:
    """Read all contracts, linear ones too, so that they are known for what they are where they are held."""
    return parse_instruments(await client.read(INSTRUMENTS))


async def read_tickers(client: Client, _: Instruments) -> Tickers:
    """Read marks, index, funding and open interest of all contracts."""
    return parse_tickers(await client.read(TICKERS))


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read all levels, whose sizes are contracts."""
    answer = await client.read(ORDER_BOOK, symbol=instrument.id)
    return order_book(whole(answer, VENUE, f"the order book of {instrument.id}").inner("orderBook"), "bids", "asks")


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return parse_time(whole(answer, VENUE, TIME.path), "serverTime").timestamp()


def parse_time(row: Row, key: str) -> datetime:
    """Return the time at *key*, written as ``2026-12-25T16:00:00.000Z``."""
    try:
        return datetime.fromisoformat(row.text(key)).astimezone(UTC)
    except ValueError:
        raise row.fault(key, "is not a time") from None


def contract_name(row: Row) -> str:
    """Return a contract's name in capitals: instruments are listed so, positions in small letters or so.

    Source: samples of "Get open positions" (pi_xbtusd) and of a recording of 2024-02 (PF_LTCUSD); read 2026-11.
    """
    return row.text("symbol").upper()


def coin_of(code: str) -> str:
    """Return a coin's usual name."""
    return CODES.get(code.upper(), code.upper())


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the contracts by name; indices are passed over."""
    listed = whole(answer, VENUE, INSTRUMENTS.path).rows("instruments", "symbol")
    contracts = ((contract_name(row), row) for row in listed if not row.text("type").endswith("index"))
    return readable(contracts, parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. All but inverse ones pay in dollars, out of the wallet that holds several coins."""
    inverse = is_inverse(row)
    base = inverse_base(row) if inverse else coin_of(str(row.raw.get("base") or contract_name(row)))
    return Instrument(
        id=row.text("symbol"),
        base=base,
        quote="USD",
        settle=base if inverse else "USD",
        expiry=parse_expiry(row),
        contract_size=row.positive("contractSize"),
        tick_size=row.positive("tickSize"),
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
    )


def parse_expiry(row: Row) -> datetime | None:
    """Return when a contract ends; None: a perpetual. An inverse one that has a date in its name must have it here too."""
    named = NAME.fullmatch(contract_name(row))
    must_end = named is not None and named[2] is not None
    return parse_time(row, "lastTradingTime") if must_end or row.raw.get("lastTradingTime") else None


def is_inverse(row: Row) -> bool:
    """Whether a contract is held in a margin account of its coin; others are ``flexible_futures`` and ``options``."""
    return row.text("type") == "futures_inverse"


def is_inverse_name(row: Row) -> bool:
    """Whether a row is about an inverse contract, by its name alone; a ticker has no type."""
    return NAME.fullmatch(contract_name(row)) is not None


def inverse_base(row: Row) -> str:
    """Return the coin of an inverse contract, which its name tells."""
    named = NAME.fullmatch(contract_name(row))
    if named is None:
        raise row.fault("symbol", "is not the name of an inverse contract on dollars")
    return coin_of(named[1])


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual.

    Source: Kraken Futures REST API v3, "Get instruments": ``tradeable``, ``postOnly``, ``isExpired``; read 2026-11.
    """
    if row.raw.get("isExpired") is True:
        return "its contract has expired"
    if row.raw.get("tradeable") is False:
        return "its market does not trade"
    return "its market takes post-only orders only" if row.raw.get("postOnly") is True else None


def parse_tickers(answer: object) -> dict[str, Ticker]:
    """Return marks, index, funding and open interest of inverse contracts; the others, which are many, are not needed."""
    whole_answer = whole(answer, VENUE, TICKERS.path)
    listed = whole_answer.rows("tickers", "symbol")
    turn = next_hour(parse_time(whole_answer, "serverTime"))
    return readable(((contract_name(row), row) for row in listed if is_inverse_name(row)), lambda row: parse_ticker(row, turn))


def parse_ticker(row: Row, turn: datetime) -> Ticker:
    """Return one contract's mark and funding, at a rate that ends at *turn*.

    ``fundingRate`` of an inverse contract is absolute: coins for each contract of one dollar. Multiplied by the mark it is the
    share of the position's value that longs pay for an hour. ccxt divides by the mark, as is right for linear contracts only.

    Source: the sample of "Historical funding rates": 2.189e-7 absolute, 6.078e-5 relative at 277.7 dollars; read 2026-11.
    """
    mark, absolute = row.positive("markPrice"), row.optional("fundingRate")
    if absolute is None:
        funding = None
    else:
        funding = Funding(rate=absolute * mark, interval=FUNDING_INTERVAL, next_at=turn, is_continuous=True)
    return Ticker(
        index_price=row.optional("indexPrice") or None,
        funding=funding,
        open_interest=row.optional("openInterest"),
        mark_price=mark,
    )


def next_hour(moment: datetime) -> datetime:
    """Return the next full hour."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
