"""A healthy OKX account in its wire format: futures mode, one long of 10,000 dollars."""

import time
from datetime import datetime

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import Scene


def says(*rows: object) -> dict[str, object]:
    return {"code": "0", "msg": "", "data": list(rows)}


PERPETUAL = {
    "instId": "BTC-USD-SWAP",
    "instType": "SWAP",
    "instFamily": "BTC-USD",
    "uly": "BTC-USD",
    "settleCcy": "BTC",
    "ctType": "inverse",
    "ctVal": "100",
    "ctMult": "1",
    "ctValCcy": "USD",
    "expTime": "",
    "state": "live",
    "lotSz": "0.1",
    "tickSz": "0.1",
}
QUARTERLY = PERPETUAL | {"instId": "BTC-USD-261225", "instType": "FUTURES", "expTime": "1798185600000"}
LINEAR = PERPETUAL | {
    "instId": "BTC-USDT-SWAP",
    "instFamily": "BTC-USDT",
    "uly": "BTC-USDT",
    "settleCcy": "USDT",
    "ctType": "linear",
    "ctVal": "0.01",
    "ctValCcy": "BTC",
}
FUNDING = {
    "instId": "BTC-USD-SWAP",
    "instType": "SWAP",
    "fundingRate": "0.0001",
    "fundingTime": "1760371200000",
    "nextFundingTime": "1760400000000",
    "nextFundingRate": "",
}
OPEN_INTEREST = {"instId": "BTC-USD-SWAP", "instType": "SWAP", "oi": "5367960.69999999956", "oiUsd": "536796069.999999956"}
TIERS = (
    {"tier": "1", "minSz": "0", "maxSz": "5000", "mmr": "0.004", "imr": "0.01", "maxLever": "100", "instId": ""},
    {"tier": "2", "minSz": "5001", "maxSz": "10000", "mmr": "0.005", "imr": "0.0125", "maxLever": "80", "instId": ""},
)
LONG = {
    "instId": "BTC-USD-SWAP",
    "instType": "SWAP",
    "mgnMode": "cross",
    "posSide": "net",
    "pos": "100",
    "avgPx": "40000",
    "markPx": "50000",
    "idxPx": "50010.5",
    "ccy": "BTC",
    "upl": "0.05",
    "mmr": "0.0008",
    "imr": "0.02",
    "margin": "",
    "mgnRatio": "1722.2",
    "notionalUsd": "10002.1",
    "liqPx": "",
    "adl": "2",
    "lever": "10",
}
COIN = {
    "ccy": "BTC",
    "cashBal": "1.5",
    "eq": "1.55",
    "isoEq": "0",
    "stgyEq": "0",
    "upl": "0.05",
    "isoUpl": "0",
    "mmr": "0.0008",
    "mgnRatio": "1722.2",
    "ordFrozen": "0",
}
CONFIG = {"acctLv": "2", "posMode": "net_mode", "perm": "read_only", "stgyType": "0", "ip": ""}


def balance(*coins: object, ratio: str = "") -> dict[str, object]:
    return says({"details": list(coins), "mgnRatio": ratio})


def answers() -> dict[str, object]:
    return {
        "/api/v5/public/time": lambda _: says({"ts": str(int(time.time() * 1000))}),
        "/api/v5/public/instruments": says(PERPETUAL, QUARTERLY, LINEAR),
        "/api/v5/public/funding-rate": says(FUNDING),
        "/api/v5/public/open-interest": says(OPEN_INTEREST),
        "/api/v5/public/position-tiers": says(*TIERS),
        "/api/v5/account/positions": says(LONG),
        "/api/v5/account/balance": balance(COIN),
        "/api/v5/account/config": says(CONFIG),
    }


def urls(origin: str) -> dict[str, str]:
    return {"rest": origin}


def stamp(asked: Asked) -> float:
    return datetime.fromisoformat(asked.headers["OK-ACCESS-TIMESTAMP"]).timestamp()


SCENE = Scene(
    venue="okx",
    answers=answers,
    urls=urls,
    private=("account/positions", "account/balance"),
    settings=("account/config",),
    public=("public/funding-rate", "public/open-interest", "public/open-interest"),
    listed=("public/instruments", "public/position-tiers", "public/time"),
    codes={
        '{"code": "50111", "msg": "Invalid OK-ACCESS-KEY", "data": []}': ErrorKind.REFUSED,
        '{"code": "50105", "msg": "Request header OK-ACCESS-PASSPHRASE incorrect."}': ErrorKind.REFUSED,
        '{"code": "50110", "msg": "Your IP is not in the linked whitelist"}': ErrorKind.REFUSED,
        '{"code": "50011", "msg": "Too Many Requests"}': ErrorKind.RATE_LIMITED,
        '{"code": "50001", "msg": "Service temporarily unavailable"}': ErrorKind.MAINTENANCE,
        '{"code": "59999", "msg": "news"}': ErrorKind.UNAVAILABLE,
    },
    empty=says(),
    skewed='{"code": "50102", "msg": "Timestamp request expired", "data": []}',
    missigned='{"code": "50113", "msg": "Invalid Sign"}',
    stamp=stamp,
)
