"""`kill -9` at any moment: what was acknowledged is there, and state and outbox agree."""

import asyncio
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.channels.build import alert, key
from tests.test_store_disk import opened

WRITER = """
import asyncio, sys
from pathlib import Path
from tests.channels.build import alert, key, told
from tests.test_store_disk import opened

async def main() -> None:
    async with opened(Path(sys.argv[1])) as store:
        known = (await store.load()).alerts.get(key())
        number = known.events if known else 0
        while True:
            number += 1
            await store.commit(told(alert(number=number)))
            print(number, flush=True)
            if number % 3 == 0:
                await store.delivered("mqtt", (await store.pending("mqtt", 1))[0].number)

asyncio.run(main())
"""


async def killed_after(path: Path, acknowledgements: int) -> int:
    """Let a program commit in a loop, kill it after so many commits, and return the last that it was told is written."""
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(path), stdout=asyncio.subprocess.PIPE)
    assert writer.stdout
    async with asyncio.timeout(30):
        for _ in range(acknowledgements):
            assert await writer.stdout.readline()
        writer.kill()
        rest = (await writer.stdout.read()).split()
        await writer.wait()
    return int(rest[-1]) if rest else 0


def entries(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT event_id FROM outbox ORDER BY number")]


async def check(path: Path, rounds: int) -> None:
    chance, acknowledged = random.Random(7), 0
    for _ in range(rounds):
        acknowledged = max(acknowledged, await killed_after(path, chance.randint(1, 40)))
        async with opened(path) as store:
            known = (await store.load()).alerts[key()]
            assert store.fault is None
            assert known == alert(number=known.events)
            assert known.events >= acknowledged
            rows = [row.event_id for row in await store.pending("mqtt", 100_000)]
            assert rows == entries(path)
            first = int(rows[0].rpartition("-")[2])
            assert rows == [f"id-BTC-{number}" for number in range(first, known.events + 1)]
            assert first <= known.events // 3 + rounds + 1


async def test_state_and_outbox_agree_after_kill_9(tmp_path: Path) -> None:
    await check(tmp_path / "state.db", rounds=3)


@pytest.mark.prove
async def test_state_and_outbox_agree_after_many_kills(tmp_path: Path) -> None:
    await check(tmp_path / "state.db", rounds=30)
