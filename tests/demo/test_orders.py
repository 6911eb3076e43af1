from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.orders import levels


@given(
    mark=st.decimals("1", "200000", places=2),
    tick=st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.1"), Decimal("0.5")]),
    count=st.integers(1, 200),
)
def test_a_book_is_sorted_on_the_tick_and_never_crossed(mark: Decimal, tick: Decimal, count: int) -> None:
    bids, asks = levels(mark, tick, count=count)
    prices = [price for price, _ in reversed(bids)] + [price for price, _ in asks]
    assert prices == sorted(set(prices))
    assert all(price % tick == 0 for price in prices)
    assert bids[0][0] <= mark <= asks[0][0]
    assert len(bids) == len(asks) == min(count, 50)
