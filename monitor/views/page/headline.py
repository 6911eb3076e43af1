"""The one thing to know at night: the nearest danger, and what could be nearer."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.alerts.alert import Alert
from monitor.core.risk import Status
from monitor.views.page.cards import Card
from monitor.views.scopes import Scope, Seen
from monitor.views.words import age_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The nearest danger that is known now. ``figure`` None: there is none.

    ``doubts``: what could be nearer, for all that is known.
    """

    figure: str | None
    caption: str
    detail: str
    level: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of everything in a word, and how it is coloured."""

    words: str
    tone: str


def headline(cards: Sequence[Card]) -> Headline:
    """Return the nearest danger of *cards*, which are in the order of danger."""
    nearest = next((card for card in cards if card.is_known and card.distance is not None), None)
    doubts = tuple(_doubt(card) for card in cards[: cards.index(nearest) if nearest else None] if not card.is_known)
    if nearest is None:
        caption = "Nothing is known now." if doubts or not cards else "No price liquidates anything that is held."
        return Headline(figure=None, caption=caption, detail="", level="", doubts=doubts)
    return Headline(
        figure=nearest.text("distance"),
        caption="can be liquidated now" if nearest.scope.status is Status.LIQUIDATABLE else "to the nearest liquidation",
        detail=f"{nearest.name} · mark {nearest.text('mark')} · liquidation {nearest.text('liquidation')}".replace("\n", " / "),
        level=nearest.level,
        doubts=doubts,
    )


def summary(accounts: Sequence[Seen], scopes: Sequence[Scope], firing: Sequence[Alert], faults: Sequence[str]) -> Summary:
    """Return the state of all. All is well only where all is known, whichever rules are on."""
    down = sum(account.fault is not None for account in accounts)
    if firing:
        worst = firing[0].level.word
        return Summary(f"{worst}, and {down} of {len(accounts)} accounts not up" if down else worst, worst)
    if down:
        return Summary(f"{down} of {len(accounts)} accounts not up", "unknown")
    if not all(scope.is_known for scope in scopes):
        return Summary("not everything is assessed", "unknown")
    return Summary("not everything works", "unknown") if faults or not accounts else Summary("all clear", "ok")


def _doubt(card: Card) -> str:
    if card.scope.is_current:
        return f"{card.name}: not assessed"
    if card.scope.margin is None:
        return f"{card.scope.seen.account}: never read"
    return f"{card.name}: last known distance {card.text('distance')}, {age_text(card.scope.seen.age)}"
