"""What the simulated Bybit answers to ccxt, and other venues do not."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest

from monitor.demo.bybit import SimulatedBybit
from monitor.demo.portfolio import AccountMode, Portfolio
from tests.demo.worlds import QUARTER, holding, resident, world


async def test_bybit_pages_positions_and_every_page_is_reached_by_its_cursor() -> None:
    portfolio = Portfolio(wallets={"BTC": Decimal(9)}, holdings=(holding(), holding(expiry=QUARTER)))
    async with world(SimulatedBybit, resident(portfolio)) as (simulated, exchange):
        seen, cursor = [], ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            result = (await exchange.privateGetV5PositionList({"category": "inverse", "limit": 2} | more))["result"]
            seen += [row["symbol"] for row in result["list"]]
            if not (cursor := result["nextPageCursor"]):
                break
        assert sorted(seen) == ["BTCUSD", "BTCUSDZ26", "ETHUSD", "ETHUSDZ26", "SOLUSD"]
        assert simulated.requests["/v5/position/list"] == 3


async def test_bybit_isolated_margin_is_inside_the_wallet_balance() -> None:
    isolated = holding(coin="ETH", entry_price=Decimal(2_500), notional=Decimal(5_000), isolated_margin=Decimal(1))
    portfolio = Portfolio(wallets={"ETH": Decimal(3)}, holdings=(isolated,))
    async with world(SimulatedBybit, resident(portfolio)) as (_, exchange):
        balance = await exchange.privateGetV5AccountWalletBalance({"accountType": "CONTRACT"})
        assert balance["result"]["list"][0]["coin"][0]["walletBalance"] == "4.00000000"
        row = (await exchange.privateGetV5PositionList({"category": "inverse"}))["result"]["list"][0]
        assert (row["tradeMode"], row["positionBalance"]) == (1, "1.00000000")


async def test_bybit_classic_and_unified_accounts_have_wallets_of_their_own() -> None:
    unified = resident(Portfolio(wallets={"BTC": Decimal(1)}, account_mode=AccountMode.UNIFIED))
    async with world(SimulatedBybit, unified) as (_, exchange):
        assert (await exchange.privateGetV5AccountInfo())["result"]["unifiedMarginStatus"] == 6
        with pytest.raises(ccxt.BaseError):
            await exchange.privateGetV5AccountWalletBalance({"accountType": "CONTRACT"})
