"""One daemon per state file: a lock that ends with the process, however it ends."""

import fcntl
import os
from pathlib import Path

from monitor.ports import AlreadyRunning


class Lock:
    """An exclusive lock on ``<path>.lock``, whatever name *path* has. The file stays behind; it means nothing by itself."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock, unless it is held here already.

        Raises:
            AlreadyRunning: another process has it.
            OSError: the lock file cannot be created.

        """
        if self._file is not None:
            return
        file = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise AlreadyRunning(
                f"another inverse-monitor uses {self._path}: stop it, or give this one a state.path of its own"
            ) from None
        except OSError:
            os.close(file)
            raise
        self._file = file

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
