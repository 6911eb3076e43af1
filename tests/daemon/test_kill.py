"""`kill -9` of the daemon at any moment of a storm of alerts: what is decided arrives, and no state is wrong afterwards."""

import asyncio
import random
import signal
from pathlib import Path

import pytest

from tests.channels.brokers import Listener, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import CALM, CRITICAL, HASTY, House, all_up
from tests.daemon.storm import agree, broken_links, crowd, decided, figures, storm, told


@pytest.mark.prove
@pytest.mark.timeout(600)
async def test_after_fifty_kills_in_a_storm_all_that_was_decided_has_arrived_and_no_state_is_wrong(
    home: House, tmp_path: Path
) -> None:
    chance, state = random.Random(7), tmp_path / "state.db"
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        home.settings["mqtt"] = {"host": "127.0.0.1", "port": broker.port}
        crowd(home)
        async with storm(home, chance):
            for number in range(50):
                await run_and_kill(home, listener, chance, is_starting=number % 5 == 0)
                assert set(told(listener)) <= set(decided(state) if state.exists() else []), "told before it was written down"
        for home.second in (CRITICAL, CALM):
            async with home.daemon(HASTY) as daemon:
                await daemon.until(all_up)
                states = await agree(home, daemon, broker.port)
        decisions = decided(state)
        await until(lambda: set(told(listener)) >= set(decisions), 20)
    print(f"50 kills: {figures(listener, decisions)}; {len(states)} alerts alike in file, HTTP and broker")
    assert told(listener) == decisions
    assert broken_links(listener) == []


async def run_and_kill(home: House, listener: Listener, chance: random.Random, *, is_starting: bool) -> None:
    before = len(listener.heard)
    async with home.daemon(HASTY) as daemon:
        if not is_starting:
            await until(lambda: len(listener.heard) > before, 30)
        await asyncio.sleep(chance.uniform(0, 1.5))
        await daemon.end(signal.SIGKILL)
