"""A group of news as one message for a lock screen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.alerts.alert import EventType
from monitor.core.rules.finding import Level
from monitor.core.rules.words import spoken
from monitor.core.subject import slug
from monitor.wire.news import News

TITLE = 60
"""Characters that a lock screen shows of a title."""

TEXT = 900
"""Characters of a text; Pushover takes 1024, most services more."""

SHORTEST = 80
"""Characters that a line keeps however many there are; those without room are counted."""

NEW_FOR = timedelta(seconds=60)
"""An event that is told within so long is told without its age."""

WORDS: Mapping[EventType, str] = {
    EventType.FIRED: "{level}",
    EventType.ESCALATED: "{level}",
    EventType.EASED: "EASED TO {level}",
    EventType.REPEATED: "STILL {level}",
    EventType.RESOLVED: "RESOLVED",
    EventType.GONE: "GONE",
    EventType.NOTED: "NOTE",
}
"""How a line begins."""


class Kind(StrEnum):
    """What colour, icon or sound a service gives a message, in Apprise's words."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What arrives on a phone: ``text`` is a line for each of the news, the worst first."""

    title: str
    text: str
    kind: Kind


def message(news: Sequence[News], now: datetime) -> Message:
    """Return *news*, of which there is at least one, as a message that is sent at *now* (wall time)."""
    first, *others = sorted(news, key=_order)
    more = f" and {len(others)} more" if others else ""
    lines = [_line(each, now) for each in (first, *others)]
    title = lines[0] if first.type is EventType.NOTED else _head(first, now)
    return Message(title=_cut(title, TITLE - len(more)) + more, text="\n".join(_fitting(lines)), kind=_kind(first))


def _order(news: News) -> tuple[int, bool, datetime]:
    return (-news.level, news.type is EventType.NOTED, news.at)


def _kind(worst: News) -> Kind:
    if worst.level >= Level.CRITICAL:
        return Kind.FAILURE
    if worst.level is Level.WARNING:
        return Kind.WARNING
    return Kind.SUCCESS if worst.type is EventType.RESOLVED else Kind.INFO


def _line(news: News, now: datetime) -> str:
    _, said = _named(news)
    return f"{_head(news, now)}: {said}"


def _head(news: News, now: datetime) -> str:
    """Return what happened to what, and when, unless that is now."""
    age = now - news.at
    name, _ = _named(news)
    words = (WORDS[news.type].format(level=news.level.word.upper()), news.key.account, name)
    return f"{spoken(age)} ago: " * (age > NEW_FOR) + " ".join(filter(None, words))


def _named(news: News) -> tuple[str, str]:
    """Return what people call the subject, and the rest of the summary, which mostly begins with it."""
    name, _, said = news.summary.partition(": ")
    if said and slug(name) == news.key.subject:
        return name, said
    return "" if news.key.subject == "account" else news.key.subject, news.summary


def _fitting(lines: Sequence[str]) -> Iterator[str]:
    """Yield as many of *lines* as there is room for, each cut to its share of it, and how many more there are."""
    share = max(SHORTEST, (TEXT + 1) // len(lines) - 1)
    shown = len(lines) if len(lines) * (share + 1) <= TEXT + 1 else TEXT // (SHORTEST + 1) - 1
    yield from (_cut(line, share) for line in lines[:shown])
    if shown < len(lines):
        yield f"and {len(lines) - shown} more"


def _cut(text: str, length: int) -> str:
    """Return *text* in at most *length* characters, cut between words."""
    if len(text) <= length:
        return text
    return f"{text[: length - 1].rsplit(' ', 1)[0]}…"
