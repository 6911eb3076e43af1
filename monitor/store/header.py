"""How a state file begins, and what does not begin so: a file of somebody else, which is left as it is."""

from pathlib import Path

HEADER = b"SQLite format 3\0"
"""Source: sqlite.org, "Database File Format", 1.2; seen 2026-11."""

ERASED = b"\0\xff"
"""What is left where a crash kept blocks from being written, on most disks and on flash."""

FOREIGN = "it is a file of something else, and left as it is: name another with state.path"


def is_foreign(path: Path) -> bool:
    """Whether *path* is a file that was never a state file: neither SQLite's, nor torn (empty, cut off, or erased).

    Raises:
        OSError: it cannot be read.

    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        begin = file.read(len(HEADER))
    return not HEADER.startswith(begin) and bool(begin.strip(ERASED))
