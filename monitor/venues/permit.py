"""What may be asked: the allow-list of endpoints, and apart from it the methods, hosts and paths that may be addressed."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.venues.access import UnusableAccess
from monitor.venues.endpoint import Endpoint

Key = tuple[tuple[str, ...], str, str]


class Forbidden(RuntimeError):  # noqa: N818 - it says what the request was
    """A request outside the allow-list was about to be made: a fault of ours.

    Not one of ccxt's errors, so that none of its nets for those can swallow it. The text holds no address, which could be signed.
    """


@dataclass(frozen=True, slots=True)
class Permit:
    """The two checks. ``keys``: endpoints by ccxt's names. ``addresses``: (method, origin) and the paths allowed there."""

    keys: frozenset[Key]
    addresses: Mapping[tuple[str, str], re.Pattern[str]]

    def check_endpoint(self, api: object, method: str, path: str) -> None:
        """Refuse an endpoint that no venue file declares, before it is signed."""
        names = tuple(api) if isinstance(api, list | tuple) else (api,)
        if (names, method, path) not in self.keys:
            raise Forbidden(f"{method} {path} is not an endpoint that may be asked")

    def check_address(self, method: str, url: str) -> None:
        """Refuse an address that the declared endpoints do not have, before a byte leaves."""
        parts = urlsplit(url)
        allowed = self.addresses.get((method, f"{parts.scheme}://{parts.netloc}"))
        if allowed is None or not allowed.fullmatch(parts.path):
            raise Forbidden(f"{method} to an address that may not be asked")

    @property
    def origins(self) -> frozenset[str]:
        """Return scheme, host and port of all that may be addressed."""
        return frozenset(origin for _, origin in self.addresses)


def permit(endpoints: Iterable[Endpoint], bases: Mapping[str, str]) -> Permit:
    """Return the permit for *endpoints* below *bases*, the effective ``urls["api"]`` of an exchange.

    Raises:
        UnusableAccess: a base is missing, or it is plain http to another machine.

    """
    paths: dict[tuple[str, str], list[str]] = {}
    asked = list(endpoints)
    for endpoint in asked:
        parts = urlsplit(bases.get(endpoint.url_name, ""))
        _check_base(endpoint.url_name, parts.scheme, parts.hostname)
        paths.setdefault((endpoint.method, f"{parts.scheme}://{parts.netloc}"), []).append(endpoint.path_pattern(parts.path))
    return Permit(
        frozenset(endpoint.key for endpoint in asked),
        {address: re.compile("|".join(patterns)) for address, patterns in paths.items()},
    )


def _check_base(name: str, scheme: str, host: str | None) -> None:
    if not host or scheme not in ("http", "https"):
        raise UnusableAccess(f"ccxt: urls: api: {name} is not an address")
    if scheme == "http" and not is_loopback(host):
        raise UnusableAccess(f"ccxt: urls: api: {name} is plain http to another machine, which would show keys; use https")


def is_loopback(host: str) -> bool:
    """Return whether *host* is this machine, by its literal address; names other than localhost are not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
