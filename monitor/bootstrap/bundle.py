"""`support-bundle`: what a bug report needs, in one archive, without secrets and on request without figures."""

import json
import os
import platform
import sys
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from monitor import __version__
from monitor.bootstrap import checkup
from monitor.bootstrap.client import NoDaemon, ask
from monitor.bootstrap.mask import masked
from monitor.bootstrap.plain import CannotStart, wards
from monitor.clock import SystemClock
from monitor.config.settings import Config
from monitor.config.show import dump_yaml, secret_values
from monitor.log import redactor
from monitor.ports import VenueError
from monitor.store.journal import last_lines
from monitor.venues import Venues
from monitor.venues.recording import recorded

PACKAGES = (
    "ccxt",
    "aiomqtt",
    "paho-mqtt",
    "aiohttp",
    "apscheduler",
    "pydantic",
    "pydantic-settings",
    "prometheus-client",
    "apprise",
)
JOURNAL_LINES = 500
README = """What is in here
versions.json   programs and packages
config.yaml     the effective configuration, secrets as asterisks
check.txt       what `inverse-monitor check` found
status.json     what the running daemon knows, if one runs
journal.txt     the last decisions and commands
answers/        what each venue answered to one poll, one file for each request; never what was asked
Read it before you send it: {figures}.
"""


async def write_bundle(config: Config, path: Path, *, is_masked: bool) -> Path:
    """Write the archive for this user's eyes only, and return where it is.

    Raises:
        OSError: it cannot be written.

    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        async for name, text in _parts(config, is_masked=is_masked):
            archive.writestr(name, text)
    return path


def default_path() -> Path:
    """Return a name in this folder that tells when it was made."""
    return Path(f"inverse-monitor-support-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")


async def _parts(config: Config, *, is_masked: bool) -> AsyncIterator[tuple[str, str]]:
    clean = _Clean(config, is_masked=is_masked)
    figures = "figures are masked, names of accounts are not" if is_masked else "it shows what you hold (--mask hides figures)"
    yield "README.txt", README.format(figures=figures)
    yield "versions.json", clean.json(_versions())
    yield "config.yaml", clean.text(dump_yaml(config))
    found = [f"{line.mark:<8} {line.subject}: {line.text}" async for line in checkup.lines(config, is_offline=False)]
    yield "check.txt", clean.text("\n".join(found) + "\n")
    with suppress(NoDaemon, CannotStart):
        _, said = await ask(config, "/api/status")
        yield "status.json", clean.json(_read(said))
    yield "journal.txt", clean.text("\n".join(last_lines(config.state.path, JOURNAL_LINES)) + "\n")
    async for name, answer in _answers(config):
        yield name, clean.json(answer)


async def _answers(config: Config) -> AsyncIterator[tuple[str, object]]:
    clock = SystemClock()
    async with Venues(clock) as venues:
        for name in config.accounts:
            with recorded() as answers:
                fault = None
                try:
                    (ward,) = wards(config, venues, clock, name)
                    await ward.venue.look()
                except VenueError as error:
                    fault = error.message
                except CannotStart as error:
                    fault = str(error)
            for number, each in enumerate(answers):
                yield f"answers/{name}/{number:02d}-{each.path.replace('/', '_')}.json", each.answer
            if fault:
                yield f"answers/{name}/fault.json", {"fault": fault}


def _versions() -> Mapping[str, str]:
    found = {"inverse-monitor": __version__, "python": sys.version, "platform": platform.platform()}
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


class _Clean:
    """Takes secrets out of everything, and figures where they are not to be seen."""

    def __init__(self, config: Config, *, is_masked: bool) -> None:
        self._redact = redactor(secret_values(config))
        self._is_masked = is_masked

    def json(self, value: object) -> str:
        clean = self._redact(None, "", {"value": value})
        shown = clean["value"] if isinstance(clean, Mapping) else None
        return json.dumps(masked(shown) if self._is_masked else shown, indent=1, ensure_ascii=False)

    def text(self, text: str) -> str:
        clean = self._redact(None, "", {"value": text})
        return str(clean["value"]) if isinstance(clean, Mapping) else ""
