"""What is public at HTX: coin-margined swaps and futures, their index, funding, open interest and order books.

Swaps (perpetual) and futures (dated) are two systems of addresses, and of accounts. Each answers in a list of its own.

Source: HTX, coin-margined swaps API v1 and coin-margined futures API v1; ccxt 4.5.90, async_support/htx.py; both read 2026-11.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

from monitor.core.account import Funding
from monitor.core.liquidity import OrderBook
from monitor.core.number import Price, Ratio
from monitor.venues.adapter import together
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, holds_number, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, invalid, readable, whole

VENUE = "htx"


def answers(shape: Shape) -> Shape:
    """Return the shape of an answer that says that it worked, and has *shape*."""
    return both(says("status", "ok"), shape)


LISTS = answers(holds(list, "data"))


def public(path: str, shape: Shape = LISTS, weight: float = 10) -> Endpoint:
    """Return an endpoint that everybody may ask."""
    return Endpoint(api=("contract", "public"), path=path, shape=shape, weight=weight)


BOOKS = answers(both(holds(list, "tick", "bids"), holds(list, "tick", "asks")))

TIME = public("api/v1/timestamp", answers(holds_number("ts")))
SWAPS = public("swap-api/v1/swap_contract_info")
FUTURES = public("api/v1/contract_contract_info")
INDEX = public("swap-api/v1/swap_index")
FUNDING = public("swap-api/v1/swap_batch_funding_rate")
SWAP_INTEREST = public("swap-api/v1/swap_open_interest")
FUTURE_INTEREST = public("api/v1/contract_open_interest")
SWAP_BOOK = public("swap-ex/market/depth", BOOKS, weight=1)
FUTURE_BOOK = public("market/depth", BOOKS, weight=1)

FUNDING_INTERVAL = timedelta(hours=8)
"""Where the next time is null, as in the latest sample.

Source: HTX, coin-margined swaps API, FAQ "Order and Trade", Q1: settled every 8 hours; the sample in ccxt 4.5.90's source, 2026.
"""

USUAL = (1, 5, 7)
"""``contract_status`` of a contract that trades, or is being settled, as it is three times a day for a minute."""

STATES: Mapping[int, str] = MappingProxyType(
    {
        0: "delisted",
        2: "not listed yet",
        3: "suspended",
        4: "not listed yet",
        6: "being delivered",
        8: "delivered",
    }
)
"""Source: HTX, coin-margined swaps API, "Query Swap Info", contract_status; read 2026-11."""

TAKER_FEE: Ratio = Decimal("0.0005")
"""Of an account without discount. The venue does not list it, and its help centre's pages differ.

Source: ccxt 4.5.90, async_support/htx.py, ``fetch_markets_by_type_and_sub_type``: 0.05 % of every contract; read 2026-11.
"""


async def read_instruments(client: Client) -> Instruments:
    """Read all coin-margined swaps and futures."""
    answers = await together(client.read(SWAPS), client.read(FUTURES))
    swaps, futures = (listed_rows(answer, asked) for answer, asked in zip(answers, (SWAPS, FUTURES), strict=True))
    if not swaps:
        raise invalid(VENUE, "lists no contracts at all")
    return parse_instruments(swaps, dated=False) | parse_instruments(futures, dated=True)


async def read_tickers(client: Client, instruments: Instruments) -> Tickers:
    """Read the index of every coin, funding of the swaps, and open interest of all contracts."""
    endpoints = (INDEX, FUNDING, SWAP_INTEREST, FUTURE_INTEREST)
    lists = await together(*(client.read(endpoint) for endpoint in endpoints))
    index, funding, *interests = [listed_rows(answer, asked) for answer, asked in zip(lists, endpoints, strict=True)]
    return parse_tickers(instruments, index, funding, [row for rows in interests for row in rows])


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 150 levels a side, not merged, in contracts."""
    if instrument.expiry is None:
        answer = await client.read(SWAP_BOOK, contract_code=instrument.id, type="step0")
    else:
        answer = await client.read(FUTURE_BOOK, symbol=instrument.id, type="step0")
    return order_book(whole(answer, VENUE, f"the order book of {instrument.id}").inner("tick"), "bids", "asks")


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(whole(answer, VENUE, TIME.path).number("ts")) / 1000


def listed_rows(answer: object, asked: Endpoint) -> list[Row]:
    """Return the rows of an answer."""
    return whole(answer, VENUE, asked.path).rows("data", "contract_code")


def parse_instruments(listed: list[Row], *, dated: bool) -> dict[str, Instrument]:
    """Return the contracts by name, which of a *dated* one is BTC261225."""
    return readable(((row.text("contract_code"), row) for row in listed), lambda row: parse_instrument(row, dated=dated))


def parse_instrument(row: Row, *, dated: bool) -> Instrument:
    """Return one contract: of 100 dollars on BTC, of 10 on others. ``delivery_time`` of a swap is empty."""
    expiry = row.moment("delivery_time")
    if dated and expiry is None:
        raise row.fault("delivery_time", "is missing")
    return Instrument(
        id=row.text("contract_code"),
        base=row.text("symbol"),
        quote="USD",
        settle=row.text("symbol"),
        expiry=expiry if dated else None,
        contract_size=row.positive("contract_size"),
        tick_size=row.positive("price_tick"),
        taker_fee=TAKER_FEE,
        notice=parse_notice(row, None if dated else f"{expiry:%Y-%m-%d}" if expiry else None),
    )


def parse_notice(row: Row, leaves: str | None) -> str | None:
    """Return what keeps the market from trading as usual; *leaves*: the day on which a swap is delivered after all."""
    state = row.optional("contract_status")
    if state is not None and state not in USUAL:
        return f"its market is {STATES.get(int(state), f'in state {state}')}"
    return f"its market closes on {leaves}" if leaves else None


def parse_tickers(instruments: Instruments, index: list[Row], funding: list[Row], interests: list[Row]) -> dict[str, Ticker]:
    """Return index, funding and open interest by contract; swaps and futures of a coin have one index."""
    prices: Mapping[str, Price] = readable(((row.text("contract_code"), row) for row in index), _index)
    rates: Mapping[str, Funding] = readable(((row.text("contract_code"), row) for row in funding), parse_funding)
    open_interests: Mapping[str, Ratio] = readable(((row.text("contract_code"), row) for row in interests), _volume)
    return {
        name: Ticker(
            index_price=prices.get(f"{instrument.base}-{instrument.quote}"),
            funding=rates.get(name),
            open_interest=open_interests.get(name),
        )
        for name, instrument in instruments.items()
    }


def parse_funding(row: Row) -> Funding:
    """Return what is paid at ``funding_time``, which is the next payment."""
    next_at, then = row.moment("funding_time"), row.moment("next_funding_time")
    interval = then - next_at if next_at and then and then > next_at else FUNDING_INTERVAL
    return Funding(rate=row.number("funding_rate"), interval=interval, next_at=next_at)


def _index(row: Row) -> Price:
    return row.positive("index_price")


def _volume(row: Row) -> Ratio:
    return row.number("volume")
