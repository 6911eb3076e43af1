"""A healthy Kraken Futures account: 10,000 contracts long from 40,000 at a mark of 50,000, on 1.5 BTC."""

from datetime import UTC, datetime

from monitor.ports import ErrorKind
from tests.venues.scene import Scene


def stamp() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def says(**content: object) -> dict[str, object]:
    return {"result": "success", **content, "serverTime": "2026-11-24T11:15:00.500Z"}


LEVELS = [
    {"contracts": 0, "initialMargin": 0.02, "maintenanceMargin": 0.01},
    {"contracts": 500000, "initialMargin": 0.04, "maintenanceMargin": 0.02},
]
RETAIL = [{"contracts": 0, "initialMargin": 0.5, "maintenanceMargin": 0.25}]
EUROPA = {"retail": [{"contracts": 0, "maintenanceMargin": 0.05}], "professional": [{"contracts": 0, "maintenanceMargin": 0.04}]}
PERPETUAL = {
    "symbol": "PI_XBTUSD",
    "base": "XBT",
    "type": "futures_inverse",
    "tickSize": 0.5,
    "contractSize": 1,
    "tradeable": True,
    "postOnly": False,
    "marginLevels": LEVELS,
    "retailMarginLevels": RETAIL,
    "marginSchedules": {"europa": EUROPA},
}
QUARTERLY = PERPETUAL | {"symbol": "FI_XBTUSD_261225", "lastTradingTime": "2026-12-25T16:00:00.000Z"}
LINEAR = {
    "symbol": "PF_XBTUSD",
    "base": "XBT",
    "type": "flexible_futures",
    "tickSize": 1,
    "contractSize": 1,
    "tradeable": True,
    "marginLevels": [{"numNonContractUnits": 0, "initialMargin": 0.02, "maintenanceMargin": 0.01}],
}
INDEX = {"symbol": "in_xbtusd", "type": "spot index", "tradeable": False}
TICKER = {
    "symbol": "PI_XBTUSD",
    "tag": "perpetual",
    "markPrice": 50000.0,
    "indexPrice": 49990.0,
    "openInterest": 21279580.0,
    "fundingRate": 2.5e-10,
    "suspended": False,
}
DATED_TICKER = {
    "symbol": "FI_XBTUSD_261225",
    "tag": "quarter",
    "markPrice": 51000.0,
    "indexPrice": 49990.0,
    "openInterest": 10087,
}
INDEX_TICKER = {"symbol": "in_xbtusd", "last": 49990, "lastTime": "2026-11-24T11:15:00.000Z"}
LONG = {"side": "long", "symbol": "pi_xbtusd", "price": 40000.0, "size": 10000, "unrealizedFunding": 1e-8}
ACCOUNT = {
    "auxiliary": {"usd": 0, "pv": 1.55, "pnl": 0.05, "af": 1.546, "funding": 0.0},
    "marginRequirements": {"im": 0.004, "mm": 0.002, "lt": 0.002, "tt": 0.002},
    "triggerEstimates": {"im": 0, "mm": 0, "lt": 5770.274286, "tt": 0},
    "balances": {"xbt": 1.5},
    "currency": "xbt",
    "type": "marginAccount",
}
CASH = {"balances": {"xbt": 7.0}, "type": "cashAccount"}
FLEX = {"currencies": {}, "portfolioValue": 0.0, "type": "multiCollateralMarginAccount"}
ACCOUNTS = {"fi_xbtusd": ACCOUNT, "cash": CASH, "flex": FLEX}


def answers() -> dict[str, object]:
    api = "/derivatives/api/v3/"
    return {
        api + "instruments/status": lambda _: says(instrumentStatus=[]) | {"serverTime": stamp()},
        api + "instruments": says(instruments=[PERPETUAL, QUARTERLY, LINEAR, INDEX]),
        api + "tickers": says(tickers=[TICKER, DATED_TICKER, INDEX_TICKER]),
        api + "openpositions": says(openPositions=[LONG]),
        api + "accounts": says(accounts=ACCOUNTS),
    }


def urls(origin: str) -> dict[str, str]:
    return dict.fromkeys(("public", "private"), f"{origin}/derivatives/api/")


SCENE = Scene(
    venue="krakenfutures",
    answers=answers,
    urls=urls,
    private=("v3/openpositions", "v3/accounts"),
    public=("v3/tickers",),
    listed=("v3/instruments", "v3/instruments/status"),
    codes={
        '{"result": "error", "error": "authenticationError"}': ErrorKind.REFUSED,
        '{"result": "error", "error": "apiLimitExceeded"}': ErrorKind.RATE_LIMITED,
        '{"result": "error", "error": "Unavailable"}': ErrorKind.UNAVAILABLE,
    },
    empty=says(openPositions=[]),
    missigned='{"result": "error", "error": "authenticationError"}',
    stamp=None,
    tells_rights=False,
)
