"""Every fault against every simulated venue: what a look becomes, first and later, and that the venue recovers.

``python -m tests.demo.matrix`` prints it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aiolimiter import AsyncLimiter

from monitor.core.account import Account, Pool
from monitor.core.contract import Side
from monitor.demo.exchange import SIMULATED
from monitor.demo.faults import Fault
from monitor.demo.portfolio import Holding, Portfolio
from monitor.demo.server import serve
from monitor.demo.venue import SimulatedVenue
from monitor.ports import Venue, VenueError
from monitor.venues import Venues
from monitor.venues.access import Access
from tests.demo.worlds import NOW, PASSPHRASE, QUARTER, SECRET, holding, resident, venue
from tests.venues.scenes import SCENES

SAME, NOTICED, WRONG = "same", "noticed", "WRONG"
"""The true account; that with a notice that a market is gone, and perhaps without what it told; anything else."""

LATER = 3700.0
"""Seconds until everything that is kept for a while is read again."""

EXPECTED: dict[Fault, str] = {
    Fault.HTML: "invalid",
    Fault.EMPTY: "invalid",
    Fault.EMPTY_OBJECT: "invalid",
    Fault.NULL: "invalid",
    Fault.CUT_JSON: "invalid",
    Fault.RATE_LIMITED: "rate_limited",
    Fault.BANNED: "rate_limited",
    Fault.SERVER_ERROR: "unavailable",
    Fault.MAINTENANCE: "maintenance",
    Fault.PAYMENT_REQUIRED: "unavailable",
    Fault.OVERLOADED: "unavailable",
    Fault.REFUSED: "refused",
    Fault.SKEWED_CLOCK: SAME,
    Fault.SLOW_BODY: SAME,
    Fault.STALL: "timeout",
    Fault.RESET: "unavailable",
    Fault.REDIRECT: "unavailable",
    Fault.DUPLICATE_ROWS: "invalid",
    Fault.MISSING_KEYS: "invalid",
    Fault.NUMBERS_AS_TEXTS: SAME,
    Fault.TEXTS_AS_NUMBERS: SAME,
    Fault.DELISTED: "invalid",
    Fault.MISSING_PAGE: SAME,
}
"""What a first look becomes."""

PAGED = ("bybit",)
"""Venues whose simulated answers have several pages."""


class AheadClock:
    """The simulated venues' still clock, whose monotonic time runs and can be moved on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> datetime:
        return self.wall()

    def wall(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of looks: the first one under the fault, one under it after a good one, and one after each."""

    first: str
    recovered: str
    later: str
    recovered_again: str


def expected(kind: type[SimulatedVenue], fault: Fault) -> Trial:
    first = later = EXPECTED[fault]
    if fault is Fault.MISSING_PAGE and kind.id in PAGED:
        first = later = "unavailable"
    if fault is Fault.DELISTED:
        later = NOTICED
    return Trial(first=first, recovered=SAME, later=later, recovered_again=SAME)


def holdings(kind: type[SimulatedVenue]) -> Iterable[Holding]:
    yield holding(entry_price=Decimal(45_000))
    if "BTC" in kind.dated and kind.mixes_dates:
        yield holding(side=Side.SHORT, notional=Decimal(60_000), expiry=QUARTER)
    if "ETH" in kind.coins:
        alone = Decimal(5) if kind.has_isolated else None
        yield holding(coin="ETH", notional=Decimal(20_000), entry_price=Decimal(2_400), isolated_margin=alone)


@asynccontextmanager
async def opened(simulated: SimulatedVenue, address: str, clock: AheadClock, patience: int) -> AsyncIterator[Venue]:
    access = Access(
        account="main",
        venue=simulated.id,
        api_key="a-key",
        api_secret=SECRET,
        api_password=PASSPHRASE,
        interval=timedelta(seconds=1),
        options={"urls": {"api": simulated.ccxt_urls(address)}, "timeout": patience},
    )
    async with Venues(clock) as venues:
        account: Any = venues.open(access)
        for client in (account._seat.client, account._seat.book._client):
            client._gate._limiter = client._key_limiter = AsyncLimiter(1e6)  # budgets count real seconds, which these looks skip
        yield account


async def trial(kind: type[SimulatedVenue], fault: Fault) -> Trial:
    simulated, clock, known = inhabited(kind), AheadClock(), await truth(kind)
    simulated.longest_page = 1 if fault is Fault.MISSING_PAGE else simulated.longest_page
    found = []
    async with serve(simulated) as address, opened(simulated, address, clock, 200 if fault is Fault.STALL else 5000) as account:
        for is_wrong in (True, False, True, False):
            simulated.behave()
            if is_wrong:
                misbehave(simulated, fault)
            found.append(await outcome(account, known))
            clock.ahead += LATER
    return Trial(first=found[0], recovered=found[1], later=found[2], recovered_again=found[3])


def inhabited(kind: type[SimulatedVenue]) -> SimulatedVenue:
    wallets: dict[str, Decimal] = {coin: Decimal(20) for coin in ("BTC", "ETH") if coin in kind.coins}
    return venue(kind, resident(Portfolio(wallets=wallets, holdings=tuple(holdings(kind)))))


TRUTHS: dict[str, Account] = {}


async def truth(kind: type[SimulatedVenue]) -> Account:
    """What a look at a healthy venue finds, asked once: its prices and its clock stand still."""
    if kind.id not in TRUTHS:
        simulated = inhabited(kind)
        async with serve(simulated) as address, opened(simulated, address, AheadClock(), 5000) as account:
            TRUTHS[kind.id] = await account.look()
    return TRUTHS[kind.id]


def misbehave(simulated: SimulatedVenue, fault: Fault) -> None:
    if fault is Fault.DELISTED:
        lists = [path for path in simulated.public if path.endswith(SCENES[simulated.id].listed[0])]
        simulated.misbehave(fault, paths=lists, keys=[simulated.clerk().instrument("BTC", None).symbol])
    else:
        simulated.misbehave(fault, seconds=0.02)


async def outcome(account: Venue, truth: Account) -> str:
    """What a look becomes: an error's kind, or how the account compares with the true one."""
    try:
        seen = await account.look()
    except VenueError as failed:
        return failed.kind.value
    if seen.pools == truth.pools:
        return SAME
    is_noticed = any(held.market_notice for held in seen.positions)
    return NOTICED if is_noticed and [*map(marketless, seen.pools)] == [*map(marketless, truth.pools)] else WRONG


def marketless(pool: Pool) -> Pool:
    """A pool without what its positions tell of their markets: at some venues that goes with the market."""
    unknown: dict[str, Any] = dict.fromkeys(("index_price", "basis", "open_interest", "funding", "market_notice"))
    return replace(pool, positions=tuple(replace(held, **unknown) for held in pool.positions))


def main() -> None:
    """Print the table: rows are faults, columns venues, and a cell says what is not as expected."""
    width = max(len(kind.id) for kind in SIMULATED) + 1
    print(f"{'fault':18}{'first / later':28}" + "".join(f"{kind.id:>{width}}" for kind in SIMULATED))
    for fault in Fault:
        usual = expected(SIMULATED[0], fault)
        cells = [cell(asyncio.run(trial(kind, fault)), expected(kind, fault)) for kind in SIMULATED]
        row = "".join(f"{text:>{width}}" for text in cells)
        print(f"{fault:18}{f'{usual.first} / {usual.later}':28}{row}", flush=True)


def cell(found: Trial, wanted: Trial) -> str:
    return "ok" if found == wanted else f"{found.first}/{found.recovered}/{found.later}/{found.recovered_again}"


if __name__ == "__main__":
    main()
