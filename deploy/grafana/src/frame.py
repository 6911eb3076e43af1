"""From the tables to Grafana's own model: a whole dashboard, its panels laid out without gaps or overlaps."""

import json
from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from deploy.grafana.src.drawing import SOURCE, drawn
from deploy.grafana.src.links import TO_ALL
from deploy.grafana.src.spec import Board, Link, Panel, Section, Variable

COLUMNS = 24
TAG = "inverse-monitor"


def text(board: Board) -> str:
    """Return the dashboard as Grafana loads it."""
    plain = json.loads(json.dumps(_dashboard(board).build(), cls=JSONEncoder))
    return json.dumps(_visible(plain), indent=2, sort_keys=True) + "\n"


def _dashboard(board: Board) -> dashboard.Dashboard:
    built = dashboard.Dashboard(board.title).uid(board.uid).description(board.description).tags([TAG, "generated"]).readonly()
    built.time(board.since, "now").refresh("15s").timezone("browser").tooltip(model.DashboardCursorSync.CROSSHAIR)
    built.variables([_source(), *(_variable(variable) for variable in board.variables)])
    built.links([_to(link) for link in TO_ALL if board.uid not in link.url])
    number, top = 1, 0
    for section in board.sections:
        built.with_row(dashboard.Row(section.title).id(number).grid_pos(model.GridPos(h=1, w=COLUMNS, x=0, y=top)))
        for panel, position in _placed(section, top + 1):
            number += 1
            built.with_panel(drawn(panel, number, position))
            top = max(top, position.y + position.h)
        number += 1
    return built


def _placed(section: Section, top: int) -> Iterator[tuple[Panel, model.GridPos]]:
    """Yield each panel with its place: from left to right, and below all that is there where the row is full."""
    left, height = 0, 0
    for panel in section.panels:
        if left + panel.width > COLUMNS:
            left, top, height = 0, top + height, 0
        yield panel, model.GridPos(h=panel.height, w=panel.width, x=left, y=top)
        left, height = left + panel.width, max(height, panel.height)


def _source() -> dashboard.DatasourceVariable:
    return dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def _variable(variable: Variable) -> dashboard.QueryVariable:
    query: dict[str, object] = {"query": f"label_values({variable.metric}, {variable.name})", "refId": variable.name}
    built = dashboard.QueryVariable(variable.name).label(variable.label).datasource(SOURCE).query(query)
    built.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(model.VariableSort.ALPHABETICAL_ASC)
    if variable.is_many:
        built.multi(True).include_all(True).all_value(".*")
        built.current(model.VariableOption(text="All", value="$__all", selected=True))
    return built


def _to(link: Link) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(link.title).type(model.DashboardLinkType.LINK).url(link.url)


def _visible(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Leave out where links are placed: the library always says "in the menu of controls", where nobody sees them."""
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items() if key != "placement" or item != "inControlsMenu"}
    return [_visible(item) for item in value] if isinstance(value, list) else value
