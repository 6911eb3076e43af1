"""What a venue lists: contracts by its own name, and what the market says of them this minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.account import Funding
from monitor.core.number import Price, Quote, Ratio
from monitor.venues.parse import invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A contract. ``expiry`` None: a perpetual. ``funding_interval`` None: the list of instruments does not say.

    ``taker_fee``: the rate of an account without discount; None: not known. ``notice``: why its market does not trade as
    usual, in words; None: it does, or the venue does not say.
    """

    id: str
    base: str
    quote: str
    settle: str
    expiry: datetime | None
    contract_size: Quote
    tick_size: Price | None
    funding_interval: timedelta | None = None
    taker_fee: Ratio | None = None
    notice: str | None = None

    @property
    def is_inverse(self) -> bool:
        """Whether it pays in its own coin. A venue's or ccxt's "inverse" flag is not enough: quanto contracts carry it too."""
        return self.settle == self.base and self.quote == "USD"

    @property
    def symbol(self) -> str:
        """Return its name as ccxt writes it: ``BTC/USD:BTC``, dated ``BTC/USD:BTC-261225``."""
        dated = f"-{self.expiry:%y%m%d}" if self.expiry else ""
        return f"{self.base}/{self.quote}:{self.settle}{dated}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """What the market says of a contract. ``open_interest``: in contracts. ``mark_price``: of the same moment as the index."""

    index_price: Price | None = None
    funding: Funding | None = None
    open_interest: Ratio | None = None
    mark_price: Price | None = None

    @property
    def basis(self) -> Ratio | None:
        """Return ``mark / index - 1`` of this answer; None: it does not have both."""
        return self.mark_price / self.index_price - 1 if self.mark_price and self.index_price else None


def contract_named(instruments: Mapping[str, Instrument], name: str, venue: str) -> Instrument:
    """Return the contract called *name*, in which something is held.

    Raises:
        VenueDataInvalid: the venue does not list it. It could be anything, and is never left out.

    """
    if name not in instruments:
        raise invalid(venue, f"a position in {name}, which the venue does not list")
    return instruments[name]


def inverse_coins(instruments: Mapping[str, Instrument]) -> list[str]:
    """Return the coins that have inverse contracts."""
    return sorted({instrument.settle for instrument in instruments.values() if instrument.is_inverse})


NO_TICKER = Ticker()
"""Of a contract that the venue's market answer leaves out: nothing is known."""
