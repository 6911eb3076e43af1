"""Blank forms: every key of a documented answer with a harmless value, over which a venue writes what it knows.

They are data, one JSON file a venue in the folder ``forms``; their keys come from recorded and documented bodies.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one venue."""

    venue: str

    def fill(self, name: str, /, **known: object) -> Row:
        """Return the form *name* with *known* written over it.

        Raises:
            KeyError: the venue has no such form, or the form no such key.

        """
        blank = _read(self.venue)[name]
        if strange := known.keys() - blank.keys():
            raise KeyError(f"{self.venue}'s form {name} has no {', '.join(sorted(strange))}")
        return blank | known


@cache
def _read(venue: str) -> dict[str, Row]:
    text = files("monitor.demo").joinpath("forms", f"{venue}.json").read_text(encoding="utf-8")
    forms: dict[str, Row] = json.loads(text)
    return forms
