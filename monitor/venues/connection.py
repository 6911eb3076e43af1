"""What accounts with one venue and the same connection settings share."""

from typing import Any

from monitor.ports import Clock
from monitor.venues.access import Access
from monitor.venues.adapter import Seat
from monitor.venues.client import Client
from monitor.venues.dialect import Dialect
from monitor.venues.guard import keyed
from monitor.venues.limits import Gate
from monitor.venues.public import Book
from monitor.venues.skew import Skew


class Connection:
    """A key-less exchange, the venue's clock, the budget of the address, and the book of what is public."""

    def __init__(self, dialect: Dialect, exchange: Any, gate: Gate, clock: Clock) -> None:  # noqa: ANN401 - ccxt has no types
        self._dialect = dialect
        self._exchange = exchange
        self._gate = gate
        self._clock = clock
        public = Client(exchange, gate, None, dialect.clock, None)
        self.skew = Skew(lambda: _venue_time(dialect, public), exchange.signing_clock, clock)
        self.book = Book(dialect, public, self.skew, clock.monotonic)

    def seat(self, access: Access, secret: str) -> Seat:
        """Return a place for an account with its own key and the key's own budget."""
        rate = self._dialect.budget.key
        exchange = keyed(self._exchange, access.api_key, secret, access.api_password)
        client = Client(exchange, self._gate, rate.limiter() if rate else None, self._dialect.clock, self.skew)
        return Seat(
            account=access.account,
            api_key=access.api_key,
            interval=access.interval,
            client=client,
            book=self.book,
            skew=self.skew,
            clock=self._clock,
            options=access.options,
        )

    def close(self) -> None:
        """Give up what is being read for all."""
        self.skew.close()
        self.book.close()


async def _venue_time(dialect: Dialect, client: Client) -> float:
    return dialect.time.seconds(await client.read(dialect.time.endpoint))
