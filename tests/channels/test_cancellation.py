"""A stop that comes in the very moment of an acknowledgement."""

import asyncio

import pytest

from monitor.channels.link import V5, Link, MqttSettings


async def test_a_cancellation_together_with_the_acknowledgement_is_not_lost() -> None:
    link = Link(MqttSettings(host="127.0.0.1"), V5)
    acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(link._wait_for(acknowledged, None))  # aiomqtt's own loses it
    await asyncio.sleep(0)
    acknowledged.set_result(None)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
