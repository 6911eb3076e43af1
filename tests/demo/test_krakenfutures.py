"""What the simulated Kraken Futures answers to ccxt, and other venues do not."""

from decimal import Decimal

from monitor.demo.krakenfutures import SimulatedKrakenFutures
from monitor.demo.portfolio import Portfolio
from tests.demo.worlds import STILL, holding, resident, world


async def test_kraken_has_an_account_for_each_coin_and_shows_the_spot_price_that_liquidates_it() -> None:
    portfolio = Portfolio(wallets={"BTC": Decimal(1), "ETH": Decimal(5)}, holdings=(holding(),))
    async with world(SimulatedKrakenFutures, resident(portfolio)) as (_, exchange):
        accounts = (await exchange.privateGetAccounts())["accounts"]
        (row,) = (await exchange.privateGetOpenpositions())["openPositions"]
        assert set(accounts) == {"fi_xbtusd", "fi_ethusd", "cash", "flex"}
        assert (row["symbol"], row["side"], Decimal(row["size"])) == ("pi_xbtusd", "long", 100_000)
        assert accounts["fi_xbtusd"]["marginRequirements"]["mm"] == 0.02
        assert accounts["fi_xbtusd"]["triggerEstimates"]["lt"] == float(round(STILL.index("BTC") * 101_000 / 150_000, 2))
        assert accounts["fi_ethusd"]["triggerEstimates"]["lt"] == 0
