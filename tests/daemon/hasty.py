"""The daemon in a hurry: put together as `run` does it, but its alerts come and go within a second.

``python -m tests.daemon.hasty CONFIG`` polls five times a second. ``LOG_LEVEL`` in the environment: what it logs; at DEBUG
every logger that is held at a higher level is let loose as well.
"""

import asyncio
import json
import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

from monitor import config as configuration
from monitor.bootstrap.program import program
from monitor.config.settings import Config
from monitor.config.show import secret_values
from monitor.log import set_up

INTERVAL = timedelta(seconds=0.2)
SPEED = 600.0
"""Divides what holds and delays last: a minute is a tenth of a second."""


def configured(path: Path) -> Config:
    values = json.loads(path.read_text()) | {"poll_interval": INTERVAL}
    return configuration.build(str(path), values, {})


async def main(config: Config, level: str) -> None:
    set_up(level, secret_values(config))
    async with program(config, speed=SPEED) as running:
        if level == "debug":
            let_loose()
        await running.run(None)


def let_loose() -> None:
    for each in list(logging.root.manager.loggerDict.values()):
        if isinstance(each, logging.Logger):
            each.setLevel(logging.DEBUG)


if __name__ == "__main__":
    asyncio.run(main(configured(Path(sys.argv[1])), os.environ.get("LOG_LEVEL", "info")))
