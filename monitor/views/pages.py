"""The page and its parts as answers: rendered off the event loop, one at a time, and once for all who ask at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from monitor.picture import Picture
from monitor.views.board import Board
from monitor.views.page import page, stress_part
from monitor.views.page.look import Look
from monitor.views.page.stress import USUAL, BadMove, read_percent

SHARE = 10
"""What a move would do is reckoned for a tenth of the time at most."""

Render = Callable[[Picture, Look, int], str]


@dataclass(frozen=True, slots=True)
class _Rendered:
    picture: Picture
    percent: int
    text: str
    good_until: float


class _Part:
    """What was rendered last is what everybody gets until there is a new picture: a flood costs one rendering at a time.

    ``share``: it is also kept for so many times what rendering took; only for what shows no ages.
    """

    def __init__(self, board: Board, look: Look, render: Render, share: int = 0) -> None:
        self._board, self._look, self._render, self._share = board, look, render, share
        self._lock = asyncio.Lock()
        self._last: _Rendered | None = None

    async def answer(self, request: web.Request) -> web.Response:
        try:
            percent = read_percent(request.query.get("percent", str(USUAL)))
        except BadMove as bad:
            return web.Response(status=400, text=f"{bad}\n")
        return web.Response(text=await self._text(percent), content_type="text/html")

    async def _text(self, percent: int) -> str:
        async with self._lock:
            picture, last, began = self._board.picture(), self._last, time.monotonic()
            if last is None or last.percent != percent or (last.picture is not picture and last.good_until <= began):
                text = await asyncio.to_thread(self._render, picture, self._look, percent)
                good_until = began + (1 + self._share) * (time.monotonic() - began) if self._share else began
                self._last = last = _Rendered(picture, percent, text, good_until)
            return last.text


def add_pages(app: web.Application, board: Board, look: Look) -> None:
    """Serve the page at ``/`` and what a move of prices would do at ``/stress?percent=-20``."""
    app.router.add_get("/", _Part(board, look, page).answer)
    app.router.add_get("/stress", _Part(board, look, stress_part, SHARE).answer)
