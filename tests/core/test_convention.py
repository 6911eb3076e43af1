"""What a venue shows for one contract of several, by our arithmetic."""

import pytest

from monitor.core.account import GroupSize, TierGroup
from monitor.core.convention import CONVENTIONS, convention_price
from monitor.core.liquidation import liquidation
from monitor.core.margin import scope
from tests.build import BTC_QUARTERLY, D, long, rule, short

SUPPORTED = tuple(CONVENTIONS)
TEN = {"binancecoinm", "bybit", "okx", "deribit", "krakenfutures", "gate", "kucoinfutures", "htx", "bingx", "phemex"}


def test_every_venue_that_is_to_be_supported_has_a_convention() -> None:
    assert set(CONVENTIONS) == TEN | {"bybitid", "myokx"}


@pytest.mark.parametrize("venue", SUPPORTED)
def test_with_one_contract_every_convention_is_the_plain_price(venue: str) -> None:
    whole = scope(D(2), (long(100_000, 50_000),), D(50_000))
    shown, joint = convention_price(whole, "BTC/USD:BTC", venue, None), liquidation(whole, None).below
    assert shown is not None
    assert joint is not None
    assert abs(shown - joint) < D("1e-18")


@pytest.mark.parametrize("venue", SUPPORTED)
def test_long_and_short_of_one_symbol_share_a_price(venue: str) -> None:
    both = (long(300_000, 50_000), short(100_000, 51_000))
    whole = scope(D(2), both, D(50_000))
    shown, joint = convention_price(whole, "BTC/USD:BTC", venue, None), liquidation(whole, None).below
    assert shown is not None
    assert joint is not None
    assert abs(shown - joint) < D("1e-18")


def test_a_share_is_what_the_contracts_value_is_of_all_values() -> None:
    # 8 coins, 8 and 6 coins of value: the perpetual stands alone on 8 * 8 / 14 coins
    legs = (long(400_000, 50_000), long(306_000, 51_000, symbol=BTC_QUARTERLY))
    shown = convention_price(scope(D(8), legs, D(50_000)), "BTC/USD:BTC", "kucoinfutures", None)
    alone = liquidation(scope(D(64) / 14, legs[:1], D(50_000)), None).below
    assert shown is not None
    assert alone is not None
    assert abs(shown - alone) < D("1e-18")


def test_a_venue_of_unknown_convention_has_no_convention_price() -> None:
    assert convention_price(scope(D(1), (long(10_000, 10_000),), D(10_000)), "BTC/USD:BTC", "elsewhere", None) is None


def test_the_convention_of_one_contract_alone_is_the_joint_price() -> None:
    whole = scope(D(1), (long(20_000, 10_000),), D(10_000))
    prices = {convention_price(whole, "BTC/USD:BTC", venue, None) for venue in ("binancecoinm", "bybit", "deribit")}
    assert len(prices) == 1
    assert prices.pop() == liquidation(whole, None).below


def test_where_the_scope_is_lost_already_there_is_no_convention_price() -> None:
    legs = (long(400_000, 50_000, 30_000), short(100_000, 50_000, 30_000, symbol=BTC_QUARTERLY))
    whole = scope(D("0.2"), legs, D(30_000))
    assert convention_price(whole, "BTC/USD:BTC", "binancecoinm", None) is None


def test_freezing_a_contract_whose_ladder_is_shared_takes_only_its_own_part() -> None:
    shared = rule("0.01", tier_group=TierGroup(id="btc", size=GroupSize.SUM))
    apart = rule("0.01")
    prices = {
        convention_price(
            scope(
                D(8),
                (long(400_000, 50_000, maintenance=each), long(300_000, 51_000, symbol=BTC_QUARTERLY, maintenance=each)),
                D(50_000),
            ),
            "BTC/USD:BTC",
            "binancecoinm",
            None,
        )
        for each in (shared, apart)
    }
    found = sorted(price for price in prices if price is not None)
    assert found[-1] - found[0] < D("1e-15")
