"""What the simulated venues answer to the real ccxt classes, over real HTTP."""

from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from monitor.core.contract import Side
from monitor.demo.binancecoinm import SimulatedBinanceCoinM
from monitor.demo.bybit import SimulatedBybit
from monitor.demo.deribit import SimulatedDeribit
from monitor.demo.exchange import SIMULATED
from monitor.demo.htx import SimulatedHtx
from monitor.demo.okx import SimulatedOkx
from monitor.demo.portfolio import AccountMode, Portfolio
from monitor.demo.venue import SimulatedVenue
from tests.demo.worlds import QUARTER, STILL, holding, resident, world

PRIVATE = {
    "binancecoinm": [
        "dapiPrivateGetPositionRisk",
        "dapiPrivateGetAccount",
        "dapiPrivateV2GetLeverageBracket",
        "sapiGetAccountApiRestrictions",
    ],
    "bybit": [
        "privateGetV5PositionList",
        "privateGetV5AccountWalletBalance",
        "privateGetV5AccountInfo",
        "privateGetV5UserQueryApi",
    ],
    "deribit": ["privateGetGetPositions", "privateGetGetAccountSummaries", "privateGetListApiKeys"],
    "htx": [
        "contractPrivatePostSwapApiV1SwapPositionInfo",
        "contractPrivatePostSwapApiV1SwapAccountInfo",
        "contractPrivatePostApiV1ContractPositionInfo",
        "contractPrivatePostApiV1ContractAccountInfo",
        "v2PrivateGetUserUid",
        "v2PrivateGetUserApiKey",
    ],
    "okx": ["privateGetAccountPositions", "privateGetAccountBalance", "privateGetAccountConfig"],
}
PARAMS: dict[str, dict[str, Any]] = {
    "privateGetV5PositionList": {"category": "inverse"},
    "privateGetV5AccountWalletBalance": {"accountType": "CONTRACT"},
    "v2PrivateGetUserApiKey": {"uid": "63628520"},
}
SIGNED = [(kind, method) for kind in SIMULATED for method in PRIVATE[kind.id]]


@pytest.mark.parametrize(("kind", "method"), SIGNED)
async def test_what_ccxt_signs_is_accepted(kind: type[SimulatedVenue], method: str) -> None:
    async with world(kind) as (_, exchange):
        assert await getattr(exchange, method)(PARAMS.get(method, {}))


@pytest.mark.parametrize(("kind", "method"), SIGNED)
@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"apiKey": "another"}])
async def test_a_wrong_key_or_secret_is_refused_in_the_venue_s_words(
    kind: type[SimulatedVenue], method: str, wrong: dict[str, str]
) -> None:
    async with world(kind, **wrong) as (_, exchange):
        with pytest.raises(ccxt.AuthenticationError):
            await getattr(exchange, method)(PARAMS.get(method, {}))


@pytest.mark.parametrize(("kind", "method"), SIGNED)
@pytest.mark.parametrize("skew", [-90_000, 90_000])
async def test_a_clock_that_is_off_is_refused(kind: type[SimulatedVenue], method: str, skew: int) -> None:
    async with world(kind) as (simulated, exchange):
        exchange.milliseconds = lambda: simulated.now_ms() + skew
        with pytest.raises((ccxt.InvalidNonce, ccxt.AuthenticationError)):
            await getattr(exchange, method)(PARAMS.get(method, {}))


MARKETS: dict[str, dict[str, Any]] = {
    "binancecoinm": {"fetchMarkets": {"types": ["inverse"]}},
    "bybit": {"fetchMarkets": {"types": ["inverse"]}},
    "deribit": {},
    "htx": {"fetchMarkets": {"types": {"spot": False, "linear": False, "inverse": True}}},
    "okx": {"fetchMarkets": {"types": ["swap", "future"]}},
}
"""Options by which ccxt loads inverse contracts and little else."""


@pytest.mark.parametrize("kind", SIMULATED)
async def test_ccxt_loads_the_inverse_markets(kind: type[SimulatedVenue]) -> None:
    async with world(kind, options=MARKETS[kind.id]) as (_, exchange):
        exchange.has["fetchCurrencies"] = False
        markets = await exchange.load_markets()
        found = {symbol for symbol, m in markets.items() if m["settle"] == m["base"] and m["type"] in ("swap", "future")}
        assert found == {
            "BTC/USD:BTC",
            "ETH/USD:ETH",
            "SOL/USD:SOL",
            f"BTC/USD:BTC-{QUARTER:%y%m%d}",
            f"ETH/USD:ETH-{QUARTER:%y%m%d}",
        }


@pytest.mark.parametrize("kind", SIMULATED)
async def test_nothing_of_ccxt_s_addresses_leads_outside(kind: type[SimulatedVenue]) -> None:
    simulated = kind(quotes=lambda: STILL, clock=lambda: 0.0, quarter=QUARTER)
    real = getattr(ccxt, kind.id)()
    assert set(simulated.ccxt_urls("")) == set(real.urls["api"])
    for name, url in simulated.ccxt_urls("").items():
        assert real.urls["api"][name].replace("{hostname}", "host").endswith(url)


TIMES = {
    "binancecoinm": ("dapiPublicGetTime", "dapiPublicGetTrades"),
    "bybit": ("publicGetV5MarketTime", "publicGetV5MarketKline"),
    "deribit": ("publicGetGetTime", "publicGetTest"),
    "htx": ("contractPublicGetApiV1Timestamp", "contractPublicGetSwapApiV1SwapRiskInfo"),
    "okx": ("publicGetPublicTime", "publicGetMarketTrades"),
}
"""How ccxt asks for the time, and for something that is not simulated."""


@pytest.mark.parametrize("kind", SIMULATED)
async def test_requests_are_counted_by_path_and_what_is_unknown_is_not_found(kind: type[SimulatedVenue]) -> None:
    async with world(kind) as (simulated, exchange):
        time, elsewhere = TIMES[kind.id]
        await getattr(exchange, time)()
        await getattr(exchange, time)()
        assert list(simulated.requests.values()) == [2]
        with pytest.raises(ccxt.BaseError):
            await getattr(exchange, elsewhere)()


@pytest.mark.parametrize("password", ["another", "a-passphras"])
async def test_okx_wants_the_passphrase_of_the_key(password: str) -> None:
    async with world(SimulatedOkx, password=password) as (_, exchange):
        with pytest.raises(ccxt.AuthenticationError, match="50105"):
            await exchange.privateGetAccountBalance()


async def test_okx_counts_all_cross_contracts_of_a_coin_for_the_tier_and_an_isolated_one_alone() -> None:
    long, short = holding(notional=Decimal(300_000)), holding(side=Side.SHORT, notional=Decimal(200_000))
    alone = holding(notional=Decimal(300_000), isolated_margin=Decimal(2), expiry=QUARTER)
    portfolio = Portfolio(wallets={"BTC": Decimal(9)}, holdings=(long, short, alone), hedge_mode=True)
    async with world(SimulatedOkx, resident(portfolio)) as (_, exchange):
        rows = (await exchange.privateGetAccountPositions())["data"]
        detail = (await exchange.privateGetAccountBalance())["data"][0]["details"][0]
    assert [(row["posSide"], row["pos"], row["mgnMode"]) for row in rows] == [
        ("long", "3000", "cross"),
        ("short", "2000", "cross"),
        ("long", "3000", "isolated"),
    ]
    rates = [Decimal(row["mmr"]) * Decimal(row["markPx"]) / (100 * Decimal(row["pos"])) for row in rows]
    assert rates == [pytest.approx(Decimal(rate), abs=Decimal("1e-12")) for rate in ("0.005", "0.005", "0.004")]
    assert Decimal(detail["mmr"]) == Decimal(rows[0]["mmr"]) + Decimal(rows[1]["mmr"])
    assert Decimal(detail["eq"]) == Decimal(9) + Decimal(detail["isoEq"])


async def test_htx_has_an_account_for_each_product_and_only_the_larger_side_of_a_hedge_needs_margin() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(80_000))
    portfolio = Portfolio(wallets={"BTC": Decimal(3)}, holdings=(holding(), short), hedge_mode=True)
    async with world(SimulatedHtx, resident(portfolio)) as (_, exchange):
        rows = (await exchange.contractPrivatePostSwapApiV1SwapPositionInfo())["data"]
        account = (await exchange.contractPrivatePostSwapApiV1SwapAccountInfo())["data"][0]
        idle = (await exchange.contractPrivatePostApiV1ContractAccountInfo())["data"][0]
    assert [(row["direction"], float(row["volume"])) for row in rows] == [("buy", 1000), ("sell", 800)]
    assert float(account["margin_position"]) == pytest.approx(100_000 / 50_000 / 10)
    assert (float(account["margin_static"]), float(idle["margin_static"])) == (3, 0)
    assert float(account["risk_rate"]) == pytest.approx(3 / 0.2 - 0.1)


async def test_binance_rows_carry_the_position_and_the_frozen_price() -> None:
    dated = holding(notional=Decimal(300_000), entry_price=Decimal(51_000), expiry=QUARTER)
    portfolio = Portfolio(wallets={"BTC": Decimal(8)}, holdings=(holding(notional=Decimal(400_000)), dated))
    async with world(SimulatedBinanceCoinM, resident(portfolio)) as (_, exchange):
        rows = [row for row in await exchange.dapiPrivateGetPositionRisk() if row["positionAmt"] != "0"]
        assert [(row["symbol"], row["positionAmt"], row["positionSide"]) for row in rows] == [
            ("BTCUSD_PERP", "4000", "BOTH"),
            (f"BTCUSD_{QUARTER:%y%m%d}", "3000", "BOTH"),
        ]
        assert rows[0]["liquidationPrice"] == "25201.82004990"
        assert rows[0]["notionalValue"] == "8.00000000"
        account = await exchange.dapiPrivateGetAccount()
        assert account["assets"][0]["walletBalance"] == "8.00000000"
        assert account["assets"][0]["marginBalance"] == "8.00000000"


async def test_binance_shows_both_sides_of_a_hedged_symbol() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(40_000))
    portfolio = Portfolio(wallets={"BTC": Decimal(3)}, holdings=(holding(), short), hedge_mode=True)
    async with world(SimulatedBinanceCoinM, resident(portfolio)) as (_, exchange):
        rows = {
            row["positionSide"]: row for row in await exchange.dapiPrivateGetPositionRisk({"pair": "BTCUSD"}) if row["leverage"]
        }
        held = {row["positionSide"]: row for row in await exchange.dapiPrivateGetPositionRisk() if row["positionAmt"] != "0"}
        assert set(rows) == {"BOTH", "LONG", "SHORT"}
        assert {side: row["positionAmt"] for side, row in held.items()} == {"LONG": "1000", "SHORT": "-400"}
        assert held["LONG"]["liquidationPrice"] == held["SHORT"]["liquidationPrice"]


async def test_bybit_pages_positions_and_every_page_is_reached_by_its_cursor() -> None:
    portfolio = Portfolio(wallets={"BTC": Decimal(9)}, holdings=(holding(), holding(expiry=QUARTER)))
    async with world(SimulatedBybit, resident(portfolio)) as (simulated, exchange):
        seen, cursor = [], ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            result = (await exchange.privateGetV5PositionList({"category": "inverse", "limit": 2} | more))["result"]
            seen += [row["symbol"] for row in result["list"]]
            if not (cursor := result["nextPageCursor"]):
                break
        assert sorted(seen) == ["BTCUSD", "BTCUSDZ26", "ETHUSD", "ETHUSDZ26", "SOLUSD"]
        assert simulated.requests["/v5/position/list"] == 3


async def test_bybit_isolated_margin_is_inside_the_wallet_balance() -> None:
    isolated = holding(coin="ETH", entry_price=Decimal(2_500), notional=Decimal(5_000), isolated_margin=Decimal(1))
    portfolio = Portfolio(wallets={"ETH": Decimal(3)}, holdings=(isolated,))
    async with world(SimulatedBybit, resident(portfolio)) as (_, exchange):
        balance = await exchange.privateGetV5AccountWalletBalance({"accountType": "CONTRACT"})
        assert balance["result"]["list"][0]["coin"][0]["walletBalance"] == "4.00000000"
        row = (await exchange.privateGetV5PositionList({"category": "inverse"}))["result"]["list"][0]
        assert (row["tradeMode"], row["positionBalance"]) == (1, "1.00000000")


async def test_bybit_classic_and_unified_accounts_have_wallets_of_their_own() -> None:
    unified = resident(Portfolio(wallets={"BTC": Decimal(1)}, account_mode=AccountMode.UNIFIED))
    async with world(SimulatedBybit, unified) as (_, exchange):
        assert (await exchange.privateGetV5AccountInfo())["result"]["unifiedMarginStatus"] == 6
        with pytest.raises(ccxt.BaseError):
            await exchange.privateGetV5AccountWalletBalance({"accountType": "CONTRACT"})


async def test_deribit_speaks_in_signed_dollars_and_its_balance_holds_what_was_settled() -> None:
    short = holding(side=Side.SHORT, notional=Decimal(90_000), entry_price=Decimal(45_000))
    async with world(SimulatedDeribit, resident(Portfolio(wallets={"BTC": Decimal(3)}, holdings=(short,)))) as (_, exchange):
        row = (await exchange.privateGetGetPositions())["result"][0]
        summary = (await exchange.privateGetGetAccountSummaries())["result"]["summaries"][0]
        assert (float(row["size"]), float(row["size_currency"]), row["direction"]) == (-90_000, -1.8, "sell")
        equity = Decimal(3) + Decimal(-90_000) / 45_000 + Decimal(90_000) / 50_000
        assert Decimal(str(summary["equity"])) == equity
        assert Decimal(str(summary["balance"])) == equity - Decimal(str(row["floating_profit_loss"]))
        assert Decimal(str(summary["balance"])) != 3


async def test_deribit_lists_a_linear_contract_and_an_option_for_filters_to_leave_out() -> None:
    async with world(SimulatedDeribit) as (_, exchange):
        every = (await exchange.publicGetGetInstruments({"currency": "any"}))["result"]
        futures = (await exchange.publicGetGetInstruments({"currency": "BTC", "kind": "future"}))["result"]
        assert {"option", "future"} == {row["kind"] for row in every}
        assert {row["settlement_currency"] for row in every} == {"BTC", "ETH", "SOL", "USDC"}
        assert [row["instrument_name"] for row in futures] == ["BTC-PERPETUAL", "BTC-25DEC26"]


@pytest.mark.parametrize("kind", SIMULATED)
async def test_what_the_key_may_do_is_told(kind: type[SimulatedVenue]) -> None:
    for able in (True, False):
        async with world(kind, resident(may_trade=able, may_withdraw=able)) as (_, exchange):
            method = PRIVATE[kind.id][-1]
            answer = await getattr(exchange, method)(PARAMS.get(method, {}))
            assert _withdraws(kind.id, answer) is able


def _withdraws(venue: str, answer: dict[str, Any]) -> bool:
    match venue:
        case "binancecoinm":
            return bool(answer["enableWithdrawals"])
        case "bybit":
            return answer["result"]["readOnly"] == 0 and "Withdraw" in answer["result"]["permissions"]["Wallet"]
        case "htx":
            return "withdraw" in answer["data"][0]["permission"].split(",")
        case "okx":
            return "withdraw" in answer["data"][0]["perm"].split(",")
        case _:
            return "wallet:read_write" in answer["result"][0]["max_scope"]
