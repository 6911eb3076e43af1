"""News for open pages: rendered once for all who listen, of whom there are at most so many."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from aiohttp import ClientResponse, ClientSession

from monitor.picture import Picture
from monitor.views.board import HttpSettings
from monitor.views.feed import MOST_LISTENERS
from monitor.views.serving import SHUTDOWN_SECONDS, serving
from monitor.views.web import application
from tests.channels.fakes import until
from tests.views.boards import StillBoard, client
from tests.views.build import alert, picture


class CountingBoard(StillBoard):
    """Counts how often it is looked at."""

    looks = 0

    def picture(self) -> Picture:
        self.looks += 1
        return super().picture()


async def news(answer: ClientResponse) -> dict[str, str]:
    async for line in answer.content:
        if line.startswith(b"data: "):
            told: dict[str, str] = json.loads(line[6:])
            return told
    raise AssertionError


@asynccontextmanager
async def listening(session: ClientSession, count: int) -> AsyncIterator[list[ClientResponse]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(session.get("/events")) for _ in range(count)]


async def test_what_changes_is_told_as_it_changes() -> None:
    board = StillBoard()
    async with client(board) as session, listening(session, 1) as (answer,):
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert "8.0 % to liquidation" in (await news(answer))["alerts"]
        board.shown = picture(alerts=(alert(summary="<b>"),))
        assert "&lt;b&gt;" in (await news(answer))["alerts"]


async def test_all_who_listen_are_told_the_same_of_one_look() -> None:
    board = CountingBoard()
    async with client(board) as session, listening(session, MOST_LISTENERS) as answers:
        first = await asyncio.gather(*map(news, answers))
        assert len({json.dumps(each) for each in first}) == 1
        assert board.looks <= 2  # who came while the first look was taken is told the next one


async def test_nobody_looks_while_nobody_listens() -> None:
    board = CountingBoard()
    async with client(board) as session:
        assert await status(session, "/healthz") == 200
        assert board.looks == 0
        async with listening(session, 1) as (answer,):
            await news(answer)
        assert board.looks > 0


async def test_the_one_too_many_is_told_to_ask_and_the_next_place_is_given_again() -> None:
    with structlog.testing.capture_logs() as lines:
        async with client() as session:
            async with listening(session, MOST_LISTENERS) as answers:
                await asyncio.gather(*map(news, answers))
                for _ in range(3):
                    async with session.get("/events") as refused:
                        assert (refused.status, refused.headers["Retry-After"]) == (503, "60")
                        assert "ask again" in await refused.text()
                for answer in answers:
                    answer.close()
            await given_again(session)
    assert [line["log_level"] for line in lines] == ["warning"]


async def given_again(session: ClientSession) -> None:
    async with asyncio.timeout(10):
        while True:
            if await status(session, "/events") == 200:
                return
            await asyncio.sleep(0.1)


async def status(session: ClientSession, path: str) -> int:
    async with session.get(path) as answer:
        return answer.status


async def test_a_picture_that_cannot_be_rendered_is_one_line_of_log_and_is_told_again_afterwards() -> None:
    board = StillBoard(fault=RuntimeError("a secret detail"))
    with structlog.testing.capture_logs() as lines:
        async with client(board) as session, listening(session, 1) as (answer,):
            await until(lambda: bool(lines))
            board.fault = None
            assert "alerts" in await news(answer)
    assert len(lines) == 1


async def test_who_listens_does_not_keep_the_daemon_from_ending() -> None:
    app, loop = application(StillBoard(), HttpSettings()), asyncio.get_running_loop()
    async with ClientSession() as session:
        async with serving(app, "127.0.0.1", 0) as (host, port):
            answer = await session.get(f"http://{host}:{port}/events")
            await news(answer)
            began = loop.time()
        assert loop.time() - began < SHUTDOWN_SECONDS
        assert (await answer.content.read()).strip() == b""


async def test_only_get_listens() -> None:
    async with client() as session, session.head("/events") as answer:
        assert answer.status == 405
