"""What is public at Bybit: inverse contracts, their tickers and margin tiers; and how its lists are read.

Source: Bybit API v5, "Market"; ccxt 4.5.90, async_support/bybit.py; both read 2026-11.
"""

from datetime import timedelta
from decimal import Decimal

from monitor.core.account import Funding, Tier
from monitor.core.liquidity import OrderBook
from monitor.core.number import ONE, ZERO, Coin, Ratio
from monitor.venues.adapter import Read
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Ladders, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, holds_number, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, invalid, ladder, readable, whole

VENUE = "bybit"


def answers(shape: Shape) -> Shape:
    """Return the shape of an answer that says that it worked, and has *shape*."""
    return both(says("retCode", 0), shape)


LISTS = answers(holds(list, "result", "list"))

TIME = Endpoint(api=("public",), path="v5/market/time", shape=answers(holds_number("result", "timeNano")))
INSTRUMENTS = Endpoint(api=("public",), path="v5/market/instruments-info", shape=LISTS)
TICKERS = Endpoint(api=("public",), path="v5/market/tickers", shape=LISTS)
ORDER_BOOK = Endpoint(
    api=("public",), path="v5/market/orderbook", shape=answers(both(holds(list, "result", "b"), holds(list, "result", "a")))
)
RISK_LIMITS = Endpoint(api=("public",), path="v5/market/risk-limit", shape=LISTS)
CONTRACT_SIZE = ONE
"""A contract is one dollar. ccxt gives the *minimum order quantity* for it, which may be ten.

Source: Bybit, "What is an inverse contract", help centre; ccxt 4.5.90, async_support/bybit.py:2214; seen 2026-11.
"""


TAKER_FEE: Ratio = Decimal("0.00055")
"""Of an account without discount.

Source: Bybit's fee example for inverse contracts, (10,000 / 8,000) * 0.055 %, by way of a copy of 2024-07; seen 2026-11.
"""


async def read_instruments(client: Client) -> Instruments:
    """Read all inverse contracts."""
    return parse_instruments(await pages(client.read, INSTRUMENTS, limit="1000"))


async def read_tickers(client: Client, instruments: Instruments) -> Tickers:
    """Read index, funding and open interest of all inverse contracts."""
    listed = listed_rows(await client.read(TICKERS, category="inverse"), TICKERS)
    return readable(((row.text("symbol"), row) for row in listed), lambda row: parse_ticker(row, instruments))


async def read_ladders(client: Client) -> Ladders:
    """Read the margin tiers of all inverse contracts."""
    return parse_ladders(await pages(client.read, RISK_LIMITS))


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 200 levels a side, in dollars, which are contracts.

    Source: Bybit API v5, "Get Orderbook": ``b`` and ``a`` hold price and size, at most 500 levels for inverse; seen 2026-11.
    """
    answer = await client.read(ORDER_BOOK, category="inverse", symbol=instrument.id, limit="200")
    return order_book(whole(answer, VENUE, f"the order book of {instrument.id}").inner("result"), "b", "a")


def server_seconds(answer: object) -> float:
    """Return the venue's time, which it tells in nanoseconds."""
    return float(whole(answer, VENUE, TIME.path).inner("result").number("timeNano")) / 1e9


MOST_PAGES = 50
"""A list that goes on for longer does not end."""


async def pages(read: Read, endpoint: Endpoint, **params: object) -> list[Row]:
    """Return the rows of every page of a list of inverse contracts; a list is only whole with its last page.

    The last one may carry a cursor too: its own, or one to a page that is empty.

    Source: the samples of "fetchPositions" in ccxt 4.5.90's source: one row of 200 with a cursor; read 2026-11.
    """
    found: list[Row] = []
    cursor: dict[str, object] = {}
    for _ in range(MOST_PAGES):
        answer = await read(endpoint, category="inverse", **params, **cursor)
        page = listed_rows(answer, endpoint)
        found += page
        following = {"cursor": whole(answer, VENUE, endpoint.path).inner("result").raw.get("nextPageCursor")}
        if not page or not following["cursor"] or following == cursor:
            return found
        cursor = following
    raise invalid(VENUE, f"{endpoint.path} has no last page")


def listed_rows(answer: object, endpoint: Endpoint) -> list[Row]:
    """Return the rows of one page."""
    return whole(answer, VENUE, endpoint.path).inner("result").rows("list", "symbol")


def parse_instruments(listed: list[Row]) -> dict[str, Instrument]:
    """Return the contracts by name."""
    return readable(((row.text("symbol"), row) for row in listed), parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. A perpetual's ``deliveryTime`` is when it leaves the market, not an expiry."""
    perpetual = "Perpetual" in row.text("contractType")
    minutes = row.optional("fundingInterval")
    return Instrument(
        id=row.text("symbol"),
        base=row.text("baseCoin"),
        quote=row.text("quoteCoin"),
        settle=row.text("settleCoin"),
        expiry=None if perpetual else row.date("deliveryTime"),
        contract_size=CONTRACT_SIZE,
        tick_size=row.inner("priceFilter").positive("tickSize"),
        funding_interval=timedelta(minutes=float(minutes)) if perpetual and minutes else None,
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
    )


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual. A perpetual with a delivery time is about to leave.

    Source: Bybit API v5, "Enums", "Get Instruments Info", deliveryTime: when a perpetual is delisted; seen 2026-11.
    """
    status = row.raw.get("status")
    if isinstance(status, str) and status != "Trading":
        return f"its market is {status} instead of Trading"
    leaves = row.moment("deliveryTime") if "Perpetual" in row.text("contractType") else None
    return f"its market closes on {leaves:%Y-%m-%d}" if leaves else None


def parse_ticker(row: Row, instruments: Instruments) -> Ticker:
    """Return one contract's index, funding and open interest. A dated contract's funding rate is empty."""
    rate, hours = row.optional("fundingRate"), row.optional("fundingIntervalHour")
    listed = instruments.get(row.text("symbol"))
    interval = timedelta(hours=float(hours)) if hours else listed.funding_interval if listed else None
    funding = Funding(rate=rate, interval=interval, next_at=row.moment("nextFundingTime"))
    return Ticker(
        index_price=row.optional("indexPrice"),
        funding=None if rate is None else funding,
        open_interest=row.optional("openInterest"),
        mark_price=row.optional("markPrice"),
    )


def parse_ladders(listed: list[Row]) -> dict[str, tuple[Tier, ...]]:
    """Return the margin tiers of each contract, in coin: each reaches from the limit below it up to its own."""
    steps: dict[str, list[Row]] = {}
    for row in listed:
        steps.setdefault(row.text("symbol"), []).append(row)
    return readable(steps.items(), parse_ladder)


def parse_ladder(steps: list[Row]) -> tuple[Tier, ...]:
    """Return the tiers of one contract."""
    ordered = sorted(steps, key=lambda row: row.positive("riskLimitValue"))
    floors = [ZERO, *(row.positive("riskLimitValue") for row in ordered)]
    return ladder([parse_tier(row, floor) for row, floor in zip(ordered, floors, strict=False)], VENUE, steps[0].what)


def parse_tier(row: Row, floor: Coin) -> Tier:
    """Return one tier. A deduction that is empty or 0 is derived instead: the requirement is continuous.

    Source: Bybit, "Maintenance Margin (Inverse Contract)", help centre: marginal tiers; API v5, "Get Risk Limit"; seen 2026-11.
    """
    deduction = row.optional("mmDeduction")
    return Tier(
        floor=floor,
        cap=row.positive("riskLimitValue"),
        rate=row.positive("maintenanceMargin") / rate_unit(row),
        amount=deduction or None,
    )


def rate_unit(row: Row) -> Decimal:
    """Return by what margins are to be divided: the documentation prints them in percent, the API has sent fractions.

    ``initialMargin * maxLeverage`` is 1 where they are fractions and 100 where they are percent.

    Source: the sample of Bybit API v5, "Get Risk Limit": initialMargin "1" at maxLeverage "100.00"; seen 2026-11.
    """
    product = row.positive("initialMargin") * row.positive("maxLeverage")
    if Decimal("0.5") < product < 2:
        return ONE
    if 50 < product < 200:
        return Decimal(100)
    raise row.fault("initialMargin", "fits maxLeverage neither as a fraction nor in percent")
