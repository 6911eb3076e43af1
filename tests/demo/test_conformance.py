"""Random portfolios through the simulated venues and the real adapters: the monitor finds what the ledger knows.

The ledger and `monitor.core` share no arithmetic: one looks for the price by halving, the other solves pieces.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from monitor.core.account import Account
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.number import Ratio
from monitor.demo.clerk import Statement
from monitor.demo.exchange import SIMULATED
from monitor.demo.orders import levels
from monitor.demo.portfolio import Holding, Portfolio
from monitor.demo.server import serve
from monitor.demo.venue import SimulatedVenue
from monitor.venues import Venues
from monitor.venues.access import Access
from tests.demo.worlds import PASSPHRASE, QUARTER, SECRET, STILL, resident

PORTFOLIOS = 12
HELD = ("BTC", "ETH")
CLOSE = Decimal("1e-6")


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def portfolio(chance: Random, kind: type[SimulatedVenue]) -> Portfolio:
    hedge_mode = kind.has_hedge_mode and chance.random() < 0.3
    coins = [coin for coin in HELD if coin in kind.coins]
    holdings = tuple(one for coin in coins for one in holdings_of(chance, kind, coin, hedge_mode=hedge_mode))
    wallets = {coin: _digits(chance.uniform(0.5, 40) * 50_000 / float(STILL.prices[coin]), 6) for coin in coins}
    return Portfolio(wallets=wallets, holdings=holdings, hedge_mode=hedge_mode)


def holdings_of(chance: Random, kind: type[SimulatedVenue], coin: str, *, hedge_mode: bool) -> Iterator[Holding]:
    price = float(STILL.prices[coin])
    dates = (None, QUARTER) if coin in kind.dated else (None,)
    for expiry in dates if kind.mixes_dates else [chance.choice(dates)]:
        for side in Side if hedge_mode else [chance.choice(list(Side))]:
            notional = Decimal(chance.randrange(50, 10_000) * 100)
            isolated = kind.has_isolated and chance.random() < 0.3
            yield Holding(
                coin=coin,
                side=side,
                notional=notional,
                entry_price=_digits(price * chance.uniform(0.7, 1.3), 2),
                expiry=expiry,
                isolated_margin=_digits(float(notional) / price * chance.uniform(0.1, 0.8), 4) if isolated else None,
            )


def _digits(number: float, places: int) -> Decimal:
    return Decimal(f"{number:.{places}f}")


@pytest.mark.parametrize("kind", SIMULATED)
async def test_what_the_monitor_computes_is_what_the_ledger_knows(kind: type[SimulatedVenue]) -> None:
    simulated = kind(quotes=lambda: STILL, clock=time.time, quarter=QUARTER)
    async with serve(simulated) as address, Venues(RealClock()) as venues:
        for number in range(PORTFOLIOS):
            given = portfolio(Random(number), kind)
            simulated.settle(resident(given))
            seen = await venues.open(access(simulated, address)).look()
            agree(seen, {statement.coin: statement for statement in simulated.clerk().statements(given)})


def access(simulated: SimulatedVenue, address: str) -> Access:
    return Access(
        account="main",
        venue=simulated.id,
        api_key="a-key",
        api_secret=SECRET,
        api_password=PASSPHRASE,
        interval=timedelta(hours=1),
        options={"urls": {"api": simulated.ccxt_urls(address)}},
    )


def agree(seen: Account, known: dict[str, Statement]) -> None:
    risk = assess(seen, age=timedelta(0), target_distance=Decimal("0.3"))
    assert {pool.pool.coin for pool in risk.pools} == set(known)
    for pool in risk.pools:
        statement = known[pool.pool.coin]
        assert len(pool.pool.positions) == len(statement.items)
        assert abs(pool.pool.wallet_balance - statement.pool.wallet) < Decimal("1e-7")
        assert _near(pool.margin.distance, _distance(statement)), (pool.margin, statement)


def _distance(statement: Statement) -> Ratio | None:
    ticks = [item.instrument.tick / item.leg.mark_price for item in statement.items]
    move = statement.pool.liquidation_move(min(ticks)) if statement.pool.legs else None
    return None if move is None else abs(1 - move)


def _near(one: Ratio | None, other: Ratio | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) < CLOSE


@pytest.mark.parametrize("kind", SIMULATED)
async def test_what_the_market_says_of_a_position_is_read_with_it(kind: type[SimulatedVenue]) -> None:
    simulated = kind(quotes=lambda: STILL, clock=time.time, quarter=QUARTER)
    simulated.settle(resident(portfolio(Random(1), kind)))
    async with serve(simulated) as address, Venues(RealClock()) as venues:
        seen = await venues.open(access(simulated, address)).look()
    assert seen.positions
    for held in seen.positions:
        coin, expiry = str(held.settle), None if held.is_perpetual else QUARTER
        assert held.basis_ratio == pytest.approx(STILL.mark(coin, expiry) / STILL.index(coin) - 1, abs=CLOSE)
        assert held.taker_fee
        assert held.market_notice is None
        assert bool(held.funding) is held.is_perpetual


@pytest.mark.parametrize("kind", SIMULATED)
async def test_an_order_book_is_read_in_contracts(kind: type[SimulatedVenue]) -> None:
    simulated = kind(quotes=lambda: STILL, clock=time.time, quarter=QUARTER)
    simulated.settle(resident(portfolio(Random(1), kind)))
    async with serve(simulated) as address, Venues(RealClock()) as venues:
        book = await venues.open(access(simulated, address)).order_book("BTC/USD:BTC")
    instrument = simulated.clerk().instrument("BTC", None)
    bids, asks = levels(simulated.clerk().mark(instrument), instrument.tick, count=50)
    for read, shown in ((book.bids, bids), (book.asks, asks)):
        assert [(level.price, level.contracts * instrument.contract_size) for level in read] == [*shown]
