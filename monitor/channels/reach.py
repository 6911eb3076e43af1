"""Whether anything listens at an address."""

import asyncio

SECONDS = 1.0
"""A broker that is there accepts a connection within this time; one that is being restarted, or its machine, does not."""


async def is_listening(host: str, port: int) -> bool:
    """Try a connection, and say nothing over it."""
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, UnicodeError):
        return False
    writer.close()
    return True
