"""What it would cost to leave each position of an account now, by the order books that were read."""

from collections.abc import Mapping
from dataclasses import replace

from monitor.core.account import Kind
from monitor.core.liquidity import OrderBook, exit_cost
from monitor.core.risk import AccountRisk, PositionRisk

Books = Mapping[str, OrderBook]
"""By symbol."""


def with_exit_costs(risk: AccountRisk, books: Books) -> AccountRisk:
    """Return *risk* with the exit cost of every inverse position whose book is in *books*."""
    pools = tuple(replace(pool, positions=tuple(_priced(each, books) for each in pool.positions)) for pool in risk.pools)
    return replace(risk, pools=pools)


def _priced(risk: PositionRisk, books: Books) -> PositionRisk:
    position = risk.position
    if position.symbol not in books or position.kind is not Kind.INVERSE:
        return risk
    return replace(risk, exit_cost=exit_cost(position, books[position.symbol], position.taker_fee))
