"""What it takes to reckon a pool, and how that grows with its positions."""

import math
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from statistics import median

from monitor.core.account import Account, Basis, Maintenance, Position
from monitor.core.assessment import assess
from monitor.core.contract import Side
from tests.bench.figure import Row, milliseconds, spread
from tests.build import BTC_PERPETUAL, account, pool, position, tiers

TIERS = 10
SIZES = (10, 100, 1000)
REPEATS = {10: 200, 100: 20, 1000: 2}
CONVENTIONS = ("binancecoinm", "bybit", "deribit")


async def assessment() -> Sequence[Row]:
    spent = {size: _spent(reading(size, "binancecoinm"), REPEATS[size]) for size in SIZES}
    ten = {venue: median(_spent(reading(10, venue), REPEATS[10])) for venue in CONVENTIONS}
    exponent = math.log(median(spent[1000]) / median(spent[10])) / math.log(1000 / 10)
    return [
        Row(
            figure=f"assess one pool of 10 positions with {TIERS} tiers",
            target="<= 1 ms",
            measured=milliseconds(median(spent[10])),
            met=median(spent[10]) <= 0.001,
            remark=f"{spread([one * 1000 for one in spent[10]])} ms; "
            + ", ".join(f"{venue} {milliseconds(one)}" for venue, one in ten.items()),
        ),
        Row(
            figure="growth from 10 to 1,000 positions, time ~ positions ^ k",
            target="near linear (k <= 1.2)",
            measured=f"k = {exponent:.2f}",
            met=exponent <= 1.2,
            remark=", ".join(f"{size}: {milliseconds(median(found))}" for size, found in spent.items()),
        ),
    ]


def reading(size: int, venue: str) -> Account:
    """Return an account with one pool of a perpetual and dated contracts, each with a mark and a ladder of its own."""
    return account(pool(3 * size, *(_position(number) for number in range(size))), venue=venue)


def _position(number: int) -> Position:
    ladder = tiers(*((Decimal(200 * step), Decimal("0.004") * (step + 1)) for step in range(TIERS)))
    return position(
        Side.LONG if number % 3 else Side.SHORT,
        10_000 + 100 * number,
        Decimal(58_000) + 10 * (number % 400),
        Decimal(60_000) + number,
        symbol=f"{BTC_PERPETUAL}-{270_000 + number}" if number else BTC_PERPETUAL,
        maintenance=Maintenance(basis=Basis.MARK, tiers=ladder),
        venue_liquidation_price=Decimal(30_000),
    )


def _spent(read: Account, repeats: int) -> list[float]:
    work = partial(assess, read, age=timedelta(0), target_distance=Decimal("0.3"))
    return [_timed(work) for _ in range(repeats)]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
