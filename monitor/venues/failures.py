"""What went wrong, in our words: ccxt's and aiohttp's texts can hold signed addresses and do not cross this doorway.

The status and the venue's own code come before the class of the error, because ccxt calls a 404 and a blocked country
"not available", an unknown code of a 500 an error of the exchange, and an outage page a success.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import aiohttp

from monitor.ports import ErrorKind, VenueDataInvalid, VenueError, VenueRefused, VenueUnavailable
from monitor.venues.seen import Seen

ADDRESS = "check `ccxt:` urls and hostname of this account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One request that did not work: where, what was seen, and ccxt's error if it raised one.

    ``classes``: names of the error's class and of those above it; ccxt's own are not imported here, for they may be of
    either import (see `loading`). ``clock_codes``: codes by which the venue says that our clock is off.
    """

    venue: str
    path: str
    seen: Seen
    error: BaseException | None
    clock_codes: frozenset[str]

    @property
    def classes(self) -> frozenset[str]:
        """Return the names of the error's classes."""
        return frozenset(kind.__name__ for kind in type(self.error).__mro__)

    @property
    def cause(self) -> BaseException | None:
        """Return the error below ccxt's, which says more."""
        return self.error.__cause__ if self.error else None

    def is_a(self, *names: str) -> bool:
        """Whether ccxt's error is one of *names*."""
        return not self.classes.isdisjoint(names)


class Verdict(NamedTuple):
    """A kind of failure: how to recognise it, and what to say."""

    applies: Callable[[Failure], bool]
    kind: ErrorKind
    words: str


def status(*codes: int) -> Callable[[Failure], bool]:
    """Return a test for HTTP statuses."""
    return lambda failure: failure.seen.status in codes


def classed(*names: str) -> Callable[[Failure], bool]:
    """Return a test for ccxt's classes of errors."""
    return lambda failure: failure.is_a(*names)


def caused(*kinds: type[BaseException]) -> Callable[[Failure], bool]:
    """Return a test for what lies below ccxt's error."""
    return lambda failure: isinstance(failure.cause, kinds)


def _is_clock(failure: Failure) -> bool:
    return failure.is_a("InvalidNonce") or failure.seen.code in failure.clock_codes


def _is_maintenance(failure: Failure) -> bool:
    return failure.is_a("OnMaintenance") or failure.seen.is_maintenance or (failure.seen.is_page and failure.seen.status == 503)


def _is_redirect(failure: Failure) -> bool:
    return failure.seen.status is not None and 300 <= failure.seen.status < 400


def _is_nonsense(failure: Failure) -> bool:
    """Tell a 2xx answer that is no JSON object or list, or, where ccxt looked for a verdict in it, has none."""
    bare = type(failure.error).__name__ == "ExchangeError" and failure.cause is None
    return failure.seen.is_success and (failure.error is None or (bare and failure.seen.code is None))


def _is_ours(failure: Failure) -> bool:
    """Tell an error that is neither ccxt's nor the network's: something in the answer was not what ccxt's code expects."""
    return failure.error is not None and not failure.is_a("BaseError", "ClientError", "OSError", "TimeoutError")


VERDICTS = (
    Verdict(lambda failure: failure.seen.is_throttled, ErrorKind.RATE_LIMITED, "asked too often; it wants this address to wait"),
    Verdict(_is_clock, ErrorKind.CLOCK, "refuses this machine's clock; set it by NTP"),
    Verdict(
        status(451),
        ErrorKind.REFUSED,
        "does not serve this region (451); run where it does, or through a proxy (`ccxt:` httpsProxy)",
    ),
    Verdict(classed("RestrictedLocation"), ErrorKind.REFUSED, "does not serve this region; run where it does"),
    Verdict(status(407), ErrorKind.REFUSED, "the proxy wants credentials (407); check `ccxt:` httpsProxy"),
    Verdict(_is_maintenance, ErrorKind.MAINTENANCE, "is under maintenance; wait"),
    Verdict(
        status(403),
        ErrorKind.REFUSED,
        "refuses this address or key (403): a region it does not serve, an address not listed for the key, or a ban for a time",
    ),
    Verdict(
        classed("PermissionDenied"), ErrorKind.REFUSED, "the key may not read this; give it read permission and list this address"
    ),
    Verdict(classed("AccountSuspended"), ErrorKind.REFUSED, "says that the account is suspended"),
    Verdict(status(401), ErrorKind.REFUSED, "refuses the key (401); check api_key and api_secret, expiry and listed addresses"),
    Verdict(
        classed("AuthenticationError"),
        ErrorKind.REFUSED,
        "refuses the key; check api_key and api_secret, expiry and listed addresses",
    ),
    Verdict(classed("RateLimitExceeded", "DDoSProtection"), ErrorKind.RATE_LIMITED, "asked too often; it wants us to wait"),
    Verdict(status(408, 504), ErrorKind.TIMEOUT, "did not answer in time"),
    Verdict(classed("RequestTimeout", "TimeoutError"), ErrorKind.TIMEOUT, "did not answer in time"),
    Verdict(
        classed("NotSupported"),
        ErrorKind.UNAVAILABLE,
        "is asked in a way that ccxt does not support; check `ccxt:`, a sandbox above all",
    ),
    Verdict(status(404), ErrorKind.UNAVAILABLE, f"has no such address (404); {ADDRESS}"),
    Verdict(_is_redirect, ErrorKind.UNAVAILABLE, f"answers with a redirect, which is not followed with a key; {ADDRESS}"),
    Verdict(_is_nonsense, ErrorKind.INVALID, "answers with something else than its data"),
    Verdict(_is_ours, ErrorKind.INVALID, "answers with data of an unknown form"),
    Verdict(
        classed("InvalidProxySettings"), ErrorKind.UNAVAILABLE, "cannot be reached with these proxies; set only one in `ccxt:`"
    ),
    Verdict(
        caused(aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError),
        ErrorKind.UNAVAILABLE,
        "shows a certificate that is not trusted; something sits in between, or this machine's clock is far off",
    ),
    Verdict(
        caused(aiohttp.ClientConnectorDNSError),
        ErrorKind.UNAVAILABLE,
        "has a name that cannot be looked up; check this machine's network",
    ),
    Verdict(caused(aiohttp.ClientConnectorError), ErrorKind.UNAVAILABLE, "does not accept a connection"),
    Verdict(caused(aiohttp.ServerDisconnectedError, ConnectionError), ErrorKind.UNAVAILABLE, "broke off the connection"),
    Verdict(caused(aiohttp.ClientPayloadError), ErrorKind.UNAVAILABLE, "broke off in the middle of its answer"),
)
"""First match wins."""

OTHERWISE = Verdict(lambda _: True, ErrorKind.UNAVAILABLE, "does not answer as it should; wait")

REFUSALS = (ErrorKind.REFUSED, ErrorKind.CLOCK)


def translate(failure: Failure) -> VenueError:
    """Return the error to raise for *failure*, to be raised `from None`: a chain of causes can be printed too."""
    verdict = next((verdict for verdict in VERDICTS if verdict.applies(failure)), OTHERWISE)
    message = f"{failure.venue} {failure.path}: {verdict.words}{_detail(failure.seen)}"
    if verdict.kind in REFUSALS:
        return VenueRefused(verdict.kind, message)
    if verdict.kind is ErrorKind.INVALID:
        return VenueDataInvalid(verdict.kind, message)
    return VenueUnavailable(verdict.kind, message, retry_after=failure.seen.retry_after)


def _detail(seen: Seen) -> str:
    found = [
        f"status {seen.status}" if seen.status else "",
        f"its code {seen.code}" if seen.code else "",
        "a web page" if seen.is_page else "",
        "nothing at all" if seen.is_empty else "",
        f"wait {seen.retry_after:.0f} s" if seen.retry_after is not None else "",
    ]
    return f" ({', '.join(filter(None, found))})" if any(found) else ""
