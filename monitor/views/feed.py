"""News for open pages, as server-sent events: rendered once, off the event loop, for all who listen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from monitor.views.board import Board
from monitor.views.page import event
from monitor.views.page.look import Look

log = structlog.get_logger(__name__)

MOST_LISTENERS = 20
"""Each holds a connection and is written to every second; who comes later is told 503, and its page asks instead."""

EVERY_SECONDS = 1.0
SHARE = 10
"""The pause is at least so many times what rendering took: a large page must not take more than a tenth of a core."""

SEND_SECONDS = 10.0
"""Who has not read what was sent for so long is given up."""


class Feed:
    """Renders while somebody listens."""

    def __init__(self, board: Board, look: Look) -> None:
        self._board, self._look = board, look
        self._listeners = 0
        self._is_heard, self._is_new = asyncio.Event(), asyncio.Condition()
        self._text: str | None = None
        self._is_closing = self._is_refusal_told = self._is_fault_told = False

    def add_to(self, app: web.Application) -> None:
        """Serve ``/events`` for as long as *app* lives."""
        app.router.add_get("/events", self._answer, allow_head=False)
        app.cleanup_ctx.append(self._running)
        app.on_shutdown.append(self._close)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self._listeners >= MOST_LISTENERS:
            return self._refusal()
        self._listeners += 1
        self._is_heard.set()
        try:
            async with sse_response(request, send_timeout=SEND_SECONDS) as stream:
                with suppress(ConnectionResetError, TimeoutError):  # it is gone, or has stopped reading
                    await self._follow(stream)
            return stream
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._is_heard.clear()

    async def _follow(self, stream: EventSourceResponse) -> None:
        while not self._is_closing and stream.is_connected():
            async with self._is_new:
                await self._is_new.wait()
            if self._text is not None and not self._is_closing:
                await stream.send(self._text)

    def _refusal(self) -> web.Response:
        if not self._is_refusal_told:
            self._is_refusal_told = True
            log.warning("more pages are open than are told news; the others ask for them", most=MOST_LISTENERS)
        refused = web.Response(status=503, text="Too many listen already; ask again later.\n", headers={"Retry-After": "60"})
        refused.force_close()
        return refused

    async def _running(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._tell(), name="page events")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _close(self, _: web.Application) -> None:
        self._is_closing = True
        await self._wake()

    async def _tell(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._is_heard.wait()
            began = loop.time()
            await self._render()
            await asyncio.sleep(max(EVERY_SECONDS, SHARE * (loop.time() - began)))

    async def _render(self) -> None:
        try:
            self._text = await asyncio.to_thread(event, self._board.picture(), self._look)
        except Exception:
            if not self._is_fault_told:  # an open page goes grey by itself when nothing is told
                log.exception("the page could not be rendered; others like it are not logged")
            self._is_fault_told = True
        else:
            self._is_fault_told = False
            await self._wake()

    async def _wake(self) -> None:
        async with self._is_new:
            self._is_new.notify_all()
