"""``make bench``: measures what design 6 demands and shows it. It never fails: performance is looked at, not gated."""

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.alert import alert
from tests.bench.assessment import assessment
from tests.bench.commit import commit
from tests.bench.cpu import cpu
from tests.bench.figure import Measure, Row
from tests.bench.memory import memory
from tests.bench.metrics import metrics
from tests.bench.requests import requests
from tests.bench.stall import stall
from tests.bench.thousand import thousand

MEASURES: Mapping[str, Measure] = {
    "assess": assessment,
    "commit": commit,
    "metrics": metrics,
    "cpu": cpu,
    "memory": memory,
    "requests": requests,
    "alert": alert,
    "stall": stall,
    "thousand": thousand,
}
"""By the name that ``make bench ARGS="cpu memory"`` takes, the shortest first."""

WORDS = {True: "yes", False: "NO", None: "-"}
BUSY = 0.5
"""Share of the cores that others may have taken before it is said."""


async def main(names: Sequence[str]) -> None:
    if strange := set(names) - MEASURES.keys():
        say(f"there is no {', '.join(sorted(strange))}; choose among: {', '.join(MEASURES)}")
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > BUSY * cores:
        say(f"other programs are busy here (load {load:.1f} on {cores} cores): times and lags will be too high")
    rows: list[Row] = []
    for name in [name for name in MEASURES if name in names or not names]:
        rows += await measured(name)
    show(rows)


async def measured(name: str) -> Sequence[Row]:
    """Return what was measured; where that failed, a row that says so."""
    began = time.monotonic()
    say(f"{name} ...")
    try:
        rows = await MEASURES[name]()
    except Exception as error:  # noqa: BLE001 - one figure that cannot be had must not hide the others
        traceback.print_exc()
        rows = [Row(figure=name, target="", measured="failed", met=None, remark=f"{type(error).__name__}: {error}")]
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return rows


def show(rows: Sequence[Row]) -> None:
    table = Table("figure", "target", "measured", "met", "remark", box=box.SIMPLE, show_lines=True)
    for row in rows:
        table.add_row(row.figure, row.target, row.measured, WORDS[row.met], row.remark)
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
