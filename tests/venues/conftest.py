"""Accounts at venues on loopback."""

from collections.abc import AsyncIterator

import pytest

from monitor.venues import Venues
from tests.venues.loopback import Loopback
from tests.venues.scene import Scene, WallClock
from tests.venues.scenes import SCENES


@pytest.fixture(params=sorted(SCENES))
def scene(request: pytest.FixtureRequest) -> Scene:
    return SCENES[str(request.param)]


@pytest.fixture
async def loopback(scene: Scene) -> AsyncIterator[Loopback]:
    async with Loopback(scene.answers()) as server:
        yield server


@pytest.fixture
async def venues() -> AsyncIterator[Venues]:
    async with Venues(WallClock()) as opened:
        yield opened
