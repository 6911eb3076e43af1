"""Whether the broker itself was there all the while that a connection to it was lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

SECONDS = 1.0
"""A broker that is there accepts a connection within this time; one that is being restarted, or its machine, does not."""

FALL_SECONDS = 0.5
"""When a broker ends, all its connections do within this time."""

AGAIN_SECONDS = 1.0
"""Between the end of one quiet connection and the next: what was lost a moment before ours is no witness of our loss."""


class Witness:
    """A second connection, over which nothing is said: it falls with the broker, but not when a session is taken over.

    A broker may send such a connection away after a while; then another one is made. It is for suspicion only: amqtt 0.12.1
    never lets go of one that came and said nothing (seen 2026-11).
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._stands = False
        self._fallen = asyncio.Event()

    async def saw_the_broker_stay(self) -> bool:
        """Return, just after a loss, whether the broker outlasted it; False too where that is not known."""
        if not self._stands:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(FALL_SECONDS):
                await self._fallen.wait()
        return not self._fallen.is_set() and await self._is_listening()

    async def watch(self, seconds: float) -> None:
        """Keep a connection for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    with suppress(OSError, UnicodeError):
                        await self._look_on()
                    await asyncio.sleep(AGAIN_SECONDS)

    async def _look_on(self) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        self._fallen.clear()
        self._stands = True
        try:
            while await reader.read(1024):
                pass
        finally:
            self._stands = False
            self._fallen.set()
            writer.close()

    async def _is_listening(self) -> bool:
        try:
            async with asyncio.timeout(SECONDS):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except (OSError, UnicodeError):
            return False
        writer.close()
        return True


@asynccontextmanager
async def witness(host: str, port: int, seconds: float) -> AsyncIterator[Witness]:
    """Look on for the first *seconds* of the block; 0: not at all."""
    seen = Witness(host, port)
    task = asyncio.create_task(seen.watch(seconds), name="mqtt-witness")
    try:
        yield seen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
