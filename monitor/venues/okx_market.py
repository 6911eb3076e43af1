"""What is public at OKX: contracts, funding, open interest, margin tiers and order books; and how its answers are read.

Source: OKX API v5, "Public Data" and "Market Data"; ccxt 4.5.90, async_support/okx.py; both read 2026-11.
"""

from decimal import Decimal
from itertools import pairwise

from monitor.core.account import Funding, Tier
from monitor.core.liquidity import OrderBook
from monitor.core.number import ONE, ZERO, Quote, Ratio
from monitor.venues.adapter import together
from monitor.venues.client import Client
from monitor.venues.depth import order_book
from monitor.venues.dialect import Instruments, Tickers
from monitor.venues.endpoint import Endpoint, both, holds, says
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, invalid, ladder, readable, whole

VENUE = "okx"

ANSWERS = both(says("code", 0), holds(list, "data"))
"""Every answer that worked has code 0 and a list, also where it is about one thing."""


def endpoint(api: str, path: str, weight: float = 1) -> Endpoint:
    """Return an endpoint of OKX's."""
    return Endpoint(api=(api,), path=path, shape=ANSWERS, base="rest", route=f"/api/v5/{path}", weight=weight)


TIME = endpoint("public", "public/time", weight=40)
INSTRUMENTS = endpoint("public", "public/instruments", weight=20)
FUNDING = endpoint("public", "public/funding-rate", weight=40)
OPEN_INTEREST = endpoint("public", "public/open-interest", weight=20)
TIERS = endpoint("public", "public/position-tiers", weight=40)
ORDER_BOOK = endpoint("public", "market/books", weight=10)

KINDS = ("SWAP", "FUTURES")
"""``instType`` of perpetual and of dated contracts; each has to be asked for."""

TAKER_FEE: Ratio = Decimal("0.0005")
"""Of an account without discount; it is in the maintenance requirement too.

Source: OKX's documented position ETH-USD-210430, whose ``mgnRatio`` is (margin + upl) / (mmr + 0.05 % of its value) to 14 digits;
ccxt 4.5.90, async_support/okx.py, ``fees``; read 2026-11.
"""

LEAST = Decimal("0.000001")
"""Less than any lot: sizes above the largest of a tier belong to the next one, fractions of a contract too."""


async def read_instruments(client: Client) -> Instruments:
    """Read all perpetual and dated contracts, linear ones too."""
    answers = await together(*(client.read(INSTRUMENTS, instType=kind) for kind in KINDS))
    return parse_instruments([row for answer in answers for row in listed_rows(answer, INSTRUMENTS)])


async def read_tickers(client: Client, _: Instruments) -> Tickers:
    """Read funding of all perpetuals, and open interest of all contracts."""
    funding, *interests = await together(
        client.read(FUNDING, instId="ANY"), *(client.read(OPEN_INTEREST, instType=kind) for kind in KINDS)
    )
    open_interest = [row for answer in interests for row in listed_rows(answer, OPEN_INTEREST)]
    return parse_tickers(listed_rows(funding, FUNDING), open_interest)


async def read_ladder(client: Client, group: str) -> tuple[Tier, ...]:
    """Read the margin tiers of one *group*, as `tier_group` names it."""
    kind, mode, family = group.split()
    return parse_ladder(listed_rows(await client.read(TIERS, instType=kind, tdMode=mode, instFamily=family), TIERS))


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 100 levels a side, whose sizes are contracts.

    Source: OKX API v5, "Get order book": price, size in contracts, a deprecated zero, number of orders; read 2026-11.
    """
    answer = await client.read(ORDER_BOOK, instId=instrument.id, sz="100")
    return order_book(only_row(answer, ORDER_BOOK), "bids", "asks")


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(only_row(answer, TIME).number("ts")) / 1000


def tier_group(instrument: Instrument, mode: str) -> str:
    """Return the name of the tiers that *instrument* is on: of its kind and family, in margin *mode* cross or isolated."""
    kind = KINDS[0] if instrument.expiry is None else KINDS[1]
    return f"{kind} {mode} {instrument.base}-{instrument.quote}"


def listed_rows(answer: object, asked: Endpoint) -> list[Row]:
    """Return the rows of an answer."""
    return whole(answer, VENUE, asked.path).rows("data", "instId")


def only_row(answer: object, asked: Endpoint) -> Row:
    """Return the one row of an answer that is about one thing."""
    found = listed_rows(answer, asked)
    if len(found) != 1:
        raise invalid(VENUE, f"{asked.path} has {len(found)} rows instead of one")
    return found[0]


def parse_instruments(listed: list[Row]) -> dict[str, Instrument]:
    """Return the contracts by name."""
    return readable(((row.text("instId"), row) for row in listed), parse_instrument)


def parse_instrument(row: Row) -> Instrument:
    """Return one contract. ``expTime`` of a perpetual is when it leaves the market, not an expiry.

    Base and quote stand in the family; older answers have only the underlying, which BTC-USD_UM shares with BTC-USD although it
    is another contract.
    """
    base, _, quote = row.text("instFamily" if row.raw.get("instFamily") else "uly").partition("-")
    return Instrument(
        id=row.text("instId"),
        base=base,
        quote=quote,
        settle=row.text("settleCcy"),
        expiry=row.moment("expTime") if parse_kind(row) == "FUTURES" else None,
        contract_size=parse_contract_size(row),
        tick_size=row.optional("tickSz"),
        taker_fee=TAKER_FEE,
        notice=parse_notice(row),
    )


def parse_kind(row: Row) -> str:
    """Return whether a contract is a perpetual or a dated one, which must have its date."""
    kind = row.text("instType")
    if kind not in KINDS:
        raise row.fault("instType", f"is neither {' nor '.join(KINDS)}")
    if kind == "FUTURES" and row.moment("expTime") is None:
        raise row.fault("expTime", "is missing")
    return kind


def parse_contract_size(row: Row) -> Quote:
    """Return the face of one contract, ``ctVal * ctMult``: dollars where it pays in its own coin. ccxt leaves out ctMult.

    Source: OKX API v5, "Get instruments": 100 USD for BTC, 10 USD for others, ctMult 1; read 2026-11.
    """
    inverse = row.raw.get("ctType") == "inverse"
    if inverse and row.raw.get("ctValCcy") != "USD":
        raise row.fault("ctValCcy", "is not USD, though it is inverse")
    multiplier = row.optional("ctMult")
    return row.positive("ctVal") * (ONE if multiplier is None else multiplier)


def parse_notice(row: Row) -> str | None:
    """Return what keeps the market from trading as usual. A perpetual with an end is about to leave.

    Source: OKX API v5, "Get instruments", state and expTime; read 2026-11.
    """
    state = row.raw.get("state")
    if isinstance(state, str) and state != "live":
        return f"its market is {state} instead of live"
    leaves = row.moment("expTime") if row.raw.get("instType") == "SWAP" else None
    return f"its market closes on {leaves:%Y-%m-%d}" if leaves else None


def parse_tickers(funding: list[Row], open_interest: list[Row]) -> dict[str, Ticker]:
    """Return funding and open interest by contract."""
    fundings = readable(((row.text("instId"), row) for row in funding), parse_funding)
    interests = readable(((row.text("instId"), row) for row in open_interest), lambda row: row.number("oi"))
    names = fundings.keys() | interests.keys()
    return {name: Ticker(funding=fundings.get(name), open_interest=interests.get(name)) for name in names}


def parse_funding(row: Row) -> Funding:
    """Return what is paid at ``fundingTime``, which is the next payment; an interval lasts from there to ``nextFundingTime``.

    Source: OKX API v5, "Get funding rate"; ccxt 4.5.90, async_support/okx.py, ``parse_funding_rate``; read 2026-11.
    """
    next_at, then = row.moment("fundingTime"), row.moment("nextFundingTime")
    interval = then - next_at if next_at and then and then > next_at else None
    return Funding(rate=row.number("fundingRate"), interval=interval, next_at=next_at)


def parse_ladder(listed: list[Row]) -> tuple[Tier, ...]:
    """Return one group's tiers, in contracts, plain slabs: the rate of a size holds for all of it. Empty: it has none.

    Tiers are listed as 0 to 5,000 and 5,001 to 7,500. What lies between them, which fractions of a contract do, is above the
    first one's largest size and hence in the second.

    Source: OKX, "Position tiers to be adjusted", help centre, tables of 2021 and 2024; API v5, "Get position tiers"; 2026-11.
    """
    if not listed:
        return ()
    ordered = sorted(listed, key=lambda row: row.number("minSz"))
    floors = [ordered[0].number("minSz"), *(_floor(below, row) for below, row in pairwise(ordered))]
    caps = [*floors[1:], ordered[-1].positive("maxSz")]
    tiers = [
        Tier(floor=floor, cap=cap, rate=row.positive("mmr"), amount=ZERO)
        for row, floor, cap in zip(ordered, floors, caps, strict=True)
    ]
    return ladder(tiers, VENUE, ordered[0].what)


def _floor(below: Row, row: Row) -> Ratio:
    """Return where a tier begins; it may leave out no more than one contract above the tier below."""
    largest, least = below.positive("maxSz"), row.number("minSz")
    if not largest <= least <= largest + ONE:
        raise row.fault("minSz", "does not follow the tier below")
    return min(least, largest + LEAST)
