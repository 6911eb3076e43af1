"""How a simulated venue misbehaves: each fault is one thing that real venues, or what stands before them, have done."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aiohttp import web

CLOCK_SKEW_SECONDS: Final = 120.0
RETRY_AFTER_SECONDS: Final = 7
ELSEWHERE: Final = "/elsewhere"
"""Where a redirect leads: before the path, on the same port under another host name."""

_PAGE = (
    "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>The exchange will be back soon.</p></body></html>"
)


class Fault(StrEnum):
    """What goes wrong."""

    HTML = "html"
    EMPTY = "empty"
    EMPTY_OBJECT = "empty_object"
    NULL = "null"
    CUT_JSON = "cut_json"
    RATE_LIMITED = "rate_limited"
    BANNED = "banned"
    SERVER_ERROR = "server_error"
    MAINTENANCE = "maintenance"
    PAYMENT_REQUIRED = "payment_required"
    OVERLOADED = "overloaded"
    REFUSED = "refused"
    SKEWED_CLOCK = "skewed_clock"
    SLOW_BODY = "slow_body"
    STALL = "stall"
    RESET = "reset"
    REDIRECT = "redirect"
    DUPLICATE_ROWS = "duplicate_rows"
    MISSING_KEYS = "missing_keys"
    NUMBERS_AS_TEXTS = "numbers_as_texts"
    TEXTS_AS_NUMBERS = "texts_as_numbers"
    DELISTED = "delisted"
    MISSING_PAGE = "missing_page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """One fault in force.

    ``paths`` empty: everywhere. ``keys``: what rows lose, empty: every second key; of DELISTED the contracts that lists lose.
    ``seconds``: how long a slow body takes.
    """

    fault: Fault
    paths: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    seconds: float = 1.0

    def concerns(self, path: str) -> bool:
        """Whether a request for *path* meets it."""
        return not self.paths or path in self.paths


def replacement(fault: Fault) -> web.Response | None:
    """Return what is answered in place of the truth; None: the fault does not replace the answer."""
    make = _REPLACEMENTS.get(fault)
    return None if make is None else make()


async def drip(request: web.Request, body: str, seconds: float) -> web.StreamResponse:
    """Send *body* in twenty pieces over *seconds*."""
    payload = body.encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(payload))})
    await response.prepare(request)
    piece = max(1, -(-len(payload) // 20))
    for start in range(0, len(payload), piece):
        await response.write(payload[start : start + piece])
        await asyncio.sleep(seconds / 20)
    await response.write_eof()
    return response


def reset(request: web.Request) -> web.Response:
    """Drop the connection so that the client's system reports a reset."""
    if (transport := request.transport) is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def redirect(request: web.Request) -> web.Response:
    """Send the client, with whatever it has signed, to the same port under another host name."""
    address = f"http://localhost:{request.url.port}{ELSEWHERE}{request.raw_path}"
    return web.Response(status=302, headers={"Location": address})


def _page(status: int, title: str, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return web.Response(status=status, text=_PAGE.format(title), content_type="text/html", headers=named)


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")


_REPLACEMENTS: dict[Fault, Callable[[], web.Response]] = {
    Fault.HTML: lambda: _page(200, "Welcome"),
    Fault.EMPTY: lambda: _json(""),
    Fault.EMPTY_OBJECT: lambda: _json("{}"),
    Fault.NULL: lambda: _json("null"),
    Fault.RATE_LIMITED: lambda: _page(429, "Too Many Requests", Retry_After=str(RETRY_AFTER_SECONDS)),
    Fault.BANNED: lambda: _page(418, "I am a teapot", Retry_After=str(RETRY_AFTER_SECONDS)),
    Fault.SERVER_ERROR: lambda: _page(500, "Internal Server Error"),
    Fault.MAINTENANCE: lambda: _page(503, "Scheduled maintenance"),
    Fault.PAYMENT_REQUIRED: lambda: _page(402, "Payment Required"),
    Fault.OVERLOADED: lambda: _page(529, "Site is overloaded"),
}
