"""All that the page shows of one picture, put into words once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitor.core.alerts.alert import Alert
from monitor.core.number import Ratio
from monitor.picture import ChannelPicture, Picture
from monitor.views.page.cards import Card, cards
from monitor.views.page.headline import Headline, Summary, headline, summary
from monitor.views.page.look import Look
from monitor.views.page.notices import Notice, Quiet, faults, notices, quiets, waiting
from monitor.views.scopes import Scope, scopes, seen
from monitor.views.words import ratio_text

MOST_SHOWN = 50
"""So many pools and positions are shown, the nearest to liquidation; a thousand would be a page that nobody scrolls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is not shown. ``unknown``: of how many nobody knows now how far they are.

    ``nearest``: how far the nearest of the others is; None: no price liquidates any of them.
    """

    count: int
    unknown: int
    nearest: Ratio | None

    @property
    def words(self) -> str:
        """Return it as a sentence."""
        far = "no price liquidates any of them" if self.nearest is None else f"each at least {ratio_text(self.nearest)} away"
        dark = f"of {self.unknown} it is not known how far they are" if self.unknown else ""
        told = dark if self.unknown == self.count else f"{dark}; the others: {far}" if dark else far
        return f"{self.count} more are not shown here: {told}. All of them are in /api/status."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """``oldest``: how old the oldest reading is; None: an account was never read. ``announced``: for those who listen."""

    look: Look
    at: str
    oldest: timedelta | None
    scopes: tuple[Scope, ...]
    headline: Headline
    summary: Summary
    announced: str
    faults: tuple[str, ...]
    notices: tuple[Notice, ...]
    quiets: tuple[Quiet, ...]
    cards: tuple[Card, ...]
    rest: Rest | None
    channels: tuple[ChannelPicture, ...]
    waiting: Mapping[str, str]


def shown(picture: Picture, look: Look) -> Shown:
    """Return what there is to show of *picture*."""
    accounts = tuple(seen(account) for account in picture.accounts)
    firing = tuple(sorted((a for a in picture.alerts if a.is_firing), key=lambda a: (-a.level, a.key)))
    found, broken = scopes(accounts), faults(picture, accounts)
    drawn = tuple(cards(found[:MOST_SHOWN], firing, look))
    told = summary(accounts, found, firing, broken)
    ages = [account.age for account in accounts]
    return Shown(
        look=look,
        at=f"{picture.wall(picture.at):%Y-%m-%d %H:%M:%S} UTC",
        oldest=max((age for age in ages if age is not None), default=None) if None not in ages else None,
        scopes=found,
        headline=headline(drawn),
        summary=told,
        announced=_announced(told, firing),
        faults=broken,
        notices=notices(firing, picture, look),
        quiets=quiets(picture),
        cards=drawn,
        rest=_rest(found[MOST_SHOWN:]),
        channels=picture.channels,
        waiting={channel.name: waiting(channel, picture) for channel in picture.channels},
    )


def _announced(told: Summary, firing: tuple[Alert, ...]) -> str:
    """Return what to say aloud: it changes when an alert does, not whenever a figure does."""
    each = (" ".join(part for part in (a.level.word, a.key.account, a.key.rule, a.key.subject) if part) for a in firing)
    return ". ".join((told.words, *each))


def _rest(hidden: tuple[Scope, ...]) -> Rest | None:
    if not hidden:
        return None
    known = [scope.margin for scope in hidden if scope.margin and scope.is_known]
    distances = (margin.distance for margin in known if margin.distance is not None)
    return Rest(count=len(hidden), unknown=len(hidden) - len(known), nearest=min(distances, default=None))
