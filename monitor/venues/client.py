"""Ask a venue one thing: within its budget, by its clock, and with every failure in our words."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from aiolimiter import AsyncLimiter

from monitor.ports import ErrorKind, VenueError, VenueRefused, VenueUnavailable
from monitor.venues import recording, seen
from monitor.venues.endpoint import Endpoint
from monitor.venues.failures import Failure, translate
from monitor.venues.limits import Gate
from monitor.venues.permit import Forbidden
from monitor.venues.seen import Seen
from monitor.venues.skew import Skew

BANS = {429: 0.0, 418: 120.0, 403: 600.0}
"""Seconds to stay away after a status that does not say for how long.

Source: Binance, COIN-M general info: bans by 418 last from 2 minutes to 3 days and carry Retry-After; Bybit API v5, "Rate Limit
Rules": after "403, access too frequent" wait at least 10 minutes; seen 2026-11.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRules:
    """How a venue takes a wrong clock.

    ``codes``: its error codes that say so. ``suspects``: codes of a refused signature behind which a wrong clock may stand;
    it does where ours is more than ``window`` seconds off.
    """

    codes: frozenset[str] = frozenset()
    suspects: frozenset[str] = frozenset()
    window: float = 5.0


class Exchange(Protocol):
    """What is used of a guarded exchange."""

    id: str

    async def request(self, path: str, api: list[str], method: str, params: dict[str, object]) -> object:
        """Sign, send, and return the JSON that comes back."""


class Client:
    """Asks with one exchange instance, keyed or not. ``key_limiter`` None: the venue counts only by address."""

    def __init__(
        self, exchange: Exchange, gate: Gate, key_limiter: AsyncLimiter | None, rules: ClockRules, skew: Skew | None
    ) -> None:
        self._exchange = exchange
        self._gate = gate
        self._key_limiter = key_limiter
        self._rules = rules
        self._skew = skew
        self.venue = exchange.id

    async def read(self, endpoint: Endpoint, **params: object) -> object:
        """Return the JSON answer of *endpoint*, whose form has been checked; fractions are text with their exact digits.

        Raises:
            VenueUnavailable, VenueRefused, VenueDataInvalid: it could not be read, or is not what the endpoint answers.

        """
        noted, lead = Seen(), self._skew.lead if self._skew else 0.0
        try:
            return await self._ask(endpoint, params, noted)
        except VenueRefused as refused:
            if not await self._clock_was_wrong(refused, noted, lead):
                raise
        return await self._ask(endpoint, params, Seen())

    async def _ask(self, endpoint: Endpoint, params: dict[str, object], noted: Seen) -> object:
        await self._gate.passage(endpoint.weight)
        if self._key_limiter is not None:
            await self._key_limiter.acquire(min(endpoint.weight, self._key_limiter.max_rate))
        token = seen.current.set(noted)
        try:
            return await self._answer(endpoint, params, noted)
        finally:
            seen.current.reset(token)

    async def _answer(self, endpoint: Endpoint, params: dict[str, object], noted: Seen) -> object:
        failed: Exception | None = None
        try:
            answer = await self._exchange.request(endpoint.path, list(endpoint.api), endpoint.method, params)
            recording.note(self.venue, endpoint.path, answer)
            if noted.is_success and isinstance(answer, dict | list) and endpoint.shape(answer):
                self._gate.breaker.answered()
                return answer
        except Forbidden:
            raise
        except asyncio.CancelledError:
            self._gate.breaker.failed(VenueUnavailable(ErrorKind.TIMEOUT, f"{self.venue} did not answer in time"))
            raise
        except Exception as error:  # noqa: BLE001 - ccxt raises whatever its parsers stumble on; none of its text may pass
            failed = error
        raise self._failure(endpoint.named(params), noted, failed)  # out here, so that ccxt's error is not even its context

    def _failure(self, path: str, noted: Seen, error: BaseException | None) -> VenueError:
        failed = translate(Failure(venue=self.venue, path=path, seen=noted, error=error, clock_codes=self._rules.codes))
        if noted.is_throttled and noted.status is not None:
            self._gate.hold(noted.retry_after or BANS[noted.status])
        else:
            self._gate.breaker.failed(failed)
        return failed

    async def _clock_was_wrong(self, refused: VenueRefused, noted: Seen, lead: float) -> bool:
        """Whether a refusal of what was signed with *lead* was due to the clock, which is now corrected."""
        suspect = noted.code in self._rules.suspects
        if self._skew is None or not (refused.kind is ErrorKind.CLOCK or suspect):
            return False
        try:
            changed = abs(await self._skew.correct(lead))
        except VenueError:
            return False
        return refused.kind is ErrorKind.CLOCK or changed > self._rules.window
