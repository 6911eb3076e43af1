"""Every query of every panel and every choice has data in the demo, and an alert of Prometheus reaches a webhook."""

import asyncio
import subprocess
import time
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest

from tests.channels.fakes import until
from tests.deploy.dashboards import BOARDS, LABEL_VALUES, Asked, filled, queries, variables
from tests.deploy.observed import HOLD, WEBHOOK_TOKEN, Observed, observed
from tests.programs import need

ALL = ".*"
DATA_SECONDS = 45
ACCOUNTS = ("main", "hodl", "treasury")
COINS = ("BTC", "ETH")
SPEED = 2


def choices(expr: str) -> Iterable[dict[str, str]]:
    """What can be chosen: all at once where several can be, else each account with each coin."""
    if '="$account"' not in expr.replace("=~", ""):
        return ({"account": ALL, "coin": ALL, "venue": ALL},)
    return ({"account": account, "coin": coin} for account, coin in product(ACCOUNTS, COINS))


async def has_data(world: Observed, asked: Asked) -> bool:
    for chosen in choices(asked.expr):
        expr, now = filled(asked.expr, chosen), time.time()
        span = {} if asked.is_instant else {"start": f"{now - 60}", "end": f"{now}", "step": "1"}
        answer = await world.ask("query" if asked.is_instant else "query_range", query=expr, **span)
        if answer and answer["result"]:
            return True
    return False


async def choice_has_values(world: Observed, query: str) -> bool:
    match = LABEL_VALUES.fullmatch(query)
    assert match
    asked = (filled(match["metric"], chosen) for chosen in choices(query))
    found = [await world.ask(f"label/{match['label']}/values", **{"match[]": metric}) for metric in asked]
    return any(found)


async def without_data(world: Observed) -> list[Asked]:
    """Ask until every query has had data or time is up; return those that never had."""
    missing, end = list(queries()), time.monotonic() + DATA_SECONDS
    while missing and time.monotonic() < end:
        missing = [asked for asked in missing if not await has_data(world, asked)]
        await asyncio.sleep(0.5)
    return missing


def criticised(metrics: str) -> tuple[int, str, str]:
    """What promtool has to say about the metrics."""
    words = [need("promtool"), "check", "metrics"]
    done = subprocess.run(words, input=metrics, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


async def seconds_until_told(world: Observed) -> float:
    """End the demo and wait until the webhook hears that nobody watches."""
    assert (world.demo.returncode, [name for name, *_ in world.receiver.told if name == "InverseMonitorGone"]) == (None, [])
    began = time.monotonic()
    world.demo.terminate()

    def told() -> list[tuple[str, str, float, str]]:
        return [each for each in world.receiver.told if each[:2] == ("InverseMonitorGone", "firing")]

    await until(told, 40)
    [(_, _, at, credentials), *_] = told()
    assert credentials == f"Bearer {WEBHOOK_TOKEN}"
    return at - began


@pytest.mark.timeout(170)
async def test_every_query_has_data_in_the_demo_and_its_end_reaches_the_webhook(tmp_path: Path) -> None:
    need("prometheus-alertmanager")
    began = time.monotonic()
    async with observed(tmp_path, speed=SPEED) as world:
        print(f"ready after {time.monotonic() - began:.1f} s")
        assert await without_data(world) == []
        print(f"{len(list(queries()))} queries have data after {time.monotonic() - began:.1f} s")
        asked = [match.string for board in BOARDS.values() for match in variables(board).values()]
        assert [query for query in asked if not await choice_has_values(world, query)] == []
        assert criticised(await world.metrics()) == (0, "", "")
        took = await seconds_until_told(world)
        print(f"the webhook heard of the demo's end after {took:.1f} s, of which the rule waits {HOLD} s")
