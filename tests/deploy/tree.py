"""What lies in the repository, as the programs that it is meant for would read it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose"
UNTRACKED = (COMPOSE / "config.yaml",)
"""What users put among the files."""
BLUEPRINTS = DEPLOY / "homeassistant" / "blueprints"
"""YAML with a tag of Home Assistant's own; they have tests of their own."""


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def document(path: Path) -> Any:
    [only] = documents(path)
    return only


def yaml_files() -> list[Path]:
    below = [
        path for folder in (DEPLOY, ROOT / ".github") for path in sorted(folder.rglob("*.y*ml")) if BLUEPRINTS not in path.parents
    ]
    return [ROOT / "config.example.yaml", *(path for path in below if path not in UNTRACKED)]


def scripts() -> list[Path]:
    return [*(path for path in sorted((ROOT / ".ci").iterdir()) if path.is_file()), *sorted(DEPLOY.rglob("*.sh"))]


def tool(name: str, *words: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a development tool of the environment that runs the tests."""
    program = Path(sys.executable).parent / name
    return subprocess.run([program, *words], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
