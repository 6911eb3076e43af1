"""Gate's wire format -> core values: one test for each quirk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, MarginMode, Pool, PoolMode, Position, TierUnit
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.ports import VenueDataInvalid, VenueRefused
from monitor.venues import Venues, gate, gate_kinds, gate_margin, gate_market
from monitor.venues.market import Market
from monitor.venues.parse import Row, rows, whole
from tests.venues.gate.scene import ACCOUNT, CONTRACT, LONG, MY_KEY, QUANTO, TIERS, answers
from tests.venues.loopback import Loopback, answer
from tests.venues.recordings import recorded
from tests.venues.scene import KEY
from tests.venues.scenes import SCENES

Raw = Mapping[str, object]
D = Decimal

INSTRUMENTS = gate_market.parse_instruments([CONTRACT, QUANTO])
LADDER = gate_market.parse_ladder(list(rows(TIERS, "gate", "tiers", "tier")))
TICKER = gate_market.parse_ticker(whole(CONTRACT, "gate", "the contract"))
MARKET = Market(instruments=INSTRUMENTS, tickers={"BTC_USD": TICKER}, ladders={"BTC_USD": LADDER})
SHORT: Raw = {**LONG, "size": "-10000"}
ISOLATED: Raw = {**LONG, "leverage": "10", "pos_margin_mode": "isolated", "margin": "0.02"}
QUANTO_LONG: Raw = {**LONG, "contract": "ETH_USD", "margin": "0.3"}


def row(raw: Raw) -> Row:
    return Row(raw, "gate", "a row")


def pool(*held: Raw, **account: object) -> Pool:
    return gate.parse_pool(row({**ACCOUNT, **account}), [row(raw) for raw in held or (LONG,)], MARKET)


def position(**changes: object) -> Position:
    (found,) = pool({**LONG, **changes}).positions
    return found


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.margin_mode) == ("BTC/USD:BTC", Side.LONG, MarginMode.CROSS)
    assert (found.contracts, found.contract_size, found.entry_price, found.mark_price) == (10000, 1, 40000, 50000)
    assert found.venue_coin_value == found.coin_value == D("0.2")
    assert (found.index_price, found.tick_size, found.open_interest) == (D("50010.5"), D("0.1"), 7488838)
    assert (found.taker_fee, found.market_notice, found.venue_liquidation_price) == (D("0.0005"), None, D("5747.14"))


def test_only_the_contract_on_bitcoin_is_inverse_although_ccxt_calls_all_of_them_so() -> None:
    assert {name: instrument.is_inverse for name, instrument in INSTRUMENTS.items()} == {"BTC_USD": True, "ETH_USD": False}
    for odd in ({"type": "direct"}, {"quanto_multiplier": "0.0001"}, {"name": "ETH_USD"}, {"name": "BTC_USDT"}):
        with pytest.raises(VenueDataInvalid):
            gate_market.parse_instruments([{**CONTRACT, **odd}])


def test_a_quanto_contract_that_shares_the_margin_bars_the_pool() -> None:
    found = pool(LONG, QUANTO_LONG)
    assert (len(found.positions), found.wallet_balance) == (1, D("1.5"))
    assert found.obstacle == "ETH_USD is not an inverse contract on BTC, but shares its margin"


async def test_a_quanto_contract_alone_is_shown_as_what_bars_the_pool_and_not_as_an_outage(venues: Venues) -> None:
    async with Loopback(answers() | {"/api/v4/futures/btc/positions": [QUANTO_LONG]}) as loopback:
        (found,) = (await venues.open(SCENES["gate"].access(loopback.origin)).look()).pools
    assert (found.positions, found.venue_maintenance_margin, bool(found.obstacle)) == ((), None, True)


def test_an_isolated_quanto_contract_has_its_own_margin_which_backs_nothing_else() -> None:
    found = pool(LONG, {**QUANTO_LONG, "pos_margin_mode": "isolated"})
    assert (len(found.positions), found.wallet_balance, found.obstacle) == (1, D("1.2"), None)


def test_a_contract_that_is_not_listed_could_be_either() -> None:
    with pytest.raises(VenueDataInvalid, match="XRP_USD, which the venue does not list"):
        pool({**LONG, "contract": "XRP_USD"})


def test_the_wallet_is_the_total_which_leaves_profit_out() -> None:
    found = pool()
    assert (found.coin, found.mode, found.obstacle) == ("BTC", PoolMode.COIN, None)
    assert found.wallet_balance + found.positions[0].unrealized_pnl == found.venue_equity == D("1.55")
    assert found.venue_maintenance_margin == D("0.00115")


def test_the_margin_of_an_isolated_position_is_not_in_the_wallet() -> None:
    found = pool(SHORT, ISOLATED, cross_unrealised_pnl="-0.05")
    (alone,) = found.isolated
    assert (alone.isolated_margin, found.wallet_balance, found.venue_equity) == (D("0.02"), D("1.48"), D("1.43"))
    unknown = pool(LONG, ISOLATED, cross_unrealised_pnl=None, cross_maintenance_margin=None)
    assert (unknown.venue_equity, unknown.venue_maintenance_margin) == (None, None)


def test_accounts_of_old_tell_no_margin_of_the_cross_positions() -> None:
    found = pool(cross_unrealised_pnl=None, cross_maintenance_margin=None, maintenance_margin=None)
    assert (found.venue_equity, found.venue_maintenance_margin) == (D("1.55"), None)
    assert pool(cross_maintenance_margin="0").venue_maintenance_margin is None
    nothing = ACCOUNT | {"cross_maintenance_margin": "0", "maintenance_margin": "0"}
    assert gate.parse_pool(row(nothing), [], MARKET).venue_maintenance_margin == 0


@pytest.mark.parametrize(
    ("named", "leverage", "mode"),
    [
        ("cross", "10", MarginMode.CROSS),
        ("isolated", "0", MarginMode.ISOLATED),
        (None, "0", MarginMode.CROSS),
        ("", "10", MarginMode.ISOLATED),
    ],
)
def test_leverage_zero_is_cross_where_the_mode_is_not_named(named: str | None, leverage: str, mode: MarginMode) -> None:
    assert position(pos_margin_mode=named, leverage=leverage).margin_mode is mode


def test_a_margin_mode_that_cannot_be_told_is_no_account() -> None:
    for unknown in ({"pos_margin_mode": "shared"}, {"pos_margin_mode": None, "leverage": None}):
        with pytest.raises(VenueDataInvalid, match=r"pos_margin_mode|leverage"):
            position(**unknown)


@pytest.mark.parametrize(
    ("mode", "size", "side"),
    [
        ("single", "-10000", Side.SHORT),
        ("dual_long", "10000", Side.LONG),
        ("dual_short", "-10000", Side.SHORT),
        ("dual_short", "10000", Side.SHORT),
    ],
)
def test_in_hedge_mode_the_mode_tells_the_direction(mode: str, size: str, side: Side) -> None:
    found = position(mode=mode, size=size)
    assert (found.side, found.contracts) == (side, 10000)


@pytest.mark.parametrize(("mode", "size"), [("dual_long", "-1"), ("split", "1"), (None, "1")])
def test_a_direction_that_is_not_clear_is_no_account(mode: str | None, size: str) -> None:
    with pytest.raises(VenueDataInvalid, match="mode"):
        position(mode=mode, size=size)


def test_long_and_short_in_hedge_mode_are_two_positions_of_one_pool() -> None:
    hedge = pool({**LONG, "mode": "dual_long"}, {**SHORT, "mode": "dual_short"})
    assert ([held.side for held in hedge.cross], hedge.obstacle) == ([Side.LONG, Side.SHORT], None)
    old = pool({**LONG, "mode": "dual_long"}, {**SHORT, "mode": "dual_short"}, enable_evolved_classic=False)
    assert old.obstacle == gate.OLD_MODE
    assert pool(enable_evolved_classic=False).obstacle is None


@pytest.mark.parametrize(
    ("raw", "price"),
    [("0", None), ("", None), ("99999999", "none"), ("0.1", "none"), ("0.06", "none"), ("0.2", D("0.2")), ("5747", D(5747))],
)
def test_rows_of_nines_and_a_single_tick_are_no_price(raw: str, price: object) -> None:
    assert position(liq_price=raw).venue_liquidation_price == price


@pytest.mark.parametrize(("ranking", "rank"), [(1, 5), (5, 1), (6, None), (0, None), (None, None)])
def test_the_rank_of_deleveraging_is_counted_from_the_other_end(ranking: int | None, rank: int | None) -> None:
    assert position(adl_ranking=ranking).adl_rank == rank


def test_tiers_are_in_coin_with_their_deductions() -> None:
    assert [(tier.floor, tier.cap, tier.rate, tier.amount) for tier in LADDER] == [
        (0, 3, D("0.005"), None),
        (3, 10, D("0.0075"), D("0.0075")),
    ]
    maintenance = position().maintenance
    assert maintenance is not None
    assert (maintenance.basis, maintenance.tier_unit, maintenance.tiers) == (Basis.MARK, TierUnit.COIN, LADDER)
    assert (maintenance.fee_rate, maintenance.fee_basis) == (D("0.00075"), Basis.MARK)


BIG: Raw = {"size": "250000", "value": "5", "maintenance_rate": "0.0075", "average_maintenance_rate": "0.006"}


@pytest.mark.parametrize(
    ("theirs", "tiers", "fee"),
    [
        ("0.03375", 2, "0.00075"),  # 5 * 0.0075 - 0.0075 + 5 * 0.00075
        ("0.03", 2, "0"),
        ("0.04125", 1, "0.00075"),  # 5 * (0.0075 + 0.00075): the rate of the tier on all of it
        ("0.0375", 1, "0"),
        ("0", 2, "0.00075"),
        (None, 2, "0.00075"),
    ],
)
def test_the_rule_is_the_one_whose_margin_the_venue_reckons(theirs: str | None, tiers: int, fee: str) -> None:
    maintenance = position(**BIG, maintenance_margin=theirs).maintenance
    assert maintenance is not None
    assert (len(maintenance.tiers), maintenance.fee_rate) == (tiers, D(fee))


def test_where_no_rule_fits_none_is_known() -> None:
    assert position(**BIG, maintenance_margin="0.05").maintenance is None


def test_without_tiers_an_account_of_old_has_the_rate_of_its_risk_limit() -> None:
    maintenance = gate_margin.parse_maintenance(
        row({"maintenance_rate": "0.005"}), row({"enable_tiered_mm": False}), position(), LADDER
    )
    assert maintenance is not None
    assert [(tier.cap, tier.rate) for tier in maintenance.tiers] == [(None, D("0.005"))]
    assert gate_margin.parse_maintenance(row({}), row({}), position(), None) is None


def test_the_price_of_the_venue_is_ours() -> None:
    account = Account(name="main", venue="gate", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(pool(),))
    (found,) = assess(account, age=timedelta(0), target_distance=D("0.3")).pools
    (held,) = found.positions
    assert held.disagreement is not None
    assert held.disagreement < D("1e-6")


def test_the_formula_that_the_venue_prints_is_ours() -> None:
    """size * entry * (1 + rate + taker) / (size + margin * entry), of an isolated long: 1,000 at 8,000 on 0.01."""
    changes = {"size": "1000", "entry_price": "8000", "mark_price": "8000", "value": "0.125", "maintenance_margin": None}
    alone = pool({**ISOLATED, **changes, "margin": "0.01"})
    account = Account(name="main", venue="gate", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(alone,))
    (held,) = assess(account, age=timedelta(0), target_distance=D("0.3")).pools[0].positions
    printed = D(1000) * 8000 * (1 + D("0.005") + D("0.00075")) / (1000 + D("0.01") * 8000)
    assert held.liquidation_price == pytest.approx(printed)


def test_funding_comes_with_its_interval_and_its_time() -> None:
    assert TICKER.funding is not None
    assert (TICKER.funding.rate, TICKER.funding.interval) == (D("0.0001"), timedelta(hours=8))
    assert TICKER.funding.next_at == datetime(2026, 9, 26, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mode", "pool_mode", "words"),
    [
        (0, PoolMode.COIN, "classic"),
        (1, PoolMode.MULTI_COIN, "unified, multi-currency margin"),
        (2, PoolMode.PORTFOLIO, "unified, portfolio margin"),
        (3, PoolMode.COIN, "unified, single-currency margin"),
        (7, PoolMode.COIN, "margin mode 7"),
        (None, PoolMode.COIN, "unknown"),
    ],
)
def test_kinds_of_account_other_than_classic_are_shown_but_not_computed(
    mode: int | None, pool_mode: PoolMode, words: str
) -> None:
    found = pool(margin_mode=mode)
    assert (found.mode, len(found.positions), bool(found.obstacle)) == (pool_mode, 1, mode != 0)
    assert gate_kinds.parse_kind(row({**ACCOUNT, "margin_mode": mode})).words == words


@pytest.mark.parametrize("key", ["size", "entry_price", "mark_price", "mode", "contract"])
@pytest.mark.parametrize("bad", [None, "", "abc", "NaN", [], True])
def test_a_field_of_a_position_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid) as caught:
        position(**{key: bad})
    assert f"`{key}`" in caught.value.message or "does not list" in caught.value.message


@pytest.mark.parametrize("bad", [None, "", "abc"])
def test_total_and_isolated_margin_are_never_made_up(bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match="`total`"):
        pool(total=bad)
    with pytest.raises(VenueDataInvalid, match="`margin`"):
        pool({**ISOLATED, "margin": bad})


@pytest.mark.parametrize(
    ("changes", "notice"),
    [
        ({}, None),
        ({"in_delisting": True}, "its market is being delisted"),
        ({"status": "suspend"}, "its market is suspend instead of trading"),
    ],
)
def test_what_keeps_a_market_from_trading(changes: Raw, notice: str | None) -> None:
    assert gate_market.parse_instruments([{**CONTRACT, **changes}])["BTC_USD"].notice == notice


@pytest.mark.parametrize(
    ("perms", "trade", "withdraw"),
    [
        ([("futures", True), ("wallet", True)], False, False),
        ([("futures", False), ("wallet", True)], True, False),
        ([("wallet", False)], True, True),
        ([("futures", None)], True, False),
    ],
)
def test_what_a_key_may_do(perms: list[tuple[str, object]], trade: object, withdraw: object) -> None:
    listed = [{"name": name, "read_only": read_only} for name, read_only in perms]
    other = {"name": "another", "key": "52fd0035*****", "perms": [{"name": "wallet", "read_only": False}]}
    for told in ([other, {**MY_KEY, "perms": listed}], {**MY_KEY, "perms": listed}):
        areas = gate_kinds.parse_key(told, KEY)
        found = gate_kinds.parse_examination(0.5, gate_kinds.KINDS[0], areas)
        assert (found.may_trade, found.may_withdraw, found.mode) == (trade, withdraw, "classic")


def test_a_key_that_is_not_listed_or_twice_leaves_its_rights_unknown() -> None:
    hidden = {**MY_KEY, "key": "*****"}
    for told in ([], [hidden], [MY_KEY, MY_KEY]):
        assert gate_kinds.parse_key(told, KEY) is None


async def test_a_key_that_may_not_read_keys_leaves_its_rights_unknown(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        loopback.fault, loopback.faulty = answer(403, '{"label": "FORBIDDEN", "message": ""}'), "main_keys"
        found = await venues.open(SCENES["gate"].access(loopback.origin)).examine()
    assert (found.may_trade, found.may_withdraw, found.mode) == (None, None, "classic")


async def test_a_refusal_is_shown_with_the_venue_s_label_and_the_place(venues: Venues) -> None:
    async with Loopback(answers()) as loopback:
        loopback.fault, loopback.faulty = answer(400, '{"label": "USER_NOT_FOUND", "message": "x"}'), "btc/accounts"
        with pytest.raises(VenueRefused, match=r"^gate btc/accounts: .*its code USER_NOT_FOUND"):
            await venues.open(SCENES["gate"].access(loopback.origin)).look()


async def test_every_page_of_positions_is_read(venues: Venues) -> None:
    empty = {**LONG, "size": "0"}
    pages = {"0": [empty] * 100, "100": [{**LONG, "size": "25"}]}
    async with Loopback(answers() | {"/api/v4/futures/btc/positions": lambda asked: pages[asked["offset"]]}) as loopback:
        found = await venues.open(SCENES["gate"].access(loopback.origin)).look()
    assert [held.contracts for held in found.positions] == [25]


async def test_positions_without_a_last_page_are_no_account(venues: Venues) -> None:
    async with Loopback(answers() | {"/api/v4/futures/btc/positions": [LONG] * 100}) as loopback:
        with pytest.raises(VenueDataInvalid, match="no last page"):
            await venues.open(SCENES["gate"].access(loopback.origin)).look()


async def test_an_account_in_another_coin_is_none_of_ours(venues: Venues) -> None:
    async with Loopback(answers() | {"/api/v4/futures/btc/accounts": {**ACCOUNT, "currency": "USDT"}}) as loopback:
        with pytest.raises(VenueDataInvalid, match="is not BTC"):
            await venues.open(SCENES["gate"].access(loopback.origin)).look()


async def test_an_order_book_is_in_contracts(venues: Venues) -> None:
    book = {"bids": [{"p": "49999.9", "s": "1000"}], "asks": [{"p": "50000.1", "s": 500}, {"p": "50001", "s": 1}]}
    async with Loopback(answers() | {"/api/v4/futures/btc/order_book": book}) as loopback:
        found = await venues.open(SCENES["gate"].access(loopback.origin)).order_book("BTC/USD:BTC")
    assert [(level.price, level.contracts) for level in (*found.bids, *found.asks)] == [
        (D("49999.9"), 1000),
        (D("50000.1"), 500),
        (50001, 1),
    ]


def test_the_documented_account_agrees_with_its_history() -> None:
    (body,) = recorded("gate__jkorf", endpoint="/api/v4/futures/{settle}/accounts")
    account = whole(body, "gate", "sample")
    history = account.inner("history")
    assert account.number("total") == sum(history.number(key) for key in ("dnw", "pnl", "fee", "refr", "fund"))


def test_the_documented_position_is_read_for_what_it_is() -> None:
    (body,) = recorded("gate__jkorf", endpoint="/api/v4/futures/{settle}/positions")
    (held,) = rows(body, "gate", "sample", "contract")
    assert gate.parse_side(held) is Side.SHORT
    assert gate.parse_liquidation_price(held, INSTRUMENTS["BTC_USD"]) == "none"
    with pytest.raises(VenueDataInvalid, match="leverage"):
        gate.parse_margin_mode(held)
    assert gate.parse_margin_mode(replace(held, raw={**held.raw, "leverage": "0"})) is MarginMode.CROSS


async def test_a_margin_for_isolated_positions_alone_that_are_not_listed_is_no_flat_account(venues: Venues) -> None:
    given = answers()
    account = next(path for path in given if path.endswith("btc/accounts"))
    given |= {account: ACCOUNT | {"cross_maintenance_margin": "0"}, account.replace("accounts", "positions"): []}
    async with Loopback(given) as loopback:
        with pytest.raises(VenueDataInvalid, match="BTC has a maintenance margin and no position is listed"):
            await venues.open(SCENES["gate"].access(loopback.origin)).look()
