"""What our cost is held against: a bare loop over ccxt's unified calls, as anybody would write it."""

import asyncio
import gc
import time
from collections.abc import Mapping
from typing import Any

import ccxt.async_support as ccxt

from tests.bench.processes import answer_questions

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "binancecoinm": {},
    "bybit": {"defaultType": "swap", "defaultSubType": "inverse", "fetchMarkets": {"types": ["inverse"]}},
    "deribit": {},
}
"""What it takes at each venue to be given inverse positions."""


class Bare:
    def __init__(self) -> None:
        self._exchanges: dict[str, list[Any]] = {}

    async def run(self) -> None:
        await answer_questions(self.answer)
        for exchanges in self._exchanges.values():
            for exchange in exchanges:
                await exchange.close()

    async def answer(self, question: Mapping[str, Any]) -> object:
        match question["do"]:
            case "open":
                for account in question["accounts"]:
                    await self._open(account)
                return None
            case _:
                return await self._round(question["venue"])

    async def _open(self, account: Mapping[str, Any]) -> None:
        """Make an instance as ccxt's manual does, but without its limiter, which looks at the clock each millisecond."""
        venue = account["exchange"]
        settings = {"apiKey": account["api_key"], "secret": account["api_secret"], "enableRateLimit": False}
        exchange = getattr(ccxt, venue)(settings | account["ccxt"] | {"options": OPTIONS[venue]})
        exchange.has["fetchCurrencies"] = False
        await exchange.load_markets()
        self._exchanges.setdefault(venue, []).append(exchange)

    async def _round(self, venue: str) -> object:
        gc.collect()
        cpu = time.process_time()
        seen = []
        for exchange in self._exchanges[venue]:
            positions, _ = await asyncio.gather(exchange.fetch_positions(), exchange.fetch_balance())
            seen.append(sum(1 for position in positions if position["contracts"]))
        return {"cpu": (time.process_time() - cpu) / len(seen), "positions": seen}


if __name__ == "__main__":
    asyncio.run(Bare().run())
