"""Which maintenance rule a position at Gate has.

Maintenance is on the mark value, in tiers whose rates add up, and a liquidation needs the taker fee of the contract's list on
top. Accounts of old have the rate of their tier on the whole value instead.

Source: ccxt 4.5.90, async_support/gate.py, ``parse_position``: value * (average_maintenance_rate + taker fee) is the exact
threshold; Gate API v4, "List all positions of a user": the rate required is average_maintenance_rate; read 2026-11.
"""

from dataclasses import replace
from decimal import Decimal

from monitor.core.account import Basis, Maintenance, Position, Tier
from monitor.core.margin import scope
from monitor.core.number import ZERO, Coin, Ratio
from monitor.venues.parse import Row

Tiers = tuple[Tier, ...]

CLOSING_FEE: Ratio = Decimal("0.00075")
"""Taker fee in the requirement, whatever the account pays: ``taker_fee_rate`` of the contract's list.

Source: Gate's support on the liquidation price of inverse contracts, 2023-07: taker rate 0.075 %; the recorded BTC_USD of 2026.
"""

CLOSE = Decimal("0.02")
"""How far our margin may be from the venue's, which is of the same answer and mark."""


def parse_maintenance(row: Row, account: Row, position: Position, tiers: Tiers | None) -> Maintenance | None:
    """Return the rule whose margin is what the venue reckons for the position; None: there is none.

    Where the venue reckons none, which some answers leave at 0, the documented rule holds.
    """
    offers = [rule(ladder, fee) for ladder in ladders(row, account, tiers) for fee in (CLOSING_FEE, ZERO)]
    if not offers:
        return None
    theirs = row.optional("maintenance_margin")
    if not theirs:
        return offers[0]
    best = min(offers, key=lambda offer: abs(required(position, offer) - theirs))
    return best if abs(required(position, best) - theirs) <= CLOSE * theirs else None


def ladders(row: Row, account: Row, tiers: Tiers | None) -> list[Tiers]:
    """Return the ladders that may hold, the likelier first: the contract's tiers, or one rate for the whole value.

    Source: Gate API v4, "Get futures account": enable_tiered_mm, whether maintenance is reckoned in tiers; seen 2026-11.
    """
    rate = row.optional("maintenance_rate")
    flat = [(Tier(floor=ZERO, cap=None, rate=rate, amount=ZERO),)] if rate else []
    tiered = [tiers] if tiers else []
    told = account.raw.get("enable_tiered_mm")
    is_tiered = told if isinstance(told, bool) else bool(row.optional("average_maintenance_rate"))
    return [*tiered, *flat] if is_tiered else [*flat, *tiered]


def rule(tiers: Tiers, fee: Ratio) -> Maintenance:
    """Return maintenance on the mark value, with a closing fee on it too."""
    return Maintenance(basis=Basis.MARK, tiers=tiers, fee_rate=fee, fee_basis=Basis.MARK)


def required(position: Position, offer: Maintenance) -> Coin:
    """Return what *position* needs at its mark under a rule."""
    return scope(ZERO, (replace(position, maintenance=offer),), position.mark_price).required
