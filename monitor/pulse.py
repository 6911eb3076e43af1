"""Signs of life for whoever supervises the process: systemd, and ``/healthz``. They stop when progress does."""

import socket
from collections.abc import Callable
from contextlib import suppress

import structlog

from monitor.ports import Clock, Store
from monitor.watch import Watch

log = structlog.get_logger(__name__)

EVERY_SECONDS = 10.0
"""systemd is told so often; the unit kills what has said nothing for a minute."""


def sd_notify(state: str, address: str | None) -> None:
    """Tell systemd *state*; *address* is ``$NOTIFY_SOCKET``, None where nobody listens.

    Source: systemd, sd_notify(3).
    """
    if address:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect("\0" + address[1:] if address.startswith("@") else address)
            to.sendall(state.encode())


class Pulse:
    """Beats while the loop, every account's job and the store's thread make progress, polls failing or not.

    ``status``: one line for systemd. ``notify``: ``$NOTIFY_SOCKET``, None where nobody listens.
    """

    def __init__(self, watch: Watch, store: Store, clock: Clock, *, status: Callable[[], str], notify: str | None) -> None:
        self._watch, self._store, self._clock, self._status, self._notify = watch, store, clock, status, notify
        self._told_at = float("-inf")
        self._stuck: str | None = None

    def is_beating(self) -> bool:
        """Whether everything makes progress now; tells systemd, now and then, if it does."""
        stuck = self._what_is_stuck()
        if stuck != self._stuck and stuck:
            log.error("no progress", what=stuck)
        self._stuck = stuck
        if stuck is None and self._clock.monotonic() - self._told_at >= EVERY_SECONDS:
            self._told_at = self._clock.monotonic()
            sd_notify(f"WATCHDOG=1\nSTATUS={self._status()}", self._notify)
        return stuck is None

    def _what_is_stuck(self) -> str | None:
        if not self._store.is_moving:
            return "the store's thread"
        now = self._clock.now()
        return next((f"the job of {ward.name}" for ward in self._watch.wards.values() if ward.is_stuck(now)), None)
