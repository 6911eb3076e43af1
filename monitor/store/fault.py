"""Why the state file cannot be written, as a sentence with the remedy."""

import sqlite3
from pathlib import Path

IN_MEMORY = "going on in memory, and a restart would forget"

HANGS = "the disk does not answer: see that it is sound"

REMEDIES = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "it may not be written: let this user write the file and its folder",
    sqlite3.SQLITE_PERM: "it may not be written: let this user write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: see that it is a file, and that this user may write it and its folder",
    sqlite3.SQLITE_BUSY: "another program has locked it: end that program",
    sqlite3.SQLITE_LOCKED: "another program has locked it: end that program",
    sqlite3.SQLITE_IOERR: "the disk reports an error: see that it has space and is sound",
    sqlite3.SQLITE_CORRUPT: "it is damaged: it is set aside at the next attempt",
    sqlite3.SQLITE_NOTADB: "it is damaged: it is set aside at the next attempt",
}


class DiskFault(Exception):  # noqa: N818 - it names what happened
    """The state file cannot be used. The message is a sentence for the operator, with the remedy."""


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code without its detail; 0: the error did not come from SQLite itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def because(path: Path, error: sqlite3.Error | OSError) -> DiskFault:
    """Return *error* as a sentence about *path*."""
    if not path.parent.is_dir():
        return said(path, f"there is no folder {path.parent}: create it, or set state.path")
    if isinstance(error, OSError):
        return said(path, f"{error.strerror or error}: see that the file and its folder may be written by this user")
    return said(path, REMEDIES.get(primary_code(error), f"SQLite says: {error}"))


def said(path: Path, reason: str) -> DiskFault:
    """Return the fault with what it means."""
    return DiskFault(f"state cannot be kept in {path}, {reason} ({IN_MEMORY})")
