"""How much memory twenty accounts take, against a bare loop with all of ccxt imported that makes the same polls."""

import asyncio
from collections.abc import Sequence

import psutil

from tests.bench.figure import Row
from tests.bench.processes import daemon, worker
from tests.bench.world import TWENTY, world

CYCLES = 6
INTERVAL = 2
MIB = 1024 * 1024


async def memory() -> Sequence[Row]:
    """Poll, scrape and publish until nothing grows any more, then look."""
    async with world(TWENTY) as lived, worker("bare") as bare, daemon(lived.write(f"{INTERVAL}s")) as seen:
        await bare.ask("open", accounts=lived.accounts)
        for _ in range(CYCLES):
            await asyncio.sleep(INTERVAL)
            metrics = await lived.metrics()
            for venue in TWENTY:
                await bare.ask("poll", venue=venue)
        up = sum(value for name, value in metrics.items() if name.startswith("inverse_account_up"))
        assert up == sum(TWENTY.values()), f"only {up} accounts are up"
        ours, theirs = resident(seen), resident(bare.seen)
    return [
        Row(
            figure="resident memory, 20 accounts on 3 venues",
            target="<= 100 MiB",
            measured=f"{ours:.1f} MiB",
            met=ours <= 100,
            remark=f"the whole daemon after {CYCLES} cycles and scrapes, {'with' if lived.broker else 'without'} MQTT",
        ),
        Row(
            figure="the same against a bare loop with all of ccxt",
            target="<= 0.75 x",
            measured=f"{ours / theirs:.2f} x",
            met=ours / theirs <= 0.75,
            remark=f"bare loop {theirs:.1f} MiB",
        ),
    ]


def resident(process: psutil.Process) -> float:
    """Return the resident memory of *process* in MiB."""
    return float(process.memory_info().rss) / MIB
