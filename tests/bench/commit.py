"""How long it takes until a decision is on disk."""

import os
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from monitor.core.rules.finding import Level
from monitor.store.sqlite import open_store
from tests.bench.figure import Row, milliseconds, percentile
from tests.channels.build import alert, told

COMMITS = 500


async def commit() -> Sequence[Row]:
    """Commit an alert and its event, one after the other, in the folder for temporary files."""
    with tempfile.TemporaryDirectory(prefix="inverse-monitor-bench-") as folder:
        path = Path(folder) / "state.db"
        spent = []
        async with open_store(path, channels=("mqtt",), wall=lambda: datetime.now(UTC)) as store:
            for number in range(COMMITS):
                change = told(alert(level=Level.CRITICAL, number=number))
                began = time.perf_counter()
                await store.commit(change)
                spent.append(time.perf_counter() - began)
            assert store.fault is None, store.fault
        disk = [_synced(Path(folder) / "raw") for _ in range(COMMITS)]
    return [
        Row(
            figure="commit of an alert with its event, on disk: median",
            target="0.5 ms (design 3)",
            measured=milliseconds(median(spent)),
            met=None,
            remark=f"p99 {milliseconds(percentile(spent, 99))}; 4 KiB and fsync alone: {milliseconds(median(disk))}",
        )
    ]


def _synced(path: Path) -> float:
    """Write one page to the end of a file and return how long it took to be on disk."""
    with path.open("ab", buffering=0) as file:
        began = time.perf_counter()
        file.write(bytes(4096))
        os.fsync(file.fileno())
        return time.perf_counter() - began
