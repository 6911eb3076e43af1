"""What the configuration knows and this version does not do yet: told at every start, for silence would be mistaken for calm."""

from collections.abc import Callable, Iterator

from monitor.config.alerts import RULES
from monitor.config.settings import Config
from monitor.core.rules.table import ACCOUNT_RULES, WHOLE_RULES

DAEMON_RULES = ("store",)
"""Rules about the monitor itself."""

SECTIONS: tuple[tuple[str, Callable[[Config], bool], str], ...] = (
    ("accounts.*.coins", lambda c: any(a.coins for a in c.accounts.values()), "reads all coins"),
    ("push", lambda c: bool(c.push), "sends nothing to phones yet; alerts go out over MQTT"),
    ("heartbeat", lambda c: c.heartbeat is not None, "calls nobody yet"),
    ("digest", lambda c: c.digest is not None, "sends no daily summary yet"),
    ("calendar", lambda c: bool(c.calendar), "does not look at it yet"),
    ("mqtt.commands", lambda c: c.mqtt is not None and c.mqtt.commands.enabled, "takes no commands yet"),
    ("mqtt.homeassistant", lambda c: c.mqtt is not None and c.mqtt.homeassistant.enabled, "announces nothing yet"),
)
"""A key, whether a configuration asks for it, and what happens instead."""


def unbuilt(config: Config) -> Iterator[str]:
    """Yield a sentence for everything that *config* asks for and nothing answers."""
    for rule in RULES:
        if rule in config.alerts.model_fields_set and rule not in (*ACCOUNT_RULES, *WHOLE_RULES, *DAEMON_RULES):
            yield f"alerts.{rule}: this version does not look for it yet"
    for key, is_asked, instead in SECTIONS:
        if is_asked(config):
            yield f"{key}: this version {instead}"
