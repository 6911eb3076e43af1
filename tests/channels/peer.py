"""A peer on a port of its own that says what a test has it say, over TCP."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.channels.brokers import HOST

Answer = Callable[[StreamReader, StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer(answer: Answer) -> AsyncIterator[int]:
    """Have *answer* speak with each who comes inside the block, on the port that is the value; nobody is left after it."""
    conversations: set[asyncio.Task[None]] = set()

    def begin(reader: StreamReader, writer: StreamWriter) -> None:
        conversation = asyncio.create_task(_converse(answer, reader, writer))
        conversations.add(conversation)
        conversation.add_done_callback(conversations.discard)

    async with await asyncio.start_server(begin, HOST, 0) as server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for each in tuple(conversations):
                each.cancel()
            await asyncio.gather(*conversations, return_exceptions=True)


async def _converse(answer: Answer, reader: StreamReader, writer: StreamWriter) -> None:
    try:
        await answer(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
