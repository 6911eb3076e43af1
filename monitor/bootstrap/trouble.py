"""What a command cannot do, as a sentence and an exit status; and running what it does."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from monitor import config as configuration
from monitor.bootstrap.plain import CannotStart
from monitor.config.mistakes import ConfigError, error_text
from monitor.config.settings import Config
from monitor.config.show import secret_values
from monitor.demo.broker import BrokerError
from monitor.log import set_up
from monitor.ports import AlreadyRunning, TakenOver
from monitor.venues import GONE, TABLE
from monitor.views.serving import CannotListen

FAILED, MISUSED, TAKEN = 1, 2, 4

Answer = TypeVar("Answer")


class Trouble(Exception):  # noqa: N818 - it is what there is
    """The command cannot do what it is asked to: a sentence for standard error, and the exit status."""

    def __init__(self, text: str, status: int = FAILED) -> None:
        super().__init__(text)
        self.text, self.status = text, status


class Verdict(Exception):  # noqa: N818 - it is the answer of a command that answers by its exit status
    """What a command found, as an exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def configured(path: Path, level: str = "info") -> Config:
    """Return the configuration in *path*, its warnings told; *level*: of what is logged meanwhile.

    Raises:
        Trouble: it cannot be used.

    """
    try:
        config = configuration.load(path, os.environ, exchanges=tuple(TABLE), gone=GONE)
    except ConfigError as error:
        raise Trouble(error_text(error), MISUSED) from None
    set_up(level, secret_values(config))
    for warning in config.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    return config


def do(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run *work*; what cannot be done is told in a sentence, with the exit status of design 5.1.

    Raises:
        Trouble: it could not be done.

    """
    try:
        return asyncio.run(work)
    except* TakenOver as group:
        raise Trouble(_first(group), TAKEN) from None
    except* (ConfigError, CannotStart) as group:
        raise Trouble(_first(group), MISUSED) from None
    except* (AlreadyRunning, CannotListen, BrokerError) as group:
        raise Trouble(_first(group)) from None


def _first(group: BaseExceptionGroup[Any]) -> str:
    first = group.exceptions[0]
    return (
        _first(first)
        if isinstance(first, BaseExceptionGroup)
        else error_text(first)
        if isinstance(first, ConfigError)
        else str(first)
    )
