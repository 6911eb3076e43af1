"""README names every command, rule, topic and metric, and says of a command what its help says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli import app, config_app
from monitor.core.rules.table import ACCOUNT_RULES, OTHER_RULES, WHOLE_RULES
from monitor.views.metrics import METRICS
from monitor.wire.commands import COMMON, KEYS
from monitor.wire.topics import availability_topic, event_topic, heartbeat_topic

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = {
    (f"{prefix}{command.name or command.callback.__name__}" if command.callback else ""): command.callback
    for prefix, of in (("", app), ("config ", config_app))
    for command in of.registered_commands
}


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose header begins with *heading*."""
    table = README.partition(f"| {heading}")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def test_it_opens_with_the_two_commands() -> None:
    assert re.search(r"^```sh\nmake demo .*\nmake test .*\n```", README, re.MULTILINE)
    assert README.index("make demo") < 200


def test_it_names_every_command_and_says_what_its_help_says() -> None:
    described = {cells[0].strip("` "): cells[1] for cells in rows("command |")}
    helps = {name: (callback.__doc__ or "").strip() for name, callback in COMMANDS.items() if callback}
    assert described == helps


def test_the_help_itself_says_it() -> None:
    shown = subprocess.run([sys.executable, "-m", "monitor", "--help"], capture_output=True, text=True, timeout=60, check=True)
    words = " ".join(shown.stdout.replace("│", " ").split())
    for name, callback in COMMANDS.items():
        if callback and " " not in name:
            assert (callback.__doc__ or "").strip() in words


def test_it_names_every_rule() -> None:
    assert [cells[0].strip("`") for cells in rows("rule (under")] == [*ACCOUNT_RULES, *WHOLE_RULES, *OTHER_RULES]


def test_it_names_every_metric_with_its_meaning() -> None:
    described = {cells[0].strip("` ").partition("{")[0]: cells[1] for cells in rows("metric |")}
    assert described == {metric.name: metric.help for metric in METRICS}


@pytest.mark.parametrize("topic", [availability_topic("<root>"), event_topic("<root>"), heartbeat_topic("<root>")])
def test_it_names_the_topics(topic: str) -> None:
    assert f"| `{topic}` |" in README


def test_it_says_what_every_command_over_mqtt_takes() -> None:
    (taken,) = (cells[1] for cells in rows("topic |") if cells[0] == "`<root>/cmd/<command>`")
    for kind, keys in KEYS.items():
        assert {f"`{word}`" for word in (kind.value, *keys)} <= set(taken.replace(",", " ").split())
    assert all(f"`{key}`" in taken for key in COMMON)


def test_what_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
