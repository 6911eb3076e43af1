"""All simulated venues together, each on a port of its own, with the story's accounts or with none."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from monitor.demo.binancecoinm import SimulatedBinanceCoinM
from monitor.demo.bingx import SimulatedBingX
from monitor.demo.bybit import SimulatedBybit
from monitor.demo.deribit import SimulatedDeribit
from monitor.demo.gate import SimulatedGate
from monitor.demo.htx import SimulatedHtx
from monitor.demo.krakenfutures import SimulatedKrakenFutures
from monitor.demo.kucoinfutures import SimulatedKuCoinFutures
from monitor.demo.market import Market, Quotes, quarterly
from monitor.demo.okx import SimulatedOkx
from monitor.demo.phemex import SimulatedPhemex
from monitor.demo.server import serve
from monitor.demo.story import OUTAGE, Role, roles
from monitor.demo.venue import SimulatedVenue

VENUES: tuple[type[SimulatedVenue], ...] = (SimulatedBinanceCoinM, SimulatedBybit, SimulatedDeribit)
"""The venues of the story."""

SIMULATED: tuple[type[SimulatedVenue], ...] = (
    *VENUES,
    SimulatedBingX,
    SimulatedGate,
    SimulatedHtx,
    SimulatedKrakenFutures,
    SimulatedKuCoinFutures,
    SimulatedOkx,
    SimulatedPhemex,
)
"""Every simulated venue, one row each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """One account as the configuration wants it. ``ccxt``: what leads ccxt to the simulated venue. ``shows``: what to look at."""

    name: str
    exchange: str
    api_key: str
    api_secret: str = field(repr=False)
    ccxt: dict[str, object]
    shows: str


class SimulatedExchanges:
    """The venues of the story, inside an ``async with`` block. Before `start_story` it is story second zero.

    ``clock``: seconds since the epoch, by which the venues date answers and judge signatures; None: this machine's.
    """

    def __init__(self, *, seed: int = 1, clock: Callable[[], float] | None = None) -> None:
        wall = time.time if clock is None else clock
        quarter = quarterly(datetime.fromtimestamp(wall(), UTC).date())
        self._market = Market(seed)
        self._story: Callable[[], float] = lambda: 0.0
        self._roles = roles(quarter)
        self.venues = {kind.id: kind(quotes=self._quotes, clock=wall, quarter=quarter) for kind in VENUES}
        self.venues[OUTAGE.venue].follow(lambda: OUTAGE.fault if OUTAGE.is_on(self._story()) else None)
        self._running = AsyncExitStack()
        self._addresses: dict[str, str] = {}

    @property
    def accounts(self) -> tuple[DemoAccount, ...]:
        """The story's accounts, once the venues are up."""
        return tuple(self._account(role) for role in self._roles)

    def ccxt(self, venue: str) -> dict[str, object]:
        """Return what leads ccxt to *venue*, once it is up, for accounts that a test has settled there."""
        return {"urls": {"api": self.venues[venue].ccxt_urls(self._addresses[venue])}}

    def start_story(self, now: Callable[[], float]) -> None:
        """Let the story run by *now*, which returns story seconds."""
        self._story = now

    async def __aenter__(self) -> Self:
        for role in self._roles:
            self.venues[role.venue].settle(role.resident)
        async with AsyncExitStack() as starting:
            for name, venue in self.venues.items():
                self._addresses[name] = await starting.enter_async_context(serve(venue))
            self._running = starting.pop_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._running.aclose()

    def _quotes(self) -> Quotes:
        return self._market.at(self._story())

    def _account(self, role: Role) -> DemoAccount:
        return DemoAccount(
            name=role.name,
            exchange=role.venue,
            api_key=role.resident.api_key,
            api_secret=role.resident.api_secret,
            ccxt=self.ccxt(role.venue),
            shows=role.shows,
        )
