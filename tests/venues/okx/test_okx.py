"""OKX's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, GroupSize, MarginMode, Pool, PoolMode, Position, Tier, TierUnit
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.risk import Status
from monitor.ports import VenueDataInvalid
from monitor.venues import Venues, okx, okx_levels, okx_market
from monitor.venues.okx_levels import FUTURES, MULTI, PORTFOLIO, SPOT, Level
from monitor.venues.parse import Row
from tests.venues.loopback import Loopback
from tests.venues.okx.scene import (
    COIN,
    CONFIG,
    FUNDING,
    LINEAR,
    LONG,
    OPEN_INTEREST,
    PERPETUAL,
    QUARTERLY,
    TIERS,
    answers,
    balance,
    says,
)
from tests.venues.recordings import recorded
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal
LISTED = (PERPETUAL, QUARTERLY, LINEAR)
GROUPS = ("SWAP cross BTC-USD", "SWAP isolated BTC-USD", "FUTURES cross BTC-USD", "FUTURES isolated BTC-USD")


def row(raw: Raw) -> Row:
    return Row(raw, "okx", "a row")


def market(level: Level = FUTURES, *listed: Raw) -> okx.Market:
    tiers = okx_market.parse_ladder([row(raw) for raw in TIERS])
    return okx.Market(
        level=level,
        instruments=okx_market.parse_instruments([row(raw) for raw in listed or LISTED]),
        tickers=okx_market.parse_tickers([row(FUNDING)], [row(OPEN_INTEREST)]),
        ladders=dict.fromkeys(GROUPS, tiers),
    )


def position(**changes: object) -> Position:
    raw, known = row(LONG | changes), market()
    instrument = known.inverse(raw)
    assert instrument is not None
    return okx.parse_position(raw, instrument, known)


def pools(*held: Raw, level: Level = FUTURES, ratio: str = "", **coin: object) -> tuple[Pool, ...]:
    return okx.parse_pools(balance(COIN | coin, ratio=ratio), [row(raw) for raw in held], market(level))


def test_a_cross_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.contract_size) == ("BTC/USD:BTC", Side.LONG, 100, 100)
    assert (found.entry_price, found.mark_price, found.index_price, found.tick_size) == (40000, 50000, D("50010.5"), D("0.1"))
    assert (found.margin_mode, found.isolated_margin, found.adl_rank) == (MarginMode.CROSS, None, 2)
    assert (found.open_interest, found.taker_fee, found.market_notice) == (D("5367960.69999999956"), D("0.0005"), None)
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.0001"), timedelta(hours=8))
    assert found.funding.next_at == datetime(2025, 10, 13, 16, tzinfo=UTC)


def test_a_value_in_dollars_is_brought_to_coin_to_check_units_by() -> None:
    assert position().venue_coin_value == D("0.200042")
    assert position(notionalUsd="-10002.1").venue_coin_value == D("0.200042")
    assert position(notionalUsd="").venue_coin_value is None


@pytest.mark.parametrize(
    ("side", "size", "direction"),
    [("net", "100", Side.LONG), ("net", "-100", Side.SHORT), ("long", "100", Side.LONG), ("short", "100", Side.SHORT)],
)
def test_the_sign_tells_direction_in_net_mode_and_the_side_in_hedge_mode(side: str, size: str, direction: Side) -> None:
    assert (position(posSide=side, pos=size).side, position(posSide=side, pos=size).contracts) == (direction, 100)


@pytest.mark.parametrize("odd", [{"posSide": "short", "pos": "-100"}, {"posSide": "long", "pos": "-1"}, {"posSide": "both"}])
def test_sides_that_contradict_each_other_are_not_guessed(odd: Raw) -> None:
    with pytest.raises(VenueDataInvalid, match="posSide"):
        position(**odd)


def test_both_sides_of_a_hedge_are_two_positions() -> None:
    (pool,) = pools(LONG | {"posSide": "long"}, LONG | {"posSide": "short"})
    assert [held.side for held in pool.positions] == [Side.LONG, Side.SHORT]


@pytest.mark.parametrize(("raw", "price"), [("", None), ("0", None), (None, None), ("-5", None), ("31000.5", D("31000.5"))])
def test_a_liquidation_price_that_is_none_says_nothing(raw: str | None, price: object) -> None:
    assert position(liqPx=raw).venue_liquidation_price == price


@pytest.mark.parametrize(("raw", "rank"), [("0", 0), ("5", 5), ("", None)])
def test_the_weakest_rank_in_the_queue_is_zero(raw: str, rank: int | None) -> None:
    assert position(adl=raw).adl_rank == rank


def test_a_dated_contract_carries_its_date_and_no_funding() -> None:
    found = position(instId="BTC-USD-261225", instType="FUTURES")
    assert (found.symbol, found.funding, found.open_interest) == ("BTC/USD:BTC-261225", None, None)
    with pytest.raises(VenueDataInvalid, match="expTime"):
        okx_market.parse_instrument(row(QUARTERLY | {"expTime": ""}))


def test_a_perpetual_with_an_end_leaves_the_market() -> None:
    leaving = okx_market.parse_instrument(row(PERPETUAL | {"expTime": "1798185600000"}))
    assert (leaving.symbol, leaving.notice) == ("BTC/USD:BTC", "its market closes on 2026-12-25")
    halted = okx_market.parse_instrument(row(QUARTERLY | {"state": "suspend"}))
    assert halted.notice == "its market is suspend instead of live"


def test_the_multiplier_is_part_of_the_size() -> None:
    assert okx_market.parse_instrument(row(PERPETUAL | {"ctMult": "0.1"})).contract_size == 10
    assert okx_market.parse_instrument(row(PERPETUAL | {"ctMult": ""})).contract_size == 100
    with pytest.raises(VenueDataInvalid, match="ctValCcy"):
        okx_market.parse_instrument(row(PERPETUAL | {"ctValCcy": "BTC"}))


def test_the_family_tells_a_dollar_settled_contract_from_an_inverse_one() -> None:
    other = okx_market.parse_instrument(row(PERPETUAL | {"instFamily": "BTC-USD_UM", "settleCcy": "USD", "ctType": "linear"}))
    assert not other.is_inverse
    old = {key: value for key, value in PERPETUAL.items() if key != "instFamily"}
    assert okx_market.parse_instrument(row(old)).is_inverse


def test_tiers_are_slabs_in_contracts_and_fractions_belong_to_the_higher_one() -> None:
    first, second = market().ladders["SWAP cross BTC-USD"]
    assert first == Tier(floor=D(0), cap=second.floor, rate=D("0.004"), amount=D(0))
    assert D(5000) < second.floor < D("5000.1")
    assert (second.rate, second.cap) == (D("0.005"), 10000)


def test_tiers_that_share_a_bound_take_the_stricter_one_there() -> None:
    _, second = okx_market.parse_ladder([row(TIERS[0]), row(TIERS[1] | {"minSz": "5000"})])
    assert second.floor == 5000


@pytest.mark.parametrize("least", ["4999", "5002"])
def test_tiers_with_a_hole_or_an_overlap_are_refused(least: str) -> None:
    with pytest.raises(VenueDataInvalid, match="does not follow"):
        okx_market.parse_ladder([row(TIERS[0]), row(TIERS[1] | {"minSz": least})])
    with pytest.raises(VenueDataInvalid, match="begin at 0"):
        okx_market.parse_ladder([row(TIERS[1])])


def test_cross_positions_of_a_family_share_their_tiers_and_isolated_ones_stand_alone() -> None:
    shared, dated = position().maintenance, position(instId="BTC-USD-261225", instType="FUTURES").maintenance
    alone = position(mgnMode="isolated", margin="0.02").maintenance
    assert shared is not None
    assert shared.tier_group is not None
    assert (shared.basis, shared.tier_unit) == (Basis.MARK, TierUnit.CONTRACTS)
    assert (shared.fee_rate, shared.fee_basis) == (D("0.0005"), Basis.MARK)
    assert (shared.tier_group.id, shared.tier_group.size) == ("SWAP cross BTC-USD", GroupSize.SUM)
    assert dated is not None
    assert dated.tier_group is not None
    assert dated.tier_group.id == "FUTURES cross BTC-USD"
    assert alone is not None
    assert alone.tier_group is None


def test_a_contract_without_tiers_is_not_assessed() -> None:
    bare = replace(market(), ladders={})
    (pool,) = okx.parse_pools(balance(COIN), [row(LONG)], bare)
    assert pool.positions[0].maintenance is None


def test_the_cash_balance_plus_profit_is_the_venues_equity() -> None:
    (pool,) = pools(LONG)
    assert pool.wallet_balance + sum(held.unrealized_pnl for held in pool.cross) == pool.venue_equity == D("1.55")
    assert (pool.coin, pool.mode, pool.obstacle, pool.order_margin) == ("BTC", PoolMode.COIN, None, 0)


def test_isolated_margin_and_trading_bots_are_not_in_the_pool() -> None:
    (pool,) = pools(
        LONG,
        LONG | {"mgnMode": "isolated", "margin": "0.02", "posSide": "net"},
        eq="1.87",
        isoEq="0.07",
        isoUpl="0.05",
        stgyEq="0.25",
        upl="0.1",
    )
    assert (pool.wallet_balance, pool.venue_equity) == (D("1.5"), D("1.55"))
    assert [held.isolated_margin for held in pool.positions] == [None, D("0.02")]


@pytest.mark.parametrize("untold", ["isoEq", "stgyEq"])
def test_an_equity_of_which_a_part_is_not_told_is_not_the_pools(untold: str) -> None:
    told: dict[str, object] = {"isoEq": "0.07", "stgyEq": "0.25"}
    (pool,) = okx.parse_pools(balance(COIN | told | {"eq": "1.87", untold: ""}), [row(LONG)], market(FUTURES))
    assert (pool.wallet_balance, pool.venue_equity) == (D("1.5"), None)


def test_the_venues_requirement_is_completed_by_the_closing_fee() -> None:
    (pool,) = pools(LONG)
    risk = assess(account(pool), age=timedelta(0), target_distance=D("0.3")).pools[0]
    assert pool.venue_maintenance_margin == risk.margin.maintenance_margin == D("0.0008") + D("0.0001")
    assert pool.venue_margin_ratio == pytest.approx(D("0.0009") / D("1.55"), rel=D("1e-4"))


def account(pool: Pool) -> Account:
    return Account(name="main", venue="okx", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(pool,))


def test_an_isolated_position_needs_its_margin() -> None:
    with pytest.raises(VenueDataInvalid, match="margin"):
        position(mgnMode="isolated", margin="")


@pytest.mark.parametrize(("level", "mode"), [(MULTI, PoolMode.MULTI_COIN), (PORTFOLIO, PoolMode.PORTFOLIO)])
def test_accounts_that_pool_all_coins_are_shown_but_not_computed(level: Level, mode: PoolMode) -> None:
    (pool,) = pools(LONG, level=level, ratio="4", mmr="", mgnRatio="")
    assert (pool.mode, pool.venue_margin_ratio, len(pool.positions)) == (mode, D("0.25"), 1)
    assert pool.venue_maintenance_margin is None
    risk = assess(account(pool), age=timedelta(0), target_distance=D("0.3")).pools[0]
    assert (risk.margin.status, risk.margin.reason) == (Status.UNASSESSED, level.obstacle)


@pytest.mark.parametrize(("number", "level"), [("1", SPOT), ("2", FUTURES), ("3", MULTI), ("4", PORTFOLIO)])
def test_the_level_of_account_decides_how_margin_works(number: str, level: Level) -> None:
    assert okx_levels.parse_level(says(CONFIG | {"acctLv": number})) is level


def test_a_delta_neutral_account_is_not_computed() -> None:
    level = okx_levels.parse_level(says(CONFIG | {"stgyType": "1"}))
    assert level.obstacle == okx_levels.DELTA_NEUTRAL
    assert level.words == "futures mode (single-currency margin), delta neutral"


@pytest.mark.parametrize("config", [{"acctLv": "5"}, {"acctLv": ""}, {}])
def test_a_level_of_account_that_is_not_known_is_not_guessed(config: Raw) -> None:
    with pytest.raises(VenueDataInvalid):
        okx_levels.parse_level(says(config))


OPTION = {"instId": "BTC-USD-261225-90000-C", "instType": "OPTION", "mgnMode": "cross", "ccy": "BTC", "pos": "1"}
LOAN = {"instId": "BTC-USDT", "instType": "MARGIN", "mgnMode": "cross", "ccy": "BTC", "pos": "0.1"}


@pytest.mark.parametrize("other", [OPTION, LOAN])
def test_what_else_shares_a_coins_margin_bars_its_computation(other: Raw) -> None:
    (pool,) = pools(LONG, other)
    assert pool.obstacle == f"{other['instId']} shares this margin, and only inverse contracts are computed"
    assert (len(pool.positions), pool.venue_maintenance_margin) == (1, None)
    (only,) = pools(other)
    assert (only.positions, only.venue_maintenance_margin) == ((), None)


async def test_an_account_with_nothing_but_an_option_is_read(venues: Venues) -> None:
    given = answers() | {"/api/v5/account/positions": says(OPTION)}
    async with Loopback(given) as loopback:
        account = await venues.open(SCENES["okx"].access(loopback.origin)).look()
    assert [pool.obstacle for pool in account.pools] == [
        f"{OPTION['instId']} shares this margin, and only inverse contracts are computed"
    ]


def test_other_products_with_collateral_of_their_own_do_not_concern_the_pool() -> None:
    linear = LONG | {"instId": "BTC-USDT-SWAP", "ccy": "USDT"}
    (pool,) = pools(LONG, OPTION | {"mgnMode": "isolated"}, linear)
    assert (len(pool.positions), pool.obstacle) == (1, None)


def test_positions_of_size_zero_are_none() -> None:
    assert okx.held_rows(says(LONG | {"pos": "0"}, LONG)) == [Row(LONG, "okx", "account/positions data BTC-USD-SWAP")]


def test_coins_without_inverse_contracts_and_empty_ones_are_left_out() -> None:
    assert pools(ccy="USDT") == ()
    assert pools(cashBal="0", eq="0") == ()


def test_a_position_without_a_balance_of_its_coin_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="positions in BTC, but no balance"):
        okx.parse_pools(balance(), [row(LONG)], market())


def test_a_position_in_an_unlisted_contract_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="DOGE-USD-SWAP, which the venue does not list"):
        pools(LONG | {"instId": "DOGE-USD-SWAP"})


@pytest.mark.parametrize("key", ["pos", "avgPx", "markPx", "posSide", "mgnMode"])
@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", [], True])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`"):
        position(**{key: bad})


@pytest.mark.parametrize("key", ["cashBal", "eq"])
def test_a_balance_that_matters_is_never_made_up(key: str) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`"):
        okx.parse_pools(balance(COIN | {key: ""}), [row(LONG)], market())


@pytest.mark.parametrize(
    ("rights", "trade", "withdraw"),
    [
        ("read_only", False, False),
        ("read_only,trade", True, False),
        ("read_only,withdraw,trade", True, True),
        ("", None, None),
        (None, None, None),
    ],
)
def test_what_a_key_may_do(rights: str | None, trade: object, withdraw: object) -> None:
    found = okx.parse_examination(0.5, says(CONFIG | {"perm": rights}))
    assert (found.clock_offset_seconds, found.may_trade, found.may_withdraw) == (0.5, trade, withdraw)
    assert found.mode == "futures mode (single-currency margin)"


async def test_tiers_are_asked_for_what_is_held_and_kept(venues: Venues) -> None:
    isolated = LONG | {"instId": "BTC-USD-261225", "instType": "FUTURES", "mgnMode": "isolated", "margin": "0.02"}
    given = answers() | {"/api/v5/account/positions": says(LONG, isolated)}
    async with Loopback(given) as loopback:
        reader = venues.open(SCENES["okx"].access(loopback.origin))
        for _ in range(2):
            await reader.look()
        asked = [dict(each.params) for each in loopback.asked if each.path.endswith("position-tiers")]
    assert asked == [
        {"instType": "FUTURES", "tdMode": "isolated", "instFamily": "BTC-USD"},
        {"instType": "SWAP", "tdMode": "cross", "instFamily": "BTC-USD"},
    ]


async def test_the_passphrase_goes_with_every_private_request(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        await venues.open(SCENES["okx"].access(loopback.origin)).look()
        sent = [each.headers.get("OK-ACCESS-PASSPHRASE") for each in loopback.asked if "/account/" in each.path]
    assert sent == ["the-passphrase-in-these-tests"] * 3


def test_the_documented_isolated_position_reproduces_margin_and_liquidation_price() -> None:
    (body,) = recorded("okx__jkorf", endpoint="/api/v5/account/positions")
    (found,) = okx.held_rows(body)
    listed = QUARTERLY | {"instId": "ETH-USD-210430", "instFamily": "ETH-USD", "settleCcy": "ETH", "ctVal": "10"}
    known = market(FUTURES, listed | {"expTime": "1619769600000"})
    tiers = (Tier(floor=D(0), cap=None, rate=D("0.008"), amount=D(0)),)
    known = replace(known, ladders={"FUTURES isolated ETH-USD": tiers})
    instrument = known.inverse(found)
    assert instrument is not None
    held = okx.parse_position(found, instrument, known)
    assert (held.side, held.notional, held.isolated_margin) == (Side.LONG, 10, D("0.0003896645377994"))
    true_mark = 10 / (10 / held.entry_price - found.number("upl"))  # the sample's own mark is of another moment
    held = replace(held, mark_price=true_mark, venue_coin_value=None)
    pool = Pool(coin="ETH", wallet_balance=D(0), positions=(held,))
    risk = assess(account(pool), age=timedelta(0), target_distance=D("0.3")).pools[0].positions[0]
    assert risk.margin is not None
    assert risk.margin.maintenance_margin is not None
    assert risk.margin.maintenance_margin - held.coin_value * D("0.0005") == pytest.approx(found.number("mmr"), rel=D("1e-10"))
    assert risk.margin.margin_ratio == pytest.approx(1 / found.number("mgnRatio"), rel=D("1e-10"))
    assert risk.liquidation_price == pytest.approx(found.number("liqPx"), rel=D("1e-5"))


@pytest.mark.parametrize("recording", ["okx__jkorf", "okx__nautilus"])
def test_documented_balances_are_cash_isolated_equity_bots_and_profit(recording: str) -> None:
    (body,) = recorded(recording, endpoint="/api/v5/account/balance")
    (coin,) = okx_market.only_row(body, okx.BALANCE).rows("details", "ccy")
    pool = okx.parse_pool(coin, [], market(), None)
    crossed = coin.number("upl") - coin.number("isoUpl")
    assert pool.venue_equity == pytest.approx(pool.wallet_balance + crossed, abs=D("1e-8"))


def test_the_recorded_instruments_are_read() -> None:
    bodies = recorded("okx__nautilus", endpoint="/api/v5/public/instruments?instType=")
    rows = [each for body in bodies for each in okx_market.listed_rows(body, okx_market.INSTRUMENTS)]
    found = okx_market.parse_instruments(rows).values()
    inverse = {each.symbol: each.contract_size for each in found if each.is_inverse}
    assert inverse["BTC/USD:BTC"] == inverse["BTC/USD:BTC-250328"] == 100
    assert {each.symbol for each in found} - set(inverse) == {"ETH/USDT:USDT", "BTC/USDT:USDT"}


def test_the_documented_config_and_funding_are_read() -> None:
    (config,) = recorded("okx__jkorf", endpoint="/api/v5/account/config")
    found = okx.parse_examination(0.0, config)
    assert (found.may_trade, found.may_withdraw, found.mode) == (True, True, "multi-currency margin")
    (body,) = recorded("okx__jkorf", endpoint="/api/v5/public/funding-rate")
    (funding,) = okx_market.parse_tickers(okx_market.listed_rows(body, okx_market.FUNDING), []).values()
    assert funding.funding is not None
    assert (funding.funding.rate, funding.funding.interval) == (D("0.0000792386885340"), timedelta(hours=8))


@pytest.mark.parametrize("size", [None, "0"])
async def test_isolated_equity_without_any_isolated_position_is_no_flat_account(venues: Venues, size: str | None) -> None:
    left = [] if size is None else [LONG | {"mgnMode": "isolated", "margin": "0.02", "pos": size}]
    alone = COIN | {"isoEq": "0.07", "cashBal": "0", "mmr": "0"}
    given = answers() | {"/api/v5/account/positions": says(*left), "/api/v5/account/balance": balance(alone)}
    async with Loopback(given) as loopback:
        account = venues.open(SCENES["okx"].access(loopback.origin))
        if left:
            assert (await account.look()).pools == ()
            return
        with pytest.raises(VenueDataInvalid, match="BTC has isolated equity and no isolated position is listed"):
            await account.look()
