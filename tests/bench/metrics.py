"""For how long a scrape of many series blocks the event loop, on which polls and deliveries run."""

import asyncio
from collections.abc import Sequence
from statistics import median

import aiohttp

from tests.bench.figure import Row, milliseconds, percentile
from tests.bench.processes import Worker, worker

SERIES = 10_000
SCRAPES = 15
MOST_SECONDS = 0.02
NOISE = " (so this machine is too busy for a verdict)"
PAUSE_SECONDS = 0.6
"""Longer than a picture is shown again, so that each scrape is a new one."""


async def metrics() -> Sequence[Row]:
    each = (await _series(40) - await _series(20)) / 20
    accounts = round(SERIES / each)
    async with worker("board") as board, aiohttp.ClientSession() as session:
        url = await _url(board, accounts)
        text = await _scrape(session, url)
        await _pause(board)  # what it took to begin is another matter
        idle = [max(one) for one in [await _pause(board) for _ in range(SCRAPES)]]
        busy = []
        for _ in range(SCRAPES):
            await _scrape(session, url)
            busy.append(max(await _pause(board)))
    is_noisy = max(idle) > MOST_SECONDS
    return [
        Row(
            figure=f"/metrics with {SERIES:,} series: event loop blocked at worst",
            target="<= 20 ms",
            measured=milliseconds(max(busy)),
            met=None if is_noisy else max(busy) <= MOST_SECONDS,
            remark=f"worst of a scrape: median {milliseconds(median(busy))}, p90 {milliseconds(percentile(busy, 90))}; "
            f"unscraped {milliseconds(max(idle))}{NOISE if is_noisy else ''}; "
            f"{_count(text):,} series of {accounts} accounts, {len(text) / 1e6:.1f} MB",
        )
    ]


async def _series(accounts: int) -> int:
    async with worker("board") as board, aiohttp.ClientSession() as session:
        return _count(await _scrape(session, await _url(board, accounts)))


async def _url(board: Worker, accounts: int) -> str:
    return f"http://127.0.0.1:{await board.ask('open', accounts=accounts)}/metrics"


async def _scrape(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        assert answer.status == 200, answer.status
        return await answer.text()


async def _pause(board: Worker) -> Sequence[float]:
    """Return how late the loop was since the last time, and after it for a while."""
    await asyncio.sleep(PAUSE_SECONDS)
    late: Sequence[float] = await board.ask("late")
    return late


def _count(text: str) -> int:
    return sum(not line.startswith("#") for line in text.splitlines())
