"""What a silence is about: ``key=glob`` pairs, comma-joined, of account, venue, rule and subject."""

import re

Matcher = tuple[tuple[str, str], ...]

KEYS = ("account", "venue", "rule", "subject")
_GLOB = re.compile(r"[A-Za-z0-9_*?\[\]!:/.-]{1,100}")


def read_matcher(text: str) -> Matcher:
    """Return the pairs of ``account=main,rule=stale``; all of them must be met.

    Raises:
        ValueError: it is none; the message is a sentence.

    """
    pairs = tuple(_pair(part.strip()) for part in text.split(","))
    names = [key for key, _ in pairs]
    if twice := next((key for key in names if names.count(key) > 1), None):
        raise ValueError(f"{twice} stands twice")
    return pairs


def matcher_text(matcher: Matcher) -> str:
    """Return a matcher as it is written."""
    return ",".join(f"{key}={glob}" for key, glob in matcher)


def _pair(text: str) -> tuple[str, str]:
    key, is_there, glob = text.partition("=")
    if not is_there or key not in KEYS:
        raise ValueError(f"a matcher is key=glob, comma-joined, of {', '.join(KEYS)}, such as account=main,rule=stale")
    if not _GLOB.fullmatch(glob):
        raise ValueError(f"{key} needs a name, in which * stands for anything")
    return key, glob
