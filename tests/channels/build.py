"""Valid values, each with what a test wants different."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from monitor.core.account import Account, Basis, Maintenance, MarginMode, Pool, Position, Tier
from monitor.core.alerts.alert import Alert, Event, EventType, Phase
from monitor.core.contract import Side
from monitor.core.rules.finding import AlertKey, Level
from monitor.ports import Change, OutboxRow

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def key(subject: str = "BTC", *, rule: str = "liquidation_distance", account: str = "main") -> AlertKey:
    return AlertKey(account=account, rule=rule, subject=subject)


def alert(subject: str = "BTC", *, level: Level = Level.WARNING, number: int = 1, summary: str = "4 % left") -> Alert:
    return Alert(
        key=key(subject),
        id=f"id-{subject}",
        venue="bybit",
        level=level,
        phase=Phase.FIRING if level else Phase.RESOLVED,
        since=NOON,
        at=NOON + timedelta(seconds=number),
        seen=NOON + timedelta(seconds=number, microseconds=123456),
        value=Decimal("0.0400"),
        threshold=Decimal("0.1"),
        unit="ratio",
        summary=summary,
        left=Decimal("1E-7"),
        event=f"id-{subject}-{number}",
        events=number,
        quiet=(None, NOON, None),
    )


def event(of: Alert, *, before: Alert | None = None, type: EventType = EventType.FIRED) -> Event:  # noqa: A002 - the event's own word
    return Event(id=of.event or "none", type=type, alert=of, before=before, at=of.at)


def told(*alerts: Alert) -> Change:
    """The change in which each of *alerts* is new and told."""
    return Change(alerts={one.key: one for one in alerts}, events=tuple(event(one) for one in alerts))


def forgotten(of: Alert) -> Change:
    return Change(alerts={of.key: None})


def row(number: int = 1, *, event_id: str | None = None, body: bytes = b'{"id":"x"}') -> OutboxRow:
    return OutboxRow(number=number, event_id=event_id or f"event-{number}", level=Level.WARNING, body=body, created_at=NOON)


def account(name: str = "main", *, contracts: str = "100000") -> Account:
    tier = Tier(floor=Decimal(0), cap=None, rate=Decimal("0.005"))
    position = Position(
        symbol="BTC/USD:BTC",
        side=Side.LONG,
        contracts=Decimal(contracts),
        contract_size=Decimal(1),
        entry_price=Decimal("45000.10"),
        mark_price=Decimal(45000),
        margin_mode=MarginMode.CROSS,
        maintenance=Maintenance(basis=Basis.MARK, tiers=(tier,)),
        venue_liquidation_price="none",
    )
    pool = Pool(coin="BTC", wallet_balance=Decimal("1.50000000"), positions=(position,))
    return Account(name=name, venue="bybit", taken_at=NOON, pools=(pool,))
