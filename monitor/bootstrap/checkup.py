"""`check`: what a deployment gets wrong, one line each, with the remedy."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from monitor.bootstrap.client import NoDaemon, ask
from monitor.bootstrap.parts import Parts, made
from monitor.bootstrap.plain import mqtt_settings, nobody_told
from monitor.channels.probe import broker_fault
from monitor.clock import SystemClock
from monitor.config.settings import Config
from monitor.core.assessment import assess
from monitor.core.risk import Status
from monitor.ports import Examination, VenueError
from monitor.store.header import FOREIGN, is_foreign
from monitor.venues import Venues
from monitor.views.serving import REASONS
from monitor.ward import Ward

MOST_SKEW_SECONDS = 1.0
"""Above this a signed request may be refused soon: venues accept 5 s and less (recvWindow), and clocks drift."""

TIMEOUT_SECONDS = 20.0


class Mark(StrEnum):
    """How a line of the check begins."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    mark: Mark
    subject: str
    text: str


async def lines(config: Config, *, is_offline: bool) -> AsyncIterator[Line]:
    """Yield what is found, in the order in which it is looked at."""
    for line in _configuration(config):
        yield line
    clock = SystemClock()
    async with Venues(clock) as venues:
        parts = made(config, venues, clock)
        unfit = {fault.subject for fault in parts.faults}
        for line in _parts(config, parts):
            yield line
        if is_offline:
            return
        if "http" not in unfit:
            yield await _http(config)
        if config.mqtt and "mqtt" not in unfit:
            refusal = await broker_fault(mqtt_settings(config.mqtt))
            yield Line(Mark.WRONG, "mqtt", refusal) if refusal else Line(Mark.OK, "mqtt", "the broker lets us in")
        for found in await asyncio.gather(*(_account(config, ward) for ward in parts.wards)):
            for line in found:
                yield line


def _configuration(config: Config) -> Iterator[Line]:
    for warning in config.warnings:
        yield Line(Mark.WARNING, "configuration", warning)
    accounts = "1 account" if len(config.accounts) == 1 else f"{len(config.accounts)} accounts"
    yield Line(Mark.OK, "configuration", f"{accounts}, every {config.poll_interval.total_seconds():g} s")
    if silence := nobody_told(config):
        yield Line(Mark.WARNING, "channels", silence)


def _parts(config: Config, parts: Parts) -> Iterator[Line]:
    yield _state(config.state.path)
    for name, push in parts.pushes.items():
        yield Line(Mark.OK, f"push {name}", f"Apprise understands the address ({push.service_name}); nothing was sent")
    for fault in parts.faults:
        yield Line(Mark.WRONG, fault.subject, fault.text)


def _state(path: Path) -> Line:
    folder = path.absolute().parent
    if not folder.is_dir():
        return Line(Mark.WRONG, "state", f"the folder {folder} does not exist: create it, or set state.path")
    if path.is_dir():
        return Line(Mark.WRONG, "state", f"{path} is a folder: name a file in it with state.path")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.R_OK | os.W_OK)):
        return Line(Mark.WRONG, "state", f"{path} cannot be written by this user: give it the folder, or set state.path")
    if is_foreign(path):
        return Line(Mark.WRONG, "state", f"{path} cannot be used, {FOREIGN}")
    if path.exists() and path.stat().st_mode & OTHERS_READ:
        return Line(Mark.WARNING, "state", f"{path} can be read by others, and tells what you hold: chmod 600 {path}")
    return Line(Mark.OK, "state", f"{path} can be written")


OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


async def _http(config: Config) -> Line:
    try:
        status, _ = await ask(config, "/healthz")
    except NoDaemon:
        return await _port(config)
    if status != 200:
        return Line(Mark.WRONG, "http", f"the daemon at {config.http.listen} makes no progress: see its log, and restart it")
    return Line(Mark.OK, "http", f"a daemon answers at {config.http.listen}")


async def _port(config: Config) -> Line:
    listen = config.http.listen
    try:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), listen.host, listen.port)
    except OSError as error:
        reason = REASONS.get(error.errno, error.strerror)
        return Line(Mark.WRONG, "http", f"cannot listen on {listen}: {reason}; set http.listen to another address")
    server.close()
    return Line(Mark.OK, "http", f"{listen} is free")


async def _account(config: Config, ward: Ward) -> list[Line]:
    subject = f"account {ward.name}"
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            account, examined = await ward.venue.look(), await ward.venue.examine()
    except VenueError as error:
        return [Line(Mark.WRONG, subject, error.message)]
    except TimeoutError:
        return [Line(Mark.WRONG, subject, f"{ward.venue_id} did not answer within {TIMEOUT_SECONDS:g} s: try again later")]
    risk = assess(account, age=ward.interval * 0, target_distance=config.alerts.target_distance)
    dark = [f"{p.pool.coin}: {p.margin.reason}" for p in risk.pools if p.margin.status is Status.UNASSESSED]
    return [
        Line(Mark.OK, subject, f"{ward.venue_id} answers: {len(account.positions)} positions, {len(account.pools)} coins"),
        *(Line(Mark.WARNING, subject, f"not assessed: {reason}") for reason in dark),
        *(Line(mark, subject, text) for mark, text in _examined(examined)),
    ]


def _examined(found: Examination) -> Iterator[tuple[Mark, str]]:
    if found.mode:
        yield Mark.OK, f"kind of account: {found.mode}"
    skew = found.clock_offset_seconds
    if skew is not None and abs(skew) > MOST_SKEW_SECONDS:
        yield Mark.WRONG, f"the venue's clock is {skew:+.1f} s from ours: let a time service (chrony, systemd-timesyncd) set ours"
    if found.may_withdraw:
        yield Mark.WRONG, "the key may withdraw: replace it by one that may only read"
    if found.may_trade:
        yield Mark.WARNING, "the key may trade: replace it by one that may only read"
    if found.may_trade is None or found.may_withdraw is None:
        yield Mark.WARNING, "the venue does not tell what the key may do: see on its site that it may only read"
    elif not found.may_trade and not found.may_withdraw:
        yield Mark.OK, "the key may only read"
