"""One valid value per type, and what a test wants different."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from monitor.core.account import Account, Basis, Maintenance, MarginMode, Pool, Position, Tier
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.risk import AccountRisk, PoolRisk

Figure = Decimal | int | str

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BTC_PERPETUAL = "BTC/USD:BTC"
BTC_QUARTERLY = "BTC/USD:BTC-270326"


def D(value: Figure) -> Decimal:  # noqa: N802 - it stands for Decimal in figures that are to be read at a glance
    return Decimal(value)


def tiers(*steps: tuple[Figure, Figure], amounts: tuple[Figure | None, ...] | None = None) -> tuple[Tier, ...]:
    """Each step is (floor, rate); a tier ends where the next begins."""
    floors = [D(floor) for floor, _ in steps]
    given = amounts or (None,) * len(steps)
    return tuple(
        Tier(floor=floor, cap=cap, rate=D(rate), amount=None if amount is None else D(amount))
        for (floor, cap), (_, rate), amount in zip(zip(floors, [*floors[1:], None], strict=True), steps, given, strict=True)
    )


def rule(rate: Figure = "0.005", **different: Any) -> Maintenance:
    values: dict[str, Any] = {"basis": Basis.MARK, "tiers": tiers((0, rate))} | different
    return Maintenance(**values)


def long(notional: Figure, entry: Figure, mark: Figure | None = None, **different: Any) -> Position:
    return position(Side.LONG, notional, entry, mark, **different)


def short(notional: Figure, entry: Figure, mark: Figure | None = None, **different: Any) -> Position:
    return position(Side.SHORT, notional, entry, mark, **different)


def position(side: Side, notional: Figure, entry: Figure, mark: Figure | None = None, **different: Any) -> Position:
    values: dict[str, Any] = {
        "symbol": BTC_PERPETUAL,
        "side": side,
        "contracts": D(notional),
        "contract_size": D(1),
        "entry_price": D(entry),
        "mark_price": D(entry if mark is None else mark),
        "margin_mode": MarginMode.CROSS,
        "maintenance": rule(),
    }
    return Position(**(values | different))


def isolated(of: Position, margin: Figure) -> Position:
    return replace(of, margin_mode=MarginMode.ISOLATED, isolated_margin=D(margin))


def pool(wallet: Figure, *positions: Position, coin: str = "BTC", **different: Any) -> Pool:
    values: dict[str, Any] = {"coin": coin, "wallet_balance": D(wallet), "positions": positions}
    return Pool(**(values | different))


def account(*pools: Pool, name: str = "main", venue: str = "binancecoinm", taken_at: datetime = NOON) -> Account:
    return Account(name=name, venue=venue, taken_at=taken_at, pools=pools)


def risk(*pools: Pool, venue: str = "binancecoinm", target: Figure = "0.3") -> AccountRisk:
    return assess(account(*pools, venue=venue), age=timedelta(0), target_distance=D(target))


def pool_risk(wallet: Figure, *positions: Position, venue: str = "binancecoinm", target: Figure = "0.3") -> PoolRisk:
    return risk(pool(wallet, *positions), venue=venue, target=target).pools[0]
