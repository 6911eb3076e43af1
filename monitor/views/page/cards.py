"""Each pool and isolated position as a card: how far it is, its figures, what it holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from monitor.core.account import Pool
from monitor.core.alerts.alert import Alert
from monitor.core.number import Ratio
from monitor.core.risk import PositionRisk, PriceSource, Status
from monitor.core.rules.finding import Level
from monitor.core.rules.words import coin_text, price_text
from monitor.views.columns import COLUMNS, status_text
from monitor.views.page.gauge import Gauge, gauge
from monitor.views.page.look import Look
from monitor.views.scopes import Scope
from monitor.views.words import ratio_text

FACTS = ("margin-ratio", "leverage", "delta", "buffer", "top-up")
TITLES = {"top-up": "add"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure with its name."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One position in words."""

    name: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One pool or isolated position. ``level``: of the worst alert about it. ``gauge`` None: its distance is not known."""

    scope: Scope
    status: str
    level: str
    gauge: Gauge | None
    facts: tuple[Fact, ...]
    held: tuple[Held, ...]

    @property
    def is_known(self) -> bool:
        """Whether its danger is known now."""
        return self.scope.is_known

    @property
    def distance(self) -> Ratio | None:
        """Return how far it is from liquidation; None: no price does it, or nobody knows."""
        return self.scope.margin.distance if self.scope.margin else None

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.scope.seen.account} · {self.scope.name}"

    @property
    def seconds(self) -> float | None:
        """Return how old its figures are; None: there are none."""
        age = self.scope.seen.age
        return None if age is None else age.total_seconds()

    @property
    def badge(self) -> str:
        """Return how bad it is, or its status where no alert says more."""
        return self.level if self.level != Level.OK.word and self.status == Status.OK.value else self.status

    def text(self, key: str) -> str:
        """Return the text of one column."""
        return next(column.text(self.scope) for column in COLUMNS if column.key == key)


def cards(found: Iterable[Scope], firing: Iterable[Alert], look: Look) -> Iterator[Card]:
    """Yield a card for each scope, in the same order."""
    levels = _levels(firing)
    for scope in found:
        yield Card(
            scope=scope,
            status=status_text(scope),
            level=levels.get((scope.seen.account, scope.subject or ""), Level.OK).word,
            gauge=gauge(scope),
            facts=tuple(_facts(scope, look)),
            held=tuple(_held(scope.pool.pool, risk, look) for risk in scope.positions) if scope.pool else (),
        )


def _levels(firing: Iterable[Alert]) -> Mapping[tuple[str, str], Level]:
    levels: dict[tuple[str, str], Level] = {}
    for alert in firing:
        about = (alert.key.account, alert.key.subject)
        levels[about] = max(alert.level, levels.get(about, Level.OK))
    return levels


def _facts(scope: Scope, look: Look) -> Iterator[Fact]:
    for column in COLUMNS:
        if column.key in FACTS and not (look.hide_sizes and column.is_size):
            text = column.text(scope)
            is_amount = column.is_size and any(each.isdigit() for each in text)
            yield Fact(_title(scope, column.key, column.title), f"{text} {scope.coin}" if is_amount else text)


def _title(scope: Scope, key: str, title: str) -> str:
    add = scope.margin.top_up if scope.margin else None
    return f"add to be {ratio_text(add.to_distance)} away" if key == "top-up" and add else TITLES.get(key, title)


def _held(pool: Pool, risk: PositionRisk, look: Look) -> Held:
    position = risk.position
    sizes = (f"{position.contracts:,f} contracts", f"profit {coin_text(position.unrealized_pnl)} {pool.settle_of(position)}")
    return Held(
        name=" ".join(part for part in (position.symbol, position.side.value, position.id) if part),
        facts=(
            *(() if look.hide_sizes else sizes),
            f"entry {price_text(position.entry_price)}",
            f"mark {price_text(position.mark_price)}",
            _liquidation(risk),
            *_reported(risk),
        ),
    )


def _liquidation(risk: PositionRisk) -> str:
    price, source = risk.liquidation_price, risk.liquidation_price_source
    if price is not None:
        return f"liquidation {price_text(price)}{' by the venue' if source is PriceSource.VENUE else ''}"
    return {
        PriceSource.NONE: "no price liquidates it",
        PriceSource.COMPUTED: "can be liquidated now",
    }.get(source, "liquidation price unknown")


def _reported(risk: PositionRisk) -> Iterator[str]:
    said = risk.position.venue_liquidation_price
    if said is not None and risk.liquidation_price_source is not PriceSource.VENUE:
        yield f"the venue says {price_text(said) if isinstance(said, Decimal) else 'none'}"
