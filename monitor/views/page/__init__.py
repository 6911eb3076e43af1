"""The page for people: what is nearest to liquidation, what is wrong, and how old all that is.

The page is a shell around regions; events carry the same regions, so that what is told live is what a reload would show.
"""

import json
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.picture import Picture
from monitor.views.page.look import Look
from monitor.views.page.shown import MOST_SHOWN, shown
from monitor.views.page.stress import USUAL, WIDEST, outlook
from monitor.views.scopes import Scope, scopes, seen
from monitor.views.words import age_text

REFRESH_SECONDS = 5

REGIONS = ("title", "state", "announced", "headline", "faults", "alerts", "pools", "channels")
"""The parts of the page that change by themselves, by the id of their element."""

SILENCES = ("30m", "2h", "12h", "24h")
"""For how long an alert can be silenced from the page."""


def page(picture: Picture, look: Look, percent: int = USUAL) -> str:
    """Return the page as HTML, with what a move of *percent* would do."""
    it = shown(picture, look)
    stress = outlook(it.scopes, percent, look, MOST_SHOWN)
    return _rendered("page", it=it, stress=stress, refresh=REFRESH_SECONDS, widest=WIDEST)


def event(picture: Picture, look: Look) -> str:
    """Return what changes by itself as JSON: the HTML of each region."""
    it = shown(picture, look)
    return json.dumps({region: _rendered(region, it=it) for region in REGIONS}, ensure_ascii=False)


def stress_part(picture: Picture, look: Look, percent: int) -> str:
    """Return what a move of *percent* would do, as a part of the page."""
    found: tuple[Scope, ...] = scopes(map(seen, picture.accounts))
    return _rendered("stress", stress=outlook(found, percent, look, MOST_SHOWN))


def answer_page(text: str) -> str:
    """Return the page that says why a form could not be carried out."""
    return _rendered("answer", text=text)


def _rendered(template: str, **values: object) -> str:
    return _environment().get_template(f"{template}.html").render(silences=SILENCES, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor.views", "page/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ago"] = age_text
    return environment
