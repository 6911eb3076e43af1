"""What is public at BingX: coin-margined perpetuals, their market of this minute, order books, the time.

Source: BingX, "Coin-M Futures: Contract Information", "Price & Current Funding Rate", "Query Depth Data"; ccxt 4.5.90,
async_support/bingx.py; both read 2026-11.
"""

from datetime import timedelta
from decimal import Decimal

from monitor.core.account import Funding
from monitor.core.liquidity import OrderBook
from monitor.core.number import Price, Ratio
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, holds_number, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, readable, whole

VENUE = "bingx"

TAKER_FEE: Ratio = Decimal("0.0005")
"""Of an account without discount. Source: ccxt 4.5.90, async_support/bingx.py:195; BingX, "Fees"; read 2026-11."""

DEPTH = 100


def endpoint(api: tuple[str, str, str], path: str, shape: Shape, weight: float = 12) -> Endpoint:
    """Return an endpoint whose answer says that it worked, and has *shape*."""
    route = f"/{api[0]}/{api[1]}/{path}"
    return Endpoint(api=api, path=path, shape=both(says("code", 0), shape), base=api[0], route=route, weight=weight)


TIME = endpoint(("swap", "v2", "public"), "server/time", holds_number("data", "serverTime"))
CONTRACTS = endpoint(("cswap", "v1", "public"), "market/contracts", holds(list, "data"))
TICKERS = endpoint(("cswap", "v1", "public"), "market/premiumIndex", holds(list, "data"))
ORDER_BOOK = endpoint(("cswap", "v1", "public"), "market/depth", both(holds(list, "data", "bids"), holds(list, "data", "asks")))


async def read_instruments(client: Client) -> Instruments:
    """Read all coin-margined contracts, which are perpetual."""
    return parse_instruments(await client.read(CONTRACTS))


async def read_tickers(client: Client, _: Instruments) -> Tickers:
    """Read mark, index and funding of all contracts."""
    return parse_tickers(await client.read(TICKERS))


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best levels a side, in contracts; asks come with the highest first.

    Source: BingX, "Coin-M Futures: Query Depth Data": sizes in contracts; seen 2026-11.
    """
    answer = await client.read(ORDER_BOOK, symbol=instrument.id, limit=DEPTH)
    return order_book(whole(answer, VENUE, f"the order book of {instrument.id}").inner("data"), "bids", "asks")


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(whole(answer, VENUE, TIME.path).inner("data").number("serverTime")) / 1000


def listed(answer: object, path: str) -> list[Row]:
    """Return the rows of an answer that is a list."""
    return whole(answer, VENUE, path).rows("data", "symbol")


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the contracts by name."""
    return readable(((row.text("symbol"), row) for row in listed(answer, CONTRACTS.path)), parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. ``minTickSize`` is not a tick but the dollars of a contract: 100 of BTC, 10 of the others.

    Source: ccxt 4.5.90, async_support/bingx.py:1083; sample of user/positions: 1 contract of SOL-USD at 158.63 has a margin of
    0.00630398 = 10 / 158.63 at leverage 10; read 2026-11.
    """
    base, _, quote = row.text("symbol").partition("-")
    if not base or not quote:
        raise row.fault("symbol", "is not a coin and a currency")
    return Instrument(
        id=row.text("symbol"),
        base=base,
        quote=quote,
        settle=base,
        expiry=None,
        contract_size=row.positive("minTickSize"),
        tick_size=parse_tick(row),
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
    )


def parse_tick(row: Row) -> Price | None:
    """Return the step of a price, told as a number of decimals; None: it does not say."""
    places = row.optional("pricePrecision")
    return None if places is None or not 0 <= places <= 12 else Decimal(10) ** -int(places)


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual: any status but 1.

    Source: ccxt 4.5.90, async_support/bingx.py:1114; read 2026-11.
    """
    status = row.optional("status")
    return None if status is None or status == 1 else f"its market has status {status} instead of 1"


def parse_tickers(answer: object) -> dict[str, Ticker]:
    """Return what the market says, by the names of the contracts."""
    return readable(((row.text("symbol"), row) for row in listed(answer, TICKERS.path)), parse_ticker)


def parse_ticker(row: Row) -> Ticker:
    """Return one contract's mark, index and funding. How long an interval lasts is told in newer answers only."""
    rate = row.optional("lastFundingRate")
    hours = row.optional("fundingIntervalHours")
    interval = timedelta(hours=float(hours)) if hours else None
    funding = Funding(rate=rate, interval=interval, next_at=row.moment("nextFundingTime"))
    return Ticker(
        index_price=row.optional("indexPrice"),
        funding=None if rate is None else funding,
        mark_price=row.positive("markPrice"),
    )
