"""Somebody on loopback who takes what is pushed, or misbehaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.channels.brokers import HOST, free_port

SECRET = "t0ken-that-nobody-may-see"


class Receiver:
    """Answers requests as it is told. ``messages``: what it accepted; ``requests``: how many it got."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[dict[str, Any]] = []
        self.requests = 0
        self._status = 200
        self._free = asyncio.Event()
        self._free.set()

    @property
    def url(self) -> str:
        """Its address as Apprise has it, with a secret in it."""
        return f"json://user:{SECRET}@{HOST}:{self.port}/{SECRET}/"

    @property
    def texts(self) -> list[str]:
        return [message["message"] for message in self.messages]

    def refuse(self, status: int) -> None:
        self._status = status

    def accept(self) -> None:
        self._status = 200
        self._free.set()

    def hang(self) -> None:
        """Answer nothing until told to accept."""
        self._free.clear()

    async def take(self, request: web.Request) -> web.Response:
        self.requests += 1
        message = await request.json()
        await self._free.wait()
        if self._status == 200:
            self.messages.append(message)
        return web.Response(status=self._status)


@asynccontextmanager
async def receiving(port: int | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(port or free_port())
    app = web.Application()
    app.router.add_post("/{rest:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOST, receiver.port).start()
    try:
        yield receiver
    finally:
        receiver.accept()
        await runner.cleanup()
