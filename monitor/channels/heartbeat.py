"""The dead man's switch: somebody outside who expects to be called, and raises the alarm when the calls stop."""

from collections.abc import Callable
from contextlib import suppress

import aiohttp
import structlog
from yarl import URL

from monitor.ports import Clock

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 10.0
ATTEMPTS = 3
BETWEEN_ATTEMPTS_SECONDS = 2.0
FAIL = "fail"
"""What is put after the address to report a failure.

Source: healthchecks.io, "Signaling failures"; seen 2026-11.
"""


class Heartbeat:
    """Calls ``url`` every so often, but only while all is well. The address is a secret, and never shown.

    ``is_well``: every account was just looked at well, and what is decided goes out.
    """

    def __init__(self, url: str, every: float, clock: Clock, is_well: Callable[[], bool]) -> None:
        self._url, self._every, self._clock, self._is_well = URL(url), every, clock, is_well
        self._is_silent = False

    async def run(self) -> None:
        """Call for ever."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as session:
            while True:
                if self._is_well():
                    await self._call(session)
                else:
                    log.info("no heartbeat: not every account was just read, or nothing goes out")
                await self._clock.sleep(self._every)

    async def fail(self) -> None:
        """Report that the monitor ends against its will; whoever is called may not answer, and that is all right."""
        with suppress(aiohttp.ClientError, OSError, TimeoutError, UnicodeError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as session,
                session.get(self._url.joinpath(FAIL)),
            ):
                pass

    async def _call(self, session: aiohttp.ClientSession) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            fault = await self._fault(session)
            if fault is None:
                if self._is_silent:
                    log.info("the heartbeat is heard again")
                self._is_silent = False
                return
            if attempt < ATTEMPTS:
                await self._clock.sleep(BETWEEN_ATTEMPTS_SECONDS)
        if not self._is_silent:
            log.warning("the heartbeat is not heard: see heartbeat.url", fault=fault)
        self._is_silent = True

    async def _fault(self, session: aiohttp.ClientSession) -> str | None:
        try:
            async with session.get(self._url, allow_redirects=False) as answer:
                return None if answer.ok else f"it answers {answer.status}"
        except TimeoutError:
            return "it does not answer in time"
        except (aiohttp.ClientError, OSError, UnicodeError) as error:  # the last: no name, such as a..b
            return f"it cannot be reached ({type(error).__name__})"
