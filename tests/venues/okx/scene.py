"""A healthy OKX account in its wire format: futures mode, one long of 10,000 dollars."""

import time


def okx_says(*rows: object) -> dict[str, object]:
    return {"code": "0", "msg": "", "data": list(rows)}


OKX_PERPETUAL = {
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
OKX_QUARTERLY = OKX_PERPETUAL | {"instId": "BTC-USD-261225", "instType": "FUTURES", "expTime": "1798185600000"}
OKX_LINEAR = OKX_PERPETUAL | {
    "instId": "BTC-USDT-SWAP",
    "instFamily": "BTC-USDT",
    "uly": "BTC-USDT",
    "settleCcy": "USDT",
    "ctType": "linear",
    "ctVal": "0.01",
    "ctValCcy": "BTC",
}
OKX_FUNDING = {
    "instId": "BTC-USD-SWAP",
    "instType": "SWAP",
    "fundingRate": "0.0001",
    "fundingTime": "1760371200000",
    "nextFundingTime": "1760400000000",
    "nextFundingRate": "",
}
OKX_OPEN_INTEREST = {"instId": "BTC-USD-SWAP", "instType": "SWAP", "oi": "5367960.69999999956", "oiUsd": "536796069.999999956"}
OKX_TIERS = (
    {"tier": "1", "minSz": "0", "maxSz": "5000", "mmr": "0.004", "imr": "0.01", "maxLever": "100", "instId": ""},
    {"tier": "2", "minSz": "5001", "maxSz": "10000", "mmr": "0.005", "imr": "0.0125", "maxLever": "80", "instId": ""},
)
OKX_LONG = {
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
OKX_COIN = {
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
OKX_CONFIG = {"acctLv": "2", "posMode": "net_mode", "perm": "read_only", "stgyType": "0", "ip": ""}


def okx_balance(*coins: object, ratio: str = "") -> dict[str, object]:
    return okx_says({"details": list(coins), "mgnRatio": ratio})


def okx_answers() -> dict[str, object]:
    return {
        "/api/v5/public/time": lambda _: okx_says({"ts": str(int(time.time() * 1000))}),
        "/api/v5/public/instruments": okx_says(OKX_PERPETUAL, OKX_QUARTERLY, OKX_LINEAR),
        "/api/v5/public/funding-rate": okx_says(OKX_FUNDING),
        "/api/v5/public/open-interest": okx_says(OKX_OPEN_INTEREST),
        "/api/v5/public/position-tiers": okx_says(*OKX_TIERS),
        "/api/v5/account/positions": okx_says(OKX_LONG),
        "/api/v5/account/balance": okx_balance(OKX_COIN),
        "/api/v5/account/config": okx_says(OKX_CONFIG),
    }
