"""How often the venues are asked, as they count it."""

import asyncio
from collections.abc import Mapping, Sequence

from tests.bench.figure import Row
from tests.bench.processes import daemon
from tests.bench.world import POSITION_PATHS, TWENTY, World, world

INTERVAL = 2
CYCLES = 6

PRIVATE: Mapping[str, Sequence[str]] = {
    "binancecoinm": (POSITION_PATHS["binancecoinm"], "/dapi/v1/account"),
    "bybit": (POSITION_PATHS["bybit"], "/v5/account/wallet-balance"),
    "deribit": (POSITION_PATHS["deribit"], "/api/v2/private/get_account_summaries"),
}
"""The private set of each venue."""

PUBLIC: Mapping[str, tuple[str, int]] = {
    "binancecoinm": ("/dapi/v1/premiumIndex", 1),
    "bybit": ("/v5/market/tickers", 1),
    "deribit": ("/api/v2/public/get_book_summary_by_currency", 3),
}
"""The public set of each venue: its path, and how many requests it is: at deribit one for each coin."""


async def requests() -> Sequence[Row]:
    async with world(TWENTY, has_broker=False) as lived, daemon(lived.write(f"{INTERVAL}s")):
        await asyncio.sleep(3 * INTERVAL)
        before = await lived.simulator.ask("counts")
        await asyncio.sleep(CYCLES * INTERVAL)
        after = await lived.simulator.ask("counts")
        await _all_up(lived)
    asked = {venue: {path: count - before[venue].get(path, 0) for path, count in after[venue].items()} for venue in TWENTY}
    return [_private(asked), _public(asked), _others(asked)]


Asked = Mapping[str, Mapping[str, int]]


async def _all_up(lived: World) -> None:
    metrics = await lived.metrics()
    assert all(value == 1 for name, value in metrics.items() if name.startswith("inverse_account_up")), "not all are up"


def _private(asked: Asked) -> Row:
    sets = {
        venue: sum(asked[venue].get(path, 0) for path in paths) / len(paths) / (TWENTY[venue] * CYCLES)
        for venue, paths in PRIVATE.items()
    }
    return Row(
        figure="private sets per account and cycle",
        target="1",
        measured=f"{max(sets.values()):.2f}",
        met=max(sets.values()) < 1.1,
        remark=f"{_listed(sets)}; a cut of {CYCLES} cycles may hold one more",
    )


def _public(asked: Asked) -> Row:
    sets = {venue: asked[venue].get(path, 0) / many / CYCLES for venue, (path, many) in PUBLIC.items()}
    return Row(
        figure="public sets per venue and cycle",
        target="1",
        measured=f"{max(sets.values()):.2f}",
        met=max(sets.values()) <= 1 / 0.9 + 1 / CYCLES,
        remark=f"{_listed(sets)}; read again after 0.9 of the interval, so up to 1.11 is one per cycle",
    )


def _others(asked: Asked) -> Row:
    usual = {path for paths in PRIVATE.values() for path in paths} | {path for path, _ in PUBLIC.values()}
    rare = {path: count for paths in asked.values() for path, count in paths.items() if path not in usual and count}
    return Row(
        figure="other requests in all cycles",
        target="0",
        measured=str(sum(rare.values())),
        met=not rare,
        remark=", ".join(f"{path} {count}" for path, count in rare.items()) or "what is read hourly was read before",
    )


def _listed(sets: Mapping[str, float]) -> str:
    return ", ".join(f"{venue} {count:.2f}" for venue, count in sets.items())
