"""The command ``status``: what a running daemon knows, told once, or again and again until stopped."""

import asyncio
import sys
from typing import NoReturn

from monitor.bootstrap.client import NoDaemon, ask
from monitor.bootstrap.once import UNKNOWN, verdict
from monitor.bootstrap.printing import say, show
from monitor.bootstrap.status import Shown, shown
from monitor.bootstrap.trouble import Trouble
from monitor.config.settings import Config
from monitor.views.table import table

EVERY_SECONDS = 2


async def tell(config: Config) -> int:
    """Print what the daemon knows and return the exit status that it means.

    Raises:
        Trouble: there is no daemon, or it refuses.

    """
    return _print(await _asked(config))


async def keep_telling(config: Config) -> NoReturn:
    """Print it again and again, also while there is no daemon."""
    while True:
        try:
            found = await _asked(config)
        except Trouble as trouble:
            _clear()
            say(f"{trouble.text}\ntrying again until it answers")
        else:
            _clear()
            _print(found)
            sys.stdout.flush()
        await asyncio.sleep(EVERY_SECONDS)


async def _asked(config: Config) -> Shown:
    try:
        code, text = await ask(config, "/api/status")
    except NoDaemon as error:
        raise Trouble(str(error), UNKNOWN) from None
    if code != 200:
        raise Trouble(f"the daemon answers {code}: {text.strip()}", UNKNOWN)
    return shown(text, config.alerts.target_distance)


def _clear() -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[2J\x1b[H")


def _print(found: Shown) -> int:
    show(table(found.rows, found.notices))
    for line in found.faults:
        say(line)
    return verdict(found.levels, found.ups)
