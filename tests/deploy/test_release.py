"""What is released says what it is, is built from pinned parts, and the workflow may do no more than it needs."""

import re
import tomllib

import pytest

from monitor import __version__
from tests.deploy.tree import DEPLOY, ROOT, document, tool

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOW = document(ROOT / ".github" / "workflows" / "ci.yml")
PYTHONS = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    found = tool("zizmor", "--offline", "--quiet", "--no-progress", "--color=never", ".github")
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_workflow_gets_no_right_but_to_read() -> None:
    assert WORKFLOW["permissions"] == {}
    assert {str(job["permissions"]) for job in WORKFLOW["jobs"].values()} == {"{'contents': 'read'}"}


def test_every_action_is_pinned_to_a_hash_and_says_its_version() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in used)


def test_what_is_new_waits_before_it_is_proposed() -> None:
    updates = document(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"github-actions", "pip", "docker", "docker-compose"}
    assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
    assert all((ROOT / update["directory"].strip("/")).is_dir() for update in updates)


def test_every_promised_python_is_tested() -> None:
    assert PYTHONS == ["3.11", "3.12", "3.13"]
    assert WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"] == PYTHONS
    assert f"${{PYTHONS:-{' '.join(PYTHONS)}}}" in (ROOT / ".ci" / "test-all").read_text()
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_one_version_is_named_everywhere() -> None:
    files = ("compose/compose.yaml", "docker/Dockerfile", "kubernetes/base/kustomization.yaml")
    named = {
        found for name in files for found in re.findall(r"(?:inverse-monitor:|newTag: )(\d\S*)", (DEPLOY / name).read_text())
    }
    assert named == {PROJECT["version"]} == {__version__}


@pytest.mark.parametrize("key", ["description", "readme", "license", "license-files", "keywords", "classifiers", "scripts"])
def test_the_package_says(key: str) -> None:
    assert PROJECT[key]


def test_a_pin_that_is_exact_is_not_raised_by_a_robot() -> None:
    [python] = [u for u in document(ROOT / ".github" / "dependabot.yml")["updates"] if u["package-ecosystem"] == "pip"]
    exact = {requirement.partition("==")[0] for requirement in PROJECT["dependencies"] if "==" in requirement}
    assert {each["dependency-name"] for each in python["ignore"]} == exact == {"ccxt"}
