"""Risk and portfolio as JSON (``inverse-monitor.risk/1`` and ``portfolio/1``, design 5.3). Numbers go out as JSON numbers."""

from collections.abc import Mapping
from decimal import Decimal

from monitor.core.account import Pool, Position
from monitor.core.exposure import size_in_dollars
from monitor.core.funding import DAY, YEAR, cost, payment, rate_over
from monitor.core.portfolio import Portfolio
from monitor.core.risk import AccountRisk, Margin, PoolRisk, PositionRisk

Json = Mapping[str, object]

RISK, PORTFOLIO = "inverse-monitor.risk/1", "inverse-monitor.portfolio/1"
"""Schemas (design 5.3)."""


def risk_json(risk: AccountRisk) -> Json:
    """Return the risk of one account."""
    return {"schema": RISK, **head(risk), "pools": [pool_json(pool) for pool in risk.pools]}


def head(risk: AccountRisk) -> Json:
    """Return what every payload about an account begins with."""
    account = risk.account
    return {
        "account": account.name,
        "venue": account.venue,
        "taken_at": account.taken_at.isoformat(),
        "age_seconds": round(risk.age.total_seconds(), 3),
    }


def pool_json(risk: PoolRisk, *, with_positions: bool = True) -> Json:
    """Return the figures of one pool."""
    margin = risk.margin
    figures = {
        "coin": risk.pool.coin,
        "status": margin.status.value,
        "reason": margin.reason,
        **_margin_json(margin),
        "liquidation_price_below": number(margin.liquidation_price_below),
        "liquidation_price_above": number(margin.liquidation_price_above),
        "distance": number(margin.distance),
        "log_distance": number(margin.log_distance),
        "joint_shock_below": number(margin.joint_shock_below),
        "joint_shock_above": number(margin.joint_shock_above),
        "own_shocks": {s.coin: {"below": number(s.below), "above": number(s.above)} for s in margin.own_shocks},
        **{f"touch_probability_{h.total_seconds() / 3600:.0f}h": number(p) for h, p in risk.touch_probability.items()},
        "mark_price": number(risk.mark_price),
        "wallet_balance": number(risk.pool.wallet_balance),
        "venue_margin_ratio": number(risk.pool.venue_margin_ratio),
        "notional": number(risk.notional),
        "leverage": number(risk.leverage),
        "delta": number(risk.delta),
        "dollars": number(risk.dollars),
        "gamma": number(risk.gamma),
        "hedge_to_neutral_contracts": number(risk.hedge_to_neutral_contracts),
    }
    if not with_positions:
        return figures
    return {**figures, "positions": [position_json(position, risk.pool) for position in risk.positions]}


def position_json(risk: PositionRisk, pool: Pool) -> Json:
    """Return the figures of one position of *pool*; an isolated one carries those of its own margin too."""
    position, said = risk.position, risk.position.venue_liquidation_price
    return {
        "symbol": position.symbol,
        "side": position.side.value,
        "margin_mode": position.margin_mode.value,
        "id": position.id,
        "settle": pool.settle_of(position),
        "contracts": number(position.contracts),
        "contract_size": number(position.contract_size),
        "notional": number(size_in_dollars(position)),
        "coin_value": number(position.coin_value),
        "unrealized_pnl": number(position.unrealized_pnl),
        "entry_price": number(position.entry_price),
        "mark_price": number(position.mark_price),
        "index_price": number(position.index_price),
        "bankruptcy_price": number(risk.bankruptcy_price),
        "liquidation_price": number(risk.liquidation_price),
        "liquidation_price_source": risk.liquidation_price_source.value,
        "distance": number(risk.distance),
        "venue_liquidation_price": number(said) if isinstance(said, Decimal) else said,
        "venue_convention_price": number(risk.venue_convention_price),
        "disagreement": number(risk.disagreement),
        "funding": _funding_json(position),
        **(
            {"status": risk.margin.status.value, "reason": risk.margin.reason, **_margin_json(risk.margin)} if risk.margin else {}
        ),
    }


def sums_json(whole: Portfolio) -> Json:
    """Return the sums over all accounts."""
    return {
        "coins": [
            {
                "coin": coin.coin,
                "delta": number(coin.delta),
                "equity": number(coin.equity),
                "holdings": number(coin.holdings),
                "price": number(coin.price),
                "hedge_usd": number(coin.hedge),
            }
            for coin in whole.coins
        ],
        "equity_usd": number(whole.equity),
        "venue_shares": {venue: number(share) for venue, share in whole.venue_shares.items()},
        "concentration": number(whole.concentration),
        "unknown": list(whole.unknown),
    }


def number(value: Decimal | None) -> float | int | None:
    """Return a JSON number; whole ones without a point."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)


def _funding_json(position: Position) -> Json | None:
    """Return what funding costs at the current rate, in coin; positive where it pays."""
    funding = position.funding
    if funding is None:
        return None
    return {
        "rate": number(funding.rate),
        "interval_hours": funding.interval and funding.interval.total_seconds() / 3600,
        "daily_ratio": number(rate_over(funding, DAY)),
        "per_payment": number(payment(position)),
        "per_day": number(cost(position, DAY)),
        "per_year": number(cost(position, YEAR)),
    }


def _margin_json(margin: Margin) -> Json:
    return {
        "equity": number(margin.equity),
        "maintenance_margin": number(margin.maintenance_margin),
        "margin_ratio": number(margin.margin_ratio),
        "buffer": number(margin.buffer),
        "top_up": margin.top_up and {"to_distance": number(margin.top_up.to_distance), "coin": number(margin.top_up.coin)},
    }
