"""The log: standard error, JSON for machines and colours for a terminal, and never a secret."""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from monitor.ports import DeliveryFailed, VenueError

HIDDEN = "**********"
SHORTEST_SECRET = 4
EXPECTED = (VenueError, DeliveryFailed)
QUIET = ("ccxt", "apscheduler", "aiohttp.access")
"""Loggers that say each request or job at INFO or less; ccxt's would show headers."""

_NAMES = r"[\w.-]*(?:signature|api[_-]?key|api[_-]?sign|access[_-]?(?:key|sign)|secret|password|passphrase|token)"
_SHAPES = (
    (re.compile(rf"(?i)({_NAMES}=)[^\s&\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(rf"(?i)([\"']{_NAMES}[\"']\s*:\s*b?)(\"[^\"]*\"|'[^']*'|[^\s,}}]+)"), rf"\1'{HIDDEN}'"),
    (re.compile(r"(?i)((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)(?:(bearer|basic|digest)\s+)?[^\s\"',}]+"), rf"\1{HIDDEN}"),
    (
        re.compile(r"(?i)\b((?:x|ok|kc)-[\w-]*(?:key|sign|signature|passphrase|token)[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(://)[^\s/@\"']+@"), rf"\1{HIDDEN}@"),
)
_TELLING = re.compile(rf"(?i){_NAMES}|(?:proxy-)?authorization|(?:x|ok|kc)-[\w-]*(?:key|sign|signature)")


def set_up(level: str = "info", secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send this program's and its libraries' log to *stream* (standard error), each of *secrets* as asterisks."""
    out = stream or sys.stderr
    is_verbose = level.lower() == "debug"
    early: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        *(() if is_verbose else (_expected_in_one_line,)),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*early, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=early,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redactor(secrets), _renderer(out)],
    )
    _route(logging.getLevelNamesMapping()[level.upper()], formatter, out)


def redactor(secrets: Iterable[str]) -> Processor:
    """Return a step that hides *secrets*, and what is shaped like one, wherever it stands in an event."""
    known = _spellings(secrets)

    def clean(value: object) -> object:
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, Mapping):
            return {str(clean(key)): HIDDEN if _is_telling(key, item) else clean(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [clean(item) for item in value]
        return _hidden(value if isinstance(value, str) else repr(value), known)

    def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {str(clean(key)): HIDDEN if _is_telling(key, value) else clean(value) for key, value in event.items()}

    return redact


def _route(level: int, formatter: logging.Formatter, out: TextIO) -> None:
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a line that cannot be written must not print its arguments unredacted


def _renderer(out: TextIO) -> Processor:
    if out.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _expected_in_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Say an expected error by its message; its traceback would only show how we came to know."""
    raised = event.get("exc_info")
    error = raised if isinstance(raised, BaseException) else (raised[1] if isinstance(raised, tuple) else sys.exc_info()[1])
    if raised and isinstance(error, EXPECTED):
        return {**event, "exc_info": None, "error": str(error)}
    return event


def _spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return each secret as it is, in an address and in a repr, the longest first."""
    found = {form for secret in secrets for form in (secret, quote(secret, safe=""), repr(secret)[1:-1])}
    return tuple(sorted((form for form in found if len(form) >= SHORTEST_SECRET), key=len, reverse=True))


def _hidden(text: str, known: tuple[str, ...]) -> str:
    for secret in known:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def _is_telling(key: object, value: object) -> bool:
    return isinstance(value, (str, bytes)) and isinstance(key, str) and bool(_TELLING.fullmatch(key))
