"""What the simulated HTX answers to ccxt, and other venues do not."""

from decimal import Decimal

import pytest

from monitor.core.contract import Side
from monitor.demo.htx import SimulatedHtx
from monitor.demo.portfolio import Portfolio
from tests.demo.worlds import holding, resident, world


async def test_htx_has_an_account_for_each_product_and_only_the_larger_side_of_a_hedge_needs_margin() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(80_000))
    portfolio = Portfolio(wallets={"BTC": Decimal(3)}, holdings=(holding(), short), hedge_mode=True)
    async with world(SimulatedHtx, resident(portfolio)) as (_, exchange):
        rows = (await exchange.contractPrivatePostSwapApiV1SwapPositionInfo())["data"]
        account = (await exchange.contractPrivatePostSwapApiV1SwapAccountInfo())["data"][0]
        idle = (await exchange.contractPrivatePostApiV1ContractAccountInfo())["data"][0]
    assert [(row["direction"], float(row["volume"])) for row in rows] == [("buy", 1000), ("sell", 800)]
    assert float(account["margin_position"]) == pytest.approx(100_000 / 50_000 / 10)
    assert (float(account["margin_static"]), float(idle["margin_static"])) == (3, 0)
    assert float(account["risk_rate"]) == pytest.approx(3 / 0.2 - 0.1)
