"""A board that shows what a test puts on it, and a client for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession

from monitor.command import Command, Reply
from monitor.picture import Picture
from monitor.views.board import HttpSettings
from monitor.views.serving import serving
from monitor.views.web import application
from tests.views.build import picture

TOKEN = "a-long-token-for-tests"


@dataclass
class StillBoard:
    """Shows one picture. ``fault``: what goes wrong when it is asked for."""

    shown: Picture = field(default_factory=picture)
    alive: bool = True
    ready: tuple[bool, str] = (True, "ready")
    fault: Exception | None = None
    commands: list[Command] = field(default_factory=list)
    reply: Reply = field(default_factory=lambda: Reply(is_done=True, text="done", id="a1"))

    def picture(self) -> Picture:
        if self.fault:
            raise self.fault
        return self.shown

    async def command(self, command: Command) -> Reply:
        self.commands.append(command)
        return self.reply

    def is_alive(self) -> bool:
        return self.alive

    def is_ready(self) -> tuple[bool, str]:
        return self.ready


@asynccontextmanager
async def client(board: StillBoard | None = None, settings: HttpSettings | None = None) -> AsyncIterator[ClientSession]:
    """Serve *board* on a port of its own and give a client whose paths begin there."""
    app = application(board or StillBoard(), settings or HttpSettings())
    async with serving(app, "127.0.0.1", 0) as (host, port), ClientSession(f"http://{host}:{port}") as session:
        yield session
