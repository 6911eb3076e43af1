"""What the broker is to hold of an account, fresh and not."""

import json
from datetime import timedelta

from monitor.core.account import Account, Kind, PoolMode
from monitor.core.contract import Side
from monitor.picture import AccountPicture
from monitor.wire.messages import Stamp
from monitor.wire.topics import AS_IT_IS, account_publications
from tests.build import NOON, account, isolated, long, pool, position, risk

HELD = account(pool(1, long(50_000, 50_000), isolated(long(1000, 50_000), "0.1")))


def picture(*, is_up: bool, held: Account | None = HELD) -> AccountPicture:
    return AccountPicture(
        name="main",
        venue="bybit",
        labels={},
        interval=timedelta(seconds=15),
        is_up=is_up,
        attempts=1,
        failure=None,
        last_success=NOON if held else None,
        age=timedelta(seconds=1) if held else None,
        poll_seconds=0.1,
        errors={},
        account=held,
        risk=risk(*held.pools) if held else None,
    )


def test_a_fresh_account_has_state_and_a_topic_for_each_position() -> None:
    found = account_publications(picture(is_up=True), (), "im", Stamp(NOON))
    assert sorted(found) == [
        "im/account/main/availability",
        "im/account/main/position/BTC-USD_BTC-long",
        "im/account/main/position/BTC-USD_BTC-long-isolated",
        "im/account/main/state",
    ]
    assert found["im/account/main/availability"].payload == b"online"
    state = json.loads(found["im/account/main/state"].payload or b"")
    assert (state["account"], state["pools"][0]["coin"], "positions" in state["pools"][0]) == ("main", "BTC", False)
    assert found["im/account/main/state"].expiry == timedelta(seconds=90)


def test_a_position_says_in_which_coin_it_pays_where_several_coins_back_it() -> None:
    linear = position(Side.SHORT, 1, 3000, symbol="ETH/USDC:USDC", settle="USDC", kind=Kind.LINEAR)
    legs = long(50_000, 50_000, settle="BTC"), long(100, 3000, symbol="ETH/USD:ETH"), linear
    held = account(pool(0, *legs, coin="USD", mode=PoolMode.MULTI_COIN), pool(1, long(1000, 50_000, id="own")))
    found = account_publications(picture(is_up=True, held=held), (), "im", Stamp(NOON))
    told = [json.loads(each.payload or b"") for topic, each in found.items() if "/position/" in topic]
    assert [(each["symbol"], each["coin"], each["settle"]) for each in told] == [
        ("BTC/USD:BTC", "USD", "BTC"),
        ("ETH/USD:ETH", "USD", "ETH"),
        ("ETH/USDC:USDC", "USD", "USDC"),
        ("BTC/USD:BTC", "BTC", "BTC"),
    ]


def test_an_account_that_is_not_up_is_offline_and_its_positions_are_not_closed() -> None:
    for dark in (picture(is_up=False), picture(is_up=False, held=None)):
        found = account_publications(dark, (), "im", Stamp(NOON))
        assert found["im/account/main/availability"].payload == b"offline"
        assert found["im/account/main/state"] is AS_IT_IS
        assert found["im/account/main/position/#"] is AS_IT_IS
