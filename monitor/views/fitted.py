"""Tables that never cut a figure: on a terminal too narrow for their columns each row is a sentence."""

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

LEAST_NAME = 6
"""A name may be folded into so many columns, a figure may not."""


class Fitted:
    """A table as it is where it fits, else as sentences. Columns that may wrap hold names, all others figures."""

    def __init__(self, drawn: Table) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose by the width there is."""
        gap = sum(self._drawn.padding[1::2])
        if sum(_least_width(column) + gap for column in self._drawn.columns) <= options.max_width:
            yield self._drawn
        else:
            yield from self._sentences()

    def _sentences(self) -> Iterator[Text]:
        names = [column for column in self._drawn.columns if not column.no_wrap]
        figures = [(_title(column), column) for column in self._drawn.columns if column.no_wrap]
        for number, row in enumerate(self._drawn.rows):
            whose = " ".join(_cell(column, number) for column in names)
            what = "; ".join(f"{title} {_cell(column, number)}" for title, column in figures)
            yield Text(f"{whose}: {what}" if whose else what, style=row.style or "")


def _least_width(column: Column) -> int:
    lines = [line for cell in (column.header, *column.cells) for line in str(cell).split("\n")]
    longest = max(map(cell_len, lines))
    return longest if column.no_wrap else min(longest, LEAST_NAME)


def _title(column: Column) -> str:
    return str(column.header).replace("-\n", "").replace("\n", " ")


def _cell(column: Column, number: int) -> str:
    """Return a cell in one line: where it has two there are two liquidation prices."""
    return str(list(column.cells)[number]).replace("\n", " and ")
