"""What goes to and fro between a client and a simulated venue, and how it is written."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from aiohttp import web

from monitor.demo.faults import ELSEWHERE

_EIGHT_HOURS_MS = 8 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. ``target`` and ``raw_query``: exactly as they came over the wire, for they are what is signed."""

    method: str
    path: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def is_later_page(self) -> bool:
        """Whether it asks for the rest of something, by a cursor or by how much was seen before."""
        return bool(self.query.get("cursor")) or self.query.get("offset", "0") != "0"

    @property
    def raw_query(self) -> str:
        """Return what stands after the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. A ``body`` of type str goes out as plain text, anything else as JSON."""

    body: object
    status: int = 200

    @property
    def text(self) -> str:
        """Return the body as it goes over the wire."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body, separators=(",", ":"))

    def response(self, text: str | None = None) -> web.Response:
        """Return it for the web server, with *text* in place of its body where given."""
        kind = "text/plain" if isinstance(self.body, str) else "application/json"
        return web.Response(status=self.status, text=self.text if text is None else text, content_type=kind)


def ask_of(request: web.Request) -> Ask:
    """Return what *request* asks, whichever host name it was sent to after a redirect."""
    return Ask(
        method=request.method,
        path=request.path.removeprefix(ELSEWHERE),
        target=request.raw_path.removeprefix(ELSEWHERE),
        query=dict(request.query),
        headers=request.headers,
    )


def signed_by(secret: str, text: str, signature: str, *, in_base64: bool = False) -> bool:
    """Whether *signature* is the HMAC-SHA256 of *text* under *secret*, in hex or in base64."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    expected = base64.b64encode(digest).decode() if in_base64 else digest.hex()
    return hmac.compare_digest(expected.encode(), signature.encode())


def fixed(number: Decimal, places: int) -> str:
    """Return *number* with exactly *places* decimals."""
    return f"{number:.{places}f}"


def delivery_ms(day: date) -> int:
    """Return the moment of delivery in milliseconds: eight o'clock UTC on every venue."""
    return int(datetime.combine(day, time(8), UTC).timestamp()) * 1000


def next_funding_ms(now_ms: int) -> int:
    """Return the next of the three funding stamps of a day."""
    return (now_ms // _EIGHT_HOURS_MS + 1) * _EIGHT_HOURS_MS
