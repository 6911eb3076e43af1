"""A snapshot is read strictly: what cannot be true is refused with the path of the key at fault."""

import copy
import json
from typing import Any

import pytest

from monitor.core.account import Basis, GroupSize, Kind, PoolMode, TierGroup, TierUnit
from monitor.wire.node import SnapshotError, parse
from monitor.wire.reading import read_snapshot
from monitor.wire.snapshot import snapshot
from tests.build import D

POSITION = {
    "symbol": "BTC/USD:BTC",
    "side": "long",
    "contracts": "100000",
    "contract_size": 100,
    "entry_price": "45000",
    "mark_price": 45000.5,
    "margin_mode": "cross",
    "maintenance": {
        "basis": "mark",
        "tiers": [{"floor": 0, "cap": 200, "rate": "0.066975", "amount": 0}, {"floor": 200, "rate": "0.125", "amount": "11.605"}],
    },
}
SNAPSHOT = {
    "schema": "inverse-monitor.snapshot/1",
    "account": "main",
    "venue": "binancecoinm",
    "taken_at": "2026-11-22T07:00:00Z",
    "pools": [{"coin": "BTC", "wallet_balance": "101", "positions": [POSITION]}],
}
FULL = {
    "maintenance": {
        "basis": "entry",
        "fee_rate": "0.0005",
        "fee_basis": "bankruptcy",
        "tier_unit": "contracts",
        "tiers": [{"floor": 0, "cap": None, "rate": "0.01", "amount": None}],
        "slope": "0.00005",
        "tier_group": {"id": "btc", "size": "max"},
    },
    "margin_mode": "isolated",
    "isolated_margin": "0.5",
    "id": "42",
    "kind": "linear",
    "settle": "BTC",
    "index_price": 45001,
    "tick_size": "0.5",
    "adl_rank": 3,
    "open_interest": 7,
    "venue_liquidation_price": "none",
    "venue_coin_value": "222.2",
    "funding": {"rate": "-0.0001", "interval_hours": 8, "next_at": "2026-11-22T08:00:00+00:00"},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The snapshot with one key set to *value* (``...`` deletes it); ``pools.0.coin`` is a path."""
    found: Any = copy.deepcopy(SNAPSHOT)
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    inner = found
    for key in parents:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return found  # type: ignore[no-any-return]  # - it is what it was copied from


def test_left_out_keys_have_the_meaning_of_the_contract() -> None:
    (pool,) = read_snapshot(SNAPSHOT).pools
    (position,) = pool.positions
    assert (pool.mode, pool.order_margin, position.kind, position.isolated_margin) == (PoolMode.COIN, None, Kind.INVERSE, None)
    rule = position.maintenance
    assert rule is not None
    assert (rule.fee_rate, rule.fee_basis, rule.tier_unit, rule.slope) == (0, Basis.MARK, TierUnit.COIN, None)
    assert position.mark_price == D("45000.5")


def test_every_key_is_read_and_written_back_to_the_last_digit() -> None:
    full = changed("pools.0.positions.0", POSITION | FULL)
    full["pools"][0] |= {
        "mode": "multi_coin",
        "order_margin": "0.1",
        "venue_equity": "100.123456789012345678",
        "venue_maintenance_margin": 1,
        "venue_margin_ratio": "0.5",
        "collateral": [{"coin": "USDT", "balance": -5, "price": 1, "haircut": "0.05", "beta": None}],
        "obstacle": "options",
    }
    account = read_snapshot(full)
    rule = account.positions[0].maintenance
    assert rule is not None
    assert rule.tier_group == TierGroup(id="btc", size=GroupSize.MAX)
    assert account.pools[0].venue_equity == D("100.123456789012345678")
    assert account.pools[0].collateral[0].beta == 1
    assert read_snapshot(parse(json.dumps(snapshot(account, show=str)))) == account


def test_numbers_go_out_as_json_numbers() -> None:
    written: Any = snapshot(read_snapshot(SNAPSHOT))
    assert written["pools"][0]["positions"][0]["mark_price"] == 45000.5


def test_a_rule_that_is_not_known_is_null_and_comes_back_as_unknown() -> None:
    account = read_snapshot(changed("pools.0.positions.0.maintenance", None))
    assert account.positions[0].maintenance is None
    assert read_snapshot(snapshot(account, show=str)) == account


IMPOSSIBLE = [
    ("schema", "inverse-monitor.risk/1", "schema: only 'inverse-monitor.snapshot/1' can be read"),
    ("account", "", "account: text is needed, not ''"),
    ("venue", ..., "the snapshot: the key 'venue' is missing"),
    ("taken_at", "yesterday", "taken_at: a time such as 2026-11-22T07:00:00Z is needed, not 'yesterday'"),
    ("taken_at", "2026-11-22T07:00:00", "taken_at: the time needs a zone, such as the Z in 2026-11-22T07:00:00Z"),
    ("pools", {}, "pools: an array is needed, not an object"),
    ("pools.0", [], "pools[0]: an object is needed, not an array"),
    ("pools.0.coin", ..., "pools[0]: the key 'coin' is missing"),
    ("pools.0.wallet", 3, "pools[0].wallet: this key is not known - did you mean 'wallet_balance'?"),
    ("pools.0.wallet_balance", None, "pools[0].wallet_balance: a number is needed, not null"),
    ("pools.0.wallet_balance", "much", "pools[0].wallet_balance: a number is needed, not 'much'"),
    ("pools.0.wallet_balance", True, "pools[0].wallet_balance: a number is needed, not True"),
    ("pools.0.mode", "coins", "pools[0].mode: it must be one of coin, multi_coin, portfolio, not 'coins' - did you mean 'coin'?"),
    ("pools.0.positions.0.side", "up", "pools[0].positions[0].side: it must be one of long, short, not 'up'"),
    ("pools.0.positions.0.side", None, "pools[0].positions[0].side: it must be one of long, short, not null"),
    ("pools.0.positions.0.entry_price", 0, "pools[0].positions[0].entry_price: it must be above 0, not 0"),
    ("pools.0.positions.0.mark_price", "-1", "pools[0].positions[0].mark_price: it must be above 0, not -1"),
    ("pools.0.positions.0.mark_price", "NaN", "pools[0].positions[0].mark_price: a number is needed, not 'NaN'"),
    ("pools.0.positions.0.contract_size", ..., "pools[0].positions[0]: the key 'contract_size' is missing"),
    ("pools.0.positions.0.contracts", 0, "pools[0].positions[0].contracts: it must be above 0, not 0"),
    ("account", "\ud800", "account: text is needed, not '\\ud800'"),
    ("pools.0.wallet_balance", "1e400", "pools[0].wallet_balance: a number of a possible size is needed, not '1e400'"),
    ("pools.0.positions.0.adl_rank", "1e19", "adl_rank: a whole number is needed, not 10000000000000000000"),
    ("pools.0.positions.0.tick_size", 40_000, "tick_size: it must be far below the mark price 45000.5, not 40000"),
    ("pools.0.positions.0.funding", {"rate": 0, "interval_hours": "1e18"}, "interval_hours: it must be at most 8784 hours"),
    (
        "pools.0.positions.0.maintenance.tiers.1.amount",
        26,
        "tiers[1].amount: a deduction of at least 0 and at most floor x rate (25.000)",
    ),
    (
        "pools.0.positions.0.maintenance.tiers.0.amount",
        "500",
        "tiers[0].amount: a deduction of at least 0 and at most floor x rate (0.000000)",
    ),
    ("pools.0.positions.0.adl_rank", "2.5", "pools[0].positions[0].adl_rank: a whole number is needed, not 2.5"),
    ("pools.0.positions.0.maintenance.basis", "bankruptcy", "maintenance.basis: maintenance margin is on mark or entry value"),
    ("pools.0.positions.0.maintenance.tiers", [], "maintenance.tiers: at least one tier is needed"),
    (
        "pools.0.positions.0.maintenance.tiers.0.rate",
        2.5,
        "tiers[0].rate: a ratio such as 0.005 is needed, not 2.5 (is it in percent?)",
    ),
    ("pools.0.positions.0.maintenance.tiers.0.rate", "-0.1", "tiers[0].rate: it must not be negative, and is -0.1"),
    ("pools.0.positions.0.maintenance.tiers.0.floor", 5, "tiers[0]: the floor must be 0, where the tier before ends, not 5"),
    ("pools.0.positions.0.maintenance.tiers.0.cap", 150, "tiers[1]: the floor must be 150, where the tier before ends, not 200"),
    ("pools.0.positions.0.maintenance.tiers.0.cap", None, "tiers[1]: no tier may follow one without a cap, not 200"),
    ("pools.0.positions.0.maintenance.tiers.1.cap", 100, "tiers[1]: the cap 100 must be above the floor 200"),
    ("pools.0.positions.0.maintenance.slope", -1, "maintenance.slope: it must not be negative, and is -1"),
    ("pools.0.positions.0.funding", {"rate": 0, "interval_hours": "1e-12"}, "interval_hours: it must be at least a second"),
    ("pools.0.positions.0.funding", {"rate": 0, "interval_hours": 0}, "funding.interval_hours: it must be above 0, not 0"),
    ("pools.0.positions.0.venue_liquidation_price", "never", "venue_liquidation_price: a number is needed, not 'never'"),
    (
        "pools.0.collateral",
        [{"coin": "A", "balance": 1, "price": 1, "haircut": 2}],
        "haircut: a ratio of at most 1 is needed, not 2",
    ),
]


@pytest.mark.parametrize(("path", "value", "message"), IMPOSSIBLE)
def test_what_cannot_be_true_is_refused_with_its_path(path: str, value: object, message: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(changed(path, value))
    assert message in str(caught.value)


def test_in_an_array_of_snapshots_the_path_names_the_item() -> None:
    with pytest.raises(SnapshotError, match=r"^\[3\]\.venue: text is needed"):
        read_snapshot(changed("venue", 5), "[3]")


@pytest.mark.parametrize("raw", [None, 5, "text", [], True])
def test_what_is_no_object_is_no_snapshot(raw: object) -> None:
    with pytest.raises(SnapshotError, match=r"^the snapshot: an object is needed"):
        read_snapshot(raw)


def test_two_pools_of_one_coin_and_two_equal_positions_are_refused() -> None:
    with pytest.raises(SnapshotError, match="there are two pools of one coin"):
        read_snapshot(changed("pools", SNAPSHOT["pools"] * 2))  # type: ignore[operator]  # - it is a list
    with pytest.raises(SnapshotError, match="there are two positions with the same symbol"):
        read_snapshot(changed("pools.0.positions", [POSITION, POSITION]))


def test_positions_of_one_group_must_have_one_rule() -> None:
    one = POSITION | {
        "maintenance": {"basis": "mark", "tiers": [{"floor": 0, "rate": 0.01}], "tier_group": {"id": "a", "size": "sum"}}
    }
    other = one | {"side": "short", "maintenance": one["maintenance"] | {"basis": "entry"}}  # type: ignore[operator]  # - a dict
    with pytest.raises(SnapshotError, match="positions of tier_group 'a' must have the same maintenance rule"):
        read_snapshot(changed("pools.0.positions", [one, other]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1, column 2: this is not JSON"),
        ("", "line 1, column 1: this is not JSON"),
        ('{"a": NaN}', "NaN is not a number"),
        ("9" * 5000, "a number in it is absurdly long"),
        (b"\xff\xfe", "this is not text in UTF-8"),
        ("[" * 100_000, "this is nested too deeply"),
    ],
)
def test_what_is_not_json_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_a_key_that_stands_twice_is_named_with_the_path_of_its_object() -> None:
    text = json.dumps(SNAPSHOT).replace('"coin": "BTC"', '"coin": "BTC", "coin": "ETH"')
    with pytest.raises(SnapshotError, match=r"^pools\[0\]: the key 'coin' stands twice"):
        read_snapshot(parse(text))


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse(b"\xef\xbb\xbf[1]") == [1]


def test_json_numbers_keep_all_their_digits() -> None:
    assert parse("[0.1234567890123456789]") == [D("0.1234567890123456789")]
