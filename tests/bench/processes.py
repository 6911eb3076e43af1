"""Programs of the benchmark, each in a process of its own, that answer questions in JSON, a line each."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import psutil

from monitor import log

PATIENCE_SECONDS = 90.0
LONGEST_LINE = 64 * 1024 * 1024

Answer = Callable[[Mapping[str, Any]], Awaitable[object]]


class Worker:
    """A program that was started here, seen from outside."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.seen = psutil.Process(process.pid)

    async def ask(self, do: str, **more: object) -> Any:
        """Have the program *do* something and return what it says to that."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_SECONDS)
        if not line:
            raise RuntimeError("a program of the benchmark has ended before its time; its last words are above")
        return json.loads(line)


@asynccontextmanager
async def worker(module: str) -> AsyncIterator[Worker]:
    """Run ``tests.bench.<module>`` inside the block; what it says on standard error is seen."""
    words = (sys.executable, "-m", f"tests.bench.{module}")
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
    try:
        yield Worker(process)
    finally:
        await end(process)


@asynccontextmanager
async def daemon(config: str) -> AsyncIterator[psutil.Process]:
    """Run the daemon as its users do inside the block; its log is not looked at."""
    words = (sys.executable, "-m", "monitor", "run", "--config", config)
    process = await asyncio.create_subprocess_exec(*words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        await end(process)


async def end(process: Process) -> None:
    """Ask a process that was started here to end, and see to it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            process.send_signal(number)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
            return


async def answer_questions(answer: Answer) -> None:
    """Be such a program: *answer* each line of standard input until there are no more."""
    log.set_up("warning")
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    with suppress(asyncio.CancelledError):
        while line := await reader.readline():
            print(json.dumps(await answer(json.loads(line))), flush=True)
