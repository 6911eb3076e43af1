"""What the broker is to hold, and what is known of what it holds. Pure: time is an argument, in seconds of any clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.wire.homeassistant import parting
from monitor.wire.topics import Publication, Publications

BETWEEN_DEVICES = 5.0
"""Seconds between two messages about one device: while Home Assistant sets a component up, it skips the rest of the next one.

Source: Home Assistant 2024.12.5, ``components/mqtt/discovery.py``: a component whose discovery is pending ends the message. Seen
2026-11: of two messages at once, the second's new pool never appeared.
"""


@dataclass(frozen=True, slots=True)
class _Held:
    """``payload`` None: what it says is not known. ``is_sure``: whether that is there for certain, and nothing newer.

    ``again_at`` None: it need not be repeated. ``not_before``: until then it must not be changed.
    """

    payload: bytes | None
    again_at: float | None = None
    is_sure: bool = False
    not_before: float = -math.inf


_UNKNOWN = _Held(None)


class Retained:
    """Only the latest of each topic is kept, so that a slow broker costs no memory.

    ``knows_devices``: whether the broker has said what it holds of our devices; until then none is sent, for what an earlier
    run has announced and is gone now must be taken leave of.
    """

    def __init__(self, between_devices: float = BETWEEN_DEVICES) -> None:
        self._wanted: Publications = {}
        self._held: dict[str, _Held] = {}
        self._between_devices = between_devices
        self.knows_devices = False

    def show(self, publications: Publications) -> None:
        """Say what is to be held from now on; what is not in it is to be erased."""
        self._wanted = publications

    def found(self, topic: str, payload: bytes | None = None) -> None:
        """Note that the broker holds *topic*, perhaps from an earlier run. *payload* None: what it says does not matter."""
        self._held.setdefault(topic, _Held(payload))

    def forget_what_is_held(self) -> None:
        """After a connection nothing is sure: all is to be sent, and erased, again."""
        self._held = {topic: replace(held, again_at=None, is_sure=False) for topic, held in self._held.items()}

    def due(self, now: float) -> Sequence[str]:
        """Return the topics to be sent or erased now."""
        gone = [topic for topic in self._held if topic not in self._wanted and not self._is_left(topic)]
        return gone + [topic for topic, publication in self._wanted.items() if self._due_at(topic, publication) <= now]

    def sending(self, topic: str) -> Publication | None:
        """Return what to send; None: *topic* is to be erased. From now on the broker may hold it."""
        self.found(topic)
        publication = self._wanted.get(topic)
        if publication is None or publication.payload is None or not publication.is_device:
            return publication
        return replace(publication, payload=parting(self._held[topic].payload, publication.payload))

    def sent(self, topic: str, publication: Publication | None, now: float) -> None:
        """Note that the broker has taken *publication*; it is sent again when half of its expiry is over."""
        if publication is None:
            self._held.pop(topic, None)
            return
        again_at = None if publication.expiry is None else now + publication.expiry.total_seconds() / 2
        not_before = now + self._between_devices if publication.is_device else -math.inf
        self._held[topic] = _Held(publication.payload, again_at, is_sure=True, not_before=not_before)

    def seconds_until_due(self, now: float) -> float | None:
        """Return how long nothing needs to be sent; None: until something changes."""
        soonest = min((self._due_at(topic, publication) for topic, publication in self._wanted.items()), default=math.inf)
        return None if soonest == math.inf else max(soonest - now, 0.0)

    @property
    def availabilities(self) -> Sequence[str]:
        """Return the topics that say whether an account is there."""
        return [topic for topic in self._wanted if topic.endswith("/availability")]

    def _due_at(self, topic: str, publication: Publication) -> float:
        if publication.payload is None or (publication.is_device and not self.knows_devices):
            return math.inf
        held = self._held.get(topic, _UNKNOWN)
        if held.is_sure and held.payload == publication.payload:
            return math.inf if held.again_at is None else held.again_at
        return held.not_before

    def _is_left(self, topic: str) -> bool:
        """Whether it lies below a topic of which all is to be left as it is."""
        parts = topic.split("/")
        return any("/".join([*parts[:end], "#"]) in self._wanted for end in range(1, len(parts)))
