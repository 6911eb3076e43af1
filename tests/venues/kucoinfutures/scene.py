"""A healthy classic account at KuCoin Futures, in its wire format."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import Scene


def says(data: object) -> dict[str, object]:
    return {"code": "200000", "data": data}


PERPETUAL = {
    "symbol": "XBTUSDM",
    "type": "FFWCSX",
    "expireDate": None,
    "baseCurrency": "XBT",
    "quoteCurrency": "USD",
    "settleCurrency": "XBT",
    "tickSize": 0.1,
    "multiplier": -1.0,
    "takerFeeRate": 0.0006,
    "isInverse": True,
    "status": "Open",
    "fundingFeeRate": 0.000175,
    "fundingRateGranularity": 28800000,
    "openInterest": "61725904",
    "markPrice": 50000.0,
    "indexPrice": 50010.5,
    "nextFundingRateTime": 17402942,
    "nextFundingRateDateTime": 1760371200000,
}
QUARTERLY = PERPETUAL | {
    "symbol": "XBTMZ26",
    "type": "FFICSX",
    "expireDate": 1798185600000,
    "fundingFeeRate": None,
    "fundingRateGranularity": None,
    "nextFundingRateTime": None,
    "nextFundingRateDateTime": None,
}
LINEAR = PERPETUAL | {
    "symbol": "XBTUSDTM",
    "quoteCurrency": "USDT",
    "settleCurrency": "USDT",
    "multiplier": 0.001,
    "isInverse": False,
}
LONG = {
    "symbol": "XBTUSDM",
    "crossMode": True,
    "marginMode": "CROSS",
    "positionSide": "BOTH",
    "maintMarginReq": 0.0067,
    "delevPercentage": 0.21,
    "currentQty": 10000,
    "isOpen": True,
    "markPrice": 50000.0,
    "markValue": -0.2,
    "posMargin": 0.02,
    "unrealisedPnl": 0.05,
    "avgEntryPrice": 40000.0,
    "liquidationPrice": 5740.2,
    "settleCurrency": "XBT",
    "isInverse": True,
}
OVERVIEW = {
    "accountEquity": 1.55,
    "unrealisedPNL": 0.05,
    "marginBalance": 1.5,
    "positionMargin": 0.02,
    "orderMargin": 0.01,
    "frozenFunds": 0.0,
    "availableBalance": 1.52,
    "riskRatio": 0.000941935,
    "currency": "XBT",
}


def answers() -> dict[str, object]:
    return {
        "/api/v1/timestamp": lambda _: says(int(time.time() * 1000)),
        "/api/v1/contracts/active": says([PERPETUAL, QUARTERLY, LINEAR]),
        "/api/v1/positions": says([LONG]),
        "/api/v1/account-overview": says(OVERVIEW),
        "/api/ua/v1/account/mode": says({"selfAccountMode": "CLASSIC"}),
        "/api/v1/user/api-key": says({"permission": "General"}),
    }


def urls(origin: str) -> dict[str, str]:
    return dict.fromkeys(("futuresPublic", "futuresPrivate", "private", "utaPrivate"), origin)


def stamp(asked: Asked) -> float:
    return float(asked.headers["KC-API-TIMESTAMP"]) / 1000


SCENE = Scene(
    venue="kucoinfutures",
    answers=answers,
    urls=urls,
    private=("api/v1/positions", "api/v1/account-overview"),
    settings=("account/mode",),
    public=("contracts/active",),
    listed=("contracts/active", "api/v1/timestamp"),
    codes={
        '{"code": "400003", "msg": "KC-API-KEY not exists"}': ErrorKind.REFUSED,
        '{"code": "400004", "msg": "Invalid KC-API-PASSPHRASE"}': ErrorKind.REFUSED,
        '{"code": "429000", "msg": "Too many requests in a short period of time"}': ErrorKind.RATE_LIMITED,
        '{"code": "411100", "msg": "User are frozen."}': ErrorKind.REFUSED,
        '{"code": "500000", "msg": "Internal Server Error"}': ErrorKind.UNAVAILABLE,
    },
    empty=says([]),
    skewed='{"code": "400002", "msg": "Invalid KC-API-TIMESTAMP"}',
    missigned='{"code": "400005", "msg": "Invalid KC-API-SIGN"}',
    stamp=stamp,
)
