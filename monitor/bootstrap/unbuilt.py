"""What the configuration knows and this version does not do yet: told at every start, for silence would be mistaken for calm."""

from collections.abc import Iterator

from monitor.config.alerts import RULES
from monitor.config.settings import Config
from monitor.core.rules.table import ACCOUNT_RULES

DAEMON_RULES = ("store",)
"""Rules about the monitor itself."""


def unbuilt(config: Config) -> Iterator[str]:
    """Yield a sentence for everything that *config* asks for and nothing answers."""
    for rule in RULES:
        if rule in config.alerts.model_fields_set and rule not in (*ACCOUNT_RULES, *DAEMON_RULES):
            yield f"alerts.{rule}: this version does not look for it yet"
    for name, account in config.accounts.items():
        if account.coins is not None:
            yield f"accounts.{name}.coins: this version reads all coins"
    if config.push:
        yield "push: this version sends nothing to phones yet; alerts go out over MQTT"
    if config.heartbeat:
        yield "heartbeat: this version calls nobody yet"
    if config.digest:
        yield "digest: this version sends no daily summary yet"
    if config.calendar:
        yield "calendar: this version does not look at it yet"
    if config.mqtt and config.mqtt.commands.enabled:
        yield "mqtt.commands: this version takes no commands yet"
    if config.mqtt and config.mqtt.homeassistant.enabled:
        yield "mqtt.homeassistant: this version announces nothing to Home Assistant yet"
