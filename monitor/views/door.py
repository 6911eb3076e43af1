"""The door of the HTTP server: who comes in and says nothing is shown out, so that nobody uses up this process's files.

A process that has no file left can ask no venue and tell nobody.

Source: aiohttp 3.14.5, ``web_protocol.py``: ``_process_keepalive`` does nothing before the first answer; seen 2026-11.
"""

import asyncio
import resource
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler


def _most_connections() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2000 if files == resource.RLIM_INFINITY else min(2000, files // 2)


MOST_CONNECTIONS = _most_connections()
"""Half of the files that this process may have, beyond which those that have been quiet for longest make way: first of those
that were never answered, for who asks again and again on one connection is no flood."""

QUIET_SECONDS = 30.0
"""A connection on which nothing is worked at for so long is cut: nothing is asked there, or the answer is not read."""

LOOK_SECONDS = 1.0


class Door:
    """Makes a protocol for each connection to the server of *app*, and knows since when each is quiet. *now*: in seconds."""

    def __init__(self, app: web.Application, now: Callable[[], float], quiet_seconds: float) -> None:
        self._now, self._quiet_seconds = now, quiet_seconds
        self._server: web.Server | None = None
        self._quiet_since: dict[web.RequestHandler, float] = {}
        self._at_work: set[web.RequestHandler] = set()
        self._answered: set[web.RequestHandler] = set()
        app.middlewares.insert(0, self._attend)

    def lead_to(self, server: web.Server | None) -> None:
        """Let all who come from now on in to *server*."""
        self._server = server

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection, for which room is made."""
        if self._server is None:
            raise RuntimeError("the door leads nowhere yet")
        surplus = len(self._open()) + 1 - MOST_CONNECTIONS
        if surplus > 0:
            for protocol in sorted(self._quiet(), key=lambda one: (one in self._answered, self._since(one)))[:surplus]:
                _cut(protocol)
        protocol = self._server()
        self._quiet_since[protocol] = self._now()
        return protocol

    async def watch(self) -> None:
        """Cut who is quiet for too long. Runs for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            until = self._now() - self._quiet_seconds
            for protocol in self._quiet():
                if self._since(protocol) <= until:
                    _cut(protocol)
            there = set(self._open())
            self._answered &= there
            self._quiet_since = {one: at for one, at in self._quiet_since.items() if one in there or at > until}

    @web.middleware
    async def _attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        protocol = request.protocol
        self._at_work.add(protocol)
        try:
            return await handler(request)
        finally:
            self._at_work.discard(protocol)
            self._answered.add(protocol)
            self._quiet_since[protocol] = self._now()

    def _open(self) -> list[web.RequestHandler]:
        there = self._server.connections if self._server else []
        return [one for one in there if one.transport is not None and not one.transport.is_closing()]

    def _quiet(self) -> list[web.RequestHandler]:
        return [one for one in self._open() if one not in self._at_work]

    def _since(self, protocol: web.RequestHandler) -> float:
        return self._quiet_since.setdefault(protocol, self._now())


def _cut(protocol: web.RequestHandler) -> None:
    if protocol.transport is not None:
        protocol.transport.abort()
