"""What the views look at, and how they are to be served."""

from dataclasses import dataclass, field
from typing import Protocol

from monitor.command import Command, Reply
from monitor.picture import Picture


class Board(Protocol):
    """The running monitor, to be looked at."""

    def picture(self) -> Picture:
        """Return what is known now."""

    def is_alive(self) -> bool:
        """Whether the process makes progress."""

    async def command(self, command: Command) -> Reply:
        """Carry out a command and return what came of it."""

    def is_ready(self) -> tuple[bool, str]:
        """Whether each account was attempted once and the broker is connected or none configured; and that as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Who may ask. ``hosts``: the names by which a loopback listener may be called, without port and brackets.

    ``token`` None: nobody can change anything. On an address that others can reach reads are then open to all, which the
    configuration allows only with ``http.insecure: true``. ``hide_sizes``: the page shows ratios and prices, no amounts.
    """

    token: str | None = field(default=None, repr=False)
    is_loopback: bool = True
    hosts: frozenset[str] = frozenset({"localhost", "127.0.0.1", "::1"})
    hide_sizes: bool = False
