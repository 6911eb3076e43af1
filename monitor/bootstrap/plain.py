"""The configuration as the plain values that the adapters and the core take."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from monitor.channels.link import MqttSettings, MqttTls
from monitor.channels.push import Push, PushSettings, UnusableTarget
from monitor.channels.taste import Taste
from monitor.config.sections import Mqtt as MqttSection
from monitor.config.settings import Config
from monitor.core.rules.finding import Level
from monitor.core.rules.settings import RuleSettings
from monitor.core.rules.whole import Occasion
from monitor.outlook import Outlook
from monitor.ports import Clock
from monitor.venues import Venues
from monitor.venues.access import Access, UnusableAccess
from monitor.views.board import HttpSettings
from monitor.ward import Ward
from monitor.wire.homeassistant import Home

HOLD = timedelta(minutes=1)
"""How long a figure must stay beyond its clear value before a level is over (design 5.6)."""


LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class CannotStart(Exception):  # noqa: N818 - it says what is the matter
    """Something is configured that cannot be used. The message is a sentence with the remedy."""


class NoSuchAccount(CannotStart):
    """An account is asked for that is not configured."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as configured. ``speed`` divides what they wait for: the demo's story runs faster than the clock."""

    config: Config
    speed: float = 1.0
    _known: dict[tuple[str, str, str | None, str | None], RuleSettings] = field(default_factory=dict, repr=False, compare=False)

    @property
    def hold(self) -> timedelta:
        """Return how long a figure must stay beyond its clear value."""
        return HOLD / self.speed

    def settings(self, rule: str, *, account: str, coin: str | None = None, symbol: str | None = None) -> RuleSettings:
        """Return the settings of *rule* for one subject; they do not change while the program runs."""
        subject = (rule, account, coin, symbol)
        if subject not in self._known:
            found = self.config.rule(rule, account=account, coin=coin, symbol=symbol)
            self._known[subject] = replace(found, lasting=found.lasting / self.speed)
        return self._known[subject]


def outlook(config: Config, speed: float = 1.0) -> Outlook:
    """Return how figures and findings are wanted."""
    return Outlook(
        policy=Rules(config, speed),
        target_distance=config.alerts.target_distance,
        holdings=config.holdings,
        calendar=tuple(Occasion(venue=n.venue, symbol=n.symbol, date=n.date, what=n.what) for n in config.calendar),
        zone=config.zone,
    )


def wards(config: Config, venues: Venues, clock: Clock, only: str | None = None) -> list[Ward]:
    """Return the accounts to watch, or *only* one of them.

    Raises:
        NoSuchAccount: there is none of that name.
        CannotStart: an account cannot be opened as it is configured.

    """
    if only is not None and only not in config.accounts:
        raise NoSuchAccount(f"there is no account {only!r}; configured are: {', '.join(config.accounts)}")
    return [_ward(config, name, venues, clock) for name in config.accounts if only in (None, name)]


def _ward(config: Config, name: str, venues: Venues, clock: Clock) -> Ward:
    account = config.accounts[name]
    access = Access(
        account=name,
        venue=account.exchange,
        api_key=account.api_key.get_secret_value(),
        api_secret=account.api_secret.get_secret_value(),
        api_password=plain(account.api_password),
        interval=config.interval(name),
        options=account.ccxt,
    )
    try:
        venue = venues.open(access)
    except UnusableAccess as error:
        raise CannotStart(f"accounts.{name}: {error}") from None
    return Ward(
        name=name,
        venue_id=account.exchange,
        venue=venue,
        interval=config.interval(name),
        labels=account.labels,
        seen_at=clock.now(),
        coins=frozenset(account.coins) if account.coins else None,
    )


def mqtt_settings(section: MqttSection, *, is_old: bool = False) -> MqttSettings:
    """Return where the broker is and how to be let in. *is_old*: it is known to speak MQTT 3.1.1 only."""
    tls = section.tls
    return MqttSettings(
        host=section.host,
        port=section.port,
        username=section.username,
        password=plain(section.password),
        tls=None if tls is None else MqttTls(ca=tls.ca, cert=tls.cert, key=tls.key),
        root=section.topic_root,
        is_old=is_old,
        prefix=section.homeassistant.prefix,
        has_devices=section.homeassistant.enabled,
    )


def push(config: Config, name: str, clock: Clock) -> Push:
    """Return the channel to the phone or chat *name*.

    Raises:
        CannotStart: it cannot be told anything as it is configured.

    """
    try:
        return Push(_push_settings(config, name), clock)
    except UnusableTarget as error:
        raise CannotStart(str(error)) from None


def nobody_told(config: Config) -> str | None:
    """Return a sentence where no alert would reach anybody; None: there is somebody to tell."""
    if config.mqtt or config.push:
        return None
    return "nobody is told of an alert: configure mqtt or push; until then only the page and the metrics show it"


def _push_settings(config: Config, name: str) -> PushSettings:
    section = config.push[name]
    quiet = (section.quiet.start, section.quiet.end) if section.quiet else None
    taste = Taste(least=Level[section.min_level.name], quiet=quiet, zone=config.zone)
    return PushSettings(name=name, url=section.url.get_secret_value(), taste=taste)


def home(section: MqttSection | None) -> Home | None:
    """Return where Home Assistant listens; None: nothing is to be announced."""
    if section is None or not section.homeassistant.enabled:
        return None
    return Home(prefix=section.homeassistant.prefix, root=section.topic_root)


def http_settings(config: Config) -> HttpSettings:
    """Return who may ask over HTTP."""
    listen = config.http.listen
    return HttpSettings(
        token=plain(config.http.token),
        is_loopback=listen.is_loopback,
        hosts=LOOPBACK_NAMES | {listen.host},
        hide_sizes=config.privacy.hide_sizes,
    )


class Secret(Protocol):
    """What the configuration keeps from being printed."""

    def get_secret_value(self) -> str:
        """Return the text."""


def plain(secret: Secret | None) -> str | None:
    """Return the text of a secret, for the adapter that needs it."""
    return None if secret is None else secret.get_secret_value()
