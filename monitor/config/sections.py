"""The sections of the configuration but `alerts`: what each key is called, what it takes, what holds where it is left out."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationInfo, field_serializer, field_validator

from monitor.config.mistakes import Absent, Mistake
from monitor.config.moment import Day, Quiet
from monitor.config.network import Address, File, Host, Listen, Port
from monitor.config.quantity import Interval, PositiveDuration
from monitor.config.section import Section
from monitor.config.words import (
    CcxtKey,
    CcxtValue,
    CoinName,
    Flag,
    Label,
    Secret,
    SecretUrl,
    Text,
    Token,
    TopicRoot,
    WebUrl,
    without_credentials,
)


class Account(Section):
    """One account at one venue."""

    exchange: Text
    """Id of the venue."""
    api_key: Token
    """A key that may only read."""
    api_secret: Secret
    """The secret of the key."""
    api_password: Secret | None = None
    """The passphrase, where the venue has one."""
    coins: tuple[CoinName, ...] | None = Field(None, min_length=1)
    """Settle coins to read; left out: all."""
    poll_interval: Interval | None = None
    """Overrides the global one."""
    labels: dict[Label, Text] = Field(default_factory=dict)
    """Labels of `inverse_account_info`; keys of a-z and _, values free."""
    ccxt: dict[CcxtKey, CcxtValue] = Field(default_factory=dict, repr=False)
    """Handed to ccxt: hostname, proxies, options, urls."""

    @field_serializer("ccxt")
    def _hide_credentials(self, ccxt: dict[str, Any]) -> dict[str, Any]:
        return {**without_credentials(ccxt)}


class ClientTls(Section):
    """How to know the broker, and how to be known to it; empty: by the certificates that the system trusts."""

    ca: File | None = None
    """Certificates to trust instead of the system's."""
    cert: File | None = None
    """Certificate of this client."""
    key: File | None = Field(None, validate_default=True)
    """Key of that certificate."""

    @field_validator("key")
    @classmethod
    def _goes_with_cert(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        if "cert" in info.data and (key is None) != (info.data["cert"] is None):
            raise Mistake("cert and key go together: give both or neither")
        return key


class ServerTls(Section):
    """Certificate and key to serve with."""

    cert: File
    """Certificate, with its chain."""
    key: File
    """Key of that certificate."""


class Commands(Section):
    """Commands over MQTT; none of them trades."""

    enabled: Flag = False
    """Whether commands are listened to."""
    token: Token | None = Field(None, validate_default=True)
    """What a command must carry."""

    @field_validator("token", mode="wrap")
    @classmethod
    def _is_there(cls, token: Any, read: Callable[[Any], SecretStr | None], info: ValidationInfo) -> SecretStr | None:  # noqa: ANN401 - not validated yet
        if token is None and info.data.get("enabled"):
            raise Absent
        return read(token)


class HomeAssistant(Section):
    """Discovery by Home Assistant."""

    enabled: Flag = False
    """Whether to announce the accounts as devices."""
    prefix: TopicRoot = "homeassistant"
    """Where Home Assistant listens for announcements."""


def _mqtt_port(given: dict[str, Any]) -> int:
    return 8883 if given.get("tls") else 1883


class Mqtt(Section):
    """The broker."""

    host: Host
    """Name or address of the broker."""
    tls: ClientTls | None = None
    """Encrypt; {} is enough where the system trusts the broker's certificate."""
    port: Port = Field(default_factory=_mqtt_port)
    """Left out: 1883, with tls 8883."""
    username: Text | None = None
    """Left out: anonymous."""
    password: Secret | None = None
    """Password of that user."""
    topic_root: TopicRoot = "inverse-monitor"
    """Where all topics begin; one per daemon, it is the client id too."""
    commands: Commands = Commands()
    """Commands over MQTT; none of them trades."""
    homeassistant: HomeAssistant = HomeAssistant()
    """Discovery by Home Assistant."""


class Http(Section):
    """Page, metrics and API."""

    listen: Listen = Address(host="127.0.0.1", port=9643)
    """HOST:PORT; an address that others can reach needs a token."""
    insecure: Flag = False
    """Listen there without a token all the same, because something in front checks who asks."""
    token: Token | None = Field(None, validate_default=True)
    """What reads from other machines and every change must carry."""
    tls: ServerTls | None = None
    """Serve https."""

    @field_validator("token", mode="wrap")
    @classmethod
    def _is_there(cls, token: Any, read: Callable[[Any], SecretStr | None], info: ValidationInfo) -> SecretStr | None:  # noqa: ANN401 - not validated yet
        listen = info.data.get("listen")
        if token is None and listen and not listen.is_loopback and not info.data.get("insecure"):
            raise Absent(" (http.listen can be reached by others; http.insecure: true allows it without)")
        return read(token)


class State(Section):
    """What outlives a restart."""

    path: File = Path("state.db")
    """The SQLite file; its folder must be writable."""


class Notice(Section):
    """Something that will happen to a market."""

    venue: Text
    """Id of the venue."""
    symbol: Text
    """Symbol such as BTC/USD:BTC."""
    date: Day
    """Day on which it happens."""
    what: Text
    """What happens."""


class PushLevel(StrEnum):
    """From which level on a target is told."""

    WARNING = "warning"
    CRITICAL = "critical"
    EMERGENCY = "emergency"


class Push(Section):
    """A phone or chat to tell."""

    url: SecretUrl
    """Address as Apprise has it."""
    min_level: PushLevel = PushLevel.CRITICAL
    """From this level on: warning, critical or emergency."""
    quiet: Quiet | None = None
    """Hours without warnings, such as "23:00-07:00"."""


class Heartbeat(Section):
    """Somebody who notices when this monitor falls silent."""

    url: WebUrl
    """Address to call."""
    every: PositiveDuration = timedelta(seconds=60)
    """How often."""


class Privacy(Section):
    """What is shown."""

    hide_sizes: Flag = False
    """Show ratios but no amounts on the page."""
