"""Wheel, source archive and the image's own steps, each into an environment that has nothing else: the demo runs there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.channels.brokers import free_port
from tests.deploy.tree import ROOT

pytestmark = [pytest.mark.prove, pytest.mark.timeout(400)]

HASHED, CHECKS_SOURCE = 0b01, 0b10
"""Flags of a compiled file.

Source: PEP 552, "Deterministic pycs".
"""


def run(*words: str | Path, cwd: Path = ROOT, environ: dict[str, str] | None = None) -> str:
    done = subprocess.run(words, cwd=cwd, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def step(*words: str | Path) -> None:
    """Take one of the image's steps with the interpreter that runs the tests."""
    run(ROOT / "deploy" / "install.sh", *words, environ={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", **pip()})


def pip() -> dict[str, str]:
    """How this machine's pip is set up."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_")) or name == "HOME"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds ``build``, what builds the package, ``libraries``, what it runs on, and ``dist``, what is released."""
    made = tmp_path_factory.mktemp("install")
    step("tools", made / "build")
    step("libraries", made / "libraries", made / "build")
    run(made / "build" / "bin" / "python", "-m", "hatchling", "build", "--directory", made / "dist")
    return made


@pytest.fixture
def empty(tmp_path: Path, folder: Path) -> Path:
    """An environment with the pinned libraries and without the monitor."""
    return Path(shutil.copytree(folder / "libraries", tmp_path / "env", symlinks=True))


def install(empty: Path, folder: Path, archive: Path) -> None:
    words = ("install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", archive)
    if archive.suffix == ".gz":
        run(folder / "build" / "bin" / "python", "-m", "pip", "wheel", *words[1:], "--wheel-dir", folder / "made")
        [archive] = (folder / "made").iterdir()
    run(sys.executable, "-m", "pip", "--python", empty / "bin" / "python", *words[:-1], archive)


def shown_by_the_demo(empty: Path, folder: Path) -> str:
    words = ("demo", "--for", "5", "--http", f"127.0.0.1:{free_port()}")
    return run(empty / "bin" / "inverse-monitor", *words, cwd=folder, environ={"PATH": "/usr/bin:/bin"})


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_what_is_released_installs_and_shows_the_demo(empty: Path, folder: Path, kind: str) -> None:
    [archive] = (folder / "dist").glob(kind)
    install(empty, folder, archive)
    assert "the demo ends after 5 s" in shown_by_the_demo(empty, folder)


def test_the_steps_of_the_image_leave_a_compiled_monitor_without_pip(empty: Path, folder: Path) -> None:
    step("monitor", empty, folder / "build")
    packages = next((empty / "lib").glob("python*")) / "site-packages"
    assert not (packages / "pip").exists()
    for source in (packages / "monitor").rglob("*.py"):
        [compiled] = (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert flags & HASHED
        assert not flags & CHECKS_SOURCE
    assert "the demo ends after 5 s" in shown_by_the_demo(empty, folder)


def test_the_list_of_parts_names_every_pin(tmp_path: Path) -> None:
    out = tmp_path / "parts.json"
    lock = ROOT / "deploy" / "docker" / "requirements.lock"
    run(sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", lock, "--output-file", out)
    parts = {(part["name"], part["version"]) for part in json.loads(out.read_text())["components"]}
    assert ("ccxt", "4.5.90") in parts
    assert len(parts) == sum("==" in line for line in lock.read_text().splitlines())
