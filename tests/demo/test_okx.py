"""What the simulated OKX answers to ccxt, and other venues do not."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest

from monitor.core.contract import Side
from monitor.demo.okx import SimulatedOkx
from monitor.demo.portfolio import Portfolio
from tests.demo.worlds import QUARTER, holding, resident, world


@pytest.mark.parametrize("password", ["another", "a-passphras"])
async def test_okx_wants_the_passphrase_of_the_key(password: str) -> None:
    async with world(SimulatedOkx, password=password) as (_, exchange):
        with pytest.raises(ccxt.AuthenticationError, match="50105"):
            await exchange.privateGetAccountBalance()


async def test_okx_counts_all_cross_contracts_of_a_coin_for_the_tier_and_an_isolated_one_alone() -> None:
    long, short = holding(notional=Decimal(300_000)), holding(side=Side.SHORT, notional=Decimal(200_000))
    alone = holding(notional=Decimal(300_000), isolated_margin=Decimal(2), expiry=QUARTER)
    portfolio = Portfolio(wallets={"BTC": Decimal(9)}, holdings=(long, short, alone), hedge_mode=True)
    async with world(SimulatedOkx, resident(portfolio)) as (_, exchange):
        rows = (await exchange.privateGetAccountPositions())["data"]
        detail = (await exchange.privateGetAccountBalance())["data"][0]["details"][0]
    assert [(row["posSide"], row["pos"], row["mgnMode"]) for row in rows] == [
        ("long", "3000", "cross"),
        ("short", "2000", "cross"),
        ("long", "3000", "isolated"),
    ]
    rates = [Decimal(row["mmr"]) * Decimal(row["markPx"]) / (100 * Decimal(row["pos"])) for row in rows]
    assert rates == [pytest.approx(Decimal(rate), abs=Decimal("1e-12")) for rate in ("0.005", "0.005", "0.004")]
    assert Decimal(detail["mmr"]) == Decimal(rows[0]["mmr"]) + Decimal(rows[1]["mmr"])
    assert Decimal(detail["eq"]) == Decimal(9) + Decimal(detail["isoEq"])
