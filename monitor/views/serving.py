"""The HTTP server as a block: it listens inside, and is gone after it."""

import asyncio
import errno
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from monitor.ports import AlreadyRunning
from monitor.views.door import QUIET_SECONDS, Door

SHUTDOWN_SECONDS = 2.0
"""So long a request under way may take when the daemon ends."""

HANDSHAKE_SECONDS = 10.0
"""So long a connection may take to agree on TLS."""

NO_SUCH_ADDRESS = "this machine does not have that address"
REASONS: Mapping[int | None, str] = {
    None: NO_SUCH_ADDRESS,
    errno.EADDRNOTAVAIL: NO_SUCH_ADDRESS,
    errno.EACCES: "this user may not listen there; ports below 1024 are for root",
}
"""What to say of an error of the system; None: asyncio's own, which since Python 3.13 skips addresses that cannot be had.

Source: CPython, asyncio/base_events.py, `create_server`, "could not bind on any address"; seen 2026-11.
"""


class CannotListen(Exception):  # noqa: N818 - it names what is found
    """The address cannot be listened on. The message is a sentence that names the key to change."""


@asynccontextmanager
async def serving(
    app: web.Application,
    host: str,
    port: int,
    ssl_context: ssl.SSLContext | None = None,
    *,
    quiet_seconds: float = QUIET_SECONDS,
) -> AsyncIterator[tuple[str, int]]:
    """Serve *app*; the value is the address that is listened on, which *port* 0 leaves open. *quiet_seconds*: see `Door`.

    Raises:
        AlreadyRunning: another program listens there.
        CannotListen: nobody can.

    """
    door = Door(app, asyncio.get_running_loop().time, quiet_seconds)
    runner = web.AppRunner(app, access_log=None, logger=_logger(), handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    door.lead_to(runner.server)
    try:
        async with _listening(door, host, port, ssl_context) as address, _watching(door):
            yield address
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _listening(door: Door, host: str, port: int, ssl_context: ssl.SSLContext | None) -> AsyncIterator[tuple[str, int]]:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    patience = HANDSHAKE_SECONDS if ssl_context else None
    try:
        server = await asyncio.get_running_loop().create_server(door, host, port, ssl=ssl_context, ssl_handshake_timeout=patience)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AlreadyRunning(
                f"another program listens on {where}, perhaps another inverse-monitor: "
                "stop it, or set http.listen to another address"
            ) from None
        reason = REASONS.get(error.errno, error.strerror or type(error).__name__)
        raise CannotListen(f"cannot listen on {where}: {reason}; set http.listen to another address") from None
    try:
        bound: tuple[str, int] = server.sockets[0].getsockname()[:2]
        yield bound
    finally:
        server.close()


@asynccontextmanager
async def _watching(door: Door) -> AsyncIterator[None]:
    task = asyncio.create_task(door.watch(), name="http door")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _logger() -> logging.Logger:
    """Return a log without requests that are not HTTP: they get their 400, and anybody could fill the log with them."""
    logger = logging.getLogger(__name__)
    logger.addFilter(_is_our_fault)
    return logger


def _is_our_fault(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
