"""What a venue file says about its venue, for the machinery that is the same for all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from monitor.core.account import Tier
from monitor.core.liquidity import OrderBook
from monitor.venues.client import Client, ClockRules
from monitor.venues.endpoint import Endpoint
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.limits import Budget

Instruments = Mapping[str, Instrument]
Tickers = Mapping[str, Ticker]
Ladders = Mapping[str, tuple[Tier, ...]]
"""All three by the venue's own name of the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSource:
    """Where the venue tells its time, and how to read it in seconds since 1970."""

    endpoint: Endpoint
    seconds: Callable[[object], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one venue speaks. ``id``: ccxt's name of it. ``endpoints``: all that may ever be asked there.

    ``order_book``: reads the best levels of one contract, a hundred or so, in contracts. ``ladders`` None: tiers are not public,
    or come with the positions, or are read by ``ladder``, one group of contracts at a time, by a name that the venue file
    makes up. ``ed25519``: ccxt can sign with such keys here. ``passphrase``: a key has one, which is needed too.
    ``base64_secret``: the venue's secrets are base64.
    """

    id: str
    endpoints: tuple[Endpoint, ...]
    time: TimeSource
    budget: Budget
    instruments: Callable[[Client], Awaitable[Instruments]]
    tickers: Callable[[Client, Instruments], Awaitable[Tickers]]
    order_book: Callable[[Client, Instrument], Awaitable[OrderBook]]
    ladders: Callable[[Client], Awaitable[Ladders]] | None = None
    ladder: Callable[[Client, str], Awaitable[tuple[Tier, ...]]] | None = None
    clock: ClockRules = field(default_factory=ClockRules)
    ed25519: bool = False
    passphrase: bool = False
    base64_secret: bool = False
