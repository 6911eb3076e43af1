"""The journal, to be read: it can be, while a daemon writes it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

READ_LAST = "SELECT at, origin, what, text FROM journal ORDER BY number DESC LIMIT ?"


def last_lines(path: Path, limit: int) -> Sequence[str]:
    """Return the last *limit* lines of the journal in the state file *path*, oldest first; none where it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute(READ_LAST, (limit,)).fetchall()
    except sqlite3.Error:
        return ()
    return tuple("  ".join(map(str, row)) for row in reversed(rows))
