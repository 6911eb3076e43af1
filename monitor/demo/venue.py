"""What every simulated venue does: count requests, check keys, answer from a table of paths, and misbehave when told to."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import ClassVar

from aiohttp import web

from monitor.core.account import Basis
from monitor.core.number import ZERO, Ratio
from monitor.demo.clerk import Clerk, Instrument
from monitor.demo.faults import CLOCK_SKEW_SECONDS, Fault, Misbehaviour, drip, redirect, replacement, reset
from monitor.demo.market import Quotes
from monitor.demo.message import Ask, Reply, ask_of
from monitor.demo.portfolio import Resident
from monitor.demo.spoiling import spoilt

LONGEST_PAGE = 200

PublicAnswer = Callable[[Ask], Reply]
PrivateAnswer = Callable[[Ask, Resident], Reply]


class SimulatedVenue(ABC):
    """One venue. A subclass says which paths it serves, how it signs, and how it words what it knows.

    ``quotes``: the prices of this moment. ``clock``: seconds since the epoch, by which it dates answers and judges signatures.
    ``quarter``: delivery day of its dated contracts. ``coins``, ``dated``: coins on which it lists perpetuals, and contracts that
    end. ``mixes_dates``: whether these two share a coin's margin. ``has_hedge_mode``, ``has_isolated``: what accounts may have
    here. ``closing_fee``, ``mark_fee``: as in `Clerk`. ``posted``: paths that are read by POST. ``longest_page``: rows of a page
    at the most, where it has pages.
    """

    id: ClassVar[str]
    basis: ClassVar[Basis]
    closing_fee: ClassVar[Ratio] = ZERO
    mark_fee: ClassVar[Ratio] = ZERO
    coins: ClassVar[tuple[str, ...]] = ("BTC", "ETH", "SOL")
    dated: ClassVar[tuple[str, ...]] = ("BTC", "ETH")
    mixes_dates: ClassVar[bool] = True
    has_hedge_mode: ClassVar[bool] = True
    has_isolated: ClassVar[bool] = True
    posted: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, *, quotes: Callable[[], Quotes], clock: Callable[[], float], quarter: date, residents: Iterable[Resident] = ()
    ) -> None:
        self.longest_page = LONGEST_PAGE
        self.residents = {resident.api_key: resident for resident in residents}
        self.requests: Counter[str] = Counter()
        perpetuals = [self.list_instrument(coin, None) for coin in self.coins]
        self.instruments = (*perpetuals, *(self.list_instrument(coin, quarter) for coin in self.dated))
        self._quotes = quotes
        self._clock = clock
        self._misbehaviours: list[Misbehaviour] = []
        self._relief = asyncio.Event()
        self._script: Callable[[], Fault | None] = lambda: None

    @property
    @abstractmethod
    def public(self) -> Mapping[str, PublicAnswer]:
        """Which path is answered by what, for everybody."""

    @property
    @abstractmethod
    def private(self) -> Mapping[str, PrivateAnswer]:
        """Which path is answered by what, for the holder of a key."""

    @abstractmethod
    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return the venue's perpetual on *coin*, or its contract that ends at *expiry*."""

    @abstractmethod
    def identify(self, ask: Ask) -> Resident | Reply:
        """Return whose request it is, or the venue's refusal."""

    @abstractmethod
    def refusal(self) -> Reply:
        """Return what the venue answers to a key that it does not accept."""

    @abstractmethod
    def unknown(self, ask: Ask) -> Reply:
        """Return what the venue answers to a path that it does not have."""

    @abstractmethod
    def ccxt_urls(self, address: str) -> Mapping[str, object]:
        """Return ccxt's ``urls['api']`` with each entry on *address*, so that no request can reach the real venue."""

    def settle(self, resident: Resident) -> None:
        """Take in an account, or replace what it holds."""
        self.residents[resident.api_key] = resident

    def misbehave(self, fault: Fault, *, paths: Iterable[str] = (), keys: Iterable[str] = (), seconds: float = 1.0) -> None:
        """From now on commit *fault*, everywhere or on *paths*. ``keys``: which ones rows lose. ``seconds``: of a slow body.

        Raises:
            ValueError: the venue does not serve one of *paths*.

        """
        where = frozenset(paths)
        if strange := where - self.public.keys() - self.private.keys():
            raise ValueError(f"{self.id} does not serve {', '.join(sorted(strange))}")
        self._misbehaviours.append(Misbehaviour(fault=fault, paths=where, keys=frozenset(keys), seconds=seconds))

    def behave(self) -> None:
        """End every fault; what stalled is answered."""
        self._misbehaviours.clear()
        self._relief.set()
        self._relief = asyncio.Event()

    def follow(self, script: Callable[[], Fault | None]) -> None:
        """Let *script* say at each request which fault the venue commits everywhere, if any."""
        self._script = script

    def now_ms(self) -> int:
        """Return the venue's clock in milliseconds."""
        skewed = any(m.fault is Fault.SKEWED_CLOCK for m in self._wrongs())
        return int((self._clock() + (CLOCK_SKEW_SECONDS if skewed else 0.0)) * 1000)

    def clerk(self) -> Clerk:
        """Return the venue's rules at the quotes of this moment."""
        return Clerk(
            instruments=self.instruments,
            quotes=self._quotes(),
            basis=self.basis,
            closing_fee=self.closing_fee,
            mark_fee=self.mark_fee,
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, truly or as the faults in force have it."""
        self.requests[request.path] += 1
        ask = ask_of(request)
        strayed = request.path != ask.path
        wrong = next((m for m in self._wrongs() if m.concerns(ask.path) and not strayed), None)
        return self.answer(ask).response() if wrong is None else await self._commit(wrong, request, ask)

    def answer(self, ask: Ask) -> Reply:
        """Return the true answer."""
        method = "POST" if ask.path in self.posted else "GET"
        if ask.method == method and (tell := self.public.get(ask.path)) is not None:
            return tell(ask)
        if ask.method == method and (confide := self.private.get(ask.path)) is not None:
            who = self.identify(ask)
            return who if isinstance(who, Reply) else confide(ask, who)
        return self.unknown(ask)

    def _wrongs(self) -> list[Misbehaviour]:
        scripted = self._script()
        return [*self._misbehaviours, *([] if scripted is None else [Misbehaviour(fault=scripted)])]

    async def _commit(self, wrong: Misbehaviour, request: web.Request, ask: Ask) -> web.StreamResponse:
        if (instead := replacement(wrong.fault)) is not None:
            return instead
        match wrong.fault:
            case Fault.STALL:
                await self._relief.wait()
            case Fault.RESET:
                return reset(request)
            case Fault.REDIRECT:
                return redirect(request)
            case Fault.SLOW_BODY:
                return await drip(request, self.answer(ask).text, wrong.seconds)
            case _:
                pass
        reply = self._reply(wrong.fault, ask)
        return reply.response(spoilt(wrong, reply.text))

    def _reply(self, fault: Fault, ask: Ask) -> Reply:
        if fault is Fault.REFUSED and ask.path in self.private:
            return self.refusal()
        if fault is Fault.MISSING_PAGE and ask.is_later_page:
            return self.unknown(ask)
        return self.answer(ask)
