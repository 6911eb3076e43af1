"""Standard streams that whoever starts us has closed: something stands in for them, so that nothing else takes their place."""

import os
import sys


def stand_in() -> None:
    """Put in place of a closed input one that is at its end, of a closed output one that cannot be written, and for errors none.

    A file that is opened later would else be given their number, and be written by whoever means the standard output.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", buffering=1)
