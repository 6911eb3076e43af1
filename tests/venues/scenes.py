"""A healthy account at each venue, in its wire format, and how to reach it on loopback."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.venues.access import Access
from tests.venues.htx.scene import htx_answers, htx_urls
from tests.venues.okx.scene import okx_answers

KEY, SECRET = "the-key-in-these-tests", "dGhlLXNlY3JldC1pbi10aGVzZS10ZXN0cw=="
"""The secret is base64, for venues that want it so."""
PASSPHRASE = "the-passphrase-in-these-tests"


class WallClock:
    """The machine's clock, `off` seconds wrong."""

    def __init__(self, off: float = 0.0) -> None:
        self.off = off

    def now(self) -> datetime:
        return self.wall()

    def wall(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.off)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def bybit_says(result: object) -> dict[str, object]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": 1697684980172}


def bybit_list(*rows: object, cursor: str | None = "") -> dict[str, object]:
    return bybit_says({"category": "inverse", "list": list(rows), "nextPageCursor": cursor})


BYBIT_PERPETUAL = {
    "symbol": "BTCUSD",
    "contractType": "InversePerpetual",
    "status": "Trading",
    "baseCoin": "BTC",
    "quoteCoin": "USD",
    "settleCoin": "BTC",
    "deliveryTime": "0",
    "priceFilter": {"tickSize": "0.5"},
    "lotSizeFilter": {"minOrderQty": "10"},
    "fundingInterval": 480,
}
BYBIT_QUARTERLY = BYBIT_PERPETUAL | {"symbol": "BTCUSDZ26", "contractType": "InverseFutures", "deliveryTime": "1798185600000"}
BYBIT_TICKER = {
    "symbol": "BTCUSD",
    "indexPrice": "50010.5",
    "markPrice": "50000",
    "fundingRate": "0.0001",
    "nextFundingTime": "1760371200000",
    "fundingIntervalHour": "8",
    "openInterest": "240113967",
}
BYBIT_TIERS = (
    {"symbol": "BTCUSD", "riskLimitValue": "150", "maintenanceMargin": "0.5", "initialMargin": "1", "maxLeverage": "100.00"},
    {"symbol": "BTCUSD", "riskLimitValue": "300", "maintenanceMargin": "1", "initialMargin": "2", "maxLeverage": "50.00"},
)
BYBIT_LONG = {
    "positionIdx": 0,
    "symbol": "BTCUSD",
    "side": "Buy",
    "size": "10000",
    "avgPrice": "40000",
    "positionValue": "0.25",
    "tradeMode": 0,
    "markPrice": "50000",
    "liqPrice": "",
    "positionBalance": "0.0251",
    "positionMM": "0.00125",
    "unrealisedPnl": "0.05",
    "adlRankIndicator": 2,
}
BYBIT_COIN = {
    "coin": "BTC",
    "walletBalance": "1.5",
    "equity": "1.55",
    "unrealisedPnl": "0.05",
    "totalPositionMM": "0.00125",
    "totalOrderIM": "0",
}
BYBIT_INFO = {"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 1}


def bybit_answers() -> dict[str, object]:
    return {
        "/v5/market/time": lambda _: bybit_says({"timeSecond": str(int(time.time())), "timeNano": str(time.time_ns())}),
        "/v5/market/instruments-info": bybit_list(BYBIT_PERPETUAL, BYBIT_QUARTERLY, cursor=None),
        "/v5/market/tickers": bybit_list(BYBIT_TICKER),
        "/v5/market/risk-limit": bybit_list(*BYBIT_TIERS),
        "/v5/position/list": bybit_list(BYBIT_LONG),
        "/v5/account/wallet-balance": bybit_says({"list": [{"accountType": "CONTRACT", "coin": [BYBIT_COIN]}]}),
        "/v5/account/info": bybit_says(BYBIT_INFO),
        "/v5/user/query-api": bybit_says({"readOnly": 1, "permissions": {"ContractTrade": ["Position"], "Wallet": []}}),
    }


BINANCE_PERPETUAL = {
    "symbol": "BTCUSD_PERP",
    "pair": "BTCUSD",
    "contractType": "PERPETUAL",
    "deliveryDate": 4133404800000,
    "contractSize": 100,
    "marginAsset": "BTC",
    "baseAsset": "BTC",
    "quoteAsset": "USD",
    "filters": [{"filterType": "LOT_SIZE"}, {"filterType": "PRICE_FILTER", "tickSize": "0.1"}],
}
BINANCE_QUARTERLY = BINANCE_PERPETUAL | {
    "symbol": "BTCUSD_261225",
    "contractType": "CURRENT_QUARTER",
    "deliveryDate": 1798185600000,
}
BINANCE_TICKERS = [
    {"symbol": "BTCUSD_PERP", "indexPrice": "50010.5", "lastFundingRate": "0.00010000", "nextFundingTime": 1596096000000},
    {"symbol": "BTCUSD_261225", "indexPrice": "50010.5", "lastFundingRate": "", "nextFundingTime": 0},
]
BINANCE_BRACKET = {"bracket": 1, "qtyCap": 50, "qtylFloor": 0, "maintMarginRatio": 0.004, "cum": 0.0}
BINANCE_BRACKETS = [
    {
        "symbol": name,
        "brackets": [BINANCE_BRACKET, BINANCE_BRACKET | {"qtylFloor": 50, "qtyCap": 100, "maintMarginRatio": 0.005, "cum": 0.05}],
    }
    for name in ("BTCUSD_PERP", "BTCUSD_261225")
]
BINANCE_LONG = {
    "symbol": "BTCUSD_PERP",
    "positionAmt": "100",
    "entryPrice": "40000.0",
    "markPrice": "50000.0",
    "unRealizedProfit": "0.05",
    "liquidationPrice": "5119.97445760",
    "marginType": "cross",
    "isolatedMargin": "0.00000000",
    "isolatedWallet": "0",
    "positionSide": "BOTH",
    "notionalValue": "0.2",
}
BINANCE_EMPTY = BINANCE_LONG | {"symbol": "ETHUSD_PERP", "positionAmt": "0", "entryPrice": "0.0", "liquidationPrice": "0"}
BINANCE_ASSET = {
    "asset": "BTC",
    "walletBalance": "1.5",
    "crossWalletBalance": "1.5",
    "crossUnPnl": "0.05",
    "maintMargin": "0.0008",
    "openOrderInitialMargin": "0",
}


def binance_answers() -> dict[str, object]:
    return {
        "/dapi/v1/time": lambda _: {"serverTime": int(time.time() * 1000)},
        "/dapi/v1/exchangeInfo": {"symbols": [BINANCE_PERPETUAL, BINANCE_QUARTERLY]},
        "/dapi/v1/premiumIndex": BINANCE_TICKERS,
        "/dapi/v1/positionRisk": [BINANCE_LONG, BINANCE_EMPTY],
        "/dapi/v1/account": {"assets": [BINANCE_ASSET], "positions": []},
        "/dapi/v2/leverageBracket": BINANCE_BRACKETS,
        "/sapi/v1/account/apiRestrictions": {"enableReading": True, "enableFutures": False, "enableWithdrawals": False},
    }


def deribit_says(result: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "result": result, "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": False}


DERIBIT_PERPETUAL = {
    "instrument_name": "BTC-PERPETUAL",
    "kind": "future",
    "settlement_period": "perpetual",
    "expiration_timestamp": 32503708800000,
    "base_currency": "BTC",
    "quote_currency": "USD",
    "settlement_currency": "BTC",
    "contract_size": 10.0,
    "tick_size": 0.5,
}
DERIBIT_QUARTERLY = DERIBIT_PERPETUAL | {
    "instrument_name": "BTC-25DEC26",
    "settlement_period": "month",
    "expiration_timestamp": 1798185600000,
}
DERIBIT_LINEAR = DERIBIT_PERPETUAL | {
    "instrument_name": "BTC_USDC-PERPETUAL",
    "quote_currency": "USDC",
    "settlement_currency": "USDC",
    "contract_size": 0.001,
}
DERIBIT_LONG = {
    "instrument_name": "BTC-PERPETUAL",
    "kind": "future",
    "direction": "buy",
    "size": 10000,
    "size_currency": 0.2,
    "average_price": 40000.0,
    "mark_price": 50000.0,
    "index_price": 50010.5,
    "maintenance_margin": 0.002002,
    "total_profit_loss": 0.05,
    "estimated_liquidation_price": None,
}
DERIBIT_SUMMARY = {
    "currency": "BTC",
    "balance": 1.54,
    "margin_balance": 1.55,
    "equity": 1.55,
    "maintenance_margin": 0.002002,
    "margin_model": "segregated_sm",
    "session_upl": 0.01,
    "session_rpl": 0.0,
    "options_value": 0.0,
}


def deribit_answers() -> dict[str, object]:
    return {
        "/api/v2/public/get_time": lambda _: deribit_says(int(time.time() * 1000)),
        "/api/v2/public/get_instruments": deribit_says([DERIBIT_PERPETUAL, DERIBIT_QUARTERLY, DERIBIT_LINEAR]),
        "/api/v2/public/get_book_summary_by_currency": deribit_says(
            [{"instrument_name": "BTC-PERPETUAL", "current_funding": 1e-05, "open_interest": 1139551440}]
        ),
        "/api/v2/private/get_positions": deribit_says([DERIBIT_LONG]),
        "/api/v2/private/get_account_summaries": deribit_says({"summaries": [DERIBIT_SUMMARY, {"currency": "USDC"}]}),
        "/api/v2/private/list_api_keys": deribit_says(
            [{"id": 1, "client_id": KEY, "client_secret": SECRET, "max_scope": "account:read trade:read wallet:none"}]
        ),
    }


@dataclass(frozen=True)
class Scene:
    """A venue with its healthy answers and the urls that lead to them."""

    venue: str
    answers: Callable[[], dict[str, object]]
    urls: Callable[[str], Mapping[str, object]]

    def access(self, origin: str, timeout: int = 5000, **changes: object) -> Access:
        options: dict[str, object] = {"urls": {"api": self.urls(origin)}, "timeout": timeout}
        given: dict[str, object] = {
            "account": "main",
            "venue": self.venue,
            "api_key": KEY,
            "api_secret": SECRET,
            "api_password": PASSPHRASE,
            "interval": timedelta(seconds=15),
            "options": options,
        }
        return Access(**(given | changes))  # type: ignore[arg-type] # - a test names the fields that it wants different


def binance_urls(origin: str) -> dict[str, str]:
    names = {"dapiPublic": "dapi/v1", "dapiPrivate": "dapi/v1", "dapiPrivateV2": "dapi/v2", "sapi": "sapi/v1"}
    return {name: f"{origin}/{path}" for name, path in names.items()}


SCENES = {
    "bybit": Scene("bybit", bybit_answers, lambda origin: {"public": origin, "private": origin}),
    "binancecoinm": Scene("binancecoinm", binance_answers, binance_urls),
    "deribit": Scene("deribit", deribit_answers, lambda origin: {"rest": origin}),
    "htx": Scene("htx", htx_answers, htx_urls),
    "okx": Scene("okx", okx_answers, lambda origin: {"rest": origin}),
}


def rows_in(body: Any) -> list[Any]:
    """The rows of an answer, whatever they are wrapped in; a test may change them."""
    if isinstance(body, list):
        return body
    return rows_in(next(body[key] for key in ("symbols", "result", "data", "list") if key in body))
