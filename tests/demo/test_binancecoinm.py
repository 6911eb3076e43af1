"""What the simulated Binance COIN-M answers to ccxt, and other venues do not."""

from decimal import Decimal

from monitor.core.contract import Side
from monitor.demo.binancecoinm import SimulatedBinanceCoinM
from monitor.demo.portfolio import Portfolio
from tests.demo.worlds import QUARTER, holding, resident, world


async def test_binance_rows_carry_the_position_and_the_frozen_price() -> None:
    dated = holding(notional=Decimal(300_000), entry_price=Decimal(51_000), expiry=QUARTER)
    portfolio = Portfolio(wallets={"BTC": Decimal(8)}, holdings=(holding(notional=Decimal(400_000)), dated))
    async with world(SimulatedBinanceCoinM, resident(portfolio)) as (_, exchange):
        rows = [row for row in await exchange.dapiPrivateGetPositionRisk() if row["positionAmt"] != "0"]
        assert [(row["symbol"], row["positionAmt"], row["positionSide"]) for row in rows] == [
            ("BTCUSD_PERP", "4000", "BOTH"),
            (f"BTCUSD_{QUARTER:%y%m%d}", "3000", "BOTH"),
        ]
        assert rows[0]["liquidationPrice"] == "25201.82004990"
        assert rows[0]["notionalValue"] == "8.00000000"
        account = await exchange.dapiPrivateGetAccount()
        assert account["assets"][0]["walletBalance"] == "8.00000000"
        assert account["assets"][0]["marginBalance"] == "8.00000000"


async def test_binance_shows_both_sides_of_a_hedged_symbol() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(40_000))
    portfolio = Portfolio(wallets={"BTC": Decimal(3)}, holdings=(holding(), short), hedge_mode=True)
    async with world(SimulatedBinanceCoinM, resident(portfolio)) as (_, exchange):
        rows = {
            row["positionSide"]: row for row in await exchange.dapiPrivateGetPositionRisk({"pair": "BTCUSD"}) if row["leverage"]
        }
        held = {row["positionSide"]: row for row in await exchange.dapiPrivateGetPositionRisk() if row["positionAmt"] != "0"}
        assert set(rows) == {"BOTH", "LONG", "SHORT"}
        assert {side: row["positionAmt"] for side, row in held.items()} == {"LONG": "1000", "SHORT": "-400"}
        assert held["LONG"]["liquidationPrice"] == held["SHORT"]["liquidationPrice"]
