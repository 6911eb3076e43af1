"""Connections that say nothing, read nothing, or are too many."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from monitor.views import door
from monitor.views.board import HttpSettings
from monitor.views.serving import serving
from monitor.views.web import application
from tests.channels.fakes import until
from tests.views.boards import StillBoard

ASK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

FEW = 40

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connections(port: int, number: int) -> AsyncIterator[list[Streams]]:
    found = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    try:
        yield found
    finally:
        for _, writer in found:
            writer.transport.abort()


async def answered(streams: Streams) -> bool:
    reader, writer = streams
    writer.write(ASK)
    return (await reader.readuntil(b"alive\n")).startswith(b"HTTP/1.1 200")


def is_cut(streams: Streams) -> bool:
    return streams[0].at_eof() or streams[0].exception() is not None


@pytest.mark.parametrize("said", [b"", ASK[:20], ASK])
async def test_who_is_quiet_for_long_is_cut_whatever_was_said_before(said: bytes) -> None:
    app = application(StillBoard(), HttpSettings())
    async with serving(app, "127.0.0.1", 0, quiet_seconds=0.3) as (_, port), connections(port, 1) as (streams,):
        streams[1].write(said)
        with suppress(ConnectionResetError):
            await asyncio.wait_for(streams[0].read(), 5)


async def test_who_does_not_read_the_answer_is_cut() -> None:
    async def much(_: web.Request) -> web.Response:
        return web.Response(body=bytes(30_000_000))

    app = application(StillBoard(), HttpSettings())
    app.router.add_get("/much", much)
    async with serving(app, "127.0.0.1", 0, quiet_seconds=0.3) as (_, port), connections(port, 1) as (streams,):
        streams[1].write(ASK.replace(b"healthz", b"much"))
        await asyncio.sleep(2)
        with suppress(ConnectionResetError):
            assert len(await asyncio.wait_for(streams[0].read(), 5)) < 30_000_000


async def test_who_listens_to_the_news_is_not_cut() -> None:
    app = application(StillBoard(), HttpSettings())
    async with serving(app, "127.0.0.1", 0, quiet_seconds=0.3) as (_, port), connections(port, 1) as (streams,):
        streams[1].write(ASK.replace(b"healthz", b"events"))
        await asyncio.sleep(2)
        assert not is_cut(streams)


async def test_of_too_many_those_that_have_been_quiet_for_longest_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_CONNECTIONS", FEW)
    app = application(StillBoard(), HttpSettings())
    async with serving(app, "127.0.0.1", 0) as (_, port), connections(port, 3 * FEW) as found:
        assert await answered(found[-1])
        await until(lambda: sum(map(is_cut, found)) >= 2 * FEW)
        assert not any(map(is_cut, found[-FEW:]))
        async with connections(port, 1) as (late,):
            assert await answered(late)


async def test_who_was_answered_stays_while_the_quiet_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_CONNECTIONS", FEW)
    app = application(StillBoard(), HttpSettings())
    async with serving(app, "127.0.0.1", 0) as (_, port), connections(port, 1) as (early,):
        assert await answered(early)
        async with connections(port, 3 * FEW) as found:
            await until(lambda: sum(map(is_cut, found)) > 2 * FEW)
            assert await answered(early)


def test_half_of_the_files_are_left_for_venues_and_broker() -> None:
    assert 0 < 2 * door.MOST_CONNECTIONS <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
