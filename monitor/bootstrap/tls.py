"""The files of TLS as they are configured, and what is wrong with them, before anything is served or asked."""

import ssl
from pathlib import Path

from monitor.bootstrap.plain import CannotStart
from monitor.config.settings import Config


def http_tls(config: Config) -> ssl.SSLContext | None:
    """Return what to serve https with; None: http.

    Raises:
        CannotStart: certificate or key cannot be used.

    """
    if config.http.tls is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _show(context, "http.tls", config.http.tls.cert, config.http.tls.key)
    return context


def daemon_trust(config: Config) -> ssl.SSLContext | bool:
    """Return how to know the daemon of *config*: by its own certificate file. It is ours, and its name is rarely 127.0.0.1.

    Raises:
        CannotStart: the file cannot be used.

    """
    if config.http.tls is None:
        return True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whoever has signed it need not be in the file
    _trust(context, "http.tls.cert", config.http.tls.cert)
    return context


def check_broker_tls(config: Config) -> None:
    """See that the files for the broker can be used.

    Raises:
        CannotStart: one cannot.

    """
    tls = config.mqtt.tls if config.mqtt else None
    if tls is None:
        return
    context = ssl.create_default_context()
    if tls.ca:
        _trust(context, "mqtt.tls.ca", tls.ca)
    if tls.cert and tls.key:
        _show(context, "mqtt.tls", tls.cert, tls.key)


def _trust(context: ssl.SSLContext, key: str, file: Path) -> None:
    _check_readable(key, file)
    try:
        context.load_verify_locations(file)
    except ssl.SSLError:
        raise CannotStart(f"{key}: {file} holds no certificate in PEM format: see that it is the right file") from None


def _show(context: ssl.SSLContext, section: str, cert: Path, key: Path) -> None:
    """Have *context* show *cert*. An empty passphrase keeps OpenSSL from asking the terminal for one."""
    _check_readable(f"{section}.cert", cert)
    _check_readable(f"{section}.key", key)
    try:
        context.load_cert_chain(cert, key, password="")
    except ssl.SSLError as error:
        is_other = error.reason == "KEY_VALUES_MISMATCH"
        why = "do not belong together" if is_other else "are not a certificate and a key without passphrase, in PEM format"
        raise CannotStart(f"{section}: {cert} and {key} {why}: see that both are the right files") from None


def _check_readable(key: str, file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise CannotStart(
            f"{key}: {file} cannot be read ({error.strerror}): put the file there, let this user read it, or name another"
        ) from None
