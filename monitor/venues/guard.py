"""A ccxt exchange that reads and nothing else, tells what it saw, and keeps quiet."""

import asyncio
import copy
import json
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import aiohttp

from monitor.venues import seen
from monitor.venues.loading import exchange_class
from monitor.venues.permit import Permit

if TYPE_CHECKING:
    from monitor.venues.skew import SigningClock

Exchange: Any = object
"""Stands for ccxt's class, which is known when the program runs and has no types."""

QUIET = logging.Logger("quiet", level=logging.CRITICAL + 1)  # noqa: LOG001 - apart from every other logger: it must lead nowhere
"""In place of ccxt's logger, which prints addresses, keys and signatures at DEBUG."""


class Direct:
    """An aiohttp session that does not follow redirects, which would carry credentials to another host."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of every request; ccxt reads them here."""
        return self._session.headers

    def get(self, url: Any, **settings: Any) -> Any:  # noqa: ANN401 - handed through as they are
        """Send a GET request."""
        return self._session.get(url, allow_redirects=False, **settings)

    def post(self, url: Any, **settings: Any) -> Any:  # noqa: ANN401 - handed through as they are
        """Send a POST request: at some venues reading is one."""
        return self._session.post(url, allow_redirects=False, **settings)


class Guard(Exchange):  # type: ignore[misc] # - its base has no types
    """Goes before a ccxt exchange class. Nothing can be asked until `arm` has given it a permit."""

    logger = QUIET
    permit = Permit(frozenset(), {})
    signing_clock: "SigningClock"

    def arm(self, permit: Permit, clock: "SigningClock") -> None:
        """Say what may be asked and which clock to sign by."""
        self.permit = permit
        self.signing_clock = clock

    async def fetch2(
        self,
        path: str,
        api: object = "public",
        method: str = "GET",
        params: Mapping[str, object] = {},
        config: Mapping[str, object] = {},
    ) -> object:
        """Refuse what is not on the allow-list, before it is signed."""
        self.permit.check_endpoint(api, method, path)
        return await super().fetch2(path, api, method, params, config)

    async def fetch(self, url: str, method: str = "GET", headers: object = None, body: object = None) -> object:
        """Refuse an address that the allow-list does not lead to, however it came about, before a byte leaves."""
        self.permit.check_address(method, url)
        return await super().fetch(url, method, headers, body)

    def on_rest_response(self, code: int, *response: Any) -> str:  # noqa: ANN401 - ccxt's signature
        """Note status and headers for the task that asks."""
        _, _, _, headers, body, *_ = response
        text: str = body.strip()
        if (noted := seen.current.get()) is not None:
            noted.note_response(code, headers, text, self.signing_clock.now())
        return text

    def parse_json(self, http_response: str) -> object:
        """Return the JSON object or list, fractions with their exact digits as text; None: it is none."""
        try:
            answer = json.loads(http_response, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            return None
        return answer if isinstance(answer, dict | list) else None

    def handle_errors(self, *response: Any) -> object:  # noqa: ANN401 - ccxt's signature
        """Note the venue's error code, then let ccxt's tables classify it."""
        if (noted := seen.current.get()) is not None:
            noted.note_code(response[6])
        return super().handle_errors(*response)

    def milliseconds(self) -> int:
        """Return the venue's time, by which requests are signed."""
        return self.signing_clock.milliseconds()

    def seconds(self) -> int:
        """Return the venue's time in whole seconds."""
        return self.signing_clock.milliseconds() // 1000

    def microseconds(self) -> int:
        """Return the venue's time in microseconds."""
        return self.signing_clock.milliseconds() * 1000

    def open(self, lazy: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - ccxt's signature
        """Do nothing but note the loop: the session is given; a TLS context for each account would cost 42 ms."""
        self.asyncio_loop = asyncio.get_running_loop()

    def get_socks_proxy_session(self, proxy: str) -> Direct:
        """Return the session through a SOCKS proxy, likewise without redirects."""
        return Direct(super().get_socks_proxy_session(proxy))

    def log(self, *_: object) -> None:
        """Print nothing."""

    def __del__(self) -> None:
        """Leave the session alone: it belongs to all exchanges together."""


def guarded(venue: str, options: Mapping[str, object], session: Direct) -> Any:  # noqa: ANN401 - ccxt has no types
    """Return a key-less guarded exchange with *options*, its own limiter, history and chatter off."""
    kind: Any = type(venue, (Guard, exchange_class(venue)), {})
    return kind(copy.deepcopy(dict(options)) | {"session": session, "verbose": False, "enableRateLimit": False} | KEEP_NOTHING)


def bases(exchange: Any) -> dict[str, str]:  # noqa: ANN401 - ccxt has no types
    """Return the effective addresses that an exchange's endpoints are below, by ccxt's names; nested ones are joined by dots.

    Some have a host for each of them (HTX) in place of one for all.
    """
    hosts = exchange.urls.get("hostnames", {})
    given = _addresses(exchange.urls["api"])
    return {name: exchange.implode_params(url, {"hostname": hosts.get(name, exchange.hostname)}) for name, url in given}


def _addresses(tree: Mapping[str, object], *above: str) -> Iterator[tuple[str, str]]:
    for name, found in tree.items():
        if isinstance(found, str):
            yield ".".join((*above, name)), found
        elif isinstance(found, Mapping):
            yield from _addresses(found, *above, name)


KEEP_NOTHING = {"enableLastHttpResponse": False, "enableLastResponseHeaders": False, "enableLastJsonResponse": False}
"""ccxt keeps the last answer of each instance alive by default."""


def keyed(exchange: Any, api_key: str, secret: str, password: str | None) -> Any:  # noqa: ANN401 - ccxt has no types
    """Return a copy of a key-less exchange with credentials.

    It shares the tables of its original, so that an account costs a twentieth of what a new instance would.
    """
    own = copy.copy(exchange)
    own.apiKey, own.secret, own.password = api_key, secret, password
    return own
