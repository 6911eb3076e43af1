"""What is public at Binance COIN-M: contracts, their mark, index and funding, order books, the time.

Source: Binance, COIN-M futures REST API; ccxt 4.5.90, async_support/binance.py; both read 2026-11.
"""

from datetime import timedelta
from decimal import Decimal

from monitor.core.account import Funding
from monitor.core.liquidity import OrderBook
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, both, holds, holds_number
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, readable, rows, whole

VENUE = "binancecoinm"

TIME = Endpoint(api=("dapiPublic",), path="time", shape=holds_number("serverTime"))
INSTRUMENTS = Endpoint(api=("dapiPublic",), path="exchangeInfo", shape=holds(list, "symbols"))
TICKERS = Endpoint(api=("dapiPublic",), path="premiumIndex", shape=holds(list), weight=10)
ORDER_BOOK = Endpoint(api=("dapiPublic",), path="depth", shape=both(holds(list, "bids"), holds(list, "asks")), weight=5)

NO_EXPIRY = "PERPETUAL"
"""How the contract types of perpetuals begin; one that leaves the market is a ``PERPETUAL DELIVERING``.

Source: the recorded GALAUSD_PERP of 2025-08 in gocryptotrader, which still has the date in 2100 then; read 2026-11.
"""

TAKER_FEE = Decimal("0.0005")
"""Of an account without discount; what this account pays would take another endpoint for each contract.

Source: Binance, COIN-M futures fee schedule, regular user, taker 0.05 %; ccxt 4.5.90, async_support/binance.py, ``fees``.
"""

FUNDING_INTERVAL = timedelta(hours=8)
"""premiumIndex does not say how long an interval lasts.

Source: recorded and documented answers, with the next funding at 00:00, 08:00 or 16:00 UTC; ccxt 4.5.90 takes the same.
"""


async def read_instruments(client: Client) -> Instruments:
    """Read all contracts."""
    return parse_instruments(await client.read(INSTRUMENTS))


async def read_tickers(client: Client, _: Instruments) -> Tickers:
    """Read index and funding of all contracts."""
    return parse_tickers(await client.read(TICKERS))


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 100 levels a side, in contracts."""
    answer = await client.read(ORDER_BOOK, symbol=instrument.id, limit=100)
    return order_book(whole(answer, VENUE, f"the order book of {instrument.id}"), "bids", "asks")


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(whole(answer, VENUE, TIME.path).number("serverTime")) / 1000


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the contracts of exchangeInfo."""
    listed = whole(answer, VENUE, "exchangeInfo").rows("symbols", "symbol")
    return readable(((row.text("symbol"), row) for row in listed), parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. A perpetual carries a delivery date in the year 2100, which says nothing."""
    perpetual = row.text("contractType").startswith(NO_EXPIRY)
    prices = next((found for found in row.rows("filters", "filterType") if found.text("filterType") == "PRICE_FILTER"), None)
    return Instrument(
        id=row.text("symbol"),
        base=row.text("baseAsset"),
        quote=row.text("quoteAsset"),
        settle=row.text("marginAsset"),
        expiry=None if perpetual else row.date("deliveryDate"),
        contract_size=row.positive("contractSize"),
        tick_size=prices.positive("tickSize") if prices else None,
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
    )


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual.

    Source: Binance, COIN-M REST API, "ENUM definitions", contractStatus; read 2026-11.
    """
    status = row.raw.get("contractStatus")
    usual = status is None or status == "TRADING"
    return None if usual else f"its market is {status} instead of TRADING"


def parse_tickers(answer: object) -> dict[str, Ticker]:
    """Return index and funding of premiumIndex. A dated contract has no funding: its rate is empty."""
    return readable(((row.text("symbol"), row) for row in rows(answer, VENUE, "premiumIndex", "symbol")), parse_ticker)


def parse_ticker(row: Row) -> Ticker:
    """Return one contract's index and funding."""
    rate = row.optional("lastFundingRate")
    funding = Funding(rate=rate, interval=FUNDING_INTERVAL, next_at=row.moment("nextFundingTime"))
    return Ticker(
        index_price=row.optional("indexPrice"),
        funding=None if rate is None else funding,
        mark_price=row.optional("markPrice"),
    )
