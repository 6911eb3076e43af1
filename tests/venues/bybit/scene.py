"""A healthy Bybit account in its wire format: one long of 10,000 dollars, on 1.5 BTC."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import Scene


def says(result: object) -> dict[str, object]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": 1697684980172}


def listing(*rows: object, cursor: str | None = "") -> dict[str, object]:
    return says({"category": "inverse", "list": list(rows), "nextPageCursor": cursor})


PERPETUAL = {
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
QUARTERLY = PERPETUAL | {"symbol": "BTCUSDZ26", "contractType": "InverseFutures", "deliveryTime": "1798185600000"}
TICKER = {
    "symbol": "BTCUSD",
    "indexPrice": "50010.5",
    "markPrice": "50000",
    "fundingRate": "0.0001",
    "nextFundingTime": "1760371200000",
    "fundingIntervalHour": "8",
    "openInterest": "240113967",
}
TIERS = (
    {"symbol": "BTCUSD", "riskLimitValue": "150", "maintenanceMargin": "0.5", "initialMargin": "1", "maxLeverage": "100.00"},
    {"symbol": "BTCUSD", "riskLimitValue": "300", "maintenanceMargin": "1", "initialMargin": "2", "maxLeverage": "50.00"},
)
LONG = {
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
COIN = {
    "coin": "BTC",
    "walletBalance": "1.5",
    "equity": "1.55",
    "unrealisedPnl": "0.05",
    "totalPositionMM": "0.00125",
    "totalOrderIM": "0",
}
INFO = {"marginMode": "REGULAR_MARGIN", "unifiedMarginStatus": 1}


def answers() -> dict[str, object]:
    return {
        "/v5/market/time": lambda _: says({"timeSecond": str(int(time.time())), "timeNano": str(time.time_ns())}),
        "/v5/market/instruments-info": listing(PERPETUAL, QUARTERLY, cursor=None),
        "/v5/market/tickers": listing(TICKER),
        "/v5/market/risk-limit": listing(*TIERS),
        "/v5/position/list": listing(LONG),
        "/v5/account/wallet-balance": says({"list": [{"accountType": "CONTRACT", "coin": [COIN]}]}),
        "/v5/account/info": says(INFO),
        "/v5/user/query-api": says({"readOnly": 1, "permissions": {"ContractTrade": ["Position"], "Wallet": []}}),
    }


def urls(origin: str) -> dict[str, str]:
    return {"public": origin, "private": origin}


def stamp(asked: Asked) -> float:
    return float(asked.headers["X-BAPI-TIMESTAMP"]) / 1000


SCENE = Scene(
    venue="bybit",
    answers=answers,
    urls=urls,
    private=("v5/position/list", "v5/account/wallet-balance"),
    settings=("v5/account/info",),
    public=("v5/market/tickers",),
    listed=("v5/market/instruments-info", "v5/market/risk-limit", "v5/market/time"),
    codes={
        '{"retCode": 10003, "retMsg": "Invalid apikey"}': ErrorKind.REFUSED,
        '{"retCode": 10010, "retMsg": "Unmatched IP"}': ErrorKind.REFUSED,
        '{"retCode": 10006, "retMsg": "Too many visits!"}': ErrorKind.RATE_LIMITED,
        '{"retCode": 10016, "retMsg": "System error"}': ErrorKind.UNAVAILABLE,
    },
    empty=listing(),
    skewed='{"retCode": 10002, "retMsg": "invalid request, please check your server timestamp"}',
    missigned='{"retCode": 10004}',
    stamp=stamp,
)
