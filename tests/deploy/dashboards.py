"""The dashboards as Grafana would load them, and their queries as it would send them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser

from tests.deploy.tree import DEPLOY

FOLDER = DEPLOY / "grafana" / "dashboards"
BOARDS: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
INTERVALS = {"$__rate_interval": "1m"}
LABEL_VALUES = re.compile(r"label_values\((?P<metric>.+), (?P<label>\w+)\)")


@dataclass(frozen=True)
class Asked:
    """One query of a panel. ``is_instant``: of now, else of a span of time."""

    board: str
    panel: str
    expr: str
    is_instant: bool


def panels(board: Any) -> list[Any]:
    """All but the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Asked]:
    for name, board in BOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield Asked(name, panel["title"], target["expr"], bool(target.get("instant")))


def variables(board: Any) -> dict[str, re.Match[str]]:
    """The metric and the label behind each choice, but that of the datasource."""
    asked = {each["name"]: each["query"] for each in board["templating"]["list"] if each["type"] == "query"}
    found = {name: LABEL_VALUES.fullmatch(query["query"]) for name, query in asked.items()}
    return {name: match for name, match in found.items() if match}


def filled(expr: str, values: dict[str, str]) -> str:
    """Put values where Grafana puts them."""
    for name, value in (INTERVALS | {f"${name}": value for name, value in values.items()}).items():
        expr = expr.replace(name, value)
    return expr


def parsed(expr: str) -> promql_parser.Expr:
    return promql_parser.parse(filled(expr, {"account": "main", "coin": "BTC", "venue": "bybit"}))


def selectors(expr: str) -> list[promql_parser.VectorSelector]:
    """What is selected anywhere in the query."""
    found: list[promql_parser.VectorSelector] = []

    def note(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(parsed(expr), note)
    return found


def labels(selector: promql_parser.VectorSelector) -> set[str]:
    """The labels by which it selects."""
    return {matcher.name for matcher in selector.matchers.matchers}
