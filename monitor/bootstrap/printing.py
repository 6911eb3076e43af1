"""Standard output: the answer of a command, and nothing else."""

import json
import sys

from rich.console import Console, RenderableType

WIDTH = 100
"""Columns, where no terminal says how many there are."""


def say(line: str) -> None:
    """Print a line, at once."""
    print(line, flush=True)


def show(what: RenderableType) -> None:
    """Print a table."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    console.print(what)


def show_json(value: object, indent: int | None = None) -> None:
    """Print JSON."""
    print(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False), flush=True)
