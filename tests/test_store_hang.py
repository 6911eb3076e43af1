"""A disk that hangs instead of failing."""

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path

from monitor.store.contents import Contents, Delta
from monitor.store.disk import Disk
from monitor.store.mirror import Mirror
from monitor.store.sqlite import SqliteStore
from tests.channels.build import NOON, alert, key, told
from tests.channels.fakes import until
from tests.test_store_disk import ids, opened


class SlowDisk(Disk):
    """A real one that can be told to hang."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, lambda: NOON)
        self._may_go_on = threading.Event()
        self._may_go_on.set()

    def hang(self) -> None:
        self._may_go_on.clear()

    def go_on(self) -> None:
        self._may_go_on.set()

    def open(self) -> Contents:
        self._may_go_on.wait(20)
        return super().open()

    def write(self, deltas: Iterable[Delta]) -> None:
        self._may_go_on.wait(20)
        super().write(deltas)

    def replace(self, contents: Contents) -> None:
        self._may_go_on.wait(20)
        super().replace(contents)


async def test_a_disk_that_hangs_delays_one_commit_is_said_and_is_made_good_once_it_answers(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    disk = SlowDisk(path)
    store = SqliteStore(path, Mirror(("mqtt",), NOON), disk, retry_seconds=60)
    await store.begin()
    writing = asyncio.create_task(store.keep_writing())
    disk.hang()
    await store.commit(told(alert("A")))
    assert "the disk does not answer" in str(store.fault)
    async with asyncio.timeout(0.5):
        for subject in ("B", "C", "D"):
            await store.commit(told(alert(subject)))
        assert len(await store.pending("mqtt", 10)) == 4
    disk.go_on()
    await until(lambda: store.fault is None)
    await store.end(writing)
    async with opened(path) as again:
        assert await ids(again) == ["id-A-1", "id-B-1", "id-C-1", "id-D-1"]


async def test_a_message_is_not_sent_before_it_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    disk = SlowDisk(path)
    store = SqliteStore(path, Mirror(("mqtt",), NOON), disk, retry_seconds=60)
    await store.begin()
    writing = asyncio.create_task(store.keep_writing())
    disk.hang()
    committing = asyncio.create_task(store.commit(told(alert())))
    await asyncio.sleep(0)
    asking = asyncio.create_task(store.pending("mqtt", 10))
    done, _ = await asyncio.wait((asking,), timeout=0.2)
    assert not done
    disk.go_on()
    assert len(await asking) == 1
    assert committing.done()
    await store.end(writing)


async def test_a_disk_that_hangs_at_the_start_does_not_keep_the_daemon_from_watching(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    async with opened(path) as earlier:
        await earlier.commit(told(alert("A")))
    disk = SlowDisk(path)
    disk.hang()
    store = SqliteStore(path, Mirror(("mqtt",), NOON), disk, retry_seconds=0.05, start_seconds=0.05)
    async with asyncio.timeout(2):
        await store.begin()
    assert "the disk does not answer" in str(store.fault)
    writing = asyncio.create_task(store.keep_writing())
    assert (await store.load()).alerts == {}
    await store.commit(told(alert("B")))
    assert [row.event_id for row in await store.pending("mqtt", 10)] == ["id-B-1"]
    assert store.found_late() is None
    disk.go_on()
    await until(lambda: store.fault is None)
    late = store.found_late()
    assert late is not None
    assert late.alerts == {key("A"): alert("A")}
    assert store.found_late() is None
    await store.end(writing)
    async with opened(path) as again:
        assert await ids(again) == ["id-A-1", "id-B-1"]
