"""Who may ask what (design 5.7), decided from the headers alone.

On a loopback listener reads are open, but the Host header must be ours: a page on the internet whose name resolves to
127.0.0.1 would otherwise read what it likes (DNS rebinding). On any other address reads need the token too, all but health.
Whatever is not a read needs the token everywhere, and must not come from another site's page.
"""

import base64
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from monitor.views.board import HttpSettings

READS = frozenset({"GET", "HEAD"})
OPEN_PATHS = frozenset({"/healthz", "/readyz"})
SAME_SITE = (None, "same-origin", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says about itself, as far as it matters here."""

    method: str
    path: str
    hosts: tuple[str, ...]
    origin: str | None = None
    fetch_site: str | None = None
    authorization: str | None = None

    @property
    def is_read(self) -> bool:
        """Whether it asks for nothing to change."""
        return self.method in READS


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, as an HTTP status and a sentence that holds nothing of the request."""

    status: int
    reason: str


FOREIGN_HOST = Refusal(403, "This listener answers only to its own name, such as 127.0.0.1 or localhost.")
FOREIGN_ORIGIN = Refusal(403, "The request comes from a page of another site.")
NO_TOKEN = Refusal(403, "Nothing can be changed here as long as no token is configured: set http.token.")
WRONG_TOKEN = Refusal(401, "The token is missing or wrong: send http.token as Bearer, or as the password of Basic.")


def asked(request: web.Request) -> Asked:
    """Return what matters of *request*."""
    return Asked(
        method=request.method,
        path=request.path,
        hosts=tuple(request.headers.getall("Host", ())),
        origin=request.headers.get("Origin"),
        fetch_site=request.headers.get("Sec-Fetch-Site"),
        authorization=request.headers.get("Authorization"),
    )


def refusal(request: Asked, settings: HttpSettings) -> Refusal | None:
    """Return why *request* is refused; None: it may be answered."""
    if settings.is_loopback and not _is_ours(request.hosts, settings.hosts):
        return FOREIGN_HOST
    if request.is_read and (settings.is_loopback or settings.token is None or request.path in OPEN_PATHS):
        return None
    if not request.is_read and not _is_same_site(request):
        return FOREIGN_ORIGIN
    if settings.token is None:
        return NO_TOKEN
    return None if _has_token(request, settings.token) else WRONG_TOKEN


def user(authorization: str) -> str:
    """Return the name that was given with the token; "" where none was."""
    scheme, _, value = authorization.partition(" ")
    return _named(value.strip())[0] if scheme.lower() == "basic" else ""


def _is_ours(named: tuple[str, ...], hosts: frozenset[str]) -> bool:
    return len(named) == 1 and _hostname(named[0]) in hosts


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_same_site(request: Asked) -> bool:
    if len(request.hosts) != 1 or request.fetch_site not in SAME_SITE:
        return False
    return request.origin is None or request.origin.partition("://")[2].lower() == request.hosts[0].lower()


def _has_token(request: Asked, token: str) -> bool:
    """Compare in constant time, whatever was sent; what is no UTF-8 arrives as surrogates."""
    return hmac.compare_digest(_sent(request.authorization or "").encode(errors="surrogateescape"), token.encode())


def _sent(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    return {"bearer": _bearer, "basic": _password}.get(scheme.lower(), _nothing)(value.strip())


def _bearer(value: str) -> str:
    return value


def _password(value: str) -> str:
    return _named(value)[2]


def _named(value: str) -> tuple[str, str, str]:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # not base64, not even ASCII, or no UTF-8 inside
        return "", "", ""


def _nothing(_: str) -> str:
    return ""
