"""What can be wrong with a configuration, in sentences that say what to do and never quote a value."""

import difflib
import re
from collections.abc import Iterable, Sequence

from monitor.config.document import KeyPath

PREFIX = "INVERSE_MONITOR_"


class ConfigError(Exception):
    """The configuration cannot be used. ``problems``: every mistake, each with its place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Mistake(ValueError):  # noqa: N818 - it names what the user made
    """One wrong value. The message is ours and holds nothing of the value."""


class Absent(Mistake):
    """A secret that must be there is not."""


def error_text(error: ConfigError) -> str:
    """Return all problems as text for a terminal, one a line."""
    count = len(error.problems)
    noun = "mistake" if count == 1 else "mistakes"
    return "\n".join((f"The configuration has {count} {noun}:", *(f"  {problem}" for problem in error.problems)))


def hint(word: str, known: Iterable[str]) -> str:
    """Return `` - did you mean 'x'?`` where a known word is near, else nothing."""
    near = nearest(word, known)
    return f" - did you mean '{near}'?" if near else ""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known word that *word* was probably meant to be; case does not matter."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=cutoff)
    return names[near[0]] if near else None


def dotted(path: KeyPath) -> str:
    """Return ``accounts.main.coins[0]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_shown(part)}" for part in path)
    return text.removeprefix(".")


def variable(path: KeyPath) -> str:
    """Return the name of the environment variable, and of the secret file, that sets *path*."""
    return PREFIX + "__".join(str(part).replace("-", "_").upper() for part in path)


def supply(path: KeyPath) -> str:
    """Say how a secret can be given."""
    return (
        f"is missing: write it here, or set the variable {variable(path)}, "
        f"or put it in a file of that name in $CREDENTIALS_DIRECTORY or /run/secrets"
    )


def _shown(key: str) -> str:
    """Return a key as it may be printed: what looks like a mislaid secret is not."""
    return key if re.fullmatch(r"[A-Za-z_-]{1,32}|[a-z0-9_-]{1,16}|[A-Z0-9]{1,8}", key) else "(a key that is not shown)"
