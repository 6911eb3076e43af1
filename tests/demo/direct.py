"""A simulated venue asked without a wire: the real adapter and client, and in the place of ccxt and HTTP a table of answers."""

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitor.demo.message import Ask
from monitor.demo.venue import SimulatedVenue
from monitor.venues import TABLE, seen
from monitor.venues.access import Access
from monitor.venues.adapter import Adapter
from monitor.venues.connection import Connection
from monitor.venues.guard import bases, guarded
from monitor.venues.limits import Budget, Gate, Rate
from monitor.venues.skew import SigningClock
from tests.demo.matrix import AheadClock
from tests.demo.worlds import NOW, PASSPHRASE, SECRET
from tests.venues.loopback import Loopback

Change = Callable[[Any], None]

UNBOUNDED = Budget(address=Rate(1e9, 1), key=None)


@dataclass
class Direct:
    """Stands in for a ccxt exchange. ``told``: the private answers so far. ``change``: what is done to the one at ``changed``."""

    simulated: SimulatedVenue
    signing_clock: SigningClock
    told: dict[str, Any] = field(default_factory=dict)
    changed: str = ""
    change: Change | None = None

    def __post_init__(self) -> None:
        self.id = self.simulated.id
        self._endpoints = {endpoint.key: endpoint for endpoint in TABLE[self.id].dialect.endpoints}
        options = {"urls": {"api": self.simulated.ccxt_urls("http://127.0.0.1:1")}}
        self._bases = bases(guarded(self.id, options, Loopback({})))  # type: ignore[arg-type] # - nothing is sent

    async def request(self, path: str, api: list[str], method: str, params: dict[str, object]) -> object:
        endpoint = self._endpoints[(tuple(api), method, path)]
        base = urlsplit(self._bases[endpoint.url_name]).path.rstrip("/")
        whole = base + (endpoint.route or f"/{path}")
        for name, value in params.items():
            whole = whole.replace(f"{{{name}}}", str(value))
        noted = seen.current.get()
        assert noted is not None
        noted.note_response(200, {}, "{}", datetime.fromtimestamp(NOW, UTC))
        query = {name: str(value) for name, value in params.items()}
        return self._answer(Ask(method=method, path=whole, target=whole, query=query, headers={}))

    def _answer(self, ask: Ask) -> object:
        tell, place = self.simulated.public.get(ask.path), f"{ask.path} {sorted(ask.query.items())}"
        if tell is not None:
            return json.loads(tell(ask).text, parse_float=str)
        (resident,) = self.simulated.residents.values()
        answer = json.loads(self.simulated.private[ask.path](ask, resident).text, parse_float=str)
        self.told.setdefault(place, copy.deepcopy(answer))
        if self.change and place == self.changed:
            self.change(answer)
        return answer


class Desk:
    """One account at a simulated venue, looked at anew each time: what is public is kept, nothing of the account is."""

    def __init__(self, simulated: SimulatedVenue) -> None:
        clock = AheadClock()
        self.exchange = Direct(simulated, SigningClock(clock))
        self._entry = TABLE[simulated.id]
        dialect = replace(self._entry.dialect, budget=UNBOUNDED)
        self._connection = Connection(dialect, self.exchange, Gate(simulated.id, UNBOUNDED.address, clock.monotonic), clock)

    def account(self) -> Adapter:
        return self._entry.adapter(self._connection.seat(self._access(), SECRET))

    def losses(self, of: Callable[[Any], Iterable[tuple[str, Change]]]) -> Iterator[str]:
        """Change each private answer so far in each way that *of* knows, one after the other; yield which it is now."""
        for place, answer in list(self.exchange.told.items()):
            for name, change in of(answer):
                self.exchange.changed, self.exchange.change = place, change
                yield f"{place}: {name}"

    def _access(self) -> Access:
        return Access(
            account="main",
            venue=self.exchange.id,
            api_key="a-key",
            api_secret=SECRET,
            api_password=PASSPHRASE,
            interval=timedelta(hours=1),
        )
