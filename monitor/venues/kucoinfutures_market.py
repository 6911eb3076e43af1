"""What is public at KuCoin Futures: contracts with their market of this minute in one list, order books, the time.

Source: KuCoin, "Get All Symbols", "Get Part OrderBook", "Get Server Time", futures documentation; ccxt 4.5.90,
async_support/kucoin.py; both read 2026-11.
"""

from datetime import timedelta

from monitor.core.account import Funding
from monitor.core.liquidity import OrderBook
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, holds_number, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, readable, whole

VENUE = "kucoinfutures"


def endpoint(api: str, path: str, shape: Shape, weight: float, route: str = "/api/v1/") -> Endpoint:
    """Return an endpoint whose answer says that it worked, and has *shape*."""
    return Endpoint(api=(api,), path=path, shape=both(says("code", "200000"), shape), route=f"{route}{path}", weight=weight)


TIME = endpoint("futuresPublic", "timestamp", holds_number("data"), 2)
CONTRACTS = endpoint("futuresPublic", "contracts/active", holds(list, "data"), 3)
ORDER_BOOK = endpoint("futuresPublic", "level2/depth100", both(holds(list, "data", "bids"), holds(list, "data", "asks")), 10)

DATED = "FFICSX"
"""``type`` of a contract that ends; a perpetual's is FFWCSX.

Source: KuCoin, "Get All Symbols": FFWCSX perpetual, FFICSX delivery; seen 2026-11.
"""

NAMES = {"XBT": "BTC"}
"""The venue's own name of a coin -> everybody's. Source: ccxt 4.5.90, base/exchange.py, ``commonCurrencies``; read 2026-11."""


def coin_name(currency: str) -> str:
    """Return everybody's name of the venue's *currency*."""
    return NAMES.get(currency, currency)


async def read_instruments(client: Client) -> Instruments:
    """Read all contracts, linear ones too."""
    return parse_instruments(await client.read(CONTRACTS))


async def read_tickers(client: Client, _: Instruments) -> Tickers:
    """Read mark, index, funding and open interest of all contracts."""
    return parse_tickers(await client.read(CONTRACTS))


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 100 levels a side, in contracts."""
    answer = await client.read(ORDER_BOOK, symbol=instrument.id)
    return order_book(whole(answer, VENUE, f"the order book of {instrument.id}").inner("data"), "bids", "asks")


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(whole(answer, VENUE, TIME.path).number("data")) / 1000


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the contracts by name."""
    return readable(((row.text("symbol"), row) for row in listed(answer)), parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. ``multiplier`` is -1 where a contract is a dollar paid in coin; a perpetual has no ``expireDate``."""
    return Instrument(
        id=row.text("symbol"),
        base=coin_name(row.text("baseCurrency")),
        quote=row.text("quoteCurrency"),
        settle=coin_name(row.text("settleCurrency")),
        expiry=row.date("expireDate") if row.raw.get("type") == DATED else row.moment("expireDate"),
        contract_size=abs(row.number("multiplier")),
        tick_size=row.positive("tickSize"),
        taker_fee=row.optional("takerFeeRate"),
        notice=parse_notice(row),
    )


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual.

    Source: KuCoin, "Get All Symbols": status Init, Open, BeingSettled, Settled, Paused, Closed, CancelOnly; seen 2026-11.
    """
    status = row.raw.get("status")
    usual = status is None or status == "Open"
    return None if usual else f"its market is {status} instead of Open"


def parse_tickers(answer: object) -> dict[str, Ticker]:
    """Return what the market says, by the names of the contracts."""
    return readable(((row.text("symbol"), row) for row in listed(answer)), parse_ticker)


def parse_ticker(row: Row) -> Ticker:
    """Return one contract's mark, index, funding and open interest, which is in contracts. A dated contract has no funding rate.

    ``nextFundingRateTime`` is milliseconds from now and not a time; ``nextFundingRateDateTime`` is one.

    Source: samples of contracts/active in ccxt 4.5.90's source: nextFundingRateTime 20022985, at most 28,800,000; read 2026-11.
    """
    rate = row.optional("fundingFeeRate")
    funding = Funding(rate=rate, interval=parse_interval(row), next_at=row.moment("nextFundingRateDateTime"))
    return Ticker(
        index_price=row.optional("indexPrice"),
        funding=None if rate is None else funding,
        open_interest=row.optional("openInterest"),
        mark_price=row.optional("markPrice"),
    )


def parse_interval(row: Row) -> timedelta | None:
    """Return how long the current funding interval lasts, which may differ from the usual one; None: it does not say."""
    milliseconds = row.optional("currentFundingRateGranularity") or row.optional("fundingRateGranularity")
    return timedelta(milliseconds=float(milliseconds)) if milliseconds else None


def listed(answer: object) -> list[Row]:
    """Return the rows of an answer that is a list."""
    return whole(answer, VENUE, "the answer").rows("data", "symbol")
