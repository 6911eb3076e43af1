"""Puts a simulated venue on a free port of the loopback interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from monitor.demo.venue import SimulatedVenue


@asynccontextmanager
async def serve(venue: SimulatedVenue) -> AsyncIterator[str]:
    """Serve *venue* inside the block; yield its address, ``http://127.0.0.1:<port>``."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", venue.serve)
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        venue.behave()
        await runner.cleanup()
