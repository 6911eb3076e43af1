"""The compose stack: every file that it mounts is there or made by its script, every service is as careful as it can be."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitor import __version__
from monitor.config import load
from tests.deploy.tree import COMPOSE, DEPLOY, ROOT, document
from tests.programs import need

STACK: dict[str, Any] = document(COMPOSE / "compose.yaml")
ACCOUNTS: dict[str, Any] = document(COMPOSE / "compose.accounts.yaml")
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
MADE = ("secrets", "config.yaml")
"""What the scripts, and the user, put there."""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of secrets as the script makes it."""
    need("mosquitto_passwd")
    folder = tmp_path_factory.mktemp("compose")
    for name in ("secrets.sh", "compose.yaml"):
        (folder / name).write_bytes((COMPOSE / name).read_bytes())
    subprocess.run(["sh", folder / "secrets.sh"], check=True, capture_output=True, timeout=30)
    return folder / "secrets"


def mounts(service: dict[str, Any]) -> dict[str, str]:
    """What is mounted from the host: target -> source."""
    found = [text.split(":") for text in service.get("volumes", ()) if text.startswith(".")]
    return {target: source for source, target, *mode in found if mode == ["ro"]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_as_careful_as_it_can_be(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].partition(":")[0]) > 0
    assert re.fullmatch(r"\d+m", service["mem_limit"])
    assert service["healthcheck"]["test"][0] == "CMD"
    assert "privileged" not in service
    assert "network_mode" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_only_this_machine_reaches_its_ports(name: str) -> None:
    assert SERVICES[name]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


@pytest.mark.parametrize("name", SERVICES)
def test_its_image_has_a_full_version(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag), image
    assert (image == "inverse-monitor") == ("build" in SERVICES[name])


def test_our_image_is_that_of_this_version() -> None:
    build = SERVICES["daemon"]["build"]
    assert SERVICES["daemon"]["image"] == f"inverse-monitor:{__version__}"
    assert (COMPOSE / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_what_it_mounts_is_there_and_cannot_be_written(name: str) -> None:
    service = SERVICES[name]
    assert len(mounts(service)) == sum(text.startswith(".") for text in service["volumes"])
    for source in mounts(service).values():
        path = COMPOSE / source
        relative = Path(os.path.normpath(path)).relative_to(DEPLOY)
        assert path.exists() or relative.parts[1] in MADE, source


def test_every_volume_and_secret_that_is_named_is_declared() -> None:
    volumes = {text.partition(":")[0] for service in SERVICES.values() for text in service["volumes"] if text[0] != "."}
    named = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert volumes == STACK["volumes"].keys()
    assert named == STACK["secrets"].keys()


def test_every_service_that_is_waited_for_has_a_health_check() -> None:
    awaited = {name for service in SERVICES.values() for name in service.get("depends_on", ())}
    assert awaited <= SERVICES.keys()


def test_the_script_makes_every_secret_that_is_mounted(secrets: Path) -> None:
    for secret in STACK["secrets"].values():
        assert (secrets.parent / secret["file"]).stat().st_size > 40
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in secrets.rglob("*") if path.is_file())


def test_the_script_keeps_what_it_finds_and_no_two_secrets_are_alike(secrets: Path) -> None:
    plain = {path: path.read_text() for path in secrets.rglob("*") if path.is_file() and path.name != "mosquitto_passwords"}
    subprocess.run(["sh", secrets.parent / "secrets.sh"], check=True, capture_output=True, timeout=30)
    assert {path: path.read_text() for path in plain} == plain
    assert len(set(plain.values())) == len(plain)
    hashed = (secrets / "mosquitto_passwords").read_text()
    assert re.findall(r"(?m)^(\w+):\$7\$", hashed) == ["monitor", "phone", "homeassistant"]
    assert not any(value in hashed for value in plain.values())


@pytest.mark.parametrize("name", ["demo.yaml", "config.example.yaml"])
def test_the_configuration_takes_the_secrets_from_their_files(secrets: Path, tmp_path: Path, name: str) -> None:
    given = document(COMPOSE / name)
    account = next(iter(given["accounts"])).upper()
    for path in (secrets / "daemon").iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    for key in () if "api_key" in (COMPOSE / name).read_text() else ("API_KEY", "API_SECRET"):
        (tmp_path / f"INVERSE_MONITOR_ACCOUNTS__{account}__{key}").write_text("of-the-user")
    config = load(COMPOSE / name, {}, secrets=[tmp_path])
    assert config.http.token
    assert config.http.token.get_secret_value() == (secrets / "daemon" / "INVERSE_MONITOR_HTTP__TOKEN").read_text()
    assert config.mqtt
    assert config.mqtt.password
    assert config.mqtt.host in SERVICES
    assert str(config.http.listen.port) == SERVICES["daemon"]["ports"][0].rpartition(":")[2]
    assert any(text == f"state:{config.state.path.parent}" for text in SERVICES["daemon"]["volumes"])


def test_the_demo_and_the_accounts_differ_in_what_is_run_and_configured() -> None:
    assert ACCOUNTS["services"].keys() == {"daemon"}
    daemon = ACCOUNTS["services"]["daemon"]
    assert daemon["entrypoint"] == ["inverse-monitor"]
    assert daemon["command"] == ["run", "--config", "/etc/inverse-monitor/config.yaml"]
    assert mounts(daemon) == {"/etc/inverse-monitor/config.yaml": "./config.yaml"}
    assert "/etc/inverse-monitor/config.yaml" in mounts(SERVICES["daemon"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The scripts in a folder of their own, with a docker that only notes what it is asked."""
    need("mosquitto_passwd")
    for name in ("up.sh", "secrets.sh", "compose.yaml"):
        shutil.copy(COMPOSE / name, tmp_path)
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\nprintf "%s " "$@" >{tmp_path}/asked\n')
    docker.chmod(0o755)
    return tmp_path


def up(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder}/bin:{os.environ['PATH']}:/usr/sbin"
    return subprocess.run(
        [str(folder / "up.sh"), *words], env={"PATH": path}, capture_output=True, text=True, timeout=30, check=False
    )


def test_one_command_makes_the_secrets_and_starts_the_demo(folder: Path) -> None:
    done = up(folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "asked").read_text().split() == ["compose", "--file", "compose.yaml", "up", "--build", "--detach", "--wait"]
    assert (folder / "secrets" / "mosquitto_passwords").exists()
    named = re.findall(r"password is in (\S+)", done.stdout)
    assert len(named) == 3
    assert all((folder / name).exists() for name in named)


def test_accounts_lie_over_the_demo_once_they_are_configured(folder: Path) -> None:
    refused = up(folder, "accounts")
    assert (refused.returncode, (folder / "asked").exists()) == (2, False)
    assert "config.example.yaml" in refused.stderr
    (folder / "config.yaml").write_text("accounts: {}")
    assert up(folder, "accounts").returncode == 0
    assert "--file compose.yaml --file compose.accounts.yaml up" in (folder / "asked").read_text()


def test_without_mosquitto_its_image_hashes_the_passwords(folder: Path) -> None:
    for name in ("sh", "od", "tr", "sed", "cat", "chmod", "mkdir", "mv", "dirname", "id"):
        (folder / "bin" / name).symlink_to(shutil.which(name) or name)
    words = [str(folder / "secrets.sh")]
    subprocess.run(words, env={"PATH": f"{folder}/bin"}, check=True, capture_output=True, timeout=30)
    asked = (folder / "asked").read_text()
    assert asked.startswith("run --rm --network none")
    assert f"--volume {folder}/secrets:/secrets" in asked
    assert asked.endswith(f"{SERVICES['mosquitto']['image']} mosquitto_passwd -U /secrets/new_passwords ")


def test_anything_else_is_a_mistake(folder: Path) -> None:
    assert up(folder, "acounts").returncode == 2
    assert not (folder / "asked").exists()


def test_prometheus_scrapes_by_the_names_and_secrets_of_the_stack() -> None:
    settings = document(DEPLOY / "prometheus" / "prometheus.yml")
    jobs = {job["job_name"]: job for job in settings["scrape_configs"]}
    targets = [t for job in jobs.values() for static in job["static_configs"] for t in static["targets"]]
    alert_to = settings["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert {target.partition(":")[0] for target in [*targets, *alert_to]} <= {*SERVICES, "127.0.0.1"}
    token = jobs["inverse-monitor"]["authorization"]["credentials_file"]
    assert token.removeprefix("/run/secrets/") in SERVICES["prometheus"]["secrets"]
    assert [f"/etc/prometheus/{name}" for name in settings["rule_files"]] == [
        target for target in mounts(SERVICES["prometheus"]) if "rules" in target
    ]


def test_prometheus_takes_its_settings(tmp_path: Path) -> None:
    settings = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    (tmp_path / "token").write_text("a-token")
    (tmp_path / "rules.yml").write_text("groups: []")
    adapted = tmp_path / "prometheus.yml"
    adapted.write_text(settings.replace("/run/secrets/monitor_token", str(tmp_path / "token")))
    done = subprocess.run([need("promtool"), "check", "config", adapted], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_finds_its_dashboards_where_its_provisioning_looks() -> None:
    providers = sorted((DEPLOY / "grafana" / "provisioning" / "dashboards").glob("*.y*ml"))
    assert providers
    mounted = set(mounts(SERVICES["grafana"]))
    looked = {provider["options"]["path"] for path in providers for provider in document(path)["providers"]}
    assert all(any(path == target or path.startswith(f"{target}/") for target in mounted) for path in looked)


def test_alertmanager_gets_the_secrets_that_its_settings_name() -> None:
    path = DEPLOY / "alertmanager" / "alertmanager.yml"
    service = SERVICES["alertmanager"]
    given = {f"/run/secrets/{name}" for name in service.get("secrets", ())} | set(mounts(service))
    named = re.findall(r"(?m)^(?!\s*#).*_file: *[\"']?([^\s\"']+)", path.read_text())
    assert all(any(name == each or name.startswith(f"{each}/") for each in given) for name in named)
