"""The state file: what it survives, and what is said where it cannot be used."""

# ruff: noqa: ASYNC221, ASYNC240 - files of one page and programs of one moment; nothing else runs in the loop meanwhile

import asyncio
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from monitor.core.alerts.alert import Silence
from monitor.core.rules.finding import Level
from monitor.ports import AlreadyRunning, Change
from monitor.store import codec, schema
from monitor.store.sqlite import SqliteStore, open_store
from tests.channels.build import NOON, account, alert, forgotten, key, told

RETRY = 0.05


def opened(path: Path, *channels: str, retry_seconds: float = 60.0) -> AbstractAsyncContextManager[SqliteStore]:
    return open_store(path, channels=channels or ("mqtt",), wall=lambda: NOON, retry_seconds=retry_seconds)


async def ids(store: SqliteStore) -> list[str]:
    return [row.event_id for row in await store.pending("mqtt", 1000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@asynccontextmanager
async def after_a_run_with(path: Path, *changes: Change) -> AsyncIterator[SqliteStore]:
    async with opened(path) as store:
        for change in changes:
            await store.commit(change)
    async with opened(path) as store:
        yield store


async def test_after_a_restart_all_is_as_it_was_to_the_last_digit(path: Path) -> None:
    changes = (told(alert(), alert("ETH", level=Level.CRITICAL)), Change(alerts={}, account=account()), forgotten(alert("ETH")))
    async with after_a_run_with(path, *changes) as store:
        memory = await store.load()
        assert memory.alerts == {key(): alert()}
        assert str(memory.alerts[key()].left) == "1E-7"
        assert memory.accounts == {"main": account()}
        assert await ids(store) == ["id-BTC-1", "id-ETH-1"]


async def test_a_delivered_row_stays_delivered(path: Path) -> None:
    async with opened(path) as store:
        await store.commit(told(alert(), alert("ETH")))
        await store.delivered("mqtt", (await store.pending("mqtt", 1))[0].number)
    async with opened(path) as store:
        assert await ids(store) == ["id-ETH-1"]


async def test_rows_of_a_channel_that_left_the_configuration_are_dropped(path: Path) -> None:
    async with opened(path, "mqtt", "phone") as store:
        await store.commit(told(alert()))
    async with after_a_run_with(path) as store:
        assert await ids(store) == ["id-BTC-1"]
    async with opened(path, "mqtt", "phone") as store:
        assert store.backlog("phone").pending == 0


async def test_a_second_daemon_is_refused_with_what_to_do_and_the_first_goes_on(path: Path) -> None:
    async with opened(path) as store:
        with pytest.raises(AlreadyRunning, match=r"another inverse-monitor uses .*state\.db: stop it, or give"):
            await opened(path).__aenter__()
        await store.commit(told(alert()))
        assert store.fault is None
    async with opened(path) as store:
        assert await ids(store) == ["id-BTC-1"]


async def test_only_this_user_may_read_the_file(path: Path) -> None:
    async with opened(path) as store:
        await store.commit(told(alert()))
        assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}


TORN = [b"SQLite format 3\0" + b"torn" * 1000, b"SQLite for", bytes(8192), b"\xff" * 8192, bytes(16) + b"torn" * 1000]


@pytest.mark.parametrize("torn", TORN)
async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(path: Path, torn: bytes) -> None:
    path.write_bytes(torn)
    async with opened(path) as store:
        assert store.fault is None
        await store.commit(told(alert()))
        assert path.with_name("state.db.damaged-20261124T120000Z").read_bytes() == torn
    async with opened(path) as store:
        assert await ids(store) == ["id-BTC-1"]


@pytest.mark.parametrize("content", [b"accounts:\n  main: {}\n", b"x", b"\x89PNG\r\n\x1a\n" + bytes(100), b"SQLite 2 was here"])
async def test_a_file_of_something_else_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    async with opened(path) as store:
        await store.commit(told(alert()))
        assert "it is a file of something else, and left as it is: name another with state.path" in str(store.fault)
        assert await ids(store) == ["id-BTC-1"]
    assert [file.name for file in path.parent.iterdir()] == ["state.db"]
    assert path.read_bytes() == content


async def test_an_empty_file_is_begun_as_a_new_one(path: Path) -> None:
    path.touch()
    async with opened(path) as store:
        assert store.fault is None
        assert [file.name for file in path.parent.glob("*.damaged*")] == []


async def test_a_file_damaged_inside_is_set_aside_too(path: Path) -> None:
    async with after_a_run_with(path, told(*(alert(f"S{number}") for number in range(200)))):
        pass
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)
    async with opened(path) as store:
        assert store.fault is None
        assert len(list(path.parent.glob("*.damaged-*"))) == 1


async def test_a_row_that_cannot_be_read_is_left_out_and_the_rest_is_there(path: Path) -> None:
    async with after_a_run_with(path, told(alert(), alert("ETH")), Change(alerts={}, account=account())):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alerts SET body = '{\"level\": 9}' WHERE subject = 'ETH'")
        connection.execute("UPDATE accounts SET body = 'nonsense'")
        connection.execute("UPDATE outbox SET created_at = 'yesterday' WHERE event_id = 'id-ETH-1'")
        connection.execute("INSERT INTO silences VALUES ('s', ?)", (b"[]",))
    connection.close()
    async with opened(path) as store:
        memory = await store.load()
        assert (list(memory.alerts), memory.accounts, memory.silences) == ([key()], {}, ())
        assert await ids(store) == ["id-BTC-1"]
        assert store.fault is None


async def test_silences_come_back(path: Path) -> None:
    silence = Silence(id="s", matcher=(("account", "main"),), until=NOON, author="operator")
    async with after_a_run_with(path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute(schema.PUT_SILENCE, (silence.id, codec.encoded(silence)))
    connection.close()
    async with opened(path) as store:
        assert (await store.load()).silences == (silence,)


async def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    async with after_a_run_with(path, told(alert())):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99'")
    connection.close()
    before = path.read_bytes()
    async with opened(path) as store:
        await store.commit(told(alert("ETH")))
        assert "a newer version of this program wrote it" in str(store.fault)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("missing/state.db", "there is no folder .*missing: create it, or set state.path"),
        ("file/state.db", "there is no folder"),
        ("folder", "Is a directory"),
    ],
)
async def test_an_unusable_path_is_said_with_its_remedy_and_the_daemon_goes_on_in_memory(
    tmp_path: Path, place: str, says: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    async with opened(tmp_path / place) as store:
        await store.commit(told(alert()))
        assert store.fault is not None
        assert re.search(f"state cannot be kept in .*{place}, .*{says}.*going on in memory", store.fault)
        assert (await store.load()).alerts == {key(): alert()}
        assert await ids(store) == ["id-BTC-1"]


async def test_once_the_disk_works_all_that_memory_holds_is_written(tmp_path: Path) -> None:
    path = tmp_path / "late" / "state.db"
    async with opened(path) as store:
        await store.commit(told(alert("A"), alert("B")))
        await store.commit(Change(alerts={}, account=account()))
        await store.delivered("mqtt", (await store.pending("mqtt", 1))[0].number)
        path.parent.mkdir()
        await store.commit(told(alert("C")))
        assert store.fault is None
    async with opened(path) as store:
        memory = await store.load()
        assert (sorted(memory.alerts), list(memory.accounts)) == ([key("A"), key("B"), key("C")], ["main"])
        assert await ids(store) == ["id-B-1", "id-C-1"]


async def test_a_disk_that_works_again_is_noticed_without_a_new_change(tmp_path: Path) -> None:
    path = tmp_path / "late" / "state.db"
    async with opened(path, retry_seconds=RETRY) as store:
        await store.commit(told(alert()))
        path.parent.mkdir()
        await until_on_disk(store)
    async with opened(path) as store:
        assert await ids(store) == ["id-BTC-1"]


async def until_on_disk(store: SqliteStore) -> None:
    async with asyncio.timeout(10):
        while store.fault:  # noqa: ASYNC110 - the store has no event for it: nothing in the program waits for that
            await asyncio.sleep(RETRY)


async def test_what_an_earlier_run_left_is_not_lost_when_the_disk_comes_late(path: Path) -> None:
    """The file could not even be read at the start: what it holds joins what was decided meanwhile, and goes out first."""
    async with after_a_run_with(path, told(alert("OLD")), Change(alerts={}, account=account("old"))):
        pass
    hidden = path.rename(path.with_name("hidden"))
    path.mkdir()
    async with opened(path) as store:
        await store.commit(told(alert("NEW")))
        path.rmdir()
        hidden.rename(path)
        await store.commit(Change(alerts={}, account=account("new")))
        assert store.fault is None
        assert await ids(store) == ["id-OLD-1", "id-NEW-1"]
    async with opened(path) as store:
        memory = await store.load()
        assert sorted(memory.alerts) == [key("NEW"), key("OLD")]
        assert sorted(memory.accounts) == ["new", "old"]
        assert await ids(store) == ["id-OLD-1", "id-NEW-1"]


async def test_a_file_removed_under_a_running_daemon_is_written_anew(path: Path) -> None:
    async with opened(path) as store:
        await store.commit(told(alert("A")))
        for file in path.parent.glob("state.db*"):
            file.unlink()
        await store.commit(told(alert("B")))
        assert store.fault is None
    async with opened(path) as store:
        assert await ids(store) == ["id-A-1", "id-B-1"]


async def test_a_file_damaged_under_a_running_daemon_loses_nothing(path: Path) -> None:
    async with opened(path) as store:
        await store.commit(told(alert("A")))
        for file in path.parent.glob("state.db*"):
            file.write_bytes(b"\xff" * 8192)
        await store.commit(told(alert("B")))
        await store.commit(told(alert("C")))
        assert store.fault is None
    async with opened(path) as store:
        assert await ids(store) == ["id-A-1", "id-B-1", "id-C-1"]


async def test_another_program_that_locks_the_file_is_named_as_the_reason(path: Path) -> None:
    async with opened(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await store.commit(told(alert()))
        other.execute("ROLLBACK")
        other.close()
        assert "another program has locked it: end that program" in str(store.fault)
        await store.commit(told(alert("ETH")))
        assert store.fault is None
        assert await ids(store) == ["id-BTC-1", "id-ETH-1"]


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full, for every user and on every machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_takes_no_more_is_said_and_nothing_is_lost_once_it_does(path: Path) -> None:
    async with opened(path) as store:
        with files_no_larger_than(128 * 1024):
            for number in range(60):
                await store.commit(told(alert(f"S{number:02}", summary="x" * 5000)))
            assert "the disk" in str(store.fault)
            assert len(await ids(store)) == 60
        await store.commit(told(alert("LAST")))
        assert store.fault is None
    async with opened(path) as store:
        assert await ids(store) == [f"id-S{number:02}-1" for number in range(60)] + ["id-LAST-1"]
        assert len((await store.load()).alerts) == 61


async def test_the_journal_is_kept_in_memory_only_until_it_is_on_disk(path: Path) -> None:
    async with opened(path) as store:
        await store.commit(told(alert("A")))
        assert store._mirror.contents().records == ()
        with files_no_larger_than(4096):
            await store.commit(told(alert("B", summary="x" * 5000)))
            assert [record.id for record in store._mirror.contents().records] == ["id-B-1"]
        await store.commit(told(alert("C")))
        assert store._mirror.contents().records == ()
    with sqlite3.connect(path) as connection:
        assert list(connection.execute("SELECT id FROM journal ORDER BY number")) == [("id-A-1",), ("id-B-1",), ("id-C-1",)]
    connection.close()


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="needs root to mount a small disk")
async def test_a_really_full_disk_is_called_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", disk], check=False, capture_output=True).returncode:
        pytest.skip("this system does not let root mount")
    try:
        async with opened(disk / "state.db") as store:
            for number in range(60):
                await store.commit(told(alert(f"S{number}", summary="x" * 5000)))
            assert "the disk is full: free some space" in str(store.fault)
            assert len(await ids(store)) == 60
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


READER = """
import asyncio, os, sys
import urllib.parse  # Python 3.13 imports it late, when this user may no longer read the library
from pathlib import Path
from tests.test_store_disk import opened, ids
from tests.channels.build import alert, told

async def main() -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    async with opened(Path(sys.argv[1])) as store:
        print(sorted(key.subject for key in (await store.load()).alerts), await ids(store))
        await store.commit(told(alert("NEW")))
        print(store.fault)

asyncio.run(main())
"""


async def test_a_folder_that_may_not_be_written_is_read_and_then_said(tmp_path: Path) -> None:
    """As an ordinary user, since root may write everywhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with after_a_run_with(folder / "state.db", told(alert("OLD"))):
            pass
        for file, mode in ((folder / "state.db", 0o444), (folder / "state.db.lock", 0o444), (folder, 0o555)):
            file.chmod(mode)
        program = [sys.executable, "-B", "-c", READER, str(folder / "state.db")]
        done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=30)
        folder.chmod(0o755)
    assert "['OLD'] ['id-OLD-1']" in done.stdout, done.stderr
    assert "Permission denied: see that the file and its folder may be written by this user" in done.stdout
