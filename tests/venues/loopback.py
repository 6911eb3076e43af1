"""A venue on loopback that answers what it is told, and can be told to misbehave on the wire."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, urlsplit

Fault = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


def response(status: int, body: str | bytes, **headers: str) -> bytes:
    raw = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": "application/json", "Content-Length": str(len(raw)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + raw


def answer(status: int, body: str | bytes, **headers: str) -> Fault:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(response(status, body, **headers))
        await writer.drain()

    return write


async def stall(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[")
    await writer.drain()
    await asyncio.sleep(5)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def cut_short(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1")
    await writer.drain()


def in_turn(*faults: Fault) -> Fault:
    left = list(faults)

    async def next_one(writer: asyncio.StreamWriter) -> None:
        await left.pop(0)(writer)

    return next_one


@dataclass
class Loopback:
    """Answers by path: a JSON value, or a function of the request's parameters. ``fault`` comes before, on ``faulty`` paths."""

    answers: dict[str, object]
    fault: Fault | None = None
    faulty: str = ""
    asked: list[Asked] = field(default_factory=list)
    origin: str = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._open: set[asyncio.StreamWriter] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0)

    def count(self, path: str) -> int:
        return sum(request.path.endswith(path) for request in self.asked)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            request = _parse(await reader.readuntil(b"\r\n\r\n"))
            self.asked.append(request)
            await self._reply(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._open.discard(writer)

    async def _reply(self, request: Asked, writer: asyncio.StreamWriter) -> None:
        if self.fault and self.faulty in request.path:
            await self.fault(writer)
            return
        found = self.answers.get(request.path)
        value = found(request.params) if callable(found) else found
        writer.write(response(404, "{}") if found is None else response(200, json.dumps(value)))
        await writer.drain()


def _parse(head: bytes) -> Asked:
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Asked(method, parts.path, dict(parse_qsl(parts.query)), headers)
