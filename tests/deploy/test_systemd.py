"""The systemd unit: as closed as systemd itself can measure, and in step with the program."""

import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from monitor.bootstrap.trouble import MISUSED, TAKEN
from monitor.config import load
from monitor.config.mistakes import PREFIX
from tests.deploy.tree import DEPLOY
from tests.programs import need

UNIT = DEPLOY / "systemd" / "inverse-monitor.service"
MOST_EXPOSED = 15
"""In tenths, on systemd's scale of 0 to 10."""


def settings() -> dict[str, list[str]]:
    """Each setting of [Service] with its values in order; systemd lets a key stand more than once."""
    found: dict[str, list[str]] = {}
    section = UNIT.read_text().partition("[Service]")[2].partition("[Install]")[0]
    for line in section.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def only(key: str) -> str:
    [value] = settings()[key]
    return value


def systemd_analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([need("systemd-analyze"), *words], capture_output=True, text=True, timeout=60, check=False)


def test_systemd_finds_little_exposed() -> None:
    found = systemd_analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", UNIT)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Overall exposure level" in found.stdout


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/inverse-monitor/bin/inverse-monitor", "/bin/true"))
    found = systemd_analyze("verify", "--man=no", copy)
    assert (found.returncode, found.stderr) == (0, "")


def test_it_has_the_three_sections() -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # how the library is told to leave case alone
    parser.read(UNIT)
    assert parser.sections() == ["Unit", "Service", "Install"]


def test_what_a_restart_cannot_cure_is_not_restarted() -> None:
    assert only("Restart") == "always"
    assert only("RestartPreventExitStatus").split() == [str(MISUSED), str(TAKEN)]
    assert "StartLimitIntervalSec=0" in UNIT.read_text()


def test_systemd_is_told_that_it_lives() -> None:
    assert (only("Type"), only("WatchdogSec")) == ("notify", "60s")


def test_the_secrets_get_the_names_that_the_daemon_looks_for() -> None:
    name, _, folder = only("LoadCredential").partition(":")
    assert f"{name}_" == PREFIX
    assert folder == "/etc/inverse-monitor/secrets"


def test_the_state_of_the_example_is_in_the_state_folder(tmp_path: Path) -> None:
    for name in ("ACCOUNTS__MAIN__API_KEY", "ACCOUNTS__MAIN__API_SECRET", "MQTT__PASSWORD"):
        (tmp_path / f"{PREFIX}{name}").write_text("a-secret")
    config = load(DEPLOY / "systemd" / "config.example.yaml", {}, secrets=[tmp_path])
    assert config.state.path.parent == Path("/var/lib") / only("StateDirectory")
    assert only("WorkingDirectory") == f"%S/{only('StateDirectory')}"


@pytest.mark.parametrize("key", ["MemoryMax", "DynamicUser", "ProtectSystem", "MemoryDenyWriteExecute", "TimeoutStopSec"])
def test_it_has(key: str) -> None:
    assert only(key) not in {"", "no", "infinity"}
