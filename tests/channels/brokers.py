"""Real brokers, and somebody who listens to them."""

import asyncio
import getpass
import secrets
import signal
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt

from tests.channels.fakes import end, until
from tests.programs import need

HOST = "127.0.0.1"
DURABLE = "persistence true\nautosave_on_changes true\nautosave_interval 1\npersistence_location {folder}/\n"


def free_port() -> int:
    """Return a port below those that the system deals out: nobody gets it by chance before it is listened on."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


class Mosquitto:
    """One mosquitto on one port; it can be killed, frozen, and started again. *within*: the program that is to start it."""

    def __init__(self, folder: Path, more: str, listener: str, host: str = HOST, within: Sequence[str] = ()) -> None:
        self._words = (*within, need("mosquitto"))
        self._host = host
        self._settings = folder / "mosquitto.conf"
        self.port = free_port()
        more = more.format(folder=folder)
        self._settings.write_text(
            f"user {getpass.getuser()}\nper_listener_settings false\nlog_dest none\n{more}\n"
            f"listener {self.port} {host}\n{listener.format(folder=folder)}\n"
        )
        self._process: Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(*self._words, "-c", self._settings, stdout=DEVNULL, stderr=DEVNULL)
        async with asyncio.timeout(10):
            while not await self._accepts():  # noqa: ASYNC110 - another program: there is no event for it
                await asyncio.sleep(0.01)

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.send_signal(number)
            await process.wait()

    async def _accepts(self) -> bool:
        assert self._process
        assert self._process.returncode is None, f"mosquitto ended: see {self._settings}"
        try:
            _, writer = await asyncio.open_connection(self._host, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


@asynccontextmanager
async def mosquitto(
    folder: Path, more: str = "", *, listener: str = "allow_anonymous true", host: str = HOST, within: Sequence[str] = ()
) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(folder, more, listener, host, within)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.kill()


@dataclass
class Listener:
    """Hears everything. ``held``: the last payload of each topic that is not empty; ``heard``: all that came, in order."""

    held: dict[str, bytes] = field(default_factory=dict)
    heard: list[aiomqtt.Message] = field(default_factory=list)
    is_listening: bool = False

    def on(self, topic: str) -> list[bytes]:
        return [message.payload for message in self.heard if str(message.topic) == topic]

    def take(self, message: aiomqtt.Message) -> None:
        self.heard.append(message)
        self.held[str(message.topic)] = message.payload
        if not message.payload:
            self.held.pop(str(message.topic))


@asynccontextmanager
async def listening(port: int, *, lasting: bool = False, **options: Any) -> AsyncIterator[Listener]:
    """Listen inside the block, again after each loss of the broker. *lasting*: the broker keeps what is missed meanwhile.

    Among *options*: ``socket``, the path of a UNIX socket on which the broker listens too, instead of the port.
    """
    listener = Listener()
    task = asyncio.create_task(_listen(listener, port, lasting, options))
    await until(lambda: listener.is_listening)
    try:
        yield listener
    finally:
        await end(task)


async def _listen(listener: Listener, port: int, lasting: bool, options: dict[str, Any]) -> None:  # noqa: FBT001 - a private part of the above
    while True:
        with suppress(aiomqtt.MqttError):
            client = aiomqtt.Client(
                options.get("socket", HOST),
                port,
                transport="unix" if "socket" in options else "tcp",
                identifier=options.get("identifier", "listener"),
                clean_session=not lasting,
                timeout=3,
                username=options.get("username"),
                password=options.get("password"),
                tls_params=aiomqtt.TLSParameters(ca_certs=options["ca"]) if "ca" in options else None,
            )
            async with client:
                await client.subscribe("#", qos=1)
                listener.is_listening = True
                async for message in client.messages:
                    listener.take(message)
        await asyncio.sleep(0.02)
