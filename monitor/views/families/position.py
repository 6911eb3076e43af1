"""Metrics of a position: gone with it, and there only while the account's data are fresh."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from monitor.core.exposure import size_in_dollars
from monitor.core.funding import DAY, cost, rate_over
from monitor.core.number import Coin, Ratio
from monitor.core.risk import Margin, PositionRisk, PriceSource
from monitor.picture import Picture
from monitor.views.families.pool import POOL_LABELS, pools
from monitor.views.metric import Figure, Labels, Metric

POSITION_LABELS = (*POOL_LABELS, "symbol", "side", "margin_mode", "position")


def positions(picture: Picture) -> Iterator[tuple[Labels, PositionRisk]]:
    """Yield the positions of accounts whose data are fresh, each with its labels."""
    for labels, pool in pools(picture):
        for risk in pool.positions:
            symbol, side, margin_mode, identifier = risk.position.identity
            yield {**labels, "symbol": symbol, "side": side, "margin_mode": margin_mode, "position": identifier}, risk


def _figure(name: str, text: str, of: Callable[[PositionRisk], Figure]) -> Metric:
    def samples(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
        return ((labels, of(position)) for labels, position in positions(picture))

    return Metric(name=f"inverse_position_{name}", help=text, labels=POSITION_LABELS, samples=samples)


def _isolated(name: str, text: str, of: Callable[[Margin], Figure]) -> Metric:
    return _figure(name, f"{text} Isolated positions only.", lambda risk: of(risk.margin) if risk.margin else None)


def _liquidation_prices(picture: Picture) -> Iterator[tuple[Labels, Figure]]:
    for labels, risk in positions(picture):
        for source, price in _by_source(risk):
            yield {**labels, "source": source}, price


def _by_source(risk: PositionRisk) -> Iterator[tuple[str, Figure]]:
    said = risk.position.venue_liquidation_price
    yield "computed", risk.liquidation_price if risk.liquidation_price_source is PriceSource.COMPUTED else None
    yield "venue", said if isinstance(said, Decimal) else None
    yield "convention", risk.venue_convention_price


def _daily_rate(risk: PositionRisk) -> Ratio | None:
    return rate_over(risk.position.funding, DAY)


def _cost_per_day(risk: PositionRisk) -> Coin | None:
    return cost(risk.position, DAY) if risk.position.funding else None


def _exit_cost(risk: PositionRisk) -> Coin | None:
    return risk.exit_cost.cost if risk.exit_cost and risk.exit_cost.is_complete else None


def _interval(risk: PositionRisk) -> float | None:
    funding = risk.position.funding
    return funding.interval.total_seconds() if funding and funding.interval else None


def _next_at(risk: PositionRisk) -> float | None:
    funding = risk.position.funding
    return funding.next_at.timestamp() if funding and funding.next_at else None


POSITION_METRICS = (
    _figure("contracts", "Contracts held, unsigned.", lambda r: r.position.contracts),
    _figure(
        "notional_usd",
        "Face in dollars, unsigned; it does not move with the price (of a linear contract: its value).",
        lambda r: size_in_dollars(r.position),
    ),
    _figure("value_coins", "Value in coin at the mark price, unsigned.", lambda r: r.position.coin_value),
    _figure("entry_price_usd", "Average entry price.", lambda r: r.position.entry_price),
    _figure("mark_price_usd", "Price on which the venue liquidates.", lambda r: r.position.mark_price),
    _figure("index_price_usd", "Spot price behind the mark price.", lambda r: r.position.index_price),
    _figure("basis_ratio", "Mark price over index price, less 1.", lambda r: r.position.basis_ratio),
    Metric(
        name="inverse_position_liquidation_price_usd",
        help="Liquidation price: computed jointly, as the venue reports it, and ours by the venue's convention.",
        labels=(*POSITION_LABELS, "source"),
        samples=_liquidation_prices,
    ),
    _figure("bankruptcy_price_usd", "Price at which equity equals the closing fee.", lambda r: r.bankruptcy_price),
    _figure(
        "liquidation_distance_ratio",
        "Move of the mark price to liquidation, of a cross position its pool's; 0: liquidatable now.",
        lambda r: r.distance,
    ),
    _figure("unrealized_pnl_coins", "Profit in coin at the mark price.", lambda r: r.position.unrealized_pnl),
    _figure(
        "liquidation_price_disagreement_ratio",
        "Our price by the venue's convention against what the venue reports, over the mark price.",
        lambda r: r.disagreement,
    ),
    _figure("funding_rate_daily_ratio", "Funding rate of the current interval, per day; positive: longs pay.", _daily_rate),
    _figure("funding_interval_seconds", "How long a funding interval lasts.", _interval),
    _figure("funding_next_timestamp_seconds", "When funding is next exchanged.", _next_at),
    _figure("funding_cost_coins_per_day", "What funding costs at the current rate; negative: it pays.", _cost_per_day),
    _figure(
        "exit_cost_coins",
        "Coins that closing at market costs, slippage and fee; no row: the order book was not read, or is too thin.",
        _exit_cost,
    ),
    _figure("adl_rank", "Rank in the venue's queue for automatic deleveraging, in its own units.", lambda r: r.position.adl_rank),
    _isolated("equity_coins", "Isolated margin and unrealised PnL.", lambda m: m.equity),
    _isolated("maintenance_margin_coins", "Least equity before liquidation, with the fee.", lambda m: m.maintenance_margin),
    _isolated("margin_ratio", "Maintenance margin over equity; 1 is liquidation.", lambda m: m.margin_ratio),
    _isolated("buffer_coins", "Equity above the maintenance margin.", lambda m: m.buffer),
)
