"""What the simulated Deribit answers to ccxt, and other venues do not."""

from decimal import Decimal

from monitor.core.contract import Side
from monitor.demo.deribit import SimulatedDeribit
from monitor.demo.portfolio import Portfolio
from tests.demo.worlds import holding, resident, world


async def test_deribit_speaks_in_signed_dollars_and_its_balance_holds_what_was_settled() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(90_000), entry_price=Decimal(45_000))
    async with world(SimulatedDeribit, resident(Portfolio(wallets={"BTC": Decimal(3)}, holdings=(short,)))) as (_, exchange):
        row = (await exchange.privateGetGetPositions())["result"][0]
        summary = (await exchange.privateGetGetAccountSummaries())["result"]["summaries"][0]
        assert (float(row["size"]), float(row["size_currency"]), row["direction"]) == (-90_000, -1.8, "sell")
        equity = Decimal(3) + Decimal(-90_000) / 45_000 + Decimal(90_000) / 50_000
        assert Decimal(str(summary["equity"])) == equity
        assert Decimal(str(summary["balance"])) == equity - Decimal(str(row["floating_profit_loss"]))
        assert Decimal(str(summary["balance"])) != 3


async def test_deribit_lists_a_linear_contract_and_an_option_for_filters_to_leave_out() -> None:
    async with world(SimulatedDeribit) as (_, exchange):
        every = (await exchange.publicGetGetInstruments({"currency": "any"}))["result"]
        futures = (await exchange.publicGetGetInstruments({"currency": "BTC", "kind": "future"}))["result"]
        assert {"option", "future"} == {row["kind"] for row in every}
        assert {row["settlement_currency"] for row in every} == {"BTC", "ETH", "SOL", "USDC"}
        assert [row["instrument_name"] for row in futures] == ["BTC-PERPETUAL", "BTC-25DEC26"]
