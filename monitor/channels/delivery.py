"""From the outbox into a channel: in order, and forgotten only once it is acknowledged (design 2)."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping

import structlog

from monitor.channels.backoff import Backoff
from monitor.ports import Channel, Clock, DeliveryFailed, OutboxRow, Store

log = structlog.get_logger(__name__)

BATCH = 100
"""Rows asked for at once."""


class Delivery:
    """Carries one channel's rows out for as long as it runs; whatever the channel does, it goes on.

    One row at a time, so that the messages of an alert arrive in the order in which they were decided.
    """

    def __init__(self, store: Store, channel: Channel, clock: Clock, *, chance: Callable[[], float] = random.random) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock
        self._backoff = Backoff(chance)
        self._wake = asyncio.Event()
        self._results = Counter(delivered=0, failed=0)
        self._fault: str | None = None

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
            self._wake.clear()
            if await self._drain():
                await self._wake.wait()
            else:
                await self._pause()

    async def _drain(self) -> bool:
        """Deliver until nothing waits; False: the channel failed."""
        while rows := await self._store.pending(self._channel.name, BATCH):
            for row in rows:
                if not await self._is_delivered(row):
                    return False
                await self._store.delivered(self._channel.name, row.number)
        return True

    async def _is_delivered(self, row: OutboxRow) -> bool:
        try:
            await self._channel.deliver(row)
        except DeliveryFailed as failure:
            self._note_failure(str(failure))
        except Exception:
            log.exception("a bug keeps a message from being delivered", channel=self._channel.name, event_id=row.event_id)
            self._note_failure(f"a bug keeps {self._channel.name} from delivering: the log has its details, please report it")
        else:
            self._note_success()
            return True
        return False

    def _note_success(self) -> None:
        if self._fault:
            log.info("delivering again", channel=self._channel.name)
        self._fault = None
        self._results["delivered"] += 1
        self._backoff.reset()

    def _note_failure(self, fault: str) -> None:
        if fault != self._fault:
            log.warning("messages wait: not delivered", channel=self._channel.name, fault=fault)
        self._fault = fault
        self._results["failed"] += 1

    async def _pause(self) -> None:
        """Wait for the next attempt, or for a reason to make it sooner."""
        woken = asyncio.ensure_future(self._wake.wait())
        slept = asyncio.ensure_future(self._clock.sleep(self._backoff.seconds()))
        try:
            await asyncio.wait((woken, slept), return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()
