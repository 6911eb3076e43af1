from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import Side, coin_value, unrealized_pnl
from tests.build import D

prices = st.decimals(min_value=Decimal("0.01"), max_value=1_000_000, places=2)

PNL = [
    # Binance, dapi documentation sample; printed with eight decimals
    (Side.LONG, 100, "11707.70000003", "11788.66626667", "0.00005866", "1e-3"),
    # ccxt 4.5.90, sample of ETHUSD_PERP
    (Side.LONG, 10, "2422.400000007", "2424.51267823", "0.0000036", "1e-2"),
    # HTX, sample of BTC220624
    (Side.SHORT, 100, "49018.88000000001", "49039.61", "-8.623606085e-07", "1e-6"),
    # Phemex, API documentation, /accounts/positions
    (Side.LONG, 5, "18914.3181", "23828.7555", "0.00005452", "1e-4"),
    # nautilus_trader, crates/model/src/position.rs
    (Side.SHORT, 100_000, 10_000, 11_000, "-0.90909091", "1e-7"),
    (Side.LONG, 100_000, 10_500, "11505.6", "0.83238969", "1e-7"),
    # 10101, crates/xxi-node/src/cfd.rs; truncated to a satoshi
    (Side.LONG, 20_000, 20_000, 22_000, "0.09090909", "2e-6"),
    (Side.SHORT, 20_000, 20_000, 18_000, "0.11111111", "2e-6"),
    (Side.LONG, 10, 1000, 1234, "0.00189627", "2e-6"),
    # Bybit, "What is an inverse contract": printed rounded
    (Side.LONG, 10_000, 23_000, 25_000, "0.035", "1e-2"),
    # CoinDesk, 2022-10-18: +10 % is +9.09 %, -10 % is -11.11 %
    (Side.LONG, 10_000, 10_000, 11_000, "0.0909", "1e-3"),
    (Side.LONG, 10_000, 10_000, 9_000, "-0.1111", "1e-3"),
]


@pytest.mark.parametrize(("side", "notional", "entry", "mark", "printed", "tolerance"), PNL)
def test_profit_is_what_the_sources_print(side: Side, notional: int, entry: str, mark: str, printed: str, tolerance: str) -> None:
    profit = unrealized_pnl(side, D(notional), D(entry), D(mark))
    assert abs(profit - D(printed)) <= abs(D(printed)) * D(tolerance)


def test_a_contract_is_worth_its_face_over_the_price() -> None:
    assert coin_value(D(200), D("38103.05510455")).quantize(D("1e-8")) == D("0.00524892")


@given(prices, prices)
def test_long_and_short_mirror_each_other(entry: Decimal, price: Decimal) -> None:
    long, short = (unrealized_pnl(side, D(1000), entry, price) for side in Side)
    assert long == -short
