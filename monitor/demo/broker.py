"""An MQTT broker of our own for the demo: mosquitto where it is installed, else amqtt inside this process."""

import asyncio
import shutil
import socket
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 5.0
_STOP_SECONDS = 3.0

_MISSING = (
    "the demo needs an MQTT broker and found none: install mosquitto (apt-get install mosquitto) "
    "or amqtt (pip install 'inverse-monitor[demo]'), or name a broker of yours as mqtt.host"
)


class BrokerError(Exception):
    """No broker could be started. The message is a sentence for the user, with the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where a broker listens, and which it is: ``mosquitto`` or ``amqtt``."""

    host: str
    port: int
    kind: str


@asynccontextmanager
async def embedded_broker(host: str, port: int) -> AsyncIterator[Broker]:
    """Run a broker on *host* and *port* inside the block, open to everybody who reaches it. Port 0 takes a free one.

    Raises:
        BrokerError: there is none to start, or it cannot listen there.

    """
    program = _mosquitto()
    free = _free_port(host, port)
    start = _amqtt(host, free) if program is None else _run_mosquitto(program, host, free)
    async with start as broker:
        yield broker


def _mosquitto() -> str | None:
    """Debian keeps it in a folder that is not on every user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@asynccontextmanager
async def _run_mosquitto(program: str, host: str, port: int) -> AsyncIterator[Broker]:
    """Run it in a session of its own: Ctrl-C is for the daemon, which has things to say to the broker before it ends."""
    with tempfile.TemporaryDirectory(prefix="inverse-monitor-demo-") as folder:
        settings = _settings(folder, host, port)
        process = await asyncio.create_subprocess_exec(
            program, "-c", settings, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, start_new_session=True
        )
        reading = asyncio.create_task(_complaints(process), name="mosquitto-log")
        try:
            await _until_it_accepts(process, reading, host, port)
            yield Broker(host=host, port=port, kind="mosquitto")
        finally:
            await asyncio.shield(_stop(process))
            await reading


def _settings(folder: str, host: str, port: int) -> str:
    path = Path(folder, "mosquitto.conf")
    path.write_text(f"listener {port} {host}\nallow_anonymous true\npersistence false\nlog_dest stderr\n", encoding="utf-8")
    return str(path)


async def _until_it_accepts(process: Process, reading: asyncio.Task[str], host: str, port: int) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while process.returncode is None:
                if await _accepts(host, port):
                    return
                await asyncio.sleep(0.02)
    await _stop(process)
    raise BrokerError(f"mosquitto did not start on {host}:{port}: {(await reading) or 'it said nothing'}")


async def _accepts(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


async def _complaints(process: Process) -> str:
    """Read the log to its end, so that the program never waits for us; return its last error."""
    last = ""
    while process.stderr is not None and (line := await process.stderr.readline()):
        text = line.decode(errors="replace").strip()
        last = text.partition(": ")[2] or text if "rror" in text else last
    return last


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _amqtt(host: str, port: int) -> AsyncIterator[Broker]:
    try:
        from amqtt.broker import Broker as Amqtt  # noqa: PLC0415 - an extra: only who runs the demo without mosquitto has it
    except ImportError:
        raise BrokerError(_MISSING) from None
    listeners = {"default": {"type": "tcp", "bind": f"{host}:{port}"}}
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    broker = Amqtt({"listeners": listeners, "plugins": plugins})
    try:
        await broker.start()
    except Exception as error:  # noqa: BLE001 - the library's own errors are many; each means that it does not listen
        raise BrokerError(f"amqtt did not start on {host}:{port}: {error}") from None
    try:
        yield Broker(host=host, port=port, kind="amqtt")
    finally:
        with suppress(TimeoutError):  # since Python 3.12 it waits for ever for somebody who came and said nothing
            await asyncio.wait_for(asyncio.shield(broker.shutdown()), _STOP_SECONDS)


def _free_port(host: str, port: int) -> int:
    """Find the port free before a program starts, for whoever has it would answer in the program's place."""
    try:
        with socket.create_server((host, port)) as probe:
            free: int = probe.getsockname()[1]
            return free
    except OSError as error:
        raise BrokerError(f"no broker can listen on {host}:{port}: {error.strerror or error}; choose another port") from None
