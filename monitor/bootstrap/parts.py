"""The parts of a daemon that can be made without asking anybody, and what is configured and cannot be used.

The state file is none of them: its disk may hang, which must keep nobody from watching.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from monitor.bootstrap.plain import CannotStart, push, wards
from monitor.bootstrap.tls import check_broker_tls, http_tls
from monitor.channels.push import Push
from monitor.config.settings import Config
from monitor.ports import Clock
from monitor.venues import Venues
from monitor.ward import Ward

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is configured and cannot be used: whose it is, and a sentence with the remedy.

    ``stops`` False: a daemon runs without it, says so, and takes it up once it is mended.
    """

    subject: str
    text: str
    stops: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What could be made; ``tls`` None: no https. ``faults``: what could not."""

    wards: Sequence[Ward]
    pushes: Mapping[str, Push]
    tls: ssl.SSLContext | None
    faults: Sequence[Fault]

    def check(self) -> None:
        """See that a daemon can be put together.

        Raises:
            CannotStart: it cannot; the text names every fault, also those that alone would not stop it.

        """
        if any(fault.stops for fault in self.faults):
            raise CannotStart("\n".join(fault.text for fault in self.faults))


def made(config: Config, venues: Venues, clock: Clock) -> Parts:
    """Make what can be made of *config*."""
    faults: list[Fault] = []
    attempt = partial(_attempt, faults)
    tls = attempt("http", partial(http_tls, config))
    attempt("mqtt", partial(check_broker_tls, config), stops=False)
    pushes = {name: attempt(f"push {name}", partial(push, config, name, clock)) for name in config.push}
    opened = [attempt(f"account {name}", partial(wards, config, venues, clock, name)) for name in config.accounts]
    return Parts(
        wards=[ward for found in opened if found for ward in found],
        pushes={name: channel for name, channel in pushes.items() if channel},
        tls=tls,
        faults=faults,
    )


def _attempt(faults: list[Fault], subject: str, make: Callable[[], _Part], *, stops: bool = True) -> _Part | None:
    try:
        return make()
    except CannotStart as error:
        faults.append(Fault(subject=subject, text=str(error), stops=stops))
        return None
