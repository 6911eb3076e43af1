"""How long it takes from a venue's last answer until a real broker has acknowledged the alert that follows from it."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from tests.bench.figure import Row, milliseconds, percentile
from tests.bench.processes import worker
from tests.bench.world import NO_BROKER, TWENTY, world

INTERVAL = 1.0
CRASHED = "0.68"
"""Share of the calm prices at which every account is in danger."""

TIMES = 4
HOLD = 2.2 * INTERVAL
"""Two polls: one that sees that the danger is over, and one after the hold."""

AT_ONCE = "set_tcp_nodelay true"
"""By default mosquitto holds back a second small packet until the first is acknowledged, which Linux delays by 40 ms."""

FIGURE = "poll answered -> alert acknowledged by mosquitto"


class Acknowledged(NamedTuple):
    account: str
    venue: str
    type: str
    at: float


Stamps = Mapping[str, Sequence[tuple[str, str, float]]]
"""By venue: key, path and moment of each answer."""


async def alert() -> Sequence[Row]:
    return [await _row(FIGURE, ""), await _row(f"the same, {AT_ONCE} at the broker", AT_ONCE)]


async def _row(figure: str, settings: str) -> Row:
    """Let the market fall and recover again and again under twenty accounts, and see what is acknowledged when."""
    async with world(TWENTY, broker_settings=settings) as lived, worker("quick") as quick:
        if lived.broker is None:
            return Row(figure=figure, target="p99 <= 20 ms", measured="-", met=None, remark=NO_BROKER)
        await quick.ask("open", values=lived.values(None), interval=INTERVAL)
        await asyncio.sleep(INTERVAL)
        for number in range(2 * TIMES):
            await lived.simulator.ask("move", share="1" if number % 2 else CRASHED)
            await asyncio.sleep(HOLD)
        stamps = await lived.simulator.ask("stamps", of="answered")
        events = [Acknowledged(*one) for one in await quick.ask("acknowledged")]
    took = _took(events, stamps)
    return Row(
        figure=figure,
        target="p99 <= 20 ms",
        measured=f"p50 {milliseconds(median(took))}, p99 {milliseconds(percentile(took, 99))}",
        met=percentile(took, 99) <= 0.02,
        remark=f"p90 {milliseconds(percentile(took, 90))}, most {milliseconds(max(took))}; "
        f"{len(took)} alerts fired and resolved, {sum(TWENTY.values())} accounts every {INTERVAL:g} s",
    )


def _took(events: Sequence[Acknowledged], stamps: Stamps) -> list[float]:
    """Return how long after its account's last answer each event was acknowledged; an account may wait for what is public too."""
    answered: dict[tuple[str, str], list[float]] = {}
    for venue, rows in stamps.items():
        for key, _, at in rows:
            answered.setdefault((venue, key), []).append(at)
    return [
        event.at - max(_last(answered, event, event.account), _last(answered, event, "")) for event in events if event.account
    ]


def _last(answered: Mapping[tuple[str, str], Sequence[float]], event: Acknowledged, key: str) -> float:
    times = answered[event.venue, key]
    return times[bisect_right(times, event.at) - 1]
