"""What the common tests ask of a venue: a healthy account in its wire format, and how it says what goes wrong."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.ports import ErrorKind
from monitor.venues.access import Access
from tests.venues.loopback import Asked

KEY, SECRET = "the-key-in-these-tests", "dGhlLXNlY3JldC1pbi10aGVzZS10ZXN0cw=="
"""The secret is base64, for venues that want it so."""
PASSPHRASE = "the-passphrase-in-these-tests"


class WallClock:
    """The machine's clock, `off` seconds wrong."""

    def __init__(self, off: float = 0.0) -> None:
        self.off = off

    def now(self) -> datetime:
        return self.wall()

    def wall(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.off)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One venue. Paths are named by their ends.

    ``private``: what is read for each account at each look, positions first. ``settings``: with the key, but by the hour.
    ``public``: what is read at each cycle, a path as often as it is asked. ``listed``: public, by the hour, the first one holds
    the contracts. ``codes``: bodies of its own errors. ``empty``: positions, and there are none. ``skewed``, ``missigned``: what
    it answers to a wrong time and to a wrong signature; ``names_skew``: the first says nothing but that. ``stamp``: seconds by
    which a request was signed; None: it signs without a time. ``tells_rights``: whether a key can ask what it may do.
    ``has_key_in_query``: it wants the name of the key, and the signature, in the address.
    """

    venue: str
    answers: Callable[[], dict[str, object]]
    urls: Callable[[str], Mapping[str, object]]
    private: tuple[str, ...]
    settings: tuple[str, ...] = ()
    public: tuple[str, ...]
    listed: tuple[str, ...]
    codes: Mapping[str, ErrorKind]
    empty: object
    skewed: str = ""
    missigned: str
    names_skew: bool = True
    stamp: Callable[[Asked], float] | None
    tells_rights: bool = True
    has_key_in_query: bool = False

    def access(self, origin: str, timeout: int = 5000, **changes: object) -> Access:
        options: dict[str, object] = {"urls": {"api": self.urls(origin)}, "timeout": timeout}
        given: dict[str, object] = {
            "account": "main",
            "venue": self.venue,
            "api_key": KEY,
            "api_secret": SECRET,
            "api_password": PASSPHRASE,
            "interval": timedelta(seconds=15),
            "options": options,
        }
        return Access(**(given | changes))  # type: ignore[arg-type] # - a test names the fields that it wants different

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path without which an account cannot be read."""
        return tuple(dict.fromkeys((*self.private, *self.settings, *self.public, *self.listed)))


WRAPPINGS = ("symbols", "instruments", "openPositions", "positions", "products", "result", "list", "data")


def rows_in(body: Any) -> list[Any]:
    """The rows of an answer, whatever they are wrapped in; a test may change them."""
    if isinstance(body, list):
        return body
    return rows_in(next(body[key] for key in WRAPPINGS if key in body))
