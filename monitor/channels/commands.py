"""Commands over MQTT (design 5.4): off by default, each with the token, answered on ``<root>/cmd/<name>/response``."""

import hmac
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from monitor.command import BadCommand, Command, Kind, Reply
from monitor.ports import Clock
from monitor.wire.commands import read_command, reply_json
from monitor.wire.messages import body
from monitor.wire.topics import command_topic

log = structlog.get_logger(__name__)

MOST_ANSWERS, PER_SECONDS = 60, 60.0
"""What anybody who may publish there can make us say; what comes beyond is not even looked at."""

Obey = Callable[[Command], Awaitable[Reply]]


class Commands:
    """Reads what is published below ``<root>/cmd/``, and says what to answer."""

    def __init__(self, root: str, token: str, obey: Obey, clock: Clock) -> None:
        self._token, self._obey, self._clock = token, obey, clock
        self._kinds = {command_topic(root, kind): kind for kind in Kind}
        self._answered: deque[float] = deque(maxlen=MOST_ANSWERS)
        self._is_flooded = False

    @property
    def topics(self) -> tuple[str, ...]:
        """Return what to subscribe to."""
        return tuple(self._kinds)

    async def answer(self, topic: str, payload: bytes) -> tuple[str, bytes] | None:
        """Return the topic and the payload of the answer to a message; None: it is none of ours, or one too many."""
        kind = self._kinds.get(topic)
        if kind is None or self._is_too_much():
            return None
        request, reply = await self._reply(kind, payload)
        return f"{topic}/response", body(reply_json(reply, request))

    async def _reply(self, kind: Kind, payload: bytes) -> tuple[str | None, Reply]:
        try:
            command, token = read_command(kind, payload, "mqtt")
        except BadCommand as bad:
            return None, Reply(is_done=False, text=str(bad))
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            log.warning("a command without the token was refused", kind=kind.value)
            return command.request, Reply(is_done=False, text="the token is missing or wrong: it is mqtt.commands.token")
        try:
            return command.request, await self._obey(command)
        except Exception:  # what somebody asks for must not end the daemon
            log.exception("a bug keeps a command from being carried out", kind=kind.value)
            return command.request, Reply(is_done=False, text="this could not be done; the log says why")

    def _is_too_much(self) -> bool:
        now = self._clock.monotonic()
        is_flooded = len(self._answered) == MOST_ANSWERS and now - self._answered[0] < PER_SECONDS
        if is_flooded and not self._is_flooded:
            log.warning("too many commands over MQTT: they are not looked at for a while", limit=MOST_ANSWERS)
        self._is_flooded = is_flooded
        if not is_flooded:
            self._answered.append(now)
        return is_flooded
