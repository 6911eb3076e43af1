"""The configuration: one YAML file, environment variables and secret files, checked whole before anything starts.

`load` reads it into a `settings.Config`; `mistakes.ConfigError` says all that is wrong; `show` prints it without secrets.
"""

import errno
import os
import select
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO

from monitor.config.alerts import RULES
from monitor.config.document import MOST_BYTES, Document, KeyPath, parse
from monitor.config.mistakes import ConfigError, hint
from monitor.config.outside import from_environment, from_secret_files
from monitor.config.sections import Account
from monitor.config.settings import Config
from monitor.config.show import secrets_of
from monitor.config.sources import Problem, Sources

PIPE_SECONDS = 30
"""For so long a pipe is waited for: what writes into it may have to decrypt a file first."""


def load(
    path: Path,
    environ: Mapping[str, str],
    *,
    exchanges: Sequence[str] = (),
    gone: Mapping[str, str] | None = None,
    secrets: Sequence[Path] | None = None,
) -> Config:
    """Read the file at *path*; secret files and then *environ* override it.

    ``exchanges``: the venues there are; empty: every name is taken as it is. ``gone``: venues that once were, each with a
    sentence that says what to do. ``secrets``: folders of secret files; None: $CREDENTIALS_DIRECTORY and /run/secrets.

    Raises:
        ConfigError: it cannot be used; its `problems` are all the mistakes there are.

    """
    document = _document(path)
    folders = secret_folders(environ) if secrets is None else secrets
    config = _checked(_sources(str(path), document, environ, folders), exchanges, gone or {})
    config._warnings = tuple(_warnings(path, document, config))  # noqa: SLF001 - made here
    return config


def build(
    name: str,
    values: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    exchanges: Sequence[str] = (),
    gone: Mapping[str, str] | None = None,
) -> Config:
    """Make a configuration of *values*, spelled as in the file or as finished values; *environ* overrides it.

    Messages call it *name*. A `poll_interval` that is a timedelta may be shorter than 2s: the demo scales its own.

    Raises:
        ConfigError: as `load`.

    """
    return _checked(_sources(name, Document(value=dict(values)), environ, ()), exchanges, gone or {})


def secret_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where secret files are looked for."""
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    return (*((Path(credentials),) if credentials else ()), Path("/run/secrets"))


def _document(path: Path) -> Document:
    document = parse(_text(path))
    if not document.mistakes and document.value is None:
        raise ConfigError([f"{path}: is empty: fill it in as config.example.yaml shows"])
    if not document.mistakes and not isinstance(document.value, dict):
        raise ConfigError([f"{path}:1:1: must be keys and values: begin with accounts: as config.example.yaml shows"])
    if not isinstance(document.value, dict):
        raise ConfigError([f"{path}:{place}: {text}" for _, place, text in document.mistakes])
    return document


def _text(path: Path) -> str:
    try:
        with _stream(path) as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        problem = _unreadable(error)
    else:
        if len(raw) > MOST_BYTES:
            raise ConfigError([f"{path}: is larger than {MOST_BYTES // 1_000_000} MB: this is not a configuration"])
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            problem = "is not UTF-8 text: save it as UTF-8, or check that it is the right file"
    raise ConfigError([f"{path}: {problem}"])


def _stream(path: Path, seconds: float = PIPE_SECONDS) -> BinaryIO:
    """Open *path*; a pipe (`--config <(...)`) is waited for, but not for ever: nobody may be there to write."""
    if not path.is_fifo():
        return path.open("rb")
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    if not waiting.poll(seconds * 1000):
        os.close(pipe)
        raise TimeoutError(errno.ETIMEDOUT, f"it is a pipe into which nobody has written for {seconds:g} s")
    os.set_blocking(pipe, True)
    return os.fdopen(pipe, "rb")


def _unreadable(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist: copy config.example.yaml to it, or name another with --config"
    if isinstance(error, IsADirectoryError):
        return "is a folder: name the file in it with --config"
    if isinstance(error, PermissionError):
        return "cannot be read: let the user that runs this read it (chmod, chown)"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
    return f"cannot be read ({reason})"


def _sources(name: str, document: Document, environ: Mapping[str, str], folders: Sequence[Path]) -> Sources:
    secrets = from_secret_files(folders, Config, document.value)
    environment = from_environment(environ, Config, document.value)
    return Sources(name=name, document=document, secrets=secrets, environment=environment)


def _checked(sources: Sources, exchanges: Sequence[str], gone: Mapping[str, str]) -> Config:
    config, problems = sources.read()
    problems += [*sources.form(), *_unknown_exchanges(sources, exchanges, gone)]
    if config is not None:
        problems += [*_lost_overrides(sources, config), *_stale_order(sources, config), *_named_twice(sources, config)]
    if config is None or problems:
        raise ConfigError(list(dict.fromkeys(problem.text for problem in sorted(problems, key=lambda found: found.order))))
    return config


def _unknown_exchanges(sources: Sources, exchanges: Sequence[str], gone: Mapping[str, str]) -> Iterator[Problem]:
    for path, venue in _venues(sources):
        if isinstance(venue, str) and venue.strip() and exchanges and venue not in exchanges:
            text = f"must be one of {', '.join(exchanges)}{hint(venue, exchanges)}"
            yield sources.problem(path, gone.get(venue, text))


def _venues(sources: Sources) -> Iterator[tuple[KeyPath, object]]:
    accounts, notices = sources.value(("accounts",)), sources.value(("calendar",))
    for name in accounts if isinstance(accounts, dict) else ():
        path = ("accounts", name, "exchange")
        yield path, sources.value(path)
    for number, notice in enumerate(notices if isinstance(notices, list) else ()):
        yield ("calendar", number, "venue"), notice.get("venue") if isinstance(notice, dict) else None


def _lost_overrides(sources: Sources, config: Config) -> Iterator[Problem]:
    for rule in RULES:
        for number, override in enumerate(getattr(config.alerts, rule).overrides):
            glob = override.account
            if glob is not None and not any(fnmatchcase(account, glob) for account in config.accounts):
                path = ("alerts", rule, "overrides", number, "account")
                yield sources.problem(path, f"no account has such a name{hint(glob, config.accounts)}")


def _stale_order(sources: Sources, config: Config) -> Iterator[Problem]:
    for account in config.accounts:
        stale = config.rule("stale", account=account)
        levels = [level for level in (stale.warning, stale.critical, stale.emergency) if level is not None]
        if levels != sorted(set(levels)):
            text = f"the thresholds of account {account} must rise from warning to critical to emergency, defaults included"
            yield sources.problem(("alerts", "stale"), text)


def _named_twice(sources: Sources, config: Config) -> Iterator[Problem]:
    """Find accounts that read the same coins with the same key; HTX has several behind one, told apart by `ccxt`."""
    known: dict[tuple[str, str], list[str]] = {}
    for name, account in config.accounts.items():
        before = known.setdefault((account.exchange, account.api_key.get_secret_value()), [])
        same = next((other for other in before if _overlap(account, config.accounts[other])), None)
        if same is not None:
            text = f"is the account of {same} again, and every sum would count it twice: remove one, or correct exchange and key"
            yield sources.problem(("accounts", name, "api_key"), text)
        before.append(name)


def _overlap(one: Account, other: Account) -> bool:
    apart = one.coins is not None and other.coins is not None and set(one.coins).isdisjoint(other.coins)
    return one.ccxt == other.ccxt and not apart


def _warnings(path: Path, document: Document, config: Config) -> Iterator[str]:
    holds_secrets = any(where in document.values for where, _ in secrets_of(config))
    if holds_secrets and path.stat().st_mode & 0o044:
        yield f"{path} holds secrets and can be read by other users: chmod 600 {path}"
