"""What is public at Gate: contracts settled in BTC, margin tiers, marks, funding and order books.

BTC_USD alone is inverse. Others that are settled in BTC are quanto: a fixed amount of BTC for each dollar of another coin.

Source: Gate API v4, "Futures"; ccxt 4.5.90, async_support/gate.py, ``parse_contract_market``; both read 2026-11.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from monitor.core.account import Funding, Tier
from monitor.core.liquidity import OrderBook
from monitor.core.number import ONE, ZERO, Price, Ratio
from monitor.venues.client import Client
from monitor.venues.depth import book_of
from monitor.venues.dialect import Instruments, Ladders, Tickers
from monitor.venues.endpoint import Endpoint, Shape, both, holds, holds_number
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, ladder, readable, rows, whole

VENUE = "gate"
SETTLE = "btc"
"""The only coin in which Gate settles inverse contracts, perpetual ones; dated contracts are settled in dollars."""


def endpoint(side: str, area: str, path: str, shape: Shape) -> Endpoint:
    """Return an endpoint; Gate's addresses are below one base, each area's first part being its name."""
    return Endpoint(api=(side, area), path=path, shape=shape, base=f"{side}.{area}", route=f"/{area}/{path}")


TIME = endpoint("public", "spot", "time", holds_number("server_time"))
INSTRUMENTS = endpoint("public", "futures", "{settle}/contracts", holds(list))
CONTRACT = endpoint("public", "futures", "{settle}/contracts/{contract}", holds_number("mark_price"))
RISK_LIMITS = endpoint("public", "futures", "{settle}/risk_limit_tiers", holds(list))
ORDER_BOOK = endpoint("public", "futures", "{settle}/order_book", both(holds(list, "bids"), holds(list, "asks")))

CONTRACT_SIZE = ONE
"""A contract of BTC_USD is one dollar; its ``quanto_multiplier`` is "0".

Source: ccxt 4.5.90, async_support/gate.py, ``parse_contract_market``; the recorded BTC_USD of 2026; read 2026-11.
"""

TAKER_FEE: Ratio = Decimal("0.0005")
"""Of an account without discount; the rates that the list of contracts shows are not those of regular users.

Source: ccxt 4.5.90, async_support/gate.py, ``parse_contract_market``; read 2026-11.
"""


async def read_instruments(client: Client) -> Instruments:
    """Read all contracts settled in BTC, quanto ones too, so that they are known for what they are where they are held."""
    return parse_instruments(await client.read(INSTRUMENTS, settle=SETTLE))


async def read_tickers(client: Client, instruments: Instruments) -> Tickers:
    """Read mark, index, funding and open interest of each inverse contract, which is one."""
    names = [instrument.id for instrument in instruments.values() if instrument.is_inverse]
    answers = [(name, await client.read(CONTRACT, settle=SETTLE, contract=name)) for name in names]
    return readable(((name, whole(answer, VENUE, f"the contract {name}")) for name, answer in answers), parse_ticker)


async def read_ladders(client: Client) -> Ladders:
    """Read the margin tiers of each inverse contract. Asked for one contract, its rows do not name it."""
    instruments = await read_instruments(client)
    names = [instrument.id for instrument in instruments.values() if instrument.is_inverse]
    answers = [(name, await client.read(RISK_LIMITS, settle=SETTLE, contract=name)) for name in names]
    return readable(((name, list(rows(answer, VENUE, f"the tiers of {name}", "tier"))) for name, answer in answers), parse_ladder)


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 100 levels a side, in contracts.

    Source: Gate API v4, "Futures order book": ``p`` price, ``s`` size in contracts, at most 300 levels; seen 2026-11.
    """
    answer = await client.read(ORDER_BOOK, settle=SETTLE, contract=instrument.id, limit=100)
    row = whole(answer, VENUE, f"the order book of {instrument.id}")
    return book_of(row, parse_levels(row, "bids"), parse_levels(row, "asks"), lambda size: size)


def parse_levels(row: Row, side: str) -> list[tuple[Price, Ratio]]:
    """Return price and size of each level of a side, which are objects here."""
    return [(level.positive("p"), level.number("s")) for level in row.rows(side, "p")]


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(whole(answer, VENUE, TIME.path).number("server_time")) / 1000


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the contracts by name."""
    return readable(((row.text("name"), row) for row in rows(answer, VENUE, "contracts", "name")), parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. That of a quanto is an amount of BTC for each dollar, which is nothing that we could use."""
    base, _, quote = row.text("name").partition("_")
    inverse = row.raw.get("type") == "inverse"
    if inverse is not (base == SETTLE.upper() and quote == "USD"):
        raise row.fault("type", "contradicts the contract's name")
    if inverse and row.number("quanto_multiplier") != ZERO:
        raise row.fault("quanto_multiplier", "is not 0, so that the contract is not of one dollar")
    return Instrument(
        id=row.text("name"),
        base=base,
        quote=quote,
        settle=SETTLE.upper(),
        expiry=None,
        contract_size=CONTRACT_SIZE if inverse else row.positive("quanto_multiplier"),
        tick_size=row.positive("order_price_round"),
        funding_interval=parse_interval(row),
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
    )


def parse_interval(row: Row) -> timedelta | None:
    """Return how long a funding interval lasts, which the venue gives in seconds; None: it does not say."""
    seconds = row.optional("funding_interval")
    return timedelta(seconds=float(seconds)) if seconds else None


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual.

    Source: Gate API v4, "Query all futures contracts": ``in_delisting``, only closing; ``status``; read 2026-11.
    """
    if row.raw.get("in_delisting") is True:
        return "its market is being delisted"
    status = row.raw.get("status")
    return f"its market is {status} instead of trading" if isinstance(status, str) and status != "trading" else None


def parse_ticker(row: Row) -> Ticker:
    """Return mark, index and funding; ``position_size`` is the open interest in contracts.

    Source: Gate API v4, "Query single contract": current total long position size; seen 2026-11.
    """
    rate = row.optional("funding_rate")
    funding = Funding(rate=rate, interval=parse_interval(row), next_at=parse_seconds(row, "funding_next_apply"))
    return Ticker(
        index_price=row.optional("index_price") or None,
        funding=None if rate is None else funding,
        open_interest=row.optional("position_size"),
        mark_price=row.positive("mark_price"),
    )


def parse_seconds(row: Row, key: str) -> datetime | None:
    """Return the time at *key*, given in seconds; None where the venue says nothing or 0."""
    seconds = row.optional(key)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(seconds))
    except OverflowError:
        raise row.fault(key, "is not a time") from None


def parse_ladder(steps: list[Row]) -> tuple[Tier, ...]:
    """Return the tiers of one contract, in BTC: each reaches from the limit below it up to its own."""
    ordered = sorted(steps, key=lambda step: step.positive("risk_limit"))
    floors = [ZERO, *(step.positive("risk_limit") for step in ordered)]
    return ladder([parse_tier(step, floor) for step, floor in zip(ordered, floors, strict=False)], VENUE, "BTC contracts")


def parse_tier(row: Row, floor: Ratio) -> Tier:
    """Return one tier. Its ``deduction`` makes the requirement continuous, and is derived where it is not given.

    Source: Gate API v4, "Query risk limit tiers": deduction, for a quick calculation of the maintenance margin; seen 2026-11.
    """
    return Tier(
        floor=floor,
        cap=row.positive("risk_limit"),
        rate=row.positive("maintenance_rate"),
        amount=row.optional("deduction") or None,
    )
