"""The simulated venues in a process of their own, with as many accounts as are asked for.

Same answers, signatures and wire formats as in the demo, at prices that stand still until they are told to move. What an
account is answered is worked out once for each price, so that a thousand accounts do not measure the simulator.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aiohttp import web

from monitor.core.contract import Side
from monitor.demo.binancecoinm import SimulatedBinanceCoinM
from monitor.demo.bybit import SimulatedBybit
from monitor.demo.deribit import SimulatedDeribit
from monitor.demo.market import Quotes, quarterly
from monitor.demo.message import Ask, Reply
from monitor.demo.portfolio import Holding, Portfolio, Resident
from monitor.demo.server import serve
from monitor.demo.venue import SimulatedVenue
from tests.bench.processes import answer_questions

CALM = {"BTC": Decimal(60_000), "ETH": Decimal(3_000), "SOL": Decimal(150)}
OTHERS = {f"C{number:02}": Decimal(1) for number in range(20)}
"""Coins that nobody holds, so that positionRisk is as long as at the venue, which lists every contract in it.

Source: 25 inverse perpetuals in a recorded exchangeInfo of COIN-M (shared data, markets/binance.json).
"""

QUARTER = quarterly(datetime.now(UTC).date())
SECRET = "a-secret"
IN_AUTHORIZATION = re.compile(r"\bid=([^,]+)")
DIFFERENT_EACH_TIME = frozenset({"timestamp", "signature", "recvWindow"})


class Market:
    """``share``: of the calm prices."""

    def __init__(self) -> None:
        self.share = Decimal(1)

    def quotes(self) -> Quotes:
        return Quotes(prices={coin: price * self.share for coin, price in (CALM | OTHERS).items()})


class Watched(SimulatedVenue):
    """Goes before a simulated venue.

    ``stalled``: keys that get no answer. ``asked`` and ``answered``: key, path and moment (of the clock that all programs
    of a machine share) of each request; the key of what is public is "".
    """

    def watch(self, market: Market) -> None:
        self.market = market
        self.stalled: set[str] = set()
        self.asked: list[tuple[str, str, float]] = []
        self.answered: list[tuple[str, str, float]] = []
        self._known: dict[tuple[object, ...], Reply] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        key, path = key_of(request.headers), request.path
        self.asked.append((key, path, time.monotonic()))
        if key in self.stalled:
            await asyncio.Event().wait()
        response = await super().serve(request)
        self.answered.append((key, path, time.monotonic()))
        return response

    def answer(self, ask: Ask) -> Reply:
        """Return what was answered before at these prices; but who asks is checked each time, and the time is always told."""
        if ask.path not in self.private or isinstance(who := self.identify(ask), Reply):
            return super().answer(ask)
        asked = frozenset(item for item in ask.query.items() if item[0] not in DIFFERENT_EACH_TIME)
        question = (who.api_key, ask.path, asked, self.market.share)
        if question not in self._known:
            self._known[question] = super().answer(ask)
        return self._known[question]


class BinanceCoinM(Watched, SimulatedBinanceCoinM):
    def watch(self, market: Market) -> None:
        super().watch(market)
        self.instruments += tuple(self.list_instrument(coin, None) for coin in OTHERS)


class Bybit(Watched, SimulatedBybit):
    pass


class Deribit(Watched, SimulatedDeribit):
    pass


class Simulator:
    """Three venues, and what can be asked of this program."""

    def __init__(self) -> None:
        self._market = Market()
        self._running = AsyncExitStack()
        self._addresses: dict[str, str] = {}
        kinds: tuple[type[Watched], ...] = (BinanceCoinM, Bybit, Deribit)
        self.venues = {k.id: k(quotes=self._market.quotes, clock=time.time, quarter=QUARTER) for k in kinds}

    async def run(self) -> None:
        async with AsyncExitStack() as running:
            for name, venue in self.venues.items():
                venue.watch(self._market)
                self._addresses[name] = await running.enter_async_context(serve(venue))
            await answer_questions(self.answer)

    async def answer(self, question: Mapping[str, Any]) -> object:
        do: Callable[[Mapping[str, Any]], object] = getattr(self, f"_{question['do']}")
        return do(question)

    def _settle(self, question: Mapping[str, Any]) -> object:
        return [self._account(venue, number) for venue, count in question["counts"].items() for number in range(count)]

    def _stall(self, question: Mapping[str, Any]) -> None:
        for venue in self.venues.values():
            venue.stalled = set(question["keys"])

    def _move(self, question: Mapping[str, Any]) -> None:
        self._market.share = Decimal(question["share"])

    def _counts(self, _: Mapping[str, Any]) -> object:
        return {name: Counter(path for _, path, _ in venue.asked) for name, venue in self.venues.items()}

    def _stamps(self, question: Mapping[str, Any]) -> object:
        return {name: getattr(venue, question["of"]) for name, venue in self.venues.items()}

    def _forget(self, _: Mapping[str, Any]) -> None:
        for venue in self.venues.values():
            venue.asked, venue.answered = [], []

    def _account(self, venue: str, number: int) -> dict[str, object]:
        name = f"{venue}-{number}"
        self.venues[venue].settle(Resident(api_key=name, api_secret=SECRET, portfolio=portfolio()))
        urls = {"urls": {"api": self.venues[venue].ccxt_urls(self._addresses[venue])}}
        return {"name": name, "exchange": venue, "api_key": name, "api_secret": SECRET, "ccxt": urls}


def portfolio() -> Portfolio:
    """Return three positions: two on one coin, 37 % from liquidation, and one on another."""
    holdings = (
        Holding(coin="BTC", side=Side.LONG, notional=Decimal(40_000), entry_price=Decimal(60_000)),
        Holding(coin="BTC", side=Side.LONG, notional=Decimal(20_000), entry_price=Decimal(60_400), expiry=QUARTER),
        Holding(coin="ETH", side=Side.LONG, notional=Decimal(3_000), entry_price=Decimal(3_000)),
    )
    return Portfolio(wallets={"BTC": Decimal("0.6"), "ETH": Decimal(5)}, holdings=holdings)


def key_of(headers: Mapping[str, str]) -> str:
    """Return whose request it is, wherever the three venues have it; "": nobody's."""
    found = IN_AUTHORIZATION.search(headers.get("Authorization", ""))
    return headers.get("X-MBX-APIKEY") or headers.get("X-BAPI-API-KEY") or (found.group(1) if found else "")


if __name__ == "__main__":
    asyncio.run(Simulator().run())
