"""The story's venues together."""

from decimal import Decimal

import ccxt.async_support as ccxt
import pytest

from monitor.demo.exchange import VENUES, DemoAccount, SimulatedExchanges
from monitor.demo.portfolio import Portfolio, Resident

ASK = {
    "binancecoinm": ("dapiPrivateGetPositionRisk", {}),
    "bybit": ("privateGetV5PositionList", {"category": "inverse"}),
    "deribit": ("privateGetGetPositions", {}),
}


async def fetch(account: DemoAccount) -> object:
    settings = {"apiKey": account.api_key, "secret": account.api_secret, "enableRateLimit": False, **account.ccxt}
    exchange = getattr(ccxt, account.exchange)(settings)
    exchange.timeout_on_exit = 0
    method, params = ASK[account.exchange]
    try:
        return await getattr(exchange, method)(params)
    finally:
        await exchange.close()


async def test_every_account_can_be_read_with_its_own_key_and_settings() -> None:
    async with SimulatedExchanges(seed=3) as exchanges:
        assert {account.exchange for account in exchanges.accounts} == {kind.id for kind in VENUES}
        assert [account.name for account in exchanges.accounts] == ["main", "hodl", "treasury"]
        for account in exchanges.accounts:
            assert await fetch(account)


async def test_the_market_stands_still_until_the_story_starts_and_then_moves_by_its_clock() -> None:
    t = 0.0
    async with SimulatedExchanges(seed=3) as exchanges:
        bybit = exchanges.venues["bybit"]
        opening = bybit.clerk().quotes.mark("BTC")
        exchanges.start_story(lambda: t)
        assert bybit.clerk().quotes.mark("BTC") == opening
        t = 36.0
        assert bybit.clerk().quotes.mark("BTC") < opening * Decimal("0.77")


async def test_deribit_is_down_for_maintenance_when_the_story_says_so_and_only_then() -> None:
    t = 0.0
    async with SimulatedExchanges(seed=3) as exchanges:
        treasury = next(account for account in exchanges.accounts if account.exchange == "deribit")
        exchanges.start_story(lambda: t)
        for second in (35.9, 48.0, 155.9):
            t = second
            assert await fetch(treasury)
        for second in (36.0, 47.9, 156.0):
            t = second
            with pytest.raises(ccxt.ExchangeNotAvailable):
                await fetch(treasury)


async def test_nothing_of_an_account_s_secret_is_in_its_repr() -> None:
    async with SimulatedExchanges(seed=3) as exchanges:
        assert not any(account.api_secret in repr(account) for account in exchanges.accounts)


async def test_more_accounts_can_be_settled_and_each_is_found_by_its_key() -> None:
    async with SimulatedExchanges(seed=3) as exchanges:
        venue = exchanges.venues["bybit"]
        for number in range(3):
            wallet = Portfolio(wallets={"BTC": Decimal(number + 1)})
            venue.settle(Resident(api_key=f"key-{number}", api_secret="secret", portfolio=wallet))
        settings = {"apiKey": "key-2", "secret": "secret", "enableRateLimit": False, **exchanges.ccxt("bybit")}
        exchange = ccxt.bybit(settings)
        exchange.timeout_on_exit = 0
        answer = await exchange.privateGetV5AccountWalletBalance({"accountType": "CONTRACT"})
        await exchange.close()
        assert answer["result"]["list"][0]["coin"][0]["walletBalance"] == "3.00000000"
