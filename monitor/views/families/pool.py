"""Metrics of a pool: one coin's margin in one account. They are there only while the account's data are fresh."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from monitor.core.account import PoolMode
from monitor.core.exposure import Exposure, exposure
from monitor.core.number import ONE, Price, Ratio
from monitor.core.risk import Margin, PoolRisk, Status
from monitor.picture import Picture
from monitor.views.families.account import ACCOUNT_LABELS, account_labels
from monitor.views.metric import Figure, Labels, Metric

POOL_LABELS = (*ACCOUNT_LABELS, "coin")


def pools(picture: Picture) -> Iterator[tuple[Labels, PoolRisk]]:
    """Yield the pools of accounts whose data are fresh, each with its labels."""
    for account in picture.accounts:
        if account.is_up and account.risk:
            for pool in account.risk.pools:
                yield {**account_labels(account), "coin": pool.pool.coin}, pool


def _figure(name: str, text: str, of: Callable[[PoolRisk], Figure]) -> Metric:
    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        return ((labels, of(pool)) for labels, pool in pools(picture))

    return Metric(name=f"inverse_pool_{name}", help=text, labels=POOL_LABELS, samples=samples)


def _margin(name: str, text: str, of: Callable[[Margin], Figure]) -> Metric:
    return _figure(name, text, lambda pool: of(pool.margin))


def _in_dollars(name: str, text: str, of: Callable[[Margin], Price | None]) -> Metric:
    """Value a figure in coin at the mark; where no contract is held, at the price that other accounts show."""

    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        shown = {coin.coin: coin.price for coin in picture.portfolio.coins}
        for labels, pool in pools(picture):
            is_in_dollars = pool.pool.mode is PoolMode.MULTI_COIN
            coins, price = of(pool.margin), ONE if is_in_dollars else pool.mark_price or shown.get(pool.pool.coin)
            yield labels, None if coins is None or price is None else coins * price

    return Metric(name=f"inverse_pool_{name}", help=text, labels=POOL_LABELS, samples=samples)


def _statuses(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for labels, pool in pools(picture):
        for status in Status:
            yield {**labels, "status": status.value}, int(pool.margin.status is status)


def _top_ups(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for labels, pool in pools(picture):
        if pool.margin.top_up:
            yield {**labels, "target": f"{float(pool.margin.top_up.to_distance):g}"}, pool.margin.top_up.coin


def _touches(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for labels, pool in pools(picture):
        for horizon, chance in pool.touch_probability.items():
            yield {**labels, "horizon": f"{horizon.total_seconds() / 3600:.0f}h"}, chance


STRESS = tuple(Decimal(percent) / 100 for percent in (-50, -30, -20, -10, 10, 20, 30, 50))
"""The moves of price that have a row each; the page and `assess` show more."""

OfStress = Callable[[Exposure, Ratio], Figure]


def _stressed(name: str, text: str, of: OfStress) -> Metric:
    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        for labels, pool in pools(picture):
            seen = exposure(pool.pool) if pool.delta is not None and pool.pool.positions else None
            for shock in STRESS if seen else ():
                yield {**labels, "shock": f"{float(shock):g}"}, of(seen, shock) if seen else None

    return Metric(name=f"inverse_pool_stress_{name}", help=text, labels=(*POOL_LABELS, "shock"), samples=samples)


def _seconds_left(pool: PoolRisk) -> Figure:
    left = pool.time_to_liquidation
    return None if left is None else left.total_seconds()


POOL_METRICS = (
    Metric(
        name="inverse_pool_status",
        help="1 for the status that the pool has, 0 for the others.",
        labels=(*POOL_LABELS, "status"),
        samples=_statuses,
    ),
    _margin("equity_coins", "Wallet balance and unrealised PnL of the cross positions.", lambda m: m.equity),
    _in_dollars("equity_usd", "Equity in dollars at the mark price.", lambda m: m.equity),
    _figure("wallet_balance_coins", "Realised coin, without unrealised PnL.", lambda p: p.pool.wallet_balance),
    _margin("maintenance_margin_coins", "Least equity before liquidation, closing fee included.", lambda m: m.maintenance_margin),
    _margin("margin_ratio", "Maintenance margin over equity; 1 is liquidation.", lambda m: m.margin_ratio),
    _margin("buffer_coins", "Equity above the maintenance margin.", lambda m: m.buffer),
    _in_dollars("buffer_usd", "Buffer in dollars at the mark price.", lambda m: m.buffer),
    _figure("leverage_ratio", "Gross value of all positions over what they are backed by.", lambda p: p.leverage),
    _figure("delta_coins", "Coins that the pool is, at every price (less the dollars that it owes).", lambda p: p.delta),
    _figure("dollars_usd", "Dollars that the pool owes, at every price; negative: that it is.", lambda p: p.dollars),
    _figure("gamma_coins", "Curvature of equity: coins per squared relative move of the price.", lambda p: p.gamma),
    _margin(
        "liquidation_distance_ratio",
        "Move of the mark price to the nearest joint liquidation price; 0: liquidatable now; no row: no price liquidates.",
        lambda m: m.distance,
    ),
    Metric(
        name="inverse_pool_touch_probability_ratio",
        help="Chance that the price touches a liquidation price within the horizon, at the volatility observed.",
        labels=(*POOL_LABELS, "horizon"),
        samples=_touches,
    ),
    _figure(
        "time_to_liquidation_seconds",
        "Time to liquidation at the speed of the last half hour or more, funding included; no row: not known, or not nearing.",
        _seconds_left,
    ),
    Metric(
        name="inverse_pool_top_up_coins",
        help="Coins to add so that liquidation is as far away as the target.",
        labels=(*POOL_LABELS, "target"),
        samples=_top_ups,
    ),
    _stressed(
        "equity_coins",
        "Equity in coin after the price moved by the shock, positions carried through.",
        lambda seen, shock: seen.equity_after(shock),
    ),
    _stressed(
        "leverage_ratio",
        "Leverage after the price moved by the shock; no row: no equity is left.",
        lambda seen, shock: seen.leverage_after(shock),
    ),
)
