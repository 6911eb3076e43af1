"""Phemex's wire format -> core values: one test for each quirk."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Basis, MarginMode, Pool, Position
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.ports import ErrorKind, VenueDataInvalid, VenueRefused
from monitor.venues import Venues, phemex, phemex_market
from monitor.venues.instrument import Instrument
from monitor.venues.parse import Row
from tests.venues.loopback import Loopback
from tests.venues.phemex.scene import (
    ACCOUNT,
    CURRENCIES,
    EMPTY,
    LINEAR,
    LONG,
    PRODUCT,
    SPOT,
    TICKER,
    UNIT,
    answers,
    products,
    result,
    says,
)
from tests.venues.scenes import SCENES

D = Decimal

CONTRACTS = phemex_market.parse_instruments(products(PRODUCT, LINEAR, SPOT))
TICKERS = phemex_market.parse_tickers(result([TICKER]), CONTRACTS)
MARKET = phemex.Market(instruments=CONTRACTS, tickers=TICKERS, units=phemex.parse_units(says([UNIT]), ["BTC"]))
ALONE = {"leverageEr": 1000000000, "assignedPosBalance": "0.1"}


def position(market: phemex.Market = MARKET, /, **changes: object) -> Position:
    return phemex.parse_position(Row(LONG | changes, "phemex", "a row"), market)


def pool(*held: dict[str, object], market: phemex.Market = MARKET, **account: object) -> Pool:
    data = {"account": ACCOUNT | account, "positions": [*held, EMPTY | {"symbol": "OTHER"}]}
    return phemex.parse_pool(Row(data, "phemex", "data"), market)


def test_a_position_is_read_whole() -> None:
    found = position()
    assert (found.symbol, found.side, found.contracts, found.notional) == ("BTC/USD:BTC", Side.LONG, 10000, 10000)
    assert (found.entry_price, found.index_price, found.tick_size) == (40000, D("50010.5"), D("0.5"))
    assert (found.margin_mode, found.isolated_margin, found.settle, found.adl_rank) == (MarginMode.CROSS, None, "BTC", 2)
    assert (found.open_interest, found.taker_fee, found.market_notice) == (D(7821141), D("0.0006"), None)
    assert found.venue_coin_value == found.coin_value == D("0.2")
    assert found.funding is not None
    assert (found.funding.rate, found.funding.interval) == (D("0.000175"), timedelta(hours=8))


def test_the_market_s_mark_goes_before_the_position_s_which_lags() -> None:
    assert position().mark_price == 50000
    assert position(phemex.Market(instruments=CONTRACTS, tickers={}, units={})).mark_price == 49999


def test_a_scaled_price_that_is_not_the_plain_one_is_not_believed() -> None:
    with pytest.raises(VenueDataInvalid, match="`markPriceEp` is not 49999"):
        position(markPriceEp=4999900000)


def test_only_perpetuals_that_pay_in_their_own_coin_are_inverse() -> None:
    assert {name: contract.symbol for name, contract in CONTRACTS.items() if contract.is_inverse} == {"BTCUSD": "BTC/USD:BTC"}
    assert CONTRACTS["XRPUSD"].symbol == "XRP/USD:USD"
    units = [phemex_market.contract_of(CONTRACTS[name]).value_unit for name in ("BTCUSD", "XRPUSD")]
    assert units == [100_000_000, 10_000]


@pytest.mark.parametrize(
    "bad",
    [
        {"priceScale": None},
        {"priceScale": -4},
        {"priceScale": "4.5"},
        {"priceScale": 40},
        {"settleCurrency": "DOGE"},
        {"contractSize": 0},
        {"minPriceEp": None},
    ],
)
def test_a_contract_whose_numbers_cannot_be_scaled_is_not_listed(bad: dict[str, object]) -> None:
    found = phemex_market.parse_instruments(products(PRODUCT | {"symbol": "ODD"} | bad, PRODUCT))
    assert [name for name, one in found.items() if isinstance(one, phemex_market.Contract)] == ["BTCUSD"]
    assert "ODD" not in found


def test_a_funding_interval_in_hours_is_not_taken_for_seconds() -> None:
    (listed,) = phemex_market.parse_instruments(products(PRODUCT | {"fundingInterval": 8})).values()
    assert listed.funding_interval is None


def test_a_market_that_does_not_trade_is_noticed() -> None:
    (listed,) = phemex_market.parse_instruments(products(PRODUCT | {"status": "Delisted"})).values()
    assert listed.notice == "its market is Delisted instead of Listed"


def test_the_time_is_that_of_the_newest_ticker() -> None:
    later = TICKER | {"timestamp": 1592474242582701416}
    assert phemex_market.server_seconds(result([TICKER, later, TICKER])) == pytest.approx(1592474242.5827014)
    with pytest.raises(VenueDataInvalid, match="no ticker"):
        phemex_market.server_seconds(result([]))


def test_an_instrument_of_another_venue_has_no_scale() -> None:
    other = Instrument(
        id="X", base="BTC", quote="USD", settle="BTC", expiry=None, contract_size=D(1), tick_size=None, funding_interval=None
    )
    with pytest.raises(TypeError, match="X is not of this venue"):
        phemex_market.contract_of(other)


@pytest.mark.parametrize(("named", "side"), [("Buy", Side.LONG), ("Sell", Side.SHORT)])
def test_direction_is_named_and_size_has_no_sign(named: str, side: Side) -> None:
    assert position(side=named).side is side
    assert position(side=named, posSide="Merged").side is side


@pytest.mark.parametrize(
    "odd", [{"side": "None"}, {"side": "buy"}, {"side": None}, {"posSide": "Long"}, {"posSide": 1}, {"size": -5}]
)
def test_a_direction_that_is_not_known_is_not_guessed(odd: dict[str, object]) -> None:
    with pytest.raises(VenueDataInvalid, match=r"side|size"):
        position(**odd)


@pytest.mark.parametrize(
    ("leverage", "crossed", "mode"),
    [
        (-2000000000, False, MarginMode.CROSS),
        (0, False, MarginMode.CROSS),
        (-100, True, MarginMode.CROSS),
        (200000000, False, MarginMode.ISOLATED),
        ("200000000", None, MarginMode.ISOLATED),
    ],
)
def test_the_sign_of_the_leverage_and_not_the_flag_tells_cross_margin(
    leverage: object, crossed: object, mode: MarginMode
) -> None:
    assert position(leverageEr=leverage, crossMargin=crossed).margin_mode is mode


def test_a_flag_that_says_cross_where_the_leverage_says_isolated_is_not_understood() -> None:
    with pytest.raises(VenueDataInvalid, match="contradicts crossMargin"):
        position(leverageEr=200000000, crossMargin=True)


def test_margin_is_on_the_entry_value_with_the_account_s_own_fee_at_the_bankruptcy_price() -> None:
    rule = position(takerFeeRateEr=40000).maintenance
    assert rule is not None
    assert (rule.basis, rule.fee_basis, rule.fee_rate) == (Basis.ENTRY, Basis.BANKRUPTCY, D("0.0004"))
    assert [(tier.floor, tier.cap, tier.rate, tier.amount) for tier in rule.tiers] == [(0, None, D("0.005"), 0)]


@pytest.mark.parametrize("untold", [0, "0", None, ""])
def test_a_fee_of_nothing_is_that_of_an_account_without_discount(untold: object) -> None:
    assert position(takerFeeRateEr=untold).taker_fee == D("0.0006")


@pytest.mark.parametrize(
    ("raw", "price"),
    [
        (0, None),
        (None, None),
        ("0E-8", None),
        ("0.50000000", "none"),
        (1000000, "none"),
        (9, D(9)),
        ("31879.5", D("31879.5")),
    ],
)
def test_the_bounds_of_an_order_s_price_mean_that_no_price_liquidates(raw: object, price: object) -> None:
    assert position(liquidationPrice=raw).venue_liquidation_price == price


def test_the_documented_position_is_worth_its_entry_value() -> None:
    market = phemex.Market(instruments=CONTRACTS, tickers={}, units={})
    documented = {"size": 5, "avgEntryPrice": "18914.3181", "markPrice": "23828.7555", "markPriceEp": 238287555}
    found = position(market, **documented, value="0.00026435")
    assert found.unrealized_pnl == pytest.approx(D("0.00005452"), abs=D("1e-8"))
    assert found.venue_coin_value == pytest.approx(found.coin_value, rel=D("1e-5"))


def test_the_documented_cross_position_goes_bankrupt_where_the_venue_says() -> None:
    """Long of 9 on 1.00000024 BTC: bankruptComm 0.00075022, liquidated at 9.0, which is the tick above 8.9974."""
    documented = {"size": 9, "avgEntryPrice": "8687.5941", "value": "0.00103596", "takerFeeRateEr": 75000, "leverageEr": 0}
    market = phemex.Market(instruments=CONTRACTS, tickers={}, units={})
    marks = {"markPrice": "8678.6292", "markPriceEp": 86786292}
    held = account(pool(LONG | documented | marks, market=market, accountBalanceEv=100000024))
    (risk,) = assess(held, age=timedelta(0), target_distance=D("0.3")).pools
    assert risk.margin.maintenance_margin == pytest.approx(D("0.00075022") + D("0.00103596") * D("0.005"), abs=D("1e-8"))
    assert risk.margin.liquidation_price_below == pytest.approx(D("8.9974"), abs=D("1e-3"))


def account(held: Pool) -> Account:
    return Account(name="main", venue="phemex", taken_at=datetime(2026, 11, 24, tzinfo=UTC), pools=(held,))


def test_the_balance_is_the_wallet_and_the_venue_s_equity_is_of_the_cross_positions() -> None:
    found = pool(LONG)
    assert (found.coin, found.wallet_balance, found.venue_equity) == ("BTC", D("1.5"), D("1.55"))
    assert found.wallet_balance + sum(held.unrealized_pnl for held in found.cross) == found.venue_equity
    assert (found.venue_margin_ratio, found.venue_maintenance_margin, found.obstacle) == (D("0.00080645"), None, None)


def test_isolated_margin_is_inside_the_balance_but_no_part_of_the_pool() -> None:
    found = pool(LONG | ALONE, market=phemex.Market(instruments=CONTRACTS, tickers=TICKERS, units={}))
    assert (found.wallet_balance, found.isolated[0].isolated_margin) == (D("1.4"), D("0.1"))
    assert (found.venue_equity, found.venue_margin_ratio) == (None, None)


def test_other_units_than_that_of_the_cross_positions_are_passed_over() -> None:
    others = [UNIT | {"riskType": "Isolated"}, UNIT | {"riskType": "MultiAssetContractCross"}]
    assert phemex.parse_units(says(others), ["BTC"]) == {}


def test_positions_in_a_coin_without_a_listed_contract_are_never_left_out() -> None:
    with pytest.raises(VenueDataInvalid, match="positions in BTC, in which no contract is listed"):
        phemex.parse_units(says([UNIT]), ["ETH"])
    dollars = UNIT | {"currency": "USDT"}
    assert phemex.parse_units(says([dollars, UNIT | {"totalPosMMRv": "0"}]), ["ETH"]).keys() == {"USDT", "BTC"}


def test_a_maintenance_margin_that_no_position_shares_is_no_account() -> None:
    for held in ([], [LONG | ALONE]):
        with pytest.raises(VenueDataInvalid, match="BTC has a maintenance margin and no position is listed that shares it"):
            pool(*held)


def test_a_list_without_even_an_empty_contract_is_no_list() -> None:
    with pytest.raises(VenueDataInvalid, match="BTC: no contract is listed, not even empty ones"):
        phemex.parse_pool(Row({"account": ACCOUNT, "positions": []}, "phemex", "data"), MARKET)


def test_a_contract_on_something_else_bars_its_pool() -> None:
    quanto = PRODUCT | {"symbol": "ETHQ", "contractUnderlyingAssets": "ETH"}
    listed = phemex_market.parse_instruments(products(quanto))
    market = phemex.Market(instruments=listed, tickers={}, units={})
    assert pool(LONG | {"symbol": "ETHQ"}, market=market).obstacle == (
        "ETH/USD:BTC is not an inverse contract on BTC, but shares its margin"
    )


def test_a_position_in_an_unlisted_contract_is_no_account() -> None:
    with pytest.raises(VenueDataInvalid, match="a position in DOGEUSD, which the venue does not list"):
        position(symbol="DOGEUSD")


@pytest.mark.parametrize("key", ["size", "avgEntryPrice", "maintMarginReq", "leverageEr", "side", "symbol"])
@pytest.mark.parametrize("bad", [None, "", "abc", "Infinity", {}, True])
def test_a_field_that_matters_is_never_made_up(key: str, bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match=f"`{key}`|does not list"):
        position(**{key: bad})


@pytest.mark.parametrize("bad", [None, "", "abc", {}])
def test_a_balance_or_an_isolated_margin_is_never_made_up(bad: object) -> None:
    with pytest.raises(VenueDataInvalid, match="`accountBalanceEv`"):
        pool(LONG, accountBalanceEv=bad)
    with pytest.raises(VenueDataInvalid, match="`assignedPosBalance`"):
        position(**(ALONE | {"assignedPosBalance": bad}))


@pytest.mark.parametrize("key", ["riskMode", "assetMode"])
@pytest.mark.parametrize("mode", ["MultiAsset", "PORTFOLIO"])
async def test_an_account_whose_coins_back_each_other_is_refused(venues: Venues, key: str, mode: str) -> None:
    shared = answers() | {"/uta-api/risk/risk-mode": says({key: mode})}
    async with Loopback(shared) as loopback:
        opened = venues.open(SCENES["phemex"].access(loopback.origin))
        with pytest.raises(VenueRefused, match=f"{mode} mode, whose shared margin is not read yet") as caught:
            await opened.look()
        assert caught.value.kind is ErrorKind.REFUSED
        assert loopback.count("accountPositions") == 0
        assert (await opened.examine()).mode == mode


async def test_every_coin_with_inverse_contracts_is_asked_for(venues: Venues) -> None:
    ether = PRODUCT | {"symbol": "ETHUSD", "settleCurrency": "ETH"}
    both = answers() | {"/public/products": products(PRODUCT, ether, LINEAR)}
    held = {"BTC": [LONG], "ETH": [EMPTY | {"symbol": "ETHUSD"}]}
    both["/accounts/accountPositions"] = lambda asked: says(
        {
            "account": {"currency": asked["currency"], "accountBalanceEv": 150000000 if asked["currency"] == "BTC" else 0},
            "positions": held[asked["currency"]],
        }
    )
    async with Loopback(both) as loopback:
        found = await venues.open(SCENES["phemex"].access(loopback.origin)).look()
        asked = sorted(one.params["currency"] for one in loopback.asked if one.path.endswith("accountPositions"))
    assert asked == ["BTC", "ETH"]
    assert [each.coin for each in found.pools] == ["BTC"]


async def test_a_book_is_scaled_cut_and_put_in_order(venues: Venues) -> None:
    bids = [[(499990000 - 5000 * step), 10] for step in range(300)]
    sides = {"bids": bids[::-1], "asks": [[500010000, 7], [500005000, 0], [500000000, 5]]}
    async with Loopback(answers() | {"/v1/md/fullbook": result({"book": sides, "symbol": "BTCUSD"})}) as loopback:
        book = await venues.open(SCENES["phemex"].access(loopback.origin)).order_book("BTC/USD:BTC")
    assert (len(book.bids), book.bids[0].price, book.bids[0].contracts) == (200, 49999, 10)
    assert [(level.price, level.contracts) for level in book.asks] == [(50000, 5), (50001, 7)]


def test_each_coin_has_its_own_scale_of_amounts() -> None:
    cents = [{"currency": "BTC", "valueScale": 6}, *CURRENCIES[1:]]
    listed = phemex_market.parse_instruments(says({"currencies": cents, "products": [PRODUCT]}))
    assert phemex.value_unit("BTC", listed) == 1_000_000


@pytest.mark.parametrize(
    "odd",
    [
        *({lost: None} for lost in ("contractSize", "priceScale", "tickSize", "quoteCurrency", "contractUnderlyingAssets")),
        *({"type": kind} for kind in (None, "", 7, "PerpetualV3")),
    ],
)
async def test_a_position_in_a_contract_that_is_not_understood_is_not_overlooked(venues: Venues, odd: dict[str, object]) -> None:
    odd = PRODUCT | {"symbol": "ETHUSD", "settleCurrency": "ETH"} | odd
    accounts = {"BTC": [LONG], "ETH": [LONG | ALONE | {"symbol": "ETHUSD", "currency": "ETH"}]}
    given = answers() | {"/public/products": products(PRODUCT, odd, LINEAR, SPOT)}
    given["/accounts/accountPositions"] = lambda asked: says(
        {"account": ACCOUNT | {"currency": asked["currency"]}, "positions": accounts[asked["currency"]]}
    )
    async with Loopback(given) as loopback:
        account = venues.open(SCENES["phemex"].access(loopback.origin))
        with pytest.raises(VenueDataInvalid, match="a position in ETHUSD, which the venue does not list"):
            await account.look()
        accounts["ETH"] = [EMPTY | {"symbol": "ETHUSD", "currency": "ETH"}]
        assert [pool.coin for pool in (await account.look()).pools] == ["BTC"]


@pytest.mark.parametrize("kind", ["Perpetual", None, ""])
def test_a_contract_of_which_not_even_the_coin_is_known_is_no_list_of_contracts(kind: str | None) -> None:
    nameless = PRODUCT | {"symbol": "ETHUSD", "type": kind, "settleCurrency": None}
    with pytest.raises(VenueDataInvalid, match="ETHUSD `settleCurrency` is missing"):
        phemex_market.parse_instruments(products(PRODUCT, nameless))


def test_what_is_named_something_else_and_settles_in_no_coin_is_no_contract() -> None:
    others = [SPOT, {"type": "Index"}, LINEAR | {"symbol": "OTHER", "type": "Other"}]
    assert [*phemex_market.parse_instruments(products(PRODUCT, *others))] == ["BTCUSD"]
