"""Commands and exit statuses; nothing else (design 5.1)."""

import errno
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from monitor import __version__
from monitor.bootstrap import checkup
from monitor.bootstrap import demo as demonstration
from monitor.bootstrap.bundle import default_path, write_bundle
from monitor.bootstrap.client import NoDaemon, ask
from monitor.bootstrap.figures import after, from_file, polled, show_figures
from monitor.bootstrap.once import UNKNOWN, look_once, verdict
from monitor.bootstrap.orders import command, listing, order
from monitor.bootstrap.printing import say, show, show_json
from monitor.bootstrap.program import program
from monitor.bootstrap.streams import stand_in
from monitor.bootstrap.trouble import FAILED, MISUSED, Trouble, Verdict, configured, do
from monitor.bootstrap.watching import keep_telling, tell
from monitor.bootstrap.what_if import Wishes
from monitor.command import Kind
from monitor.config.settings import Config
from monitor.config.show import dump_yaml, json_schema
from monitor.log import set_up
from monitor.views.scopes import seen
from monitor.views.status import account_json
from monitor.views.table import table

UNWRITABLE = {errno.EPIPE: None, errno.ENOSPC: "the disk is full", errno.EBADF: "standard output is closed"}
"""How an output refuses an answer, and what is said of it; None: nothing, its reader has seen enough."""

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


def main() -> NoReturn:
    """Run a command and exit with its status."""
    stand_in()
    try:
        status = _status()
        sys.stdout.flush()
    except OSError as error:  # nobody takes the answer
        if error.errno not in UNWRITABLE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if reason := UNWRITABLE[error.errno]:
            print(f"the answer cannot be written: {reason}", file=sys.stderr)
        status = UNKNOWN if _is_like_a_plugin() else FAILED
    sys.exit(status)


def _status() -> int | str | None:
    try:
        app(prog_name="inverse-monitor")
    except Verdict as verdict_:
        return verdict_.status
    except Trouble as trouble:
        print(trouble.text, file=sys.stderr)
        return UNKNOWN if trouble.status == MISUSED and _is_like_a_plugin() else trouble.status
    except SystemExit as end:  # how the library ends: 2 is bad usage
        return UNKNOWN if end.code == MISUSED and _is_like_a_plugin() else end.code
    return 0


@app.callback(invoke_without_command=True)
def _version(*, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit


@app.command()
def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the daemon until SIGTERM or SIGINT."""
    do(_run(configured(config)))


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
    do(demonstration.show(options, os.environ, say))


@app.command()
def once(
    config: ConfigPath = DEFAULT_CONFIG,
    account: Annotated[str | None, typer.Option(help="Look at this account only.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Poll everything once; exit 0 ok, 1 warning, 2 critical, 3 unknown."""
    picture = do(look_once(configured(config, "error"), account))
    alerts = [alert for alert in picture.alerts if alert.level]
    if as_json:
        show_json([account_json(each) for each in picture.accounts])
    else:
        show(table([seen(each) for each in picture.accounts], alerts))
    raise Verdict(verdict((alert.level for alert in alerts), (each.is_up for each in picture.accounts)))


@app.command()
def assess(
    file: Annotated[str, typer.Argument(help="A snapshot, or an array of them; - reads standard input.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Assess snapshots from a file, offline."""
    show_figures(from_file(file, config, is_named=config != DEFAULT_CONFIG), as_json=as_json)


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
    if file is not None and account is not None:
        raise Trouble("what-if: --account is for a poll: leave out the file, or --account", MISUSED)
    wishes = Wishes(closes=close or (), adds=add or (), prices=price or (), shocks=shock or ())
    given = polled(config, account) if file is None else from_file(file, config, is_named=config != DEFAULT_CONFIG)
    show_figures(after(given, wishes), as_json=as_json)


@app.command()
def check(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no venue, no broker and no daemon.")] = False,
) -> None:
    """Check configuration, venues, keys, clock, broker and disk; exit 1 if something is wrong."""
    raise Verdict(do(_check(configured(config, "error"), is_offline=offline)))


@app.command()
def status(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every 2 s until stopped.")] = False,
) -> None:
    """Show what a running daemon knows; exit 0 ok, 1 warning, 2 critical, 3 unknown."""
    given = configured(config, "error")
    raise Verdict(do(keep_telling(given) if watch else tell(given)))


@app.command()
def health(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Exit 0 if the daemon is alive, else 1; alerts do not matter."""
    try:
        code, text = do(ask(configured(config, "error"), "/healthz"))
    except NoDaemon as error:
        raise Trouble(str(error)) from None
    print(text.strip())
    raise Verdict(0 if code == 200 else FAILED)


@app.command()
def alerts(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """List the alerts of a running daemon that fire, and its silences."""
    show(do(listing(configured(config, "error"))))


@app.command()
def ack(alert: Annotated[str, typer.Argument(metavar="ID", help="Id of an alert.")], config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Acknowledge an alert: it is not told again until it gets worse."""
    say(do(order(configured(config, "error"), command(Kind.ACK, alert))))


@app.command()
def silence(
    matcher: Annotated[str, typer.Argument(metavar="MATCHER", help="key=glob, comma-joined, of account, venue, rule, subject.")],
    last: Annotated[str, typer.Option("--for", metavar="2h", help="For how long.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Keep alerts from sounding for a while; emergencies sound all the same."""
    say(do(order(configured(config, "error"), command(Kind.SILENCE, matcher, last))))


@app.command()
def unsilence(
    silenced: Annotated[str, typer.Argument(metavar="ID", help="Id of a silence.")], config: ConfigPath = DEFAULT_CONFIG
) -> None:
    """End a silence."""
    say(do(order(configured(config, "error"), command(Kind.UNSILENCE, silenced))))


@app.command("test-alert")
def try_channels(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Send a message through every channel, and say what each acknowledged and how long it took."""
    say(do(order(configured(config, "error"), command(Kind.TEST_ALERT))))


@app.command("support-bundle")
def support_bundle(
    config: ConfigPath = DEFAULT_CONFIG,
    output: Annotated[Path | None, typer.Option(help="The archive to write; left out: one in this folder.")] = None,
    *,
    mask: Annotated[bool, typer.Option("--mask", help="Make every figure unreadable.")] = False,
) -> None:
    """Write an archive for a bug report: versions, configuration, errors and raw answers, without secrets."""
    path = output or default_path()
    try:
        do(write_bundle(configured(config, "error"), path, is_masked=mask))
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}") from None
    say(f"{path}: read it before you send it")


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of the configuration file."""
    show_json(json_schema(), indent=2)


@config_app.command("show")
def config_show(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Print the effective configuration, secrets redacted."""
    print(dump_yaml(configured(config)), end="")


async def _run(config: Config) -> None:
    notify = os.environ.get("NOTIFY_SOCKET")
    async with program(config, notify=notify) as running:
        logging.getLogger(__name__).info("listening on %s:%s", *running.address)
        await running.run(notify)


async def _check(config: Config, *, is_offline: bool) -> int:
    marks = []
    async for line in checkup.lines(config, is_offline=is_offline):
        print(f"{line.mark:<8} {line.subject}: {line.text}")
        marks.append(line.mark)
    return FAILED if checkup.Mark.WRONG in marks else 0


def _is_like_a_plugin() -> bool:
    return any(word in LIKE_A_PLUGIN for word in sys.argv[1:2])
