"""Asking a running daemon over HTTP, for `status` and `health`."""

import aiohttp

from monitor.bootstrap.plain import plain
from monitor.bootstrap.tls import daemon_trust
from monitor.config.settings import Config
from monitor.views.web import HEADERS

TIMEOUT_SECONDS = 10.0
PATIENCE_SECONDS = 30.0
"""A test alert waits for every channel."""

ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it is recognised here, not listened on


class NoDaemon(Exception):  # noqa: N818 - it says what is found
    """No daemon answers as it should. The message is a sentence with the remedy."""


async def ask(config: Config, path: str) -> tuple[int, str]:
    """Return status and text of what the daemon of *config* answers to *path*.

    Raises:
        NoDaemon: nothing answers there, or not in time, or it is another program.
        CannotStart: its certificate, by which it is known, cannot be read.

    """
    return await _sent(config, "GET", path, None, TIMEOUT_SECONDS)


async def tell(config: Config, path: str, said: bytes) -> tuple[int, str]:
    """Post *said* to *path*, and return status and text of the answer. Raises as `ask`."""
    return await _sent(config, "POST", path, said, PATIENCE_SECONDS)


async def _sent(config: Config, method: str, path: str, said: bytes | None, seconds: float) -> tuple[int, str]:
    url = f"{address(config)}{path}"
    token = plain(config.http.token)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session,
            session.request(method, url, data=said, headers=headers, ssl=daemon_trust(config), allow_redirects=False) as answer,
        ):
            if answer.headers.get("Server") != HEADERS["Server"]:
                raise NoDaemon(f"what answers at {url} is not inverse-monitor: correct http.listen, or stop it")
            return answer.status, await answer.text()
    except (aiohttp.ClientError, OSError, TimeoutError, UnicodeDecodeError):
        raise NoDaemon(f"no daemon answers at {url}: start it with `inverse-monitor run`, or correct http.listen") from None


def address(config: Config) -> str:
    """Return where the daemon of *config* is found from this machine."""
    listen = config.http.listen
    host = ANY.get(listen.host, listen.host)
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if config.http.tls else 'http'}://{shown}:{listen.port}"
