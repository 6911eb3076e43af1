"""The state file. Everything here runs in the store's own thread and may block."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import structlog

from monitor.core.alerts.alert import Alert, Silence
from monitor.store import schema
from monitor.store.codec import (
    columns,
    decoded,
    decoded_accounts,
    decoded_entries,
    encoded,
    encoded_account,
)
from monitor.store.contents import Contents, Delta
from monitor.store.fault import DiskFault, because, primary_code, said
from monitor.store.header import FOREIGN, is_foreign
from monitor.store.lock import Lock

log = structlog.get_logger(__name__)

BUSY_SECONDS = 0.5
"""For so long another program's lock is waited for."""

CACHE_KIB = 256
"""Of SQLite's pages in memory: what is written again and again fits in; by default the journal would fill 2 MiB in time."""

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
FILES = ("", "-wal", "-shm")


class Disk:
    """One SQLite file with its lock. Any failure closes it; the next attempt opens it anew.

    ``wall``: the time with which a damaged file is named when it is set aside.
    """

    def __init__(self, path: Path, wall: Callable[[], datetime]) -> None:
        self._path = path
        self._wall = wall
        self._lock = Lock(path)
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def open(self) -> Contents:
        """Take the lock, open the file, or begin a new one where there is none or it is damaged, and read it.

        Raises:
            AlreadyRunning: another daemon has it.
            DiskFault: it cannot be used.

        """
        with self._explained():
            if is_foreign(self._path):
                raise said(self._path, FOREIGN)
            self._lock.take()
            self._disconnect()
            try:
                return self._opened()
            except sqlite3.DatabaseError as error:
                if primary_code(error) not in DAMAGED:
                    raise
                self._set_aside(str(error))
                return self._opened()

    def peek(self) -> Contents:
        """Read a file that cannot be written.

        Raises:
            DiskFault: it cannot be read either.

        """
        with self._explained():
            try:
                return _peeked(self._path, "mode=ro")
            except sqlite3.OperationalError:
                return _peeked(self._path, "immutable=1")

    def write(self, deltas: Iterable[Delta]) -> None:
        """Write all of *deltas* or nothing.

        Raises:
            DiskFault: nothing is written.

        """
        with self._explained(), self._transaction() as connection:
            for delta in deltas:
                _write(connection, delta)

    def replace(self, contents: Contents) -> None:
        """Write *contents* in place of all that is there.

        Raises:
            DiskFault: what was there is there still.

        """
        whole = Delta(
            alerts=contents.alerts,
            silences=contents.silences,
            accounts=contents.accounts,
            added=contents.entries,
            records=contents.records,
        )
        with self._explained(), self._transaction() as connection:
            for statement in schema.EMPTY:
                connection.execute(statement)
            _write(connection, whole)

    def close(self) -> None:
        """Close the file and let the lock go."""
        self._disconnect()
        self._lock.release()

    def _opened(self) -> Contents:
        """Open the file; a new one is for this user's eyes only, and so are the files that SQLite puts beside it."""
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        self._connection = connection
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._examine(connection)
        connection.executescript(schema.TABLES)
        connection.execute(schema.WRITE_VERSION, (schema.VERSION,))
        self._identity = self._on_disk()
        return _read(connection)

    def _examine(self, connection: sqlite3.Connection) -> None:
        (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if health != "ok":
            error = sqlite3.DatabaseError(health)
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        has_version = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
        version = connection.execute(schema.READ_VERSION).fetchone() if has_version else None
        if version and int(version[0]) > schema.VERSION:
            raise said(self._path, "a newer version of this program wrote it: run that one, or set another state.path")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        if connection is None or self._on_disk() != self._identity:
            raise FileNotFoundError(None, "the file was removed or replaced")
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            raise because(self._path, error) from error
        except DiskFault:
            self._disconnect()
            raise

    def _on_disk(self) -> tuple[int, int]:
        status = os.stat(self._path)  # noqa: PTH116 - the plain call says that it is one
        return (status.st_dev, status.st_ino)

    def _set_aside(self, problem: str) -> None:
        """Keep a damaged file for whoever wants to look at it, out of the way."""
        self._disconnect()
        stem = f"{self._path.name}.damaged-{self._wall():%Y%m%dT%H%M%SZ}"
        for suffix in FILES:
            with suppress(FileNotFoundError):
                self._path.with_name(self._path.name + suffix).rename(self._path.with_name(stem + suffix))
        log.error("the state file is damaged: it is set aside and a new one begun", kept_as=stem, problem=problem)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _write(connection: sqlite3.Connection, delta: Delta) -> None:
    for key, alert in delta.alerts.items():
        at = (key.account, key.rule, key.subject)
        connection.execute(*((schema.DROP_ALERT, at) if alert is None else (schema.PUT_ALERT, (*at, encoded(alert)))))
    for identity, silence in delta.silences.items():
        silenced = silence and (schema.PUT_SILENCE, (identity, encoded(silence)))
        connection.execute(*(silenced or (schema.DROP_SILENCE, (identity,))))
    for name, account in delta.accounts.items():
        put = account and (schema.PUT_ACCOUNT, (name, encoded_account(account)))
        connection.execute(*(put or (schema.DROP_ACCOUNT, (name,))))
    connection.executemany(schema.PUT_ENTRY, map(columns, delta.added))
    connection.executemany(schema.DROP_ENTRY, [(number,) for number in delta.gone])
    connection.executemany(schema.PUT_RECORD, [(r.id, r.at.isoformat(), r.origin, r.what, r.text) for r in delta.records])


def _peeked(path: Path, mode: str) -> Contents:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=BUSY_SECONDS)) as connection:
        return _read(connection)


def _read(connection: sqlite3.Connection) -> Contents:
    return Contents(
        alerts={alert.key: alert for alert in decoded(connection.execute(schema.READ_ALERTS), Alert)},
        silences={silence.id: silence for silence in decoded(connection.execute(schema.READ_SILENCES), Silence)},
        accounts={account.name: account for account in decoded_accounts(connection.execute(schema.READ_ACCOUNTS))},
        entries=tuple(decoded_entries(connection.execute(schema.READ_ENTRIES))),
    )
