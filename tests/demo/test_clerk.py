from dataclasses import replace
from decimal import Decimal

import pytest

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.demo.clerk import Clerk, Count, Instrument
from monitor.demo.ledger import ladder
from monitor.demo.market import Quotes
from monitor.demo.portfolio import Holding, Portfolio
from tests.demo.worlds import STILL, holding

ONE_DOLLAR = Instrument(
    symbol="PERP",
    coin="BTC",
    contract_size=Decimal(1),
    tick=Decimal("0.5"),
    rungs=ladder("500000:0.01 1000000:0.02 2000000:0.03"),
    counts=Count.OWN,
)
LONG, SHORT = holding(notional=Decimal(600_000)), holding(side=Side.SHORT, notional=Decimal(450_000))


def rates(counts: Count, *holdings: Holding) -> list[Decimal]:
    """What each holding needs, as a share of its value at the mark."""
    clerk = Clerk(instruments=(replace(ONE_DOLLAR, counts=counts),), quotes=STILL, basis=Basis.MARK)
    items = clerk.items(Portfolio(wallets={"BTC": Decimal(9)}, holdings=holdings, hedge_mode=True))
    return [round(item.maintenance / item.value, 6) for item in items]


def test_contracts_do_not_climb_the_ladder_as_price_falls() -> None:
    """1,000 dollars at 8,000 on 0.01 BTC, 1 % of the mark value: Kraken's worked 7,481."""
    quotes = Quotes(prices={"BTC": Decimal(8_000)}, basis=Decimal(0))
    clerk = Clerk(instruments=(ONE_DOLLAR,), quotes=quotes, basis=Basis.MARK)
    small = holding(notional=Decimal(1_000), entry_price=Decimal(8_000))
    pool = clerk.pool(Portfolio(wallets={"BTC": Decimal("0.01")}, holdings=(small,)), "BTC")
    move = pool.liquidation_move()
    assert move is not None
    assert round(move * 8_000, 1) == Decimal("7481.5")
    big = clerk.pool(Portfolio(holdings=(replace(small, notional=Decimal(750_000)),)), "BTC").legs[0]
    assert [round(big.requirement(Basis.MARK, Decimal(price)) * price) for price in (8_000, 4_000)] == [10_000, 10_000]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Count.COINS, ["0.01", "0.01"]),
        (Count.OWN, ["0.011667", "0.01"]),
        (Count.FAMILY, ["0.015714", "0.015714"]),
        (Count.NET, ["0.01", "0"]),
    ],
)
def test_what_counts_for_the_ladder(counts: Count, expected: list[str]) -> None:
    assert rates(counts, LONG, SHORT) == [Decimal(rate) for rate in expected]


def test_an_isolated_position_counts_alone() -> None:
    alone = replace(SHORT, isolated_margin=Decimal(2))
    assert rates(Count.FAMILY, LONG, alone) == rates(Count.OWN, LONG, alone) == [Decimal("0.011667"), Decimal("0.01")]
