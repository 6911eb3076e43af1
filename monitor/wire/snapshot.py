"""An `Account` as a snapshot (``inverse-monitor.snapshot/1``, design 5.3)."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from monitor.core.account import Account, Funding, Maintenance, Pool, Position

SCHEMA = "inverse-monitor.snapshot/1"

Json = Mapping[str, object]
Show = Callable[[Decimal], object]


def snapshot(account: Account, show: Show = float) -> Json:
    """Return *account* as a snapshot; *show* turns a number into JSON (``float`` for readers, ``str`` to keep every digit)."""
    return {
        "schema": SCHEMA,
        "account": account.name,
        "venue": account.venue,
        "taken_at": account.taken_at.isoformat(),
        "pools": [_pool_json(pool, show) for pool in account.pools],
    }


def _pool_json(pool: Pool, show: Show) -> Json:
    return {
        "coin": pool.coin,
        "mode": pool.mode.value,
        "wallet_balance": show(pool.wallet_balance),
        "order_margin": _shown(pool.order_margin, show),
        "venue_equity": _shown(pool.venue_equity, show),
        "venue_maintenance_margin": _shown(pool.venue_maintenance_margin, show),
        "venue_margin_ratio": _shown(pool.venue_margin_ratio, show),
        "collateral": [
            {"coin": c.coin, "balance": show(c.balance), "price": show(c.price), "haircut": show(c.haircut), "beta": show(c.beta)}
            for c in pool.collateral
        ],
        "positions": [_position_json(position, show) for position in pool.positions],
        "obstacle": pool.obstacle,
    }


def _position_json(position: Position, show: Show) -> Json:
    said = position.venue_liquidation_price
    return {
        "symbol": position.symbol,
        "side": position.side.value,
        "contracts": show(position.contracts),
        "contract_size": show(position.contract_size),
        "entry_price": show(position.entry_price),
        "mark_price": show(position.mark_price),
        "margin_mode": position.margin_mode.value,
        "isolated_margin": _shown(position.isolated_margin, show),
        "maintenance": _maintenance_json(position.maintenance, show),
        "id": position.id,
        "kind": position.kind.value,
        "settle": position.settle,
        "index_price": _shown(position.index_price, show),
        "basis_ratio": _shown(position.basis, show),
        "tick_size": _shown(position.tick_size, show),
        "adl_rank": position.adl_rank,
        "open_interest": _shown(position.open_interest, show),
        "venue_liquidation_price": show(said) if isinstance(said, Decimal) else said,
        "venue_coin_value": _shown(position.venue_coin_value, show),
        "funding": _funding_json(position.funding, show),
        "taker_fee": _shown(position.taker_fee, show),
        "market_notice": position.market_notice,
    }


def _maintenance_json(rule: Maintenance | None, show: Show) -> Json | None:
    if rule is None:
        return None
    return {
        "basis": rule.basis.value,
        "fee_rate": show(rule.fee_rate),
        "fee_basis": rule.fee_basis.value,
        "tier_unit": rule.tier_unit.value,
        "tiers": [
            {"floor": show(t.floor), "cap": _shown(t.cap, show), "rate": show(t.rate), "amount": _shown(t.amount, show)}
            for t in rule.tiers
        ],
        "slope": _shown(rule.slope, show),
        "tier_group": rule.tier_group and {"id": rule.tier_group.id, "size": rule.tier_group.size.value},
    }


def _funding_json(funding: Funding | None, show: Show) -> Json | None:
    if funding is None:
        return None
    return {
        "rate": _shown(funding.rate, show),
        "interval_hours": funding.interval and funding.interval.total_seconds() / 3600,
        "next_at": funding.next_at and funding.next_at.isoformat(),
        "is_continuous": funding.is_continuous,
    }


def _shown(number: Decimal | None, show: Show) -> object:
    return None if number is None else show(number)
