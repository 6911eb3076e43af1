"""A healthy classic account at Phemex, in its wire format."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import Scene

PRODUCT = {
    "symbol": "BTCUSD",
    "type": "Perpetual",
    "contractUnderlyingAssets": "USD",
    "settleCurrency": "BTC",
    "quoteCurrency": "USD",
    "contractSize": 1.0,
    "tickSize": 0.5,
    "priceScale": 4,
    "ratioScale": 8,
    "minPriceEp": 5000,
    "maxPriceEp": 10000000000,
    "status": "Listed",
    "fundingInterval": 28800,
}
LINEAR = PRODUCT | {"symbol": "XRPUSD", "contractUnderlyingAssets": "5 XRP", "settleCurrency": "USD", "contractSize": 5.0}
SPOT = {"symbol": "sBTCUSDT", "type": "Spot"}
CURRENCIES = [{"currency": "BTC", "valueScale": 8}, {"currency": "ETH", "valueScale": 8}, {"currency": "USD", "valueScale": 4}]
TICKER = {
    "symbol": "BTCUSD",
    "fundingRateEr": 17500,
    "indexEp": 500105000,
    "markEp": 500000000,
    "openInterest": 7821141,
    "timestamp": 1592474241582701416,
}
LONG = {
    "symbol": "BTCUSD",
    "currency": "BTC",
    "side": "Buy",
    "crossMargin": False,
    "leverageEr": -1000000000,
    "maintMarginReq": 0.005,
    "size": 10000,
    "value": 0.25,
    "avgEntryPrice": 40000.0,
    "assignedPosBalance": 0.0251,
    "liquidationPrice": 5732.0,
    "deleveragePercentile": 0.21,
    "markPriceEp": 499990000,
    "markPrice": 49999.0,
    "takerFeeRateEr": 60000,
}
EMPTY = LONG | {"side": "None", "leverageEr": 0, "size": 0, "value": 0.0, "avgEntryPrice": 0.0, "liquidationPrice": 0.0}
ACCOUNT = {"currency": "BTC", "accountBalanceEv": 150000000, "totalUsedBalanceEv": 2510000, "bonusBalanceEv": 0}
UNIT = {
    "currency": "BTC",
    "riskMode": "Classic",
    "riskType": "SingleAssetContractCross",
    "marginRatioRr": "0.00080645",
    "totalEquityRv": "1.55",
    "totalPosMMRv": "0.00125",
}


def says(data: object) -> dict[str, object]:
    return {"code": 0, "msg": "OK", "data": data}


def result(found: object) -> dict[str, object]:
    return {"error": None, "id": 0, "result": found}


def products(*rows: object) -> dict[str, object]:
    return says({"currencies": CURRENCIES, "products": list(rows)})


def answers() -> dict[str, object]:
    return {
        "/public/products": products(PRODUCT, LINEAR, SPOT),
        "/v1/md/ticker/24hr/all": lambda _: result([TICKER | {"timestamp": time.time_ns()}]),
        "/accounts/accountPositions": says({"account": ACCOUNT, "positions": [LONG]}),
        "/uta-api/risk/risk-units": says([UNIT]),
        "/uta-api/risk/risk-mode": says({"riskMode": "Classic", "lastUpdateTimeNs": 1701414861472716784}),
    }


def urls(origin: str) -> dict[str, str]:
    return {"v1": f"{origin}/v1", "v2": origin, "private": origin}


def stamp(asked: Asked) -> float:
    return float(asked.headers["x-phemex-request-expiry"]) - 60


SCENE = Scene(
    venue="phemex",
    answers=answers,
    urls=urls,
    private=("accounts/accountPositions", "risk/risk-units"),
    settings=("risk/risk-mode",),
    public=("md/ticker/24hr/all",),
    listed=("public/products", "md/ticker/24hr/all"),
    codes={
        '{"code": "401", "msg": "401 Failed to load API KEY."}': ErrorKind.REFUSED,
        '{"code": "39996", "msg": "Access denied."}': ErrorKind.REFUSED,
        '{"code": "39995", "msg": "Too many requests."}': ErrorKind.RATE_LIMITED,
        '{"code": 11069, "msg": "TE_ACCOUNT_NOT_IN_RANGE"}': ErrorKind.UNAVAILABLE,
    },
    empty=says({"account": {"currency": "BTC"}, "positions": []}),
    skewed='{"code": "401", "msg": "401 Request expired."}',
    missigned='{"code": 10500, "msg": "API Signature verification failed."}',
    names_skew=False,
    stamp=stamp,
    tells_rights=False,
)
