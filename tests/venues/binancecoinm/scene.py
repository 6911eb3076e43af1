"""A healthy Binance COIN-M account in its wire format: one long of 10,000 dollars, on 1.5 BTC."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import Scene

PERPETUAL = {
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
QUARTERLY = PERPETUAL | {
    "symbol": "BTCUSD_261225",
    "contractType": "CURRENT_QUARTER",
    "deliveryDate": 1798185600000,
}
PREMIUMS = [
    {"symbol": "BTCUSD_PERP", "indexPrice": "50010.5", "lastFundingRate": "0.00010000", "nextFundingTime": 1596096000000},
    {"symbol": "BTCUSD_261225", "indexPrice": "50010.5", "lastFundingRate": "", "nextFundingTime": 0},
]
BRACKET = {"bracket": 1, "qtyCap": 50, "qtylFloor": 0, "maintMarginRatio": 0.004, "cum": 0.0}
BRACKETS = [
    {
        "symbol": name,
        "brackets": [BRACKET, BRACKET | {"qtylFloor": 50, "qtyCap": 100, "maintMarginRatio": 0.005, "cum": 0.05}],
    }
    for name in ("BTCUSD_PERP", "BTCUSD_261225")
]
LONG = {
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
EMPTY = LONG | {"symbol": "ETHUSD_PERP", "positionAmt": "0", "entryPrice": "0.0", "liquidationPrice": "0"}
ASSET = {
    "asset": "BTC",
    "walletBalance": "1.5",
    "crossWalletBalance": "1.5",
    "crossUnPnl": "0.05",
    "maintMargin": "0.0008",
    "openOrderInitialMargin": "0",
}


NOTHING = {
    "enableReading": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "enableMargin": False,
    "enableFutures": False,
    "permitsUniversalTransfer": False,
    "enableVanillaOptions": False,
    "enableSpotAndMarginTrading": False,
}
"""What a key may do that may only read."""


def answers() -> dict[str, object]:
    return {
        "/dapi/v1/time": lambda _: {"serverTime": int(time.time() * 1000)},
        "/dapi/v1/exchangeInfo": {"symbols": [PERPETUAL, QUARTERLY]},
        "/dapi/v1/premiumIndex": PREMIUMS,
        "/dapi/v1/positionRisk": [LONG, EMPTY],
        "/dapi/v1/account": {"assets": [ASSET], "positions": []},
        "/dapi/v2/leverageBracket": BRACKETS,
        "/sapi/v1/account/apiRestrictions": NOTHING,
    }


def urls(origin: str) -> dict[str, str]:
    names = {"dapiPublic": "dapi/v1", "dapiPrivate": "dapi/v1", "dapiPrivateV2": "dapi/v2", "sapi": "sapi/v1"}
    return {name: f"{origin}/{path}" for name, path in names.items()}


def stamp(asked: Asked) -> float:
    return float(asked.params["timestamp"]) / 1000


SCENE = Scene(
    venue="binancecoinm",
    answers=answers,
    urls=urls,
    private=("dapi/v1/positionRisk", "dapi/v1/account"),
    settings=("dapi/v2/leverageBracket",),
    public=("dapi/v1/premiumIndex",),
    listed=("dapi/v1/exchangeInfo", "dapi/v1/time"),
    codes={
        '{"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}': ErrorKind.REFUSED,
        '{"code": -1003, "msg": "Too many requests"}': ErrorKind.RATE_LIMITED,
        '{"code": 1, "msg": "System is under maintenance."}': ErrorKind.MAINTENANCE,
        '{"code": -9999, "msg": "news"}': ErrorKind.UNAVAILABLE,
    },
    empty=[],
    skewed='{"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}',
    missigned='{"code": -1022, "msg": ""}',
    stamp=stamp,
)
