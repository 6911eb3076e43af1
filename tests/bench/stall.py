"""What one account that gets no answers does to the polls of nineteen others."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from tests.bench.figure import Row, milliseconds, percentile, spread
from tests.bench.processes import daemon
from tests.bench.world import POSITION_PATHS, TWENTY, World, world

INTERVAL = 2
CYCLES = 2
PAIRS = 5
"""Short turns, so that what else runs on this machine weighs on both sides alike."""
STALLED = "bybit-0"
"""It shares its connection and what is public with six others."""


async def stall() -> Sequence[Row]:
    """Let one account stall and come back, again and again, and compare the others' polls side by side."""
    durations: dict[bool, list[list[float]]] = {False: [], True: []}
    lateness: dict[bool, list[float]] = {False: [], True: []}
    async with world(TWENTY) as lived, daemon(lived.write(f"{INTERVAL}s")):
        await asyncio.sleep(3 * INTERVAL)
        for is_stalled in [False, True] * PAIRS:
            await lived.simulator.ask("stall", keys=[STALLED] if is_stalled else [])
            await lived.simulator.ask("forget")
            durations[is_stalled].append(await _durations(lived))
            lateness[is_stalled] += await _lateness(lived)
    ratios = [median(there) / median(gone) for gone, there in zip(durations[False], durations[True], strict=True)]
    whole = {is_stalled: [one for part in parts for one in part] for is_stalled, parts in durations.items()}
    return [
        Row(
            figure="poll duration of 19 others, one stalled against none",
            target="<= 1.1 x",
            measured=f"{median(ratios):.2f} x",
            met=median(ratios) <= 1.1,
            remark=f"{spread(ratios)}; median {milliseconds(median(whole[True]))} against {milliseconds(median(whole[False]))}",
        ),
        Row(
            figure="how late their polls begin, p95, one stalled",
            target="-",
            measured=milliseconds(percentile(lateness[True], 95)),
            met=None,
            remark=f"{milliseconds(percentile(lateness[False], 95))} with none; beyond {INTERVAL} s since the last one",
        ),
    ]


async def _durations(lived: World) -> list[float]:
    found: list[float] = []
    for _ in range(CYCLES):
        await asyncio.sleep(INTERVAL)
        metrics = await lived.metrics()
        found += [
            value
            for name, value in metrics.items()
            if name.startswith("inverse_account_poll_duration_seconds{") and f'"{STALLED}"' not in name
        ]
    return found


async def _lateness(lived: World) -> list[float]:
    """Return by how much the time between two polls of each other account is off."""
    stamps = await lived.simulator.ask("stamps", of="asked")
    begun: dict[str, list[float]] = {}
    for venue, path in POSITION_PATHS.items():
        for key, asked, at in stamps[venue]:
            if asked == path and key != STALLED:
                begun.setdefault(key, []).append(at)
    return [abs(later - sooner - INTERVAL) for times in begun.values() for sooner, later in pairwise(times)]
