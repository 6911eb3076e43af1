"""The dashboards are what their source makes, say what they show, and ask only for what there is."""

import json
import re
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.src.__main__ import FOLDER as WRITTEN
from deploy.grafana.src.boards import BOARDS as SOURCES
from deploy.grafana.src.frame import text
from monitor.views.metrics import METRICS
from tests.deploy.dashboards import BOARDS, FOLDER, filled, labels, panels, queries, selectors, variables
from tests.deploy.tree import DEPLOY, document
from tests.programs import need

LABELS = {metric.name: {*metric.labels, "job", "instance"} for metric in METRICS}
PROCESS = {
    "up",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_max_fds",
}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
EVERY_PANEL = [pytest.param(panel, id=f"{name} {panel['title']}") for name, board in BOARDS.items() for panel in panels(board)]
EVERY_QUERY = [pytest.param(asked.expr, id=f"{asked.board} {asked.panel}") for asked in queries()]
UIDS = {board["uid"] for board in BOARDS.values()}


def columns(panel: Any) -> list[dict[str, Any]]:
    """What is set for each figure of a table."""
    return [{p["id"]: p["value"] for p in each["properties"]} for each in panel["fieldConfig"]["overrides"]]


def addresses(found: Any) -> list[str]:
    """Every link anywhere."""
    if isinstance(found, dict):
        own = [found["url"]] if "url" in found else []
        return own + [url for value in found.values() for url in addresses(value)]
    return [url for value in found for url in addresses(value)] if isinstance(found, list) else []


def test_the_dashboards_are_what_their_source_makes() -> None:
    assert WRITTEN.resolve() == FOLDER.resolve()
    made = {f"{board.uid}.json": text(board) for board in SOURCES}
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == made, "run `make dashboards`"


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_a_board_can_be_found_and_not_changed_by_accident(board: Any) -> None:
    assert board["editable"] is False
    assert {"inverse-monitor", "generated"} <= set(board["tags"])
    assert board["description"].endswith(".")
    assert [each["query"] for each in board["templating"]["list"] if each["type"] == "datasource"] == ["prometheus"]
    assert {f"/d/{uid}" for uid in UIDS - {board["uid"]}} == {link["url"].partition("?")[0] for link in board["links"]}


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_no_panel_overlaps_another_or_leaves_the_grid(board: Any) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, two in combinations(places, 2):
        is_beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
        is_above = one["y"] + one["h"] <= two["y"] or two["y"] + two["h"] <= one["y"]
        assert is_beside or is_above, (one, two)
    assert len({panel["id"] for panel in board["panels"]}) == len(places)


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_says_what_it_shows_in_which_unit(panel: Any) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    if panel["type"] == "table":
        figures = [column for column in columns(panel) if "thresholds" in column]
        assert len(figures) == len(panel["targets"])
        assert all(column["unit"] for column in figures)
    else:
        assert panel["fieldConfig"]["defaults"]["unit"]


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_what_is_not_known_has_neither_the_colour_of_safety_nor_of_danger(panel: Any) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["noValue"] == "no data"
    [unknown] = [each["options"] for each in defaults["mappings"] if each["type"] == "special"]
    assert (unknown["match"], unknown["result"]["color"]) == ("null+nan", "#808080")


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_is_wide_enough_to_be_read_and_leads_on(panel: Any) -> None:
    assert panel["gridPos"]["w"] >= (6 if panel["type"] == "stat" else 12)
    leads = addresses(panel)
    assert leads
    assert {re.sub(r"^/d/([\w-]+)\?.*$", r"\1", url) for url in leads} <= UIDS
    assert all("var-datasource=${datasource}" in url and "${__url_time_range}" in url for url in leads)


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_asks_the_chosen_datasource(panel: Any) -> None:
    assert panel["datasource"] == SOURCE
    assert all(target["datasource"] == SOURCE for target in panel["targets"])
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("expr", EVERY_QUERY)
def test_a_query_selects_what_is_exported_by_labels_that_it_has(expr: str) -> None:
    asked = selectors(expr)
    assert asked
    for selector in asked:
        assert selector.name in LABELS.keys() | PROCESS
        if selector.name in PROCESS:
            assert labels(selector) == {"job"}, "Prometheus measures itself too"
        else:
            assert labels(selector) <= LABELS[selector.name]


@pytest.mark.parametrize("expr", EVERY_QUERY)
def test_a_rate_is_over_as_long_as_the_scrapes_need(expr: str) -> None:
    assert expr.count("[") == expr.count("[$__rate_interval]")


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_every_choice_is_of_a_label_that_is_exported_and_has_a_use(board: Any) -> None:
    whole = str(board["panels"])
    for name, asked in variables(board).items():
        [selector] = selectors(asked["metric"])
        assert name in LABELS[selector.name or ""]
        assert f"${name}" in whole
    chosen = {each["name"] for each in board["templating"]["list"]}
    assert set(re.findall(r"\$(\w+)", " ".join(asked.expr for asked in queries() if asked.board == board["uid"]))) <= {
        *chosen,
        "__rate_interval",
    }


def test_every_metric_is_shown_somewhere() -> None:
    shown = {selector.name for asked in queries() for selector in selectors(asked.expr)}
    assert LABELS.keys() - shown == set()


def test_the_provisioned_datasource_scrapes_as_often_as_prometheus() -> None:
    [source] = document(DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    scraped = document(DEPLOY / "prometheus" / "prometheus.yml")["global"]["scrape_interval"]
    assert (source["type"], source["jsonData"]["timeInterval"]) == ("prometheus", scraped)


def test_the_provisioned_folder_holds_what_is_generated() -> None:
    [provider] = document(DEPLOY / "grafana" / "provisioning" / "dashboards" / "inverse-monitor.yml")["providers"]
    assert provider["type"] == "file"
    assert Path(provider["options"]["path"]).name == FOLDER.name


@pytest.mark.parametrize(
    ("up", "level", "shown"),
    [(1, 0, [0]), (1, 2, [2]), (0, 2, [2]), (0, 0, [])],
    ids=["all is well", "an alert fires", "an alert fires beside an account without data", "an account has no data"],
)
def test_the_worst_alert_is_ok_only_where_every_account_has_data(tmp_path: Path, up: int, level: int, shown: list[int]) -> None:
    [asked] = [each for each in queries() if each.panel == "Worst alert"]
    series = {
        'inverse_account_up{account="main",venue="bybit"}': f"{up}x4",
        'inverse_account_up{account="hodl",venue="okx"}': "1x4",
        'inverse_alert_level{account="hodl",venue="okx",rule="leverage",subject="BTC"}': f"{level}x4",
    }
    query = {
        "expr": filled(asked.expr, {"account": ".*"}),
        "eval_time": "30s",
        "exp_samples": [{"labels": "", "value": value} for value in shown],
    }
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    plan = tmp_path / "test.yml"
    plan.write_text(json.dumps({"tests": [{"interval": "15s", "input_series": inputs, "promql_expr_test": [query]}]}))
    done = subprocess.run([need("promtool"), "test", "rules", plan], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
