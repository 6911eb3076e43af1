"""What is public at Phemex: coin-margined perpetuals, their market of this minute, order books; and what divides scaled numbers.

``Ep`` are prices, ``Er`` ratios and ``Ev`` amounts, each an integer that a power of ten divides: ``priceScale`` and
``ratioScale`` of the contract, ``valueScale`` of the coin.

Source: Phemex, "Public-Contract-API-en", price, ratio and value scales; ccxt 4.5.90, async_support/phemex.py; both read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import islice

from monitor.core.account import Funding
from monitor.core.liquidity import OrderBook
from monitor.core.number import ZERO, Price, Ratio
from monitor.venues.client import Client
from monitor.venues.depth import book_of, levels
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, invalid, readable, whole

VENUE = "phemex"

DEPTH = 200
"""Levels of a side that are kept; the venue sends its whole book."""

TAKER_FEE: Ratio = Decimal("0.0006")
"""Of an account without discount; the list's own takerFeeRateEr is ten times too large.

Source: ccxt 4.5.90, async_support/phemex.py:5383, a position of 2025-12 with takerFeeRateEr 60000; line 1105, 750000 where the
fee was 0.075 %; read 2026-11.
"""


DOLLARS = frozenset({"USD", "USDT", "USDC"})
"""What contracts that are not coin-margined are settled in."""

ODD = "the venue lists it in a form that is not understood"


def market_data(shape: Shape) -> Shape:
    """Return the shape of an answer of an address that begins with ``/md``: those alone have ``error`` and ``result``."""
    return both(says("error", None), shape)


PRODUCTS = Endpoint(
    api=("v2",),
    path="public/products",
    shape=both(says("code", 0), both(holds(list, "data", "products"), holds(list, "data", "currencies"))),
)
TICKERS = Endpoint(api=("v1",), path="md/ticker/24hr/all", shape=market_data(holds(list, "result")))
ORDER_BOOK = Endpoint(
    api=("v1",),
    path="md/fullbook",
    shape=market_data(both(holds(list, "result", "book", "bids"), holds(list, "result", "book", "asks"))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Instrument):
    """A contract with what divides its scaled numbers, and the bounds of an order's price."""

    price_unit: Ratio
    ratio_unit: Ratio
    value_unit: Ratio
    lowest: Price
    highest: Price


async def read_instruments(client: Client) -> Instruments:
    """Read all coin-margined and dollar-margined perpetuals; those in stablecoins are in another list."""
    return parse_instruments(await client.read(PRODUCTS))


async def read_tickers(client: Client, instruments: Instruments) -> Tickers:
    """Read mark, index, funding and open interest of all contracts."""
    return parse_tickers(await client.read(TICKERS), instruments)


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best levels a side, in contracts."""
    answer = await client.read(ORDER_BOOK, symbol=instrument.id)
    row = whole(answer, VENUE, f"the order book of {instrument.id}").inner("result").inner("book")
    unit = contract_of(instrument).price_unit
    best = sorted(levels(row, "bids"), reverse=True), sorted(levels(row, "asks"))
    bids, asks = ([(price / unit, size) for price, size in islice(side, DEPTH)] for side in best)
    return book_of(row, bids, asks, lambda size: size)


def server_seconds(answer: object) -> float:
    """Return the time of the newest ticker: there is no address that tells the time, and these are renewed each second.

    Source: Phemex, "Subscribe 24 Hours Ticker": once a second for all symbols; seen 2026-11.
    """
    moments = [row.number("timestamp") for row in ticker_rows(answer)]
    if not moments:
        raise invalid(VENUE, "there is no ticker to tell the time by")
    return float(max(moments)) / 1e9


def contract_of(instrument: Instrument) -> Contract:
    """Return *instrument* as the contract that it is here."""
    if not isinstance(instrument, Contract):
        raise TypeError(f"{instrument.id} is not of this venue")
    return instrument


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the perpetuals by name; of one that is not understood its coin, under no name that a position could have.

    Positions are asked for by coin: without it, one in such a contract would not be missed.

    Raises:
        VenueDataInvalid: of a contract not even the coin is understood, so that nobody knows where to ask.

    """
    data = whole(answer, VENUE, PRODUCTS.path).inner("data")
    scales = {row.text("currency"): row.raw.get("valueScale") for row in data.rows("currencies", "currency")}
    listed = {row.text("symbol"): row for row in data.rows("products", "symbol") if may_be_contract(row)}
    understood = readable(listed.items(), lambda row: parse_instrument(row, scales))
    odd = [row for name, row in listed.items() if name not in understood and row.text("settleCurrency") not in DOLLARS]
    return {**understood, **{f"{row.what}, not understood": odd_instrument(row) for row in odd}}


def may_be_contract(row: Row) -> bool:
    """Whether a product may be a coin-margined contract: its type is Perpetual or not told, or it settles in a coin."""
    return row.raw.get("type") in (None, "", "Perpetual") or row.raw.get("settleCurrency") not in (None, "", *DOLLARS)


def odd_instrument(row: Row) -> Instrument:
    """Return a contract of which only the coin is understood."""
    coin = row.text("settleCurrency")
    return Instrument(
        id=row.text("symbol"), base=coin, quote="USD", settle=coin, expiry=None, contract_size=ZERO, tick_size=None, notice=ODD
    )


def parse_instrument(row: Row, scales: Mapping[str, object]) -> Contract:
    """Return one perpetual. One whose ``contractUnderlyingAssets`` are dollars pays in its own coin, and names no base.

    ``fundingInterval`` is seconds here, hours in an older list.
    """
    if row.text("type") != "Perpetual":
        raise row.fault("type", "is not Perpetual")
    settle, underlying = row.text("settleCurrency"), row.text("contractUnderlyingAssets").split()[-1]
    quote = row.text("quoteCurrency")
    unit = power(row, "priceScale")
    return Contract(
        id=row.text("symbol"),
        base=settle if underlying == quote else underlying,
        quote=quote,
        settle=settle,
        expiry=None,
        contract_size=row.positive("contractSize"),
        tick_size=row.positive("tickSize"),
        funding_interval=parse_interval(row),
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
        price_unit=unit,
        ratio_unit=power(row, "ratioScale"),
        value_unit=power(Row({"valueScale": scales.get(settle)}, VENUE, f"currencies {settle}"), "valueScale"),
        lowest=row.positive("minPriceEp") / unit,
        highest=row.positive("maxPriceEp") / unit,
    )


def power(row: Row, key: str) -> Ratio:
    """Return what divides the numbers that *key* is the scale of."""
    scale = row.number(key)
    if not 0 <= scale <= 12 or scale != int(scale):
        raise row.fault(key, "is not a scale")
    return Decimal(10) ** int(scale)


def parse_interval(row: Row) -> timedelta | None:
    """Return how long a funding interval lasts; None: it does not say in seconds."""
    seconds = row.optional("fundingInterval")
    return timedelta(seconds=float(seconds)) if seconds and seconds >= 3600 else None


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual."""
    status = row.raw.get("status")
    usual = status is None or status == "Listed"
    return None if usual else f"its market is {status} instead of Listed"


def ticker_rows(answer: object) -> list[Row]:
    """Return the rows of the list of tickers."""
    return whole(answer, VENUE, TICKERS.path).rows("result", "symbol")


def parse_tickers(answer: object, instruments: Instruments) -> dict[str, Ticker]:
    """Return what the market says, by name; contracts of other lists are passed over."""
    named = ((row.text("symbol"), row) for row in ticker_rows(answer))
    known = ((name, row) for name, row in named if name in instruments)
    return readable(known, lambda row: parse_ticker(row, contract_of(instruments[row.text("symbol")])))


def parse_ticker(row: Row, contract: Contract) -> Ticker:
    """Return one contract's mark, index, funding and open interest, which is in contracts."""
    rate, index = row.optional("fundingRateEr"), row.optional("indexEp")
    funding = None if rate is None else Funding(rate=rate / contract.ratio_unit, interval=contract.funding_interval)
    return Ticker(
        index_price=None if index is None else index / contract.price_unit,
        funding=funding,
        open_interest=row.optional("openInterest"),
        mark_price=row.positive("markEp") / contract.price_unit,
    )
