"""Why the broker cannot be used, as a sentence with the remedy; never a secret, never the library's text."""

import socket
import ssl
from types import NoneType

from aiomqtt import MqttError
from aiomqtt.exceptions import MqttConnectError

from monitor.channels.link import NoAnswer

UNSUPPORTED_VERSION = 0x84

REFUSALS = {
    0x84: "speaks another version of MQTT than 5 and 3.1.1",
    0x85: "does not accept the client id, which is mqtt.topic_root",
    0x86: "does not know this user and password: see mqtt.username and mqtt.password",
    0x87: "does not let us in: see mqtt.username and mqtt.password, and the rights of that user",
    0x88: "says that it is not available",
    0x89: "says that it is busy",
    0x8A: "has banned us",
    0x9D: "sends us to another server: set mqtt.host to that one",
}
"""Source: MQTT 5.0, 3.2.2.2, connect reason codes; paho turns those of 3.1.1 into the same."""

NO_ANSWER = "{where} does not answer as an MQTT broker: see that it runs, and that TLS is on at both ends or at neither"

UNREADABLE = "a file of mqtt.tls cannot be read: see that it is there and that this user may read it"

FAILURES: tuple[tuple[type, str], ...] = (
    (ssl.SSLCertVerificationError, "the certificate of {where} is not to be trusted ({detail}): see mqtt.tls.ca"),
    (ssl.SSLError, "TLS with {where} fails ({detail}): see mqtt.tls, and that this port speaks TLS"),
    (socket.gaierror, "the name {host} cannot be resolved: see mqtt.host"),
    (UnicodeError, "{host} is not a name: see mqtt.host"),
    (ConnectionRefusedError, "nothing listens at {where}: start the broker, or see mqtt.host and mqtt.port"),
    (FileNotFoundError, UNREADABLE),
    (PermissionError, UNREADABLE),
    (ConnectionError, NO_ANSWER),
    (TimeoutError, NO_ANSWER),
    (NoAnswer, NO_ANSWER),
    (NoneType, NO_ANSWER),
    (Exception, "{where} cannot be reached ({detail})"),
)
"""The first that fits says it."""


def complaint(error: Exception, host: str, port: int) -> str:
    """Return what is wrong with the broker at *host* and *port*."""
    where, code = f"{host}:{port}", _refusal(error)
    if code is not None:
        return f"MQTT: the broker at {where} {REFUSALS.get(code, f'refuses the connection with code {code}')}"
    cause = error.__context__ if isinstance(error, MqttError) and not is_no_answer(error) else error
    words = next(words for kind, words in FAILURES if isinstance(cause, kind))
    return "MQTT: " + words.format(where=where, host=host, detail=_detail(cause))


def is_version_refused(error: Exception) -> bool:
    """Whether the broker speaks another version of MQTT than we tried."""
    return _refusal(error) == UNSUPPORTED_VERSION


def is_no_answer(error: Exception) -> bool:
    """Whether something listens there but says nothing to what we say."""
    return isinstance(error, NoAnswer)


def _refusal(error: Exception) -> int | None:
    return getattr(error.rc, "value", None) if isinstance(error, MqttConnectError) else None


def _detail(cause: BaseException | None) -> str:
    """OpenSSL's and the system's words for it, which hold neither names nor secrets of ours."""
    words = (getattr(cause, name, None) for name in ("verify_message", "reason", "strerror"))
    return next((str(word) for word in words if word), type(cause).__name__)
