"""From the outbox into a channel: in order, and forgotten only once it is acknowledged (design 2)."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import structlog

from monitor.channels.backoff import Backoff
from monitor.core.rules.finding import Level
from monitor.ports import Channel, Clock, DeliveryFailed, OutboxRow, Store

log = structlog.get_logger(__name__)

TOGETHER = 1000
"""Rows that travel together, at most."""

WORTH_SAYING_SECONDS = 2.0
"""A failure that is over sooner is not logged: at every start the first message is there before the connection is."""


class Delivery:
    """Carries one channel's rows out for as long as it runs; whatever the channel does, it goes on.

    One row, or one group of rows, at a time, so that the messages of an alert arrive in the order in which they were decided.
    """

    def __init__(self, store: Store, channel: Channel, clock: Clock, *, chance: Callable[[], float] = random.random) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock
        self._backoff = Backoff(chance, channel.longest_pause)
        self._wake = asyncio.Event()
        self._results = Counter(delivered=0, failed=0)
        self._fault: str | None = None
        self._failing_since: float | None = None
        self._logged: str | None = None

    @property
    def results(self) -> Mapping[str, int]:
        """How many attempts ended as ``delivered`` and as ``failed``."""
        return dict(self._results)

    @property
    def fault(self) -> str | None:
        """Why the last attempt failed, as a sentence; None: it did not, or there was none yet."""
        return self._fault

    def wake(self) -> None:
        """Say that something was committed, or that the channel works again."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            if await self._drain():
                await self._wake.wait()
            else:
                await self._pause()

    async def _drain(self) -> bool:
        """Deliver until nothing waits; False: the channel failed."""
        while rows := await self._gathered():
            if not await self._are_delivered(rows):
                return False
            await asyncio.gather(*(self._store.delivered(self._channel.name, row.number) for row in rows))
        return True

    async def _gathered(self) -> Sequence[OutboxRow]:
        """Return the rows that go next: one, or what comes together within the channel's patience; no emergency waits."""
        patience = self._channel.patience
        until = self._clock.monotonic() + patience
        while True:
            self._wake.clear()
            rows = await self._store.pending(self._channel.name, TOGETHER if patience else 1)
            left = until - self._clock.monotonic()
            if not rows or left <= 0 or any(row.level is Level.EMERGENCY for row in rows):
                return rows
            await self._woken_within(left)

    async def _are_delivered(self, rows: Sequence[OutboxRow]) -> bool:
        try:
            is_sent = await self._channel.deliver(rows)
        except DeliveryFailed as failure:
            self._note_failure(str(failure))
        except Exception:
            log.exception("a bug keeps a message from being delivered", channel=self._channel.name, event_id=rows[0].event_id)
            self._note_failure(f"a bug keeps {self._channel.name} from delivering: the log has its details, please report it")
        else:
            if is_sent:
                self._note_success()
            return True
        return False

    def _note_success(self) -> None:
        if self._logged:
            log.info("delivering again", channel=self._channel.name)
        self._fault = self._logged = self._failing_since = None
        self._results["delivered"] += 1
        self._backoff.reset()

    def _note_failure(self, fault: str) -> None:
        now = self._clock.monotonic()
        self._failing_since = now if self._failing_since is None else self._failing_since
        if fault != self._logged and now - self._failing_since >= WORTH_SAYING_SECONDS:
            log.warning("messages wait: not delivered", channel=self._channel.name, fault=fault)
            self._logged = fault
        self._fault = fault
        self._results["failed"] += 1

    async def _pause(self) -> None:
        """Wait for the next attempt, or for a reason to make it sooner, though not at the pace of a storm."""
        seconds = self._backoff.seconds()
        at_least = min(seconds, self._channel.patience)
        if at_least:
            await self._clock.sleep(at_least)
        await self._woken_within(seconds - at_least)

    async def _woken_within(self, seconds: float) -> None:
        woken = asyncio.ensure_future(self._wake.wait())
        slept = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((woken, slept), return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()
