"""The dead man's switch against a local listener: called while all is well, and only then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from monitor.channels.heartbeat import Heartbeat
from tests.channels.fakes import RealClock, end, until

SECRET = "a-secret-that-nobody-sees"


class Friend:
    """Somebody who expects to be called."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.status = 200
        self.port = 0

    async def hear(self, request: web.Request) -> web.Response:
        self.calls.append(request.path)
        return web.Response(status=self.status)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{SECRET}?x=1"


@asynccontextmanager
async def friend() -> AsyncIterator[Friend]:
    one = Friend()
    app = web.Application()
    app.router.add_get("/{path:.*}", one.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.port = runner.addresses[0][1]
    yield one
    await runner.cleanup()


@asynccontextmanager
async def beating(heartbeat: Heartbeat) -> AsyncIterator[None]:
    task = asyncio.create_task(heartbeat.run())
    yield
    await end(task)


async def test_it_calls_while_all_is_well_and_is_silent_while_it_is_not() -> None:
    health = {"well": True}
    async with friend() as one, beating(Heartbeat(one.url, 0.1, RealClock(), lambda: health["well"])):
        await until(lambda: len(one.calls) >= 3)
        health["well"] = False
        await asyncio.sleep(0.05)
        before = len(one.calls)
        await asyncio.sleep(0.1)
        assert len(one.calls) == before
        health["well"] = True
        await until(lambda: len(one.calls) > before)
    assert set(one.calls) == {f"/{SECRET}"}


async def test_it_tries_again_and_says_once_without_the_address_that_nobody_hears(capsys: pytest.CaptureFixture[str]) -> None:
    async with friend() as one:
        one.status = 500
        async with beating(Heartbeat(one.url, 0.05, RealClock(), lambda: True)):
            await until(lambda: len(one.calls) >= 7)
            one.status = 200
            before = len(one.calls)
            await until(lambda: len(one.calls) > before + 1)
    said = capsys.readouterr()
    assert (said.out + said.err).count("the heartbeat is not heard") == 1
    assert (said.out + said.err).count("the heartbeat is heard again") == 1
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://no..name/x"])
async def test_nobody_there_is_survived(capsys: pytest.CaptureFixture[str], url: str) -> None:
    looks: list[int] = []

    def is_well() -> bool:
        looks.append(1)
        return True

    heartbeat = Heartbeat(url, 0.05, RealClock(), is_well)
    async with beating(heartbeat):
        await until(lambda: "is not heard" in capsys.readouterr().out)
        before = len(looks)
        await until(lambda: len(looks) > before)
    await heartbeat.fail()


async def test_a_failure_is_reported_beside_the_address() -> None:
    async with friend() as one:
        await Heartbeat(one.url, 60, RealClock(), lambda: True).fail()
    assert one.calls == [f"/{SECRET}/fail"]
