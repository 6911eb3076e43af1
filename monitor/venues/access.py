"""What it takes to read one account, and what makes that impossible before anything is asked."""

import base64
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


class UnusableAccess(ValueError):  # noqa: N818 - it says what the access is, in the words of a configuration error
    """An account cannot be opened as it is configured. The message is a sentence for the operator, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An account at a venue. ``options``: what goes to ccxt's constructor. ``interval``: between two looks."""

    account: str
    venue: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    api_password: str | None = field(default=None, repr=False)
    interval: timedelta
    options: Mapping[str, object] = field(default_factory=dict, repr=False)


PROXIES = ("aiohttp_proxy", "httpProxy", "http_proxy", "httpsProxy", "https_proxy", "socksProxy", "socks_proxy")
"""Options that choose the way out; two accounts with the same ones share an address, hence a budget."""

REWRITING = ("proxy", "proxyUrl", "proxy_url")
"""Options that send requests, signature and all, to a third host instead of through it."""

OURS = ("apiKey", "secret", "password", "session", "verbose", "enableRateLimit", "logger", "ssl_context", "verify", "cafile")
"""Options that have a place of their own, or that would undo a guard."""


def check_options(options: Mapping[str, object]) -> None:
    """Refuse options that would undo a guard.

    Raises:
        UnusableAccess: one is set.

    """
    for name in (*OURS, *REWRITING, *(name for name in options if "callback" in name.lower())):
        if name in options:
            raise UnusableAccess(f"ccxt: {name} cannot be set here")
    if ("socksProxy" in options or "socks_proxy" in options) and importlib.util.find_spec("aiohttp_socks") is None:
        raise UnusableAccess("ccxt: socksProxy needs the package aiohttp_socks: pip install aiohttp_socks")


def check_passphrase(access: Access) -> None:
    """Refuse an account without the passphrase that belongs to its key.

    Raises:
        UnusableAccess: it is missing.

    """
    if not access.api_password:
        raise UnusableAccess(f"api_password is missing: a key of {access.venue} has a passphrase, chosen when it was made")


def check_base64(secret: str) -> None:
    """Refuse a secret that a venue with secrets in base64 cannot have given out: ccxt would stumble over it at each request.

    Raises:
        UnusableAccess: it is none.

    """
    try:
        base64.b64decode(secret, validate=True)
    except ValueError:
        raise UnusableAccess(
            "api_secret is not a secret of this venue, which are base64; copy it whole, with the = at its end"
        ) from None


def egress(options: Mapping[str, object]) -> tuple[str, ...]:
    """Return what identifies the way out that requests take."""
    return tuple(f"{name}={options[name]}" for name in PROXIES if name in options)


ED25519_LENGTH = 120
"""ccxt signs with Ed25519 where a PEM key is at most so long, else with RSA.

Source: ccxt 4.5.90, async_support/binance.py, ``sign``; read 2026-11.
"""


def signing_secret(secret: str, *, ed25519: bool) -> str:
    """Return *secret* as ccxt wants it. *ed25519*: whether ccxt can sign so at this venue.

    Line ends of a PEM key are made one character, else their second one makes ccxt take an Ed25519 key for an RSA one.

    Raises:
        UnusableAccess: it is an RSA key, or a PEM key that ccxt would use as one.

    """
    pem = "\n".join(secret.split("\n")).replace("\r", "").strip()
    if not pem.startswith("-----BEGIN"):
        return secret
    if not ed25519:
        raise UnusableAccess("api_secret is a private key file, which cannot be used at this venue; create an HMAC key")
    if "RSA" in pem.partition("\n")[0] or len(pem) > ED25519_LENGTH:
        raise UnusableAccess(
            "api_secret is an RSA key: one signature blocks every account for 33 ms; create an HMAC or Ed25519 key"
        )
    return pem
