from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.account import Basis
from monitor.demo.ledger import Book, Leg, Rung, ladder

FLAT = ladder("1000000:0.005")
COIN_M = ladder("5:0.004 10:0.005 20:0.01 50:0.025 100:0.05 200:0.1 400:0.125")


def leg(face: int, entry: int | str, mark: int | str, rungs: tuple[Rung, ...] = FLAT, *, symbol: str = "PERP") -> Leg:
    return Leg(symbol=symbol, face=Decimal(face), entry_price=Decimal(entry), mark_price=Decimal(mark), rungs=rungs)


def test_the_shown_price_of_perpetual_and_quarterly_is_far_below_the_joint_one() -> None:
    perpetual = leg(400_000, 50_000, 50_000)
    quarterly = leg(300_000, 51_000, 51_000, symbol="QUARTERLY")
    book = Book(wallet=Decimal(8), legs=(perpetual, quarterly))
    assert (shown := book.shown_price("PERP")) is not None
    assert (move := book.liquidation_move()) is not None
    assert round(shown) == 25_171
    assert round(move * 50_000) == 31_879


def test_long_perpetual_and_short_quarterly_share_their_fate() -> None:
    book = Book(wallet=Decimal(2), legs=(leg(400_000, 50_000, 50_000), leg(-250_000, 51_000, 51_000, symbol="QUARTERLY")))
    assert (shown := book.shown_price("PERP")) is not None
    assert (move := book.liquidation_move()) is not None
    assert round(shown) == 40_299
    assert round(move * 50_000) == 31_017


def test_binance_cross_example_climbs_a_tier_on_the_way() -> None:
    book = Book(wallet=Decimal(101), legs=(leg(10_000_000, 45_000, 45_000, COIN_M),))
    assert (shown := book.shown_price("PERP")) is not None
    assert (move := book.liquidation_move()) is not None
    assert shown == pytest.approx(Decimal("33599.42"), abs=Decimal("0.01"))
    assert move * 45_000 == pytest.approx(shown, rel=Decimal("1e-15"))


def test_the_amount_of_the_binance_ladder_is_the_documented_one() -> None:
    assert COIN_M[-1].amount == Decimal("11.605")


def test_bybit_classic_example() -> None:
    long = leg(10_000, 8_000, 8_000)
    book = Book(wallet=Decimal("0.5"), legs=(long,), basis=Basis.ENTRY, closing_fee=Decimal("0.00075"))
    assert (bankruptcy := book.bankruptcy_move()) is not None
    assert (shown := book.shown_price("PERP")) is not None
    assert bankruptcy * 8_000 == pytest.approx(Decimal("5718.571"), abs=Decimal("0.001"))
    assert shown == pytest.approx(Decimal("5739.083529"), abs=Decimal("0.000001"))


def test_a_short_of_the_wallet_s_size_is_never_liquidated() -> None:
    book = Book(wallet=Decimal(2), legs=(leg(-100_000, 50_000, 60_000),))
    assert book.liquidation_move() is None
    assert book.shown_price("PERP") is None


def test_what_is_below_its_maintenance_is_liquidated_where_it_stands() -> None:
    assert Book(wallet=Decimal("0.001"), legs=(leg(100_000, 50_000, 50_000),)).liquidation_move() == 1


@given(
    face=st.integers(-500_000, 500_000).filter(lambda n: abs(n) >= 100),
    entry=st.integers(20_000, 80_000),
    wallet=st.decimals("0.5", "40", places=8),
    basis=st.sampled_from([Basis.MARK, Basis.ENTRY]),
    fee=st.sampled_from([Decimal(0), Decimal("0.00055")]),
)
def test_alone_on_its_coin_a_contract_s_shown_price_is_the_joint_one(
    face: int, entry: int, wallet: Decimal, basis: Basis, fee: Decimal
) -> None:
    fee = fee if basis is Basis.ENTRY else Decimal(0)
    book = Book(wallet=wallet, legs=(leg(face, entry, 50_000, COIN_M),), basis=basis, closing_fee=fee)
    move, shown = book.liquidation_move(), book.shown_price("PERP")
    if move is not None and move != 1:
        assert shown is not None
        assert shown == pytest.approx(move * 50_000, rel=Decimal("1e-12"))
        assert book.equity(move) == pytest.approx(book.maintenance(move), abs=Decimal("1e-12"))
