"""A healthy account at BingX, in its wire format."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import Scene

CONTRACT = {
    "symbol": "BTC-USD",
    "pricePrecision": 1,
    "minTickSize": "100",
    "minTradeValue": "100",
    "minQty": "1.00000000",
    "status": 1,
    "timeOnline": 1713175200000,
}
PREMIUM = {
    "symbol": "BTC-USD",
    "lastFundingRate": "0.000175",
    "markPrice": "50001.0",
    "indexPrice": "50010.5",
    "nextFundingTime": 1792828800000,
}
LONG = {
    "symbol": "BTC-USD",
    "positionId": "1813080351385337856",
    "positionSide": "LONG",
    "isolated": False,
    "positionAmt": "100",
    "availableAmt": "100",
    "unrealizedProfit": "0.05000000",
    "initialMargin": "0.02500000",
    "liquidationPrice": 5745.714285714286,
    "avgPrice": "40000",
    "leverage": 10,
    "markPrice": "50000",
    "riskRate": "0.00070968",
    "maxMarginReduction": "0",
    "updateTime": 1721107015848,
}
BALANCE = {
    "asset": "BTC",
    "balance": "1.50000000",
    "equity": "1.55000000",
    "unrealizedProfit": "0.05000000",
    "availableMargin": "1.52500000",
    "usedMargin": "0.02500000",
    "freezedMargin": "0.01",
    "shortUid": "12345678",
}


def says(data: object) -> dict[str, object]:
    return {"code": 0, "msg": "", "timestamp": 0, "data": data}


def answers() -> dict[str, object]:
    return {
        "/openApi/swap/v2/server/time": lambda _: says({"serverTime": time.time_ns() // 1_000_000}),
        "/openApi/cswap/v1/market/contracts": says([CONTRACT]),
        "/openApi/cswap/v1/market/premiumIndex": says([PREMIUM]),
        "/openApi/cswap/v1/user/positions": says([LONG]),
        "/openApi/cswap/v1/user/balance": says([BALANCE]),
        "/openApi/v1/account/apiPermissions": {"apiKey": "k", "permissions": [2], "ipAddresses": [], "note": ""},
    }


def urls(origin: str) -> dict[str, str]:
    return dict.fromkeys(("swap", "cswap", "account"), f"{origin}/openApi")


def stamp(asked: Asked) -> float:
    return float(asked.params["timestamp"]) / 1000


SCENE = Scene(
    venue="bingx",
    answers=answers,
    urls=urls,
    private=("cswap/v1/user/positions", "cswap/v1/user/balance"),
    public=("market/premiumIndex",),
    listed=("market/contracts", "server/time"),
    codes={
        '{"code": 100413, "msg": "Incorrect apiKey"}': ErrorKind.REFUSED,
        '{"code": 100419, "msg": "IP does not match IP whitelist"}': ErrorKind.REFUSED,
        '{"code": 100004, "msg": "Permission denied"}': ErrorKind.REFUSED,
        '{"code": 100500, "msg": "The current system is busy"}': ErrorKind.UNAVAILABLE,
        '{"code": 429, "msg": "too many requests"}': ErrorKind.RATE_LIMITED,
    },
    empty=says([]),
    skewed='{"code": 100421, "msg": "Null timestamp or timestamp mismatch"}',
    missigned='{"code": 100001, "msg": "Signature verification failed"}',
    stamp=stamp,
)
