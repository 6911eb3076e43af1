"""Every YAML file parses, and fits the schema of the program that reads it."""

import json
import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.deploy.tree import COMPOSE, DEPLOY, ROOT, document, documents, scripts, tool, yaml_files

CONFIGS = [
    ROOT / "config.example.yaml",
    *(path for path in yaml_files() if "config.schema.json" in path.read_text().partition("\n")[0] and path.parent != ROOT),
]
"""Configurations of the monitor: their first line names the schema."""

WORKFLOW = ("vendor/github-workflows", "custom/github-workflows-require-timeout")
SCHEMAS = [
    *(("vendor/compose-spec", path) for path in sorted(COMPOSE.glob("compose*.yaml"))),
    *((name, path) for name in WORKFLOW for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))),
    ("vendor/dependabot", ROOT / ".github" / "dependabot.yml"),
]
"""Published schemas, of which check-jsonschema holds copies, and the files that must fit them."""
MISSING = {
    "API_KEY": "your-read-only-key",
    "API_SECRET": "your-secret",
}
"""What a configuration without secrets finds in files."""
NOBODY = "warning  channels: nobody is told of an alert"
"""So the example says, in which every channel is for its reader to choose."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", yaml_files(), ids=name)
def test_it_is_yaml(path: Path) -> None:
    assert all(document is not None for document in documents(path))


@pytest.mark.parametrize(("schema", "path"), SCHEMAS, ids=str)
def test_it_fits_the_schema_of_its_program(schema: str, path: Path) -> None:
    given = document(path)
    if True in given:  # how YAML 1.1 reads the key `on`
        given["on"] = given.pop(True)
    jsonschema.validate(given, published(schema))


def test_a_misspelled_key_would_be_found() -> None:
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.validate({"services": {"daemon": {"helthcheck": {}}}}, published("vendor/compose-spec"))


def published(schema: str) -> Any:
    return json.loads((resources.files("check_jsonschema") / "builtin_schemas" / f"{schema}.json").read_text())


def test_there_are_configurations_of_every_deployment() -> None:
    assert {path.parent.relative_to(ROOT).parts[1:2] for path in CONFIGS} >= {(), ("compose",), ("systemd",), ("kubernetes",)}


@pytest.mark.parametrize("path", CONFIGS, ids=name)
def test_a_configuration_names_the_schema_and_fits_it(path: Path) -> None:
    first = path.read_text().partition("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == DEPLOY / "config.schema.json"
    given = document(path)
    for account in given["accounts"].values():
        for key, value in MISSING.items():
            account.setdefault(key.lower(), value)
    jsonschema.validate(given, json.loads((DEPLOY / "config.schema.json").read_text()))


@pytest.mark.parametrize("path", CONFIGS, ids=name)
def test_a_configuration_passes_the_check(path: Path, tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "CREDENTIALS_DIRECTORY": str(tmp_path / "secrets")}
    environ["INVERSE_MONITOR_STATE__PATH"] = str(tmp_path / "state.db")
    given_secrets(document(path), tmp_path / "secrets")
    copy = Path(shutil.copy(path, tmp_path / "config.yaml"))
    copy.chmod(0o600)
    words = (sys.executable, "-m", "monitor", "check", "--offline", "--config", str(copy))
    found = subprocess.run(words, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in found.stdout.splitlines() if not (line.startswith(NOBODY) and path.parent == ROOT)]
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert len(lines) == 2, found.stdout + found.stderr
    assert "Traceback" not in found.stderr


def given_secrets(config: dict[str, dict[str, dict[str, str]]], folder: Path) -> None:
    """Write what the configuration leaves to secret files."""
    folder.mkdir()
    for account, settings in config["accounts"].items():
        for key, value in MISSING.items():
            if key.lower() not in settings:
                (folder / f"INVERSE_MONITOR_ACCOUNTS__{account.upper().replace('-', '_')}__{key}").write_text(value)
    if "username" in config.get("mqtt", {}):
        (folder / "INVERSE_MONITOR_MQTT__PASSWORD").write_text("its-password")
    if not str(config.get("http", {}).get("listen", "127.0.0.1")).startswith("127.0.0.1"):
        (folder / "INVERSE_MONITOR_HTTP__TOKEN").write_text("a-token-that-is-long-enough")


@pytest.mark.parametrize("path", scripts(), ids=name)
def test_a_script_is_clean_and_can_be_run(path: Path) -> None:
    found = tool("shellcheck", path)
    assert found.returncode == 0, found.stdout
    assert os.access(path, os.X_OK)
