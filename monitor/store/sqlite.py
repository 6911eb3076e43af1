"""The store that the daemon uses: memory decides, one writer carries it to disk (design 2, 5.6)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog

from monitor.ports import AlreadyRunning, Backlog, Change, Memory, OutboxRow
from monitor.store.contents import Delta
from monitor.store.disk import Disk
from monitor.store.fault import HANGS, DiskFault, said
from monitor.store.mirror import LIMIT, Mirror

log = structlog.get_logger(__name__)

RETRY_SECONDS = 5.0
"""How often a disk that failed is tried again while nothing changes."""

PATIENCE_SECONDS = 2.0
"""For so long a commit waits for a disk that hangs; then it goes on in memory."""

START_SECONDS = 30.0
"""For so long the start waits for a disk that hangs: reading a large file takes a while, and what it says is worth it."""

_Answer = TypeVar("_Answer")


@asynccontextmanager
async def open_store(
    path: Path,
    *,
    channels: Iterable[str],
    wall: Callable[[], datetime],
    limit: int = LIMIT,
    retry_seconds: float = RETRY_SECONDS,
) -> AsyncIterator["SqliteStore"]:
    """Keep state in *path* inside the block; where that cannot be done, in memory, with the reason in ``fault``.

    Raises:
        AlreadyRunning: another daemon uses *path*.

    """
    store = SqliteStore(path, Mirror(channels, wall(), limit), Disk(path, wall), retry_seconds)
    await store.begin()
    writing = asyncio.create_task(store.keep_writing(), name="store-writer")
    try:
        yield store
    finally:
        await store.end(writing)


class SqliteStore:
    """The `Store` on a SQLite file.

    Changes made while the writer is busy go into its next transaction together. After a failure the next transaction is
    the whole mirror instead of what changed, so that nothing is missing once the disk works again.
    """

    def __init__(
        self, path: Path, mirror: Mirror, disk: Disk, retry_seconds: float, *, start_seconds: float = START_SECONDS
    ) -> None:
        self._path = path
        self._start_seconds = start_seconds
        self._mirror = mirror
        self._disk = disk
        self._retry_seconds = retry_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._fault: str | None = None
        self._has_read = False
        self._late: Memory | None = None
        self._is_behind = False
        self._is_hanging = False
        self._is_writing = False
        self._is_ending = False
        self._deltas: list[Delta] = []
        self._waiting: list[asyncio.Event] = []
        self._wake = asyncio.Event()

    @property
    def fault(self) -> str | None:
        """Why state cannot be written, as a sentence with the remedy; None: all is on disk."""
        return self._fault

    @property
    def evicted(self) -> Mapping[str, int]:
        """How many rows each channel's bound has dropped."""
        return self._mirror.evicted

    async def load(self) -> Memory:
        """Return what was last committed; empty at the first start."""
        self._late = None
        return self._mirror.memory()

    def found_late(self) -> Memory | None:
        """Return, once, what an earlier run left and could not be read before `load`; None: nothing of that kind."""
        late, self._late = self._late, None
        return late

    async def commit(self, change: Change) -> None:
        """Write *change* in one transaction, on disk before this returns where the disk can be written."""
        await self._write_down(self._mirror.apply(change))

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        """Return the oldest undelivered rows of *channel*, oldest first, once they are on disk: write down, then send."""
        rows = self._mirror.pending(channel, limit)
        if self._is_writing or self._waiting:
            await self._until_written()
        return rows

    async def delivered(self, channel: str, number: int) -> None:
        """Forget a row that the channel's receiver has acknowledged."""
        delta = self._mirror.delivered(channel, number)
        if delta:
            await self._write_down(delta)

    def backlog(self, channel: str) -> Backlog:
        """Return what waits for *channel*."""
        return self._mirror.backlog(channel)

    def holds(self, channel: str, event_id: str) -> bool:
        """Whether that event still waits for *channel*."""
        return self._mirror.holds(channel, event_id)

    @property
    def is_moving(self) -> bool:
        """Whether the disk takes what is decided, or refuses it: False while it hangs."""
        return not self._is_hanging

    async def begin(self) -> None:
        """Read what an earlier run left. Raises AlreadyRunning."""
        try:
            async with asyncio.timeout(self._start_seconds):
                await self._read()
        except TimeoutError:
            self._fall_behind(str(said(self._path, HANGS)))
        except DiskFault as fault:
            self._fall_behind(str(fault))
            await self._peek()
        except AlreadyRunning:
            self._thread.shutdown(wait=False)
            raise

    async def keep_writing(self) -> None:
        """Carry changes to disk until the end."""
        while not (self._is_ending and not self._waiting):
            await self._until_there_is_something_to_do()
            deltas, self._deltas = self._deltas, []
            waiting, self._waiting = self._waiting, []
            self._is_writing = True
            await self._carry(deltas)
            self._is_writing = self._is_hanging = False
            for one in waiting:
                one.set()

    async def end(self, writing: asyncio.Task[None]) -> None:
        """Write what is left and close; a disk that hangs is left behind."""
        self._is_ending = True
        self._wake.set()
        await asyncio.wait((writing,), timeout=PATIENCE_SECONDS)
        closing = asyncio.ensure_future(self._in_thread(self._disk.close))
        await asyncio.wait((closing,), timeout=PATIENCE_SECONDS)
        writing.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _write_down(self, delta: Delta) -> None:
        self._deltas.append(delta)
        await self._until_written()

    async def _until_written(self) -> None:
        """Wait for the writer to be done with all that is known now, or to be known to hang."""
        self._wake.set()
        if self._is_hanging:
            self._deltas.clear()
            return
        written = asyncio.Event()
        self._waiting.append(written)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await written.wait()
        except TimeoutError:
            self._is_hanging = True
            self._deltas.clear()
            self._fall_behind(str(said(self._path, HANGS)))

    async def _until_there_is_something_to_do(self) -> None:
        try:
            async with asyncio.timeout(self._retry_seconds if self._is_behind else None):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _carry(self, deltas: Sequence[Delta]) -> None:
        is_behind, self._is_behind = self._is_behind, False
        try:
            if is_behind or not await self._added(deltas):
                await self._rewrite()
        except (DiskFault, AlreadyRunning) as fault:
            self._fall_behind(str(fault))
        except Exception:
            log.exception("a bug keeps state from being written")
            self._fall_behind(str(said(self._path, "a bug: the log has its details, please report it")))
        else:
            self._catch_up()

    async def _added(self, deltas: Sequence[Delta]) -> bool:
        """Write *deltas*; False: that failed, and the whole state is to be tried."""
        try:
            await self._in_thread(self._disk.write, deltas)
        except DiskFault as fault:
            log.warning("state could not be written, trying once more", problem=str(fault))
            return False
        self._mirror.recorded(record for delta in deltas for record in delta.records)
        return True

    async def _rewrite(self) -> None:
        await self._read()
        contents = self._mirror.contents()
        await self._in_thread(self._disk.replace, contents)
        self._mirror.recorded(contents.records)

    async def _read(self) -> None:
        """Open the file; what an earlier run left is taken in once, at the first time that it can be read."""
        found = await self._in_thread(self._disk.open)
        if not self._has_read:
            self._has_read = True
            self._late = found.memory()
            await self._in_thread(self._disk.write, [self._mirror.adopt(found)])

    async def _peek(self) -> None:
        """Take in what can be read although it cannot be written."""
        with suppress(DiskFault):
            found = await self._in_thread(self._disk.peek)
            self._has_read = True
            self._mirror.adopt(found)

    async def _in_thread(self, function: Callable[..., _Answer], *arguments: object) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def _fall_behind(self, fault: str) -> None:
        self._is_behind = True
        if fault != self._fault:
            self._fault = fault
            log.error("state is kept in memory only", fault=fault)

    def _catch_up(self) -> None:
        if self._fault and not self._is_behind:
            self._fault = None
            log.info("state is on disk again", path=str(self._path))
