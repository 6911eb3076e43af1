"""The rules for Prometheus and the routes of Alertmanager, by the programs' own tools."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitor.views.metrics import METRICS
from tests.deploy.dashboards import selectors
from tests.deploy.tree import DEPLOY, ROOT, document
from tests.programs import need

RULES = DEPLOY / "prometheus" / "rules.yml"
ROUTES = DEPLOY / "alertmanager" / "alertmanager.yml"
PROVED = sorted((Path(__file__).parent / "rules").glob("*.test.yml"))
EACH: list[dict[str, Any]] = [rule for group in document(RULES)["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in EACH if "alert" in rule}
RECORDED = {rule["record"]: rule["expr"] for rule in EACH if "record" in rule}


def ran(*words: str | Path) -> str:
    """What a program prints; it must be content."""
    done = subprocess.run([need(str(words[0])), *words[1:]], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_finds_nothing_wrong() -> None:
    assert f"{len(EACH)} rules found" in ran("promtool", "check", "rules", RULES)


@pytest.mark.parametrize("path", PROVED, ids=lambda path: path.stem)
def test_the_rules_find_what_they_should(path: Path) -> None:
    assert "SUCCESS" in ran("promtool", "test", "rules", path)


def test_every_rule_is_proved() -> None:
    proofs = "\n".join(path.read_text() for path in PROVED)
    assert [name for name in (*ALERTS, *RECORDED) if name not in proofs and name != "cluster:inverse_portfolio_whole:bool"] == []


@pytest.mark.parametrize("rule", EACH, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_what_is_exported(rule: dict[str, Any]) -> None:
    known = {metric.name for metric in METRICS} | RECORDED.keys() | {"up"}
    assert {selector.name for selector in selectors(rule["expr"])} <= known


@pytest.mark.parametrize("name", sorted(ALERTS.keys() - {"InverseWatchdog"}))
def test_an_alert_has_a_level_and_says_what_to_do(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"warning", "critical", "emergency"}
    assert {"summary", "remedy"} <= rule["annotations"].keys() or name == "InverseAccountNamedTwice"


def test_the_readme_names_every_alert_with_its_level() -> None:
    table = (ROOT / "README.md").read_text().partition("| alert of Prometheus |")[2].partition("\n\n")[0]
    rows = [re.findall(r"[\w]+", line)[:2] for line in table.splitlines()[2:]]
    assert rows == [[name, rule["labels"]["severity"]] for name, rule in ALERTS.items()]


def test_the_cluster_has_the_same_rules_for_its_portfolio() -> None:
    spec = document(DEPLOY / "kubernetes" / "shared" / "portfolio-rules.yaml")["spec"]
    there = [rule for group in spec["groups"] for rule in group["rules"]]
    assert [rule for rule in there if rule not in EACH] == []
    assert RECORDED.keys() == {rule["record"] for rule in there if "record" in rule}


def test_amtool_finds_nothing_wrong() -> None:
    assert "SUCCESS" in ran("amtool", "check-config", ROUTES)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=InverseWatchdog", "severity=none"), "dead-mans-switch"),
        (("alertname=InverseMonitorGone", "severity=emergency"), "webhook"),
        (("alertname=InverseStoreDown", "severity=critical"), "webhook"),
        (("alertname=InverseClockOff", "severity=warning"), "webhook"),
        (("alertname=AnotherAlert",), "webhook"),
    ],
    ids=lambda given: given if isinstance(given, str) else given[0],
)
def test_every_alert_reaches_somebody(labels: tuple[str, ...], receiver: str) -> None:
    said = ran("amtool", "config", "routes", "test", f"--config.file={ROUTES}", f"--verify.receivers={receiver}", *labels)
    assert said.split() == [receiver]


def test_worse_is_told_sooner_and_more_often() -> None:
    root = document(ROUTES)["route"]
    by_level = {match: route for route in root["routes"] for match in route["matchers"]}
    pauses = [by_level["severity = emergency"], by_level["severity = critical"], root]
    assert [route["repeat_interval"] for route in pauses] == ["5m", "15m", "4h"]
    assert by_level["severity = emergency"]["group_wait"] == "0s"


def test_no_inhibition_names_an_alert_that_is_not_there() -> None:
    named = re.findall(r"alertname = (\w+)", ROUTES.read_text())
    assert len(named) > 3
    assert set(named) <= ALERTS.keys()


def test_the_receivers_for_phones_say_that_nobody_has_checked_them() -> None:
    path = DEPLOY / "alertmanager" / "receivers.example.yml"
    assert "NOT CHECKED" in path.read_text().partition("receivers:\n")[0]
    assert [receiver["name"] for receiver in document(path)["receivers"]] == ["pushover", "telegram"]
