"""Words: text, names, secrets, switches, and what ccxt takes."""

import re
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr, WithJsonSchema

from monitor.config.document import Plain
from monitor.config.mistakes import Absent, Mistake

HIDDEN = "**********"


def flag(given: object) -> bool:
    """Read ``true`` or ``false``, and nothing that merely means it."""
    if isinstance(given, bool):
        return given
    if given not in {"true", "false"}:
        raise Mistake("must be true or false")
    return given == "true"


def text(given: object) -> str:
    """Read text that is not empty."""
    if not isinstance(given, str):
        raise Mistake("must be text" if given is None else "must be text: put it in quotes")
    if not given.strip():
        raise Mistake("is empty")
    return str(given)


def secret(given: object) -> SecretStr:
    """Read a secret; empty or null is as if it were not there."""
    if isinstance(given, SecretStr):
        return given
    if given is None or (isinstance(given, str) and not given.strip()):
        raise Absent
    if not isinstance(given, str):
        raise Mistake("must be text: put it in quotes")
    if re.search(r"[\r\n]", given.strip()) and not given.strip().startswith("-----BEGIN"):
        raise Mistake("has more than one line: leave only the secret itself there")
    return SecretStr(given.strip())


def token(given: object) -> SecretStr:
    """Read a secret that travels in a header or payload: printable ASCII without spaces."""
    read = secret(given)
    if not re.fullmatch(r"[!-~]+", read.get_secret_value()):
        raise Mistake("must be of printable ASCII characters without spaces")
    return read


def secret_url(given: object) -> SecretStr:
    """Read an address that can hold a credential."""
    read = secret(given)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://\S", read.get_secret_value()):
        raise Mistake("must be an address such as https://... or, for push, what Apprise accepts")
    return read


def web_url(given: object) -> SecretStr:
    """Read an address that is called over HTTP."""
    read = secret(given)
    if not _is_web_url(read.get_secret_value()):
        raise Mistake("must be an address that begins with https:// or http://, with a host and, if any, a port number")
    return read


def _is_web_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return url.isascii() and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def name(given: str) -> str:
    """Check the name of an account, a holding or a push target."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", given, re.ASCII) or len(given) > 32:
        raise Mistake("a name is made of a-z, 0-9 and single hyphens between them, at most 32 characters")
    return given


def label(given: str) -> str:
    """Check the key of a label: it becomes a label of `inverse_account_info`."""
    if not re.fullmatch(r"[a-z_]+", given) or given.startswith("__"):
        raise Mistake("the key of a label is made of a-z and _, and does not begin with __")
    if given in {"account", "venue"}:
        raise Mistake("the labels account and venue are there already")
    return given


def coin(given: object) -> str:
    """Check the name of a coin."""
    read = text(given)
    if not re.fullmatch(r"[A-Z0-9]{1,20}", read, re.ASCII):
        raise Mistake("must be the name of a coin, such as BTC")
    return read


def topic_root(given: object) -> str:
    """Check a topic that others are built upon."""
    read = text(given)
    if not re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", read) or len(read) > 64:
        raise Mistake(
            "must be letters, digits, _ - and . with single slashes between: no wildcards, no spaces, no slash at an end"
        )
    return read


def ccxt_key(given: str) -> str:
    """Refuse what the monitor itself decides: credentials have keys of their own, the rest would break it or leak them."""
    bare = given.replace("_", "").lower()
    if bare in {"apikey", "secret", "password"}:
        raise Mistake("does not belong into ccxt: use api_key, api_secret and api_password of the account")
    if bare in {"session", "verbose", "enableratelimit"}:
        raise Mistake("cannot be set: the monitor decides it")
    return given


def ccxt_value(given: Any) -> Any:  # noqa: ANN401 - ccxt takes anything
    """Turn unquoted digits into numbers; the rest stays as it is written."""
    if isinstance(given, dict):
        return {key: ccxt_value(value) for key, value in given.items()}
    if isinstance(given, list):
        return [ccxt_value(value) for value in given]
    if isinstance(given, Plain) and re.fullmatch(r"-?(0|[1-9]\d{0,15})", given, re.ASCII):
        return int(given)
    if isinstance(given, Plain) and re.fullmatch(r"-?(0|[1-9]\d{0,15})\.\d{1,15}", given, re.ASCII):
        return float(given)
    return str(given) if isinstance(given, Plain) else given


_SECRET = WithJsonSchema({"type": "string", "writeOnly": True})
_HIDE = PlainSerializer(lambda _: HIDDEN, return_type=str)

Flag = Annotated[bool, BeforeValidator(flag)]
Text = Annotated[str, BeforeValidator(text), WithJsonSchema({"type": "string", "minLength": 1})]
Secret = Annotated[SecretStr, BeforeValidator(secret), _SECRET, _HIDE]
Token = Annotated[SecretStr, BeforeValidator(token), _SECRET, _HIDE]
WebUrl = Annotated[SecretStr, BeforeValidator(web_url), _SECRET, _HIDE]
SecretUrl = Annotated[SecretStr, BeforeValidator(secret_url), _SECRET, _HIDE]
Name = Annotated[str, AfterValidator(name), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})]
Label = Annotated[str, AfterValidator(label), WithJsonSchema({"type": "string", "pattern": "^[a-z_]+$"})]
CoinName = Annotated[str, BeforeValidator(coin), WithJsonSchema({"type": "string", "pattern": "^[A-Z0-9]+$"})]
TopicRoot = Annotated[
    str, BeforeValidator(topic_root), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$"})
]
CcxtKey = Annotated[str, AfterValidator(ccxt_key)]
CcxtValue = Annotated[Any, BeforeValidator(ccxt_value)]


def without_credentials(given: Any, *, hide: bool = False, is_plain: bool = False) -> Any:  # noqa: ANN401 - ccxt takes anything
    """Return what ccxt is given with all text hidden but that of keys known to be harmless, and every credential among it."""
    if isinstance(given, dict):
        return {
            key: without_credentials(value, hide=hide or bool(_TELLING.search(key)), is_plain=is_plain or key in _PLAIN)
            for key, value in given.items()
        }
    if isinstance(given, list):
        return [without_credentials(value, hide=hide, is_plain=is_plain) for value in given]
    is_odd = isinstance(given, str) and not is_plain
    return HIDDEN if is_odd or _is_credential(given, hide=hide) else given


def credentials(given: Any, *, hide: bool = False) -> Iterator[str]:  # noqa: ANN401 - ccxt takes anything
    """Return what is named or shaped like a credential."""
    if isinstance(given, dict):
        for key, value in given.items():
            yield from credentials(value, hide=hide or bool(_TELLING.search(key)))
    elif isinstance(given, list):
        for value in given:
            yield from credentials(value, hide=hide)
    elif _is_credential(given, hide=hide):
        yield str(given)


def _is_credential(given: object, *, hide: bool) -> bool:
    if hide:
        return given is not None and not isinstance(given, bool)
    return isinstance(given, str) and "@" in given


_PLAIN = frozenset({"hostname", "urls", "defaultType", "defaultSubType", "marginMode", "version"})
_TELLING = re.compile(r"key|secret|passw|passphrase|token|proxy|auth|cookie|signature|login|uid|wallet", re.IGNORECASE)
