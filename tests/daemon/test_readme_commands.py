"""The commands of README that are ours run against simulated venues; where others may stand, tests/deploy types them."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.daemon.house import House
from tests.wire.test_reading import SNAPSHOT

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
LINES = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
OURS = [line for line in LINES if line.startswith("inverse-monitor ")]


SECTIONS = {
    "# Inverse Monitor",
    "## Use it",
    "### With Docker: everything on one machine",
    "### On a Raspberry Pi, with systemd",
    "### On Kubernetes",
    "## How it works",
    "## Development",
}
"""Where README has commands. Those of "How it works" are ours; all others are typed in tests/deploy/test_readme_lines.py."""


def test_no_command_stands_where_no_test_looks_for_it() -> None:
    parts = re.split(r"^(#+ .*)$", README, flags=re.MULTILINE)[1:]
    assert {heading for heading, text in zip(parts[::2], parts[1::2], strict=True) if "```sh" in text} == SECTIONS


def test_there_are_commands_to_run() -> None:
    assert len(OURS) >= 4


@pytest.mark.parametrize("line", OURS)
async def test_a_command_of_readme_runs(home: House, line: str) -> None:
    (home.folder / "snapshot.json").write_text(json.dumps(SNAPSHOT))
    words = shlex.split(line, comments=True)[1:]
    placed = [str(home.folder / word) if word == "snapshot.json" else word for word in words]
    done = await home.command(*placed, "--config", str(home.config))
    assert (done.status in (0, 1, 2), done.has_traceback) == (True, False), done.err
    if "--json" in words:
        assert done.json()
