"""What the simulated Gate answers to ccxt, and other venues do not."""

from decimal import Decimal

from monitor.core.contract import Side
from monitor.demo.gate import SimulatedGate
from monitor.demo.portfolio import Portfolio
from tests.demo.worlds import holding, resident, world


async def test_gate_shows_hedges_isolated_margin_and_nines_for_no_price() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(40_000), isolated_margin=Decimal(1))
    portfolio = Portfolio(wallets={"BTC": Decimal(3)}, holdings=(holding(), short), hedge_mode=True)
    async with world(SimulatedGate, resident(portfolio)) as (_, exchange):
        rows = await exchange.privateFuturesGetSettlePositions({"settle": "btc", "holding": "true"})
        account = await exchange.privateFuturesGetSettleAccounts({"settle": "btc"})
        shown = [(row["mode"], row["size"], row["leverage"], row["pos_margin_mode"]) for row in rows]
        assert shown == [("dual_long", "100000", "0", "cross"), ("dual_short", "-40000", "10", "isolated")]
        assert (rows[0]["liq_price"], rows[1]["liq_price"]) == ("20134.80", "99999999")  # 100,825 / 5.0075
        assert (rows[1]["margin"], account["total"]) == ("1.000000000000", "4.000000000000")
        assert (account["margin_mode"], account["position_mode"]) == (0, "dual")


async def test_gate_lists_empty_sides_too_unless_told_not_to_and_gives_pages() -> None:
    portfolio = Portfolio(wallets={"BTC": Decimal(3)}, holdings=(holding(),), hedge_mode=True)
    async with world(SimulatedGate, resident(portfolio)) as (_, exchange):
        every = await exchange.privateFuturesGetSettlePositions({"settle": "btc"})
        second = await exchange.privateFuturesGetSettlePositions({"settle": "btc", "limit": 1, "offset": 1})
        assert [row["mode"] for row in every] == ["dual_long", "dual_short"]
        assert second == every[1:]
