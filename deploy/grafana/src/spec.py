"""What a dashboard is made of, as plain values: the tables of the dashboards are written in them."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a panel shows its figures."""

    STAT = "stat"
    SERIES = "timeseries"
    TABLE = "table"
    TIMELINE = "state-timeline"
    BARS = "bargauge"


class Mapping(StrEnum):
    """Which words stand for figures."""

    NONE = "none"
    LEVEL = "level"
    YES_NO = "yes or no"
    WORDS = "words"


Band = tuple[float | None, str]
"""From which value on, and the colour there; None: from the bottom."""

PLAIN: tuple[Band, ...] = ((None, "blue"),)
"""Nothing is good or bad about the figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query of PromQL. ``legend``: Grafana's template of a series' name."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a figure leads to; the address may use Grafana's variables."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One figure of a table: an instant query whose labels are the table's."""

    name: str
    expr: str
    unit: str
    bands: tuple[Band, ...] = PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. ``width`` of 24, ``height`` in Grafana's grid.

    ``per_series``: where the name of a series or the cell of a row leads, ``link``: where the panel as a whole does.
    Tables have ``columns`` in place of queries and units, one row per combination of ``labels``, in the first column's order.
    ``softened``: the axis shows zero too.
    """

    kind: Kind
    title: str
    description: str
    unit: str = ""
    queries: tuple[Query, ...] = ()
    link: Link | None = None
    per_series: Link | None = None
    width: int = 12
    height: int = 9
    bands: tuple[Band, ...] = PLAIN
    mapping: Mapping = Mapping.NONE
    columns: tuple[Column, ...] = ()
    labels: tuple[str, ...] = ()
    decimals: int | None = None
    softened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A choice at the top of a dashboard, of the values of a label. ``is_many``: several can be chosen, or all."""

    name: str
    label: str
    metric: str
    is_many: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A dashboard. ``uid``: by which links find it, never to be changed."""

    uid: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    sections: tuple[Section, ...]
    since: str = "now-6h"
