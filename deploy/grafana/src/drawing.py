"""From the tables to Grafana's own model: one panel."""

from string import ascii_uppercase
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.src.spec import Band, Column, Kind, Link, Mapping, Panel

SOURCE = shapes.DataSourceRef(type_val="prometheus", uid="${datasource}")
NOTHING = "no data"
"""What is shown where there is no figure: never a zero."""

UNKNOWN = "#808080"

BUILDERS: dict[Kind, Any] = {
    Kind.STAT: stat.Panel,
    Kind.SERIES: timeseries.Panel,
    Kind.TABLE: table.Panel,
    Kind.TIMELINE: statetimeline.Panel,
    Kind.BARS: bargauge.Panel,
}
WORDS: dict[Mapping, dict[str, tuple[str, str]]] = {
    Mapping.LEVEL: {
        "0": ("ok", "green"),
        "1": ("warning", "yellow"),
        "2": ("critical", "orange"),
        "3": ("emergency", "red"),
    },
    Mapping.YES_NO: {"0": ("no", "red"), "1": ("yes", "green")},
}


def drawn(panel: Panel, number: int, position: model.GridPos) -> Any:  # noqa: ANN401 - the builders have no common type
    """Return the builder of *panel*, complete."""
    built = BUILDERS[panel.kind]()
    built.id(number).title(panel.title).description(panel.description).grid_pos(position).datasource(SOURCE)
    built.no_value(NOTHING).thresholds(_steps(panel.bands)).mappings(_mappings(panel))
    if panel.unit:
        built.unit(panel.unit)
    if panel.decimals is not None:
        built.decimals(panel.decimals)
    if panel.link:
        built.links([_link(panel.link)])
    if panel.per_series and panel.kind is not Kind.TABLE:
        built.data_links([_link(panel.per_series)])
    return FINISH[panel.kind](built, panel)


def _stat(built: Any, panel: Panel) -> Any:  # noqa: ANN401 - as above
    words = shapes.BigValueTextMode.NAME if panel.mapping is Mapping.WORDS else shapes.BigValueTextMode.AUTO
    built.text_mode(words).reduce_options(_latest()).color_mode(shapes.BigValueColorMode.BACKGROUND)
    built.graph_mode(shapes.BigValueGraphMode.NONE)
    return _queried(built, panel, is_instant=True)


def _series(built: Any, panel: Panel) -> Any:  # noqa: ANN401 - as above
    legend = common.VizLegendOptions().display_mode(shapes.LegendDisplayMode.TABLE)
    legend.placement(shapes.LegendPlacement.BOTTOM).show_legend(True).calcs(["lastNotNull", "min", "max"])
    built.legend(legend).tooltip(common.VizTooltipOptions().mode(shapes.TooltipDisplayMode.MULTI))
    built.span_nulls(False).line_width(2).show_points(shapes.VisibilityMode.AUTO)
    if len(panel.bands) > 1:
        built.thresholds_style(common.GraphThresholdsStyleConfig().mode(shapes.GraphThresholdsStyleMode.AREA))
        built.color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC))
    if panel.softened:
        built.axis_soft_min(0)
    return _queried(built, panel)


def _timeline(built: Any, panel: Panel) -> Any:  # noqa: ANN401 - as above
    built.show_value(shapes.VisibilityMode.NEVER).row_height(0.8).merge_values(True)
    return _queried(built, panel)


def _bars(built: Any, panel: Panel) -> Any:  # noqa: ANN401 - as above
    built.display_mode(shapes.BarGaugeDisplayMode.BASIC).orientation(shapes.VizOrientation.HORIZONTAL)
    built.reduce_options(_latest())
    return _queried(built, panel, is_instant=True)


def _table(built: Any, panel: Panel) -> Any:  # noqa: ANN401 - as above
    for ref, column in zip(ascii_uppercase, panel.columns, strict=False):
        query = prometheus.Dataquery().expr(column.expr).ref_id(ref).datasource(SOURCE).instant()
        built.with_target(query.format(PromQueryFormat.TABLE))
        built.override_by_name(column.name, _column(column))
    if panel.per_series:
        links = [_link(panel.per_series).build()]
        built.override_by_name(panel.labels[0], [model.DynamicConfigValue(id_val="links", value=links)])
    for step in _joined(panel):
        built.with_transformation(step)
    return built.cell_height(shapes.TableCellHeight.MD)


FINISH = {Kind.STAT: _stat, Kind.SERIES: _series, Kind.TIMELINE: _timeline, Kind.BARS: _bars, Kind.TABLE: _table}


def _queried(built: Any, panel: Panel, *, is_instant: bool = False) -> Any:  # noqa: ANN401 - as above
    for ref, query in zip(ascii_uppercase, panel.queries, strict=False):
        target = prometheus.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(ref).datasource(SOURCE)
        built.with_target(target.instant() if is_instant else target.range())
    return built


def _joined(panel: Panel) -> list[model.DataTransformerConfig]:
    """Return what makes one table of the answers: rows joined by their labels, columns named, the first figure first.

    Rows keep the order of the first answer, which its query sorts; those that it lacks come last. To sort here would put them
    first.
    """
    values = [f"Value #{ref}" if panel.columns[1:] else "Value" for ref, _ in zip(ascii_uppercase, panel.columns, strict=False)]
    organize = {
        "excludeByName": {"Time": True, "__name__": True, "job": True},
        "indexByName": {name: place for place, name in enumerate((*panel.labels, *values))},
        "renameByName": {value: column.name for value, column in zip(values, panel.columns, strict=True)},
    }
    return [
        model.DataTransformerConfig(id_val="merge", options={}),
        model.DataTransformerConfig(id_val="organize", options=organize),
    ]


def _column(column: Column) -> list[model.DynamicConfigValue]:
    given: dict[str, object] = {"unit": column.unit, "thresholds": _steps(column.bands).build()}
    if len(column.bands) > 1:
        given["custom.cellOptions"] = {"type": "color-background", "mode": "basic"}
    return [model.DynamicConfigValue(id_val=name, value=value) for name, value in given.items()]


def _steps(bands: tuple[Band, ...]) -> dashboard.ThresholdsConfig:
    steps = [model.Threshold(value=value, color=colour) for value, colour in bands]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _mappings(panel: Panel) -> list[model.ValueMapping]:
    """Return the words for figures. What is not known is grey: a band's colour would make it safe, or a danger."""
    words = WORDS.get(panel.mapping, {})
    found = enumerate(words.items())
    options = {raw: model.ValueMappingResult(text=text, color=colour, index=n) for n, (raw, (text, colour)) in found}
    nothing = model.ValueMappingResult(text="-" if panel.kind is Kind.TABLE else NOTHING, color=UNKNOWN, index=len(words))
    special = model.DashboardSpecialValueMapOptions(match=model.SpecialValueMatch.NULL_AND_NAN, result=nothing)
    known: list[model.ValueMapping] = [model.ValueMap(options=options)] if words else []
    return [*known, model.SpecialValueMap(options=special)]


def _latest() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def _link(link: Link) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(link.title).type(model.DashboardLinkType.LINK).url(link.url)
