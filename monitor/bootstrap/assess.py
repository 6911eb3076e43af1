"""The risk of snapshots from a file: offline, and with the rules' defaults where there is no configuration."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from monitor.config.settings import Config
from monitor.core.account import Account
from monitor.core.assessment import assess
from monitor.core.detail import CoinDetail, PoolDetail, coin_details, pool_detail
from monitor.core.leaving import Books, with_exit_costs
from monitor.core.number import Coin, Ratio
from monitor.core.portfolio import Portfolio, portfolio
from monitor.core.risk import AccountRisk
from monitor.wire.books import read_order_books
from monitor.wire.details import detailed_portfolio_json, detailed_risk_json
from monitor.wire.node import SnapshotError, parse
from monitor.wire.reading import read_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Aims:
    """What figures aim at. ``danger``: the distance that funding alone must not bring; ``holdings``: coins held elsewhere."""

    target: Ratio = Decimal("0.3")
    danger: Ratio = Decimal("0.2")
    holdings: Mapping[str, Mapping[str, Coin]]


DEFAULTS = Aims(holdings={})
"""`alerts.target_distance`, the warning of `alerts.liquidation_distance` and `holdings` where there is no configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One snapshot. ``books``: the order books that came with it."""

    account: Account
    books: Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Several accounts with all that can be said of them; ``pools`` has a detail for each pool of each risk."""

    risks: tuple[AccountRisk, ...]
    pools: tuple[tuple[PoolDetail, ...], ...]
    coins: tuple[CoinDetail, ...]
    whole: Portfolio


def aims(config: Config) -> Aims:
    """Return what figures aim at by *config*; where the distance has no warning level, danger is the target."""
    alerts = config.alerts
    danger = alerts.liquidation_distance.warning
    return Aims(
        target=alerts.target_distance, danger=alerts.target_distance if danger is None else danger, holdings=config.holdings
    )


def read_file(path: str) -> object:
    """Return the JSON in *path*; ``-`` is standard input.

    Raises:
        SnapshotError: it cannot be read, or it is not JSON.

    """
    try:
        return parse(sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes())
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read: {error.strerror}") from None


def readings(raw: object) -> tuple[Reading, ...]:
    """Return one snapshot, or an array of them.

    Raises:
        SnapshotError: something in it is impossible; the message names the path.

    """
    if not isinstance(raw, list):
        return (_reading(raw, ""),)
    read = tuple(_reading(item, f"[{index}]") for index, item in enumerate(raw))
    names = [each.account.name for each in read]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SnapshotError(f"[{index}].account: {name!r} stands twice, and would be counted twice")
    return read


def assessed(read: Sequence[Reading], of: Aims, now: datetime | None = None) -> Assessment:
    """Return all that can be said of *read*; ages are by the wall clock."""
    at = now or datetime.now(UTC)
    risks = tuple(_risk(each, of.target, at) for each in read)
    return Assessment(
        risks=risks,
        pools=tuple(tuple(pool_detail(pool, of.target, of.danger) for pool in risk.pools) for risk in risks),
        coins=coin_details(risks, of.target),
        whole=portfolio((each.account for each in read), of.holdings),
    )


def answer(raw: object, found: Assessment) -> Mapping[str, object]:
    """Return the JSON to print: one risk for one snapshot, a portfolio for an array."""
    if isinstance(raw, list):
        return detailed_portfolio_json(found.risks, found.pools, found.coins, found.whole)
    return detailed_risk_json(found.risks[0], found.pools[0])


def _reading(raw: object, path: str) -> Reading:
    return Reading(account=read_snapshot(raw, path), books=read_order_books(raw, path))


def _risk(read: Reading, target: Ratio, at: datetime) -> AccountRisk:
    age = max(timedelta(0), at - read.account.taken_at)
    return with_exit_costs(assess(read.account, age=age, target_distance=target), read.books)
