"""What the broker is to hold, and what is known of what it holds. Pure: time is an argument, in seconds of any clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.wire.topics import Publication, Publications


@dataclass(frozen=True, slots=True)
class _Held:
    """``payload`` None: it is there, or may be, but what it says is not known. ``again_at`` None: it need not be repeated."""

    payload: bytes | None
    again_at: float | None = None


_UNKNOWN = _Held(None)


class Retained:
    """Only the latest of each topic is kept, so that a slow broker costs no memory."""

    def __init__(self) -> None:
        self._wanted: Publications = {}
        self._held: dict[str, _Held] = {}

    def show(self, publications: Publications) -> None:
        """Say what is to be held from now on; what is not in it is to be erased."""
        self._wanted = publications

    def found(self, topic: str) -> None:
        """Note that the broker holds *topic*, perhaps from an earlier run."""
        self._held.setdefault(topic, _UNKNOWN)

    def forget_what_is_held(self) -> None:
        """After a connection nothing is sure: all is to be sent, and erased, again."""
        self._held = dict.fromkeys(self._held, _UNKNOWN)

    def due(self, now: float) -> Sequence[str]:
        """Return the topics to be sent or erased now."""
        gone = [topic for topic in self._held if topic not in self._wanted and not self._is_left(topic)]
        return gone + [topic for topic, publication in self._wanted.items() if self._is_due(topic, publication, now)]

    def sending(self, topic: str) -> Publication | None:
        """Return what to send; None: *topic* is to be erased. From now on the broker may hold it."""
        self.found(topic)
        return self._wanted.get(topic)

    def sent(self, topic: str, publication: Publication | None, now: float) -> None:
        """Note that the broker has taken *publication*; it is sent again when half of its expiry is over."""
        if publication is None:
            self._held.pop(topic, None)
        else:
            expiry = publication.expiry
            self._held[topic] = _Held(publication.payload, None if expiry is None else now + expiry.total_seconds() / 2)

    def seconds_until_due(self, now: float) -> float | None:
        """Return how long nothing needs to be repeated; None: for ever."""
        sent = (held for topic, held in self._held.items() if self._says_something(topic))
        times = [held.again_at - now for held in sent if held.again_at is not None]
        return max(min(times), 0.0) if times else None

    @property
    def availabilities(self) -> Sequence[str]:
        """Return the topics that say whether an account is there."""
        return [topic for topic in self._wanted if topic.endswith("/availability")]

    def _is_due(self, topic: str, publication: Publication, now: float) -> bool:
        if publication.payload is None:
            return False
        held = self._held.get(topic, _UNKNOWN)
        return held.payload != publication.payload or (held.again_at is not None and held.again_at <= now)

    def _is_left(self, topic: str) -> bool:
        """Whether it lies below a topic of which all is to be left as it is."""
        parts = topic.split("/")
        return any("/".join([*parts[:end], "#"]) in self._wanted for end in range(1, len(parts)))

    def _says_something(self, topic: str) -> bool:
        publication = self._wanted.get(topic)
        return publication is not None and publication.payload is not None
