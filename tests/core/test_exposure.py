"""A pool carried through a shock is what its delta and dollars say."""

from monitor.core.exposure import exposure
from tests.build import D, long, pool, short


def test_equity_and_leverage_after_a_shock() -> None:
    """1 coin and a 1x long: at half the price it is worth nothing; a 1x short is worth the same dollars everywhere."""
    one = exposure(pool(1, long(10_000, 10_000)))
    assert one is not None
    assert (one.equity_after(D("-0.5")), one.leverage_after(D("-0.5"))) == (0, None)
    assert (one.equity_after(D(1)), one.leverage_after(D(1))) == (D("1.5"), D("0.5") / D("1.5"))
    hedged = exposure(pool(1, short(10_000, 10_000)))
    assert hedged is not None
    assert hedged.equity_after(D("-0.5")) == 2


def test_without_positions_nothing_moves_the_coins() -> None:
    flat = exposure(pool(3))
    assert flat is not None
    assert (flat.equity_after(D("-0.5")), flat.leverage_after(D("-0.5"))) == (3, 0)
