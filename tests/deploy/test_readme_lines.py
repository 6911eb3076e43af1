"""README's lines, typed as they stand on a machine of their own. What they call is real.

Three programs stand in: ``sudo`` (root types here), systemd (it reads the real unit files) and Docker's client, which needs an
engine: its part ends where the stack's would begin. kubectl only renders, for there is no cluster.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.machine import HOME, Answer, Machine, lines, machine
from tests.deploy.systemd import DYNAMIC_USER
from tests.deploy.tree import COMPOSE, ROOT, document
from tests.programs import need

pytestmark = [pytest.mark.prove, pytest.mark.timeout(400)]

README = "\n" + (ROOT / "README.md").read_text()
PASTED = "pasted-0123456789"
PASSWORD = "correct-horse-battery"
ONLINE = ("apt-get", "install.sh", "make setup", "make mutate", "make lock", "make test-all")
NO_VENUE = 1
"""How `check` ends where no venue can be reached."""


LESS = {
    "make demo": 'ARGS="--for 5"',
    "make test": "ARGS=tests/core/test_span.py",
    "make prove": "ARGS=tests/channels/test_mqtt.py",
    "make soak": "ARGS=100",
    "make bench": "ARGS=assess",
    "make mutate": 'ARGS="monitor.core.alerts.alert.*"',
    "make test-all": f"ARGS=tests/core/test_span.py PYTHONS={sys.version_info.major}.{sys.version_info.minor}",
}
"""What is added to commands that take minutes, or that are running now, so that they do little of what they do."""

ENDS = {
    "make demo": "the demo ends after 5 s",
    "make test": "100%",
    "make check": "No findings to report",
    "make prove": "2 passed",
    "make soak": "resident memory",
    "make bench": "assess one pool",
    "make mutate": "killed",
    "make test-all": "passed on Python",
    ".venv/bin/python -m tests.demo.matrix": "missing_page",
}
"""What commands show when they have done what README says of them."""

MADE = (
    "dist/*.whl",
    "dist/*.tar.gz",
    "dist/inverse-monitor.cdx.json",
    "requirements.lock",
    "deploy/docker/*.lock",
    "deploy/grafana/dashboards/*.json",
    ".github/pictures/*.png",
)
"""What the others write."""

FROM_SOURCE = "sha256sum deploy/grafana/dashboards/*; grep -h == requirements.lock deploy/docker/*.lock"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Machine]:
    with machine(tmp_path) as made:
        yield made


def follow(own: Machine, heading: str) -> dict[str, str]:
    """Type all lines of a section, each of which must end well; return what each showed."""
    shown, folder = {}, HOME
    for line in lines(README, heading):
        whole = f"{line} {LESS.get(line, '')}".rstrip()
        typed = own.type(whole, *answers(line), folder=folder, online=any(word in line for word in ONLINE))
        assert typed.status == (NO_VENUE if "inverse-monitor check" in line else 0), f"{line}\n{typed.shown}"
        shown[line] = typed.shown
        if line.startswith("cd "):
            folder = f"{HOME}/{line.removeprefix('cd ')}"
    return shown


def answers(line: str) -> list[Answer]:
    """What somebody who follows README types at this line's questions."""
    if "mosquitto_passwd" in line:
        return [Answer("Password: ", f"{PASSWORD}\n"), Answer("Reenter password: ", f"{PASSWORD}\n")]
    if "/dev/stdin" in line:
        return [Answer("", f"{PASSWORD if 'MQTT' in line else PASTED}\n\x04")]
    if line.endswith("inverse-monitor run"):
        return [Answer("the monitor has started", "\x03")]
    return []


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, dict[str, str]]]:
    """A machine on which "Use it" was followed, and what its lines showed."""
    with machine(tmp_path_factory.mktemp("used")) as made:
        yield made, follow(made, "## Use it")


def test_from_a_fresh_folder_to_a_running_monitor(used: tuple[Machine, dict[str, str]]) -> None:
    own, shown = used
    assert "listening on 127.0.0.1:9643" in shown[".venv/bin/inverse-monitor run"]
    assert own.type("stat -c %a config.yaml").shown.strip() == "600"


def test_every_line_for_who_tries_it_or_works_on_it_does_what_it_says(used: tuple[Machine, dict[str, str]]) -> None:
    own, _ = used
    own.type("touch -d '1 minute ago' before")
    before = own.type(FROM_SOURCE).shown
    shown = follow(own, "# Inverse Monitor") | follow(own, "## Development")
    assert {line: end for line, end in ENDS.items() if end not in shown[line]} == {}
    assert own.type(FROM_SOURCE).shown == before
    for pattern in MADE:
        assert own.type(f'for made in {pattern}; do test "$made" -nt before || exit; done').status == 0, pattern


def test_a_raspberry_pi_is_set_up_line_by_line(own: Machine) -> None:
    need("mosquitto")
    shown = follow(own, "### On a Raspberry Pi, with systemd")
    [status, check] = (text for line, text in shown.items() if line.startswith(("systemctl status", "sudo systemd-run")))
    assert "active (running)" in status
    assert re.findall(r"^(ok|wrong) +(\w+)", check, re.MULTILINE) == [
        ("ok", "configuration"),
        ("ok", "state"),
        ("ok", "http"),
        ("ok", "mqtt"),
        ("wrong", "account"),
    ]
    assert not [line for line, text in shown.items() if PASTED in text and "/dev/stdin" not in line]

    hears = f"mosquitto_sub -u monitor -P {PASSWORD} -t inverse-monitor/availability -C 1 -W 20"
    assert own.type(hears).shown == "online\r\n"
    assert own.type(hears.replace(PASSWORD, "guessed")).status != 0
    assert own.type("stat -c %u /var/lib/inverse-monitor/state.db").shown == f"{DYNAMIC_USER}\r\n"
    assert str(DYNAMIC_USER) in own.type("ps -wweo uid,args | grep '[i]nverse-monitor run'").shown
    assert own.type("stat -c %a /etc/inverse-monitor/secrets /etc/inverse-monitor/secrets/*").shown.split() == [
        "700",
        *["600"] * 3,
    ]


def test_the_stack_is_made_ready_for_the_demo_and_for_accounts(own: Machine) -> None:
    need("mosquitto_passwd")
    own.stand_in("docker", 'pwd >>/run/docker; printf "%s\\n" "$*" >>/run/docker')
    shown = follow(own, "### With Docker: everything on one machine")
    assert "http://127.0.0.1:9643/" in shown["deploy/compose/up.sh"]
    up = "up --build --detach --wait"
    assert own.type("cat /run/docker").shown.split("\r\n") == [
        f"{HOME}/deploy/compose",
        f"compose --file compose.yaml {up}",
        f"{HOME}/deploy/compose",
        f"compose --file compose.yaml --file compose.accounts.yaml {up}",
        "",
    ]
    folder = f"{HOME}/deploy/compose"
    sources = [text.split(":")[0] for one in services() for text in one.get("volumes", ()) if text.startswith(".")]
    assert own.type(f"ls -d {' '.join(sources)}", folder=folder).status == 0
    assert own.type("cat secrets/daemon/*API_KEY", folder=folder).shown == f"{PASTED}\r\n"


def services() -> Iterator[dict[str, list[str]]]:
    for name in ("compose.yaml", "compose.accounts.yaml"):
        yield from document(COMPOSE / name)["services"].values()


def test_kubectl_finds_what_it_is_pointed_at(own: Machine) -> None:
    own.stand_in("kubectl", f'[ "$1 $2" = "apply --kustomize" ] && exec {need("kubectl")} kustomize "$3"')
    [rendered] = follow(own, "### On Kubernetes").values()
    assert "StatefulSet" in {one["kind"] for one in yaml.safe_load_all(rendered)}
