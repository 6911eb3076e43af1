"""Simulated worlds for tests: one venue with still prices and any residents, on a port of its own."""

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from monitor.core.contract import Side
from monitor.demo.market import Quotes
from monitor.demo.portfolio import Holding, Portfolio, Resident
from monitor.demo.server import serve
from monitor.demo.venue import SimulatedVenue

SECRET, PASSPHRASE = "YS1zZWNyZXQ=", "a-passphrase"
"""The secret is base64, for venues that want it so."""
NOW = 1_790_000_000.0
QUARTER = date(2026, 12, 25)
STILL = Quotes(prices={"BTC": Decimal(50_000), "ETH": Decimal(2_500), "SOL": Decimal(100)}, basis=Decimal("0.02"))


def holding(**different: object) -> Holding:
    given: dict[str, Any] = {"coin": "BTC", "side": Side.LONG, "notional": Decimal(100_000), "entry_price": Decimal(50_000)}
    return Holding(**(given | different))


def resident(portfolio: Portfolio | None = None, *, may_trade: bool = False, may_withdraw: bool = False) -> Resident:
    one = Portfolio(wallets={"BTC": Decimal(1)}, holdings=(holding(),))
    return Resident(
        api_key="a-key",
        api_secret=SECRET,
        api_password=PASSPHRASE,
        portfolio=portfolio or one,
        may_trade=may_trade,
        may_withdraw=may_withdraw,
    )


def venue(kind: type[SimulatedVenue], *residents: Resident) -> SimulatedVenue:
    return kind(quotes=lambda: STILL, clock=lambda: NOW, quarter=QUARTER, residents=residents or (resident(),))


@asynccontextmanager
async def client(simulated: SimulatedVenue, address: str, **different: object) -> AsyncIterator[Any]:
    """The real ccxt class of the venue, led to *address*, with its clock at the venue's."""
    settings: Mapping[str, Any] = {
        "apiKey": "a-key",
        "secret": SECRET,
        "password": PASSPHRASE,
        "enableRateLimit": False,
        "timeout": 2000,
        "number": str,
    }
    urls = {"urls": {"api": simulated.ccxt_urls(address)}}
    exchange = getattr(ccxt, simulated.id)({**settings, **urls, **different})
    exchange.milliseconds = lambda: int(NOW * 1000)
    exchange.seconds = lambda: exchange.milliseconds() // 1000
    exchange.timeout_on_exit = 0
    try:
        yield exchange
    finally:
        await exchange.close()


@asynccontextmanager
async def world(
    kind: type[SimulatedVenue], *residents: Resident, **different: object
) -> AsyncIterator[tuple[SimulatedVenue, Any]]:
    """A venue that is up, and a ccxt client of it."""
    simulated = venue(kind, *residents)
    async with serve(simulated) as address, client(simulated, address, **different) as exchange:
        yield simulated, exchange


def needs_program(name: str, install: str) -> None:
    """Skip where *name* is missing, saying how to get it; with CI=true that is a failure."""
    if shutil.which(name) or shutil.which(name, path="/usr/sbin"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is missing: {install}")
    pytest.skip(f"{name} is missing: {install}")
