"""Home Assistant at the broker: where it looks for devices, which of them are ours, and that it has come up."""

import asyncio
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from monitor.channels.link import HOME_ASSISTANT, MqttSettings
from monitor.wire.homeassistant import BORN, device_topics, is_ours, status_topic

LEAST_PAUSE, MOST_PAUSE = 1.0, 5.0
"""How many seconds after it has come up all is sent again: at random, so that it does not hear from everybody at once.

Home Assistant says that it is up when its subscriptions stand and discovery has been quiet for 5 s; the half minute that
zigbee2mqtt waits is of a time when it said so earlier, and would leave its user without state for as long.

Source: Home Assistant 2024.12.5, ``components/mqtt/client.py``: ``_async_resubscribe_and_publish_birth_message``; MQTT, "Use the
Birth and Will messages to trigger discovery" (home-assistant.io/integrations/mqtt), which asks for a random delay.
"""


class Homes:
    """What Home Assistant has to do with us. ``born``: set when it has come up and is to hear all again."""

    def __init__(self, settings: MqttSettings, chance: Callable[[], float]) -> None:
        self._settings = settings
        self._chance = chance
        self.born = asyncio.Event()

    @property
    def device_topics(self) -> Sequence[str]:
        """Return where devices of ours may lie, from an earlier run too: at the usual place, even where it is not used now."""
        return [device_topics(prefix) for prefix in dict.fromkeys((self._settings.prefix, HOME_ASSISTANT))]

    @property
    def status_topic(self) -> str | None:
        """Return where it says that it has come up; None: we have nothing to tell it."""
        return status_topic(self._settings.prefix) if self._settings.has_devices else None

    def is_device(self, topic: str) -> bool:
        """Whether *topic* announces a device, of whomever."""
        return any(fnmatchcase(topic, pattern.replace("+", "*")) for pattern in self.device_topics)

    def is_foreign(self, topic: str, payload: bytes) -> bool:
        """Whether *payload* announces a device of somebody else."""
        return self.is_device(topic) and not is_ours(payload, self._settings.root)

    def hear(self, topic: str, payload: bytes) -> None:
        """Note it if this says that Home Assistant has come up."""
        if topic == self.status_topic and payload == BORN:
            self.born.set()

    def pause(self) -> float:
        """Return how many seconds to wait until all is sent again."""
        return LEAST_PAUSE + (MOST_PAUSE - LEAST_PAUSE) * self._chance()
