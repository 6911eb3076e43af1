"""A thousand accounts, polled every 30 s by one process: whether each poll is on time, and what it costs."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import psutil

from tests.bench.figure import Row, percentile
from tests.bench.memory import resident
from tests.bench.processes import daemon
from tests.bench.world import POSITION_PATHS, World, world

INTERVAL = 30
PATIENCE_SECONDS = 15
LATE_SECONDS = 1.0

MOST_AT_BINANCE = 140
"""Binance's budget for one address, 80 % of 2,400 of weight a minute at 6 for a poll, is 160 accounts every 30 s."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was seen of a daemon with ``accounts``. ``twice``: how many were polled twice.

    ``share`` and ``simulator``: CPU as a share of one core. ``gaps``: seconds by which two polls were off the interval.
    ``failed``: polls that failed, were missed, or came while one was under way.
    """

    accounts: int
    twice: int
    share: float
    mebibytes: float
    gaps: Sequence[float]
    failed: int
    simulator: float


async def thousand() -> Sequence[Row]:
    few, more = await asyncio.gather(_load(100), _load(300))  # at once: together they do not fill the cores
    many = await _load(1000)
    exponent = math.log(many.share / few.share) / math.log(many.accounts / few.accounts)
    return [
        Row(
            figure="1,000 accounts at 30 s: polls on time",
            target="all, to 1 s",
            measured=f"{many.twice - _late(many)} of {many.accounts}",
            met=many.twice == many.accounts and not _late(many) and not many.failed,
            remark=f"off by p99 {percentile(many.gaps, 99):.2f} s, most {max(many.gaps):.2f} s; {many.failed} failed, missed "
            f"or overlapped; {MOST_AT_BINANCE} at binancecoinm, whose budget per address ends at 160",
        ),
        Row(
            figure="1,000 accounts at 30 s: share of one core",
            target="<= 60 %",
            measured=f"{many.share:.1%}",
            met=many.share <= 0.6,
            remark=f"{many.mebibytes:.0f} MiB; the simulator takes {many.simulator:.0%} of the other core",
        ),
        Row(
            figure="growth from 100 to 1,000 accounts, CPU ~ accounts ^ k",
            target="linear (k <= 1.1)",
            measured=f"k = {exponent:.2f}",
            met=exponent <= 1.1,
            remark=", ".join(f"{load.accounts}: {load.share:.1%}, {load.mebibytes:.0f} MiB" for load in (few, more, many)),
        ),
    ]


async def _load(accounts: int) -> Load:
    """Let each account be polled once, then look for longer than an interval."""
    async with world(_counts(accounts)) as lived, daemon(lived.write(f"{INTERVAL}s")) as seen:
        await _until_all_up(lived, accounts)
        simulator, cpu, began = _cpu(lived.simulator.seen), _cpu(seen), time.monotonic()
        await asyncio.sleep(INTERVAL + LATE_SECONDS)
        seconds = time.monotonic() - began
        simulator, cpu = _cpu(lived.simulator.seen) - simulator, _cpu(seen) - cpu
        mebibytes, metrics = resident(seen), await lived.metrics()
        begun = await _begun(lived)
    troubles = ("inverse_account_poll_errors_total", "inverse_scheduler_events_total")
    return Load(
        accounts=accounts,
        share=cpu / seconds,
        mebibytes=mebibytes,
        gaps=[abs(b - a - INTERVAL) for times in begun.values() for a, b in pairwise(times)],
        twice=sum(len(times) > 1 for times in begun.values()),
        failed=int(sum(value for name, value in metrics.items() if name.startswith(troubles))),
        simulator=simulator / seconds,
    )


async def _until_all_up(lived: World, accounts: int) -> None:
    async with asyncio.timeout(INTERVAL + PATIENCE_SECONDS):
        await asyncio.sleep(INTERVAL)
        while True:
            metrics = await lived.metrics()
            if sum(value for name, value in metrics.items() if name.startswith("inverse_account_up")) == accounts:
                return
            await asyncio.sleep(1)


async def _begun(lived: World) -> Mapping[str, Sequence[float]]:
    """Return when each account was polled, as the venues saw it."""
    stamps = await lived.simulator.ask("stamps", of="asked")
    begun: dict[str, list[float]] = {}
    for venue, path in POSITION_PATHS.items():
        for key, asked, at in stamps[venue]:
            if asked == path:
                begun.setdefault(key, []).append(at)
    return begun


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _counts(accounts: int) -> Mapping[str, int]:
    at_binance = min(accounts // 3, MOST_AT_BINANCE)
    rest = accounts - at_binance
    return {"binancecoinm": at_binance, "bybit": rest // 2, "deribit": rest - rest // 2}


def _late(load: Load) -> int:
    return sum(gap > LATE_SECONDS for gap in load.gaps)
