"""What positions are read against."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.account import Tier
from monitor.venues.dialect import Instruments, Tickers


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A venue's contracts, what the market says of them this minute, and their margin tiers where these are public.

    ``ladders`` by the names of the contracts, or by those that the venue file makes up.
    """

    instruments: Instruments
    tickers: Tickers
    ladders: Mapping[str, tuple[Tier, ...]] = field(default_factory=dict)
