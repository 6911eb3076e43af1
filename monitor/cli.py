"""Commands and exit statuses; nothing else (design 5.1)."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console, RenderableType

from monitor import __version__
from monitor import config as configuration
from monitor.bootstrap import checkup
from monitor.bootstrap import demo as demonstration
from monitor.bootstrap.assess import DEFAULTS, Aims, Reading, aims, answer, assessed, read_file, readings
from monitor.bootstrap.client import NoDaemon, ask
from monitor.bootstrap.once import UNKNOWN, look_once, verdict
from monitor.bootstrap.plain import CannotStart, NoSuchAccount
from monitor.bootstrap.program import program
from monitor.bootstrap.status import Shown, shown
from monitor.bootstrap.unbuilt import unbuilt
from monitor.bootstrap.what_if import Wishes, changed
from monitor.config.mistakes import ConfigError, error_text
from monitor.config.settings import Config
from monitor.config.show import dump_yaml, json_schema, secret_values
from monitor.core.scenario import ScenarioError
from monitor.demo.broker import BrokerError
from monitor.log import set_up
from monitor.ports import AlreadyRunning, TakenOver
from monitor.venues import GONE, TABLE
from monitor.views.details import details
from monitor.views.scopes import assessed as as_seen
from monitor.views.scopes import seen
from monitor.views.serving import CannotListen
from monitor.views.status import account_json, fault
from monitor.views.table import table
from monitor.wire.node import SnapshotError

FAILED, MISUSED, TAKEN = 1, 2, 4
LIKE_A_PLUGIN = ("once", "status")
"""Commands whose bad usage or configuration is "unknown" to whoever checks."""

app = typer.Typer(
    name="inverse-monitor",
    help="Watch inverse (coin-margined) swaps and futures: how far every pool of margin is from liquidation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Show the configuration, or its schema.", no_args_is_help=True)
app.add_typer(config_app, name="config")

ConfigPath = Annotated[Path, typer.Option("--config", help="The configuration file.", show_default=True)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
DEFAULT_CONFIG = Path("config.yaml")

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


def main() -> NoReturn:
    """Run a command and exit with its status."""
    try:
        app(prog_name="inverse-monitor")
    except Verdict as verdict_:
        sys.exit(verdict_.status)
    except Trouble as trouble:
        print(trouble.text, file=sys.stderr)
        sys.exit(UNKNOWN if trouble.status == MISUSED and _is_like_a_plugin() else trouble.status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except SystemExit as end:  # how the library ends: 2 is bad usage
        sys.exit(UNKNOWN if end.code == MISUSED and _is_like_a_plugin() else end.code)
    sys.exit(0)


@app.callback(invoke_without_command=True)
def _version(*, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the daemon until SIGTERM or SIGINT."""
    _do(_run(_configured(config)))


@app.command()
def demo(
    last: Annotated[float | None, typer.Option("--for", help="End so many seconds after it is ready.", min=0)] = None,
    seed: Annotated[int, typer.Option(help="Of the market's small noise.")] = 1,
    speed: Annotated[
        float, typer.Option(help="Divides the story's 120 s, the poll interval and all holds.", min=0.1, max=20)
    ] = 1.0,
    http: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where page and metrics are served.")] = "127.0.0.1:9643",
    mqtt_port: Annotated[int, typer.Option(help="Port of the demo's own broker; 0: a free one.", min=0, max=65535)] = 0,
) -> None:
    """Show the daemon at work on simulated venues, with nothing to configure."""
    set_up("error")
    options = demonstration.Options(last=last, seed=seed, speed=speed, http=http, mqtt_port=mqtt_port)
    _do(demonstration.show(options, os.environ, _say))


@app.command()
def once(
    config: ConfigPath = DEFAULT_CONFIG,
    account: Annotated[str | None, typer.Option(help="Look at this account only.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Poll everything once; exit 0 ok, 1 warning, 2 critical, 3 unknown."""
    picture = _do(look_once(_configured(config, "error"), account))
    alerts = [alert for alert in picture.alerts if alert.level]
    if as_json:
        _print_json([account_json(each) for each in picture.accounts])
    else:
        _print(table([seen(each) for each in picture.accounts], alerts))
    raise Verdict(verdict((alert.level for alert in alerts), (each.is_up for each in picture.accounts)))


@app.command()
def assess(
    file: Annotated[str, typer.Argument(help="A snapshot, or an array of them; - reads standard input.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Assess snapshots from a file, offline."""
    raw, read, of = _from_file(file, config)
    _show(raw, read, of, as_json=as_json)


@app.command("what-if")
def what_if(  # noqa: PLR0913 - one argument for each option of design 5.1
    file: Annotated[
        str | None, typer.Argument(help="A snapshot, or an array of them; left out: the accounts are polled.")
    ] = None,
    *,
    account: Annotated[str | None, typer.Option(help="Poll this account only.")] = None,
    shock: Annotated[list[str] | None, typer.Option(metavar="[COIN=]-30%", help="Move prices.")] = None,
    price: Annotated[list[str] | None, typer.Option(metavar="BTC=50000", help="Set the price of a coin.")] = None,
    add: Annotated[list[str] | None, typer.Option(metavar="BTC=0.5", help="Add coins; negative: take them out.")] = None,
    close: Annotated[list[str] | None, typer.Option(metavar="SYMBOL[:SIDE]=5000", help="Close contracts at mark.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Assess after shocks, top-ups and reductions; options repeat."""
    wishes = Wishes(closes=close or (), adds=add or (), prices=price or (), shocks=shock or ())
    raw, read, of = _polled(config, account) if file is None else _from_file(file, config)
    try:
        after = changed([each.account for each in read], wishes)
    except ScenarioError as error:
        raise Trouble(str(error), MISUSED) from None
    books = [each.books if wishes.leaves_prices else {} for each in read]
    shown = [Reading(account=each, books=of_it) for each, of_it in zip(after, books, strict=True)]
    _show(raw, shown, of, as_json=as_json)


@app.command()
def check(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no venue, no broker and no daemon.")] = False,
) -> None:
    """Check configuration, venues, keys, clock, broker and disk; exit 1 if something is wrong."""
    raise Verdict(_do(_check(_configured(config, "error"), is_offline=offline)))


@app.command()
def status(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every 2 s until stopped.")] = False,
) -> None:
    """Show what a running daemon knows; exit 0 ok, 1 warning, 2 critical, 3 unknown."""
    raise Verdict(_do(_status(_configured(config, "error"), is_watching=watch)))


@app.command()
def health(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Exit 0 if the daemon is alive, else 1; alerts do not matter."""
    try:
        code, text = _do(ask(_configured(config, "error"), "/healthz"))
    except NoDaemon as error:
        raise Trouble(str(error)) from None
    print(text.strip())
    raise Verdict(0 if code == 200 else FAILED)


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of the configuration file."""
    _print_json(json_schema(), indent=2)


@config_app.command("show")
def config_show(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Print the effective configuration, secrets redacted."""
    print(dump_yaml(_configured(config)), end="")


def _from_file(file: str, config: Path) -> tuple[object, Sequence[Reading], Aims]:
    of = aims(_configured(config)) if config != DEFAULT_CONFIG or config.exists() else DEFAULTS
    try:
        raw = read_file(file)
        return raw, readings(raw), of
    except SnapshotError as error:
        raise Trouble(str(error), MISUSED) from None


def _polled(path: Path, only: str | None) -> tuple[object, Sequence[Reading], Aims]:
    config = _configured(path, "error")
    picture = _do(look_once(config, only))
    for lost in (each for each in picture.accounts if not each.account):
        print(f"{lost.name} is left out: {fault(lost)}", file=sys.stderr)
    read = [Reading(account=each.account, books={}) for each in picture.accounts if each.account]
    if not read:
        raise Trouble("no account could be read")
    return [] if only is None else None, read, aims(config)


def _show(raw: object, read: Sequence[Reading], of: Aims, *, as_json: bool) -> None:
    found = assessed(read, of)
    if as_json:
        _print_json(answer(raw, found))
    else:
        _print(table([as_seen(risk) for risk in found.risks]))
        _print(details(found.risks, found.pools, found.coins, found.whole, of.danger))


async def _run(config: Config) -> None:
    async with program(config) as running:
        logging.getLogger(__name__).info("listening on %s:%s", *running.address)
        await running.run(os.environ.get("NOTIFY_SOCKET"))


async def _check(config: Config, *, is_offline: bool) -> int:
    marks = []
    async for line in checkup.lines(config, is_offline=is_offline):
        print(f"{line.mark:<8} {line.subject}: {line.text}")
        marks.append(line.mark)
    return FAILED if checkup.Mark.WRONG in marks else 0


async def _status(config: Config, *, is_watching: bool) -> int:
    while True:
        found = await _shown(config)
        if is_watching and sys.stdout.isatty():
            print("\x1b[2J\x1b[H", end="")
        _print(table(found.rows, found.notices))
        for line in found.faults:
            print(line)
        if not is_watching:
            return verdict((level for level in found.levels), found.ups)
        await asyncio.sleep(2)


async def _shown(config: Config) -> Shown:
    try:
        code, text = await ask(config, "/api/status")
    except NoDaemon as error:
        raise Trouble(str(error), UNKNOWN) from None
    if code != 200:
        raise Trouble(f"the daemon answers {code}: {text.strip()}", UNKNOWN)
    return shown(text, config.alerts.target_distance)


def _configured(path: Path, level: str = "info") -> Config:
    try:
        config = configuration.load(path, os.environ, exchanges=tuple(TABLE), gone=GONE)
    except ConfigError as error:
        raise Trouble(error_text(error), MISUSED) from None
    set_up(level, secret_values(config))
    for warning in (*config.warnings, *unbuilt(config)):
        print(f"warning: {warning}", file=sys.stderr)
    return config


def _do(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run *work*; what cannot be done is told in a sentence, with the exit status of design 5.1."""
    try:
        return asyncio.run(work)
    except* TakenOver as group:
        raise Trouble(_first(group), TAKEN) from None
    except* (ConfigError, NoSuchAccount) as group:
        raise Trouble(_first(group), MISUSED) from None
    except* (AlreadyRunning, CannotListen, CannotStart, BrokerError) as group:
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


def _is_like_a_plugin() -> bool:
    return any(word in LIKE_A_PLUGIN for word in sys.argv[1:2])


def _say(line: str) -> None:
    print(line, flush=True)


def _print(what: RenderableType) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=100)
    console.print(what)


def _print_json(value: object, indent: int | None = None) -> None:
    print(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))
