"""Deribit's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Basis, MarginMode, Pool, PoolMode, Position
from monitor.core.contract import Side
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues, deribit, deribit_market
from monitor.venues.instrument import NO_TICKER
from monitor.venues.parse import Row, whole
from tests.venues.deribit.scene import LINEAR, LONG, PERPETUAL, QUARTERLY, SUMMARY, answers, says
from tests.venues.loopback import Loopback, answer
from tests.venues.recordings import recorded
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal

INSTRUMENTS = deribit_market.parse_instruments(says([PERPETUAL, QUARTERLY, LINEAR]))
OPTION = {"instrument_name": "BTC-25DEC26-90000-C", "kind": "option", "direction": "buy", "size": 1.5}


def row(raw: Raw) -> Row:
    return Row(raw, "deribit", "a row")


def position(**changes: object) -> Position:
    name = str(changes.get("instrument_name", "BTC-PERPETUAL"))
    return deribit.parse_position(row(LONG | changes), INSTRUMENTS[name], NO_TICKER)


def pools(*held: Raw, **summary: object) -> tuple[Pool, ...]:
    answered = says({"summaries": [SUMMARY | summary, {"currency": "USDC"}]})
    return deribit.parse_pools(answered, deribit.held_rows(says(list(held))), INSTRUMENTS, {})


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.margin_mode) == ("BTC/USD:BTC", Side.LONG, MarginMode.CROSS)
    assert (found.entry_price, found.mark_price, found.index_price, found.tick_size) == (40000, 50000, D("50010.5"), D("0.5"))


def test_size_is_dollars_and_not_contracts() -> None:
    found = position()
    assert (found.contracts, found.contract_size, found.notional) == (1000, 10, 10000)
    assert found.venue_coin_value == found.coin_value == D("0.2")


def test_size_is_signed_and_agrees_with_the_direction() -> None:
    found = position(direction="sell", size=-10000, size_currency=-0.2)
    assert (found.side, found.contracts, found.venue_coin_value) == (Side.SHORT, 1000, D("0.2"))
    for contradiction in ({"direction": "sell"}, {"size": -1}, {"direction": "zero"}):
        with pytest.raises(VenueDataInvalid, match="direction"):
            position(**contradiction)


def test_closed_positions_are_left_out() -> None:
    assert deribit.held_rows(says([LONG | {"size": 0, "direction": "zero"}])) == []


@pytest.mark.parametrize(("raw", "price"), [(None, None), (0, None), (0.0, None), (1.74, D("1.74"))])
def test_a_liquidation_price_of_null_or_zero_says_nothing(raw: float | None, price: object) -> None:
    assert position(estimated_liquidation_price=raw).venue_liquidation_price == price


def test_a_dated_contract_carries_its_date() -> None:
    found = position(instrument_name="BTC-25DEC26")
    assert (found.symbol, found.is_perpetual) == ("BTC/USD:BTC-261225", False)


def test_the_rate_comes_with_the_position_and_only_its_growth_is_known_here() -> None:
    maintenance = position(size_currency=100, maintenance_margin=1.5).maintenance
    assert maintenance is not None
    assert (maintenance.basis, maintenance.slope, maintenance.tiers[0].rate) == (Basis.MARK, D("0.00005"), D("0.01"))
    assert (maintenance.tiers[0].floor, maintenance.tiers[0].cap) == (0, None)


def test_without_a_known_growth_or_with_a_requirement_below_it_nothing_is_assessed() -> None:
    assert deribit.parse_maintenance(row(LONG), "SOL") is None
    assert position(size_currency=100, maintenance_margin=0.001).maintenance is None


def test_the_wallet_is_the_margin_balance_less_profit_since_entry() -> None:
    (pool,) = pools(LONG)
    assert pool.wallet_balance + sum(held.unrealized_pnl for held in pool.cross) == pool.venue_equity == D("1.55")
    assert (pool.coin, pool.mode, pool.obstacle) == ("BTC", PoolMode.COIN, None)
    assert pool.wallet_balance == D("1.5") != D(str(SUMMARY["balance"]))


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        ("cross_sm", PoolMode.MULTI_COIN),
        ("cross_pm", PoolMode.PORTFOLIO),
        ("segregated_pm", PoolMode.PORTFOLIO),
        ("new", PoolMode.COIN),
        (None, PoolMode.COIN),
    ],
)
def test_margin_models_that_are_not_one_coins_own_are_shown_but_not_computed(model: str | None, mode: PoolMode) -> None:
    (pool,) = pools(LONG, margin_model=model)
    assert (pool.mode, len(pool.positions)) == (mode, 1)
    assert pool.obstacle
    assert pool.venue_margin_ratio == pytest.approx(D("0.0012916"), abs=D("1e-6"))


def test_options_share_the_margin_and_bar_its_computation() -> None:
    (pool,) = pools(LONG, OPTION)
    assert len(pool.positions) == 1
    assert pool.obstacle == "BTC-25DEC26-90000-C shares this margin, and only futures are computed"


def test_a_kind_of_position_that_is_not_known_bars_the_pool() -> None:
    (pool,) = pools(LONG, LONG | {"instrument_name": "BTC-NEWS", "kind": "prediction"})
    assert (len(pool.positions), bool(pool.obstacle)) == (1, True)


def test_options_alone_still_bar_a_pool() -> None:
    (pool,) = pools(OPTION)
    assert (pool.positions, bool(pool.obstacle)) == ((), True)
    assert pool.venue_maintenance_margin is None


async def test_an_account_with_nothing_but_options_is_read_and_is_no_outage(venues: Venues) -> None:
    """What the venue reckons for options is no sign that futures are held back."""
    async with Loopback(answers() | {"/api/v2/private/get_positions": says([OPTION])}) as loopback:
        account = await venues.open(SCENES["deribit"].access(loopback.origin)).look()
    assert [(pool.coin, pool.positions) for pool in account.pools] == [("BTC", ())]
    assert account.pools[0].obstacle == "BTC-25DEC26-90000-C shares this margin, and only futures are computed"


def test_what_is_settled_in_a_stablecoin_is_another_pool() -> None:
    usdc = {"instrument_name": "BTC_USDC-25DEC26-90000-C", "kind": "option", "direction": "buy", "size": 1}
    (pool,) = pools(LONG, LONG | {"instrument_name": "BTC_USDC-PERPETUAL"}, usdc)
    assert (len(pool.positions), pool.obstacle) == (1, None)


def test_a_position_in_an_unlisted_future_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="BTC-1JAN27"):
        pools(LONG | {"instrument_name": "BTC-1JAN27"})


def test_a_position_without_a_summary_of_its_coin_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="no balance"):
        pools(LONG, currency="ETH")


@pytest.mark.parametrize("key", ["size", "average_price", "mark_price", "direction", "maintenance_margin", "instrument_name"])
@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", [], True])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid) as caught:
        pools(LONG | {key: bad})
    assert f"`{key}`" in caught.value.message or "does not list" in caught.value.message or "no balance" in caught.value.message


def test_funding_is_continuous_and_quoted_for_eight_hours() -> None:
    summary = {"instrument_name": "BTC-PERPETUAL", "current_funding": "-1e-05", "open_interest": 1000}
    dated = {"instrument_name": "BTC-25DEC26", "current_funding": 0, "open_interest": 10}
    combination = {"instrument_name": "BTC-FS-25DEC26_PERP", "open_interest": 10}
    found = deribit_market.parse_tickers(says([summary, dated, combination]), INSTRUMENTS)
    assert set(found) == {"BTC-PERPETUAL", "BTC-25DEC26"}
    funding = found["BTC-PERPETUAL"].funding
    assert funding is not None
    assert (funding.rate, funding.interval, funding.next_at) == (D("-0.00001"), timedelta(hours=8), None)
    assert (found["BTC-25DEC26"].funding, found["BTC-PERPETUAL"].open_interest) == (None, 100)


@pytest.mark.parametrize(
    ("scope", "trade", "withdraw"),
    [
        ("account:read trade:read wallet:none", False, False),
        ("account:read trade:read_write wallet:read", True, False),
        ("block_trade:read_write wallet:read_write", True, True),
        (None, None, None),
    ],
)
def test_what_a_key_may_do(scope: str | None, trade: object, withdraw: object) -> None:
    found = deribit.parse_examination(0.5, says({"summaries": [SUMMARY]}), scope)
    assert (found.may_trade, found.may_withdraw, found.mode) == (trade, withdraw, "segregated_sm")


async def test_a_key_that_may_not_list_keys_leaves_its_scope_unknown(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        loopback.fault, loopback.faulty = answer(403, '{"error": {"code": 13021, "message": "forbidden"}}'), "list_api_keys"
        found = await venues.open(SCENES["deribit"].access(loopback.origin)).examine()
    assert (found.may_trade, found.may_withdraw, found.mode) == (None, None, "segregated_sm")


async def test_tickers_are_asked_only_of_coins_with_inverse_contracts(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        await venues.open(SCENES["deribit"].access(loopback.origin)).look()
        coins = [asked.params["currency"] for asked in loopback.asked if asked.path.endswith("by_currency")]
    assert coins == ["BTC"]


def test_the_documented_positions_agree_with_our_arithmetic() -> None:
    (body,) = recorded("deribit__deribit_http_rs", endpoint="private/get_subaccounts_details")
    accounts = whole(body, "deribit", "sample").rows("result", "uid")
    names = {"BTC-PERPETUAL": INSTRUMENTS["BTC-PERPETUAL"], "BTC-3SEP21": INSTRUMENTS["BTC-25DEC26"]}
    listed = [found for account in accounts for found in account.rows("positions", "instrument_name")]
    held = [deribit.parse_position(found, names[found.text("instrument_name")], NO_TICKER) for found in listed]
    assert [found.side for found in held] == [Side.LONG, Side.SHORT]
    for found, raw in zip(held, listed, strict=True):
        assert found.venue_coin_value == pytest.approx(found.coin_value, abs=D("1e-9"))
        assert found.unrealized_pnl == pytest.approx(raw.number("total_profit_loss"), abs=D("1e-9"))
        assert found.maintenance is not None
        assert found.maintenance.tiers[0].rate == pytest.approx(D("0.0215"), abs=D("1e-5"))


def test_the_recorded_instruments_are_read() -> None:
    (body,) = recorded("deribit__nautilus", endpoint="public/get_instruments")
    found = deribit_market.parse_instruments(body)
    assert [instrument.symbol for instrument in found.values()] == ["BTC/USD:BTC", "BTC/USD:BTC-241227"]
    assert all(instrument.is_inverse and instrument.contract_size == 10 for instrument in found.values())
