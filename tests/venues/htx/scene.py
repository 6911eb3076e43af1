"""A healthy HTX account in its wire format: one long of 10,000 dollars in the perpetual, coins on the account for dated ones."""

import time
from datetime import UTC, datetime

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import KEY, Scene


def says(*rows: object) -> dict[str, object]:
    return {"status": "ok", "data": list(rows), "ts": 1603868847514}


SWAP = {
    "symbol": "BTC",
    "contract_code": "BTC-USD",
    "contract_size": 100.0,
    "price_tick": 0.1,
    "delivery_time": "",
    "create_date": "20200325",
    "contract_status": 1,
    "settlement_date": "1645315200000",
}
QUARTERLY = SWAP | {
    "contract_code": "BTC261225",
    "contract_type": "quarter",
    "delivery_date": "20261225",
    "delivery_time": "1798185600000",
}
INDEX = {"contract_code": "BTC-USD", "index_price": 50010.5, "index_ts": 1603852005954}
FUNDING = {
    "estimated_rate": None,
    "funding_rate": "0.000100000000000000",
    "contract_code": "BTC-USD",
    "symbol": "BTC",
    "fee_asset": "BTC",
    "funding_time": "1760371200000",
    "next_funding_time": None,
}
SWAP_INTEREST = {"symbol": "BTC", "contract_code": "BTC-USD", "volume": 518018.0, "amount": 2769.675777407074725180}
FUTURE_INTEREST = {"symbol": "BTC", "contract_code": "BTC261225", "contract_type": "quarter", "volume": 118850.0}
LONG = {
    "symbol": "BTC",
    "contract_code": "BTC-USD",
    "volume": 100.0,
    "available": 100.0,
    "frozen": 0.0,
    "cost_open": 30000.0,
    "cost_hold": 40000.0,
    "profit_unreal": 0.05,
    "profit_rate": 1.0,
    "lever_rate": 10,
    "position_margin": 0.02,
    "direction": "buy",
    "profit": 0.13,
    "last_price": 50000,
}
ACCOUNT = {
    "symbol": "BTC",
    "contract_code": "BTC-USD",
    "margin_balance": 1.55,
    "margin_position": 0.02,
    "margin_frozen": 0.005,
    "margin_available": 1.525,
    "profit_real": 0.001,
    "profit_unreal": 0.05,
    "risk_rate": 61.9,
    "withdraw_available": 1.475,
    "liquidation_price": 5740.8,
    "lever_rate": 10,
    "adjust_factor": 0.1,
    "margin_static": 1.5,
}
IDLE = ACCOUNT | {
    "margin_balance": 0.25,
    "margin_position": 0.0,
    "margin_frozen": 0.0,
    "profit_unreal": 0.0,
    "risk_rate": None,
    "liquidation_price": None,
    "margin_static": 0.25,
}
MY_KEY = {"accessKey": KEY, "status": "normal", "note": "monitor", "permission": "readOnly"}


def answers() -> dict[str, object]:
    return {
        "/api/v1/timestamp": lambda _: {"status": "ok", "ts": int(time.time() * 1000)},
        "/swap-api/v1/swap_contract_info": says(SWAP),
        "/api/v1/contract_contract_info": says(QUARTERLY),
        "/swap-api/v1/swap_index": says(INDEX),
        "/swap-api/v1/swap_batch_funding_rate": says(FUNDING),
        "/swap-api/v1/swap_open_interest": says(SWAP_INTEREST),
        "/api/v1/contract_open_interest": says(FUTURE_INTEREST),
        "/swap-api/v1/swap_position_info": says(LONG),
        "/swap-api/v1/swap_account_info": says(ACCOUNT),
        "/api/v1/contract_position_info": says(),
        "/api/v1/contract_account_info": says(IDLE),
        "/v2/user/uid": {"code": 200, "data": 63628520},
        "/v2/user/api-key": {"code": 200, "message": "success", "data": [MY_KEY]},
    }


def urls(origin: str) -> dict[str, str]:
    return {"contract": origin, "v2Private": origin}


def stamp(asked: Asked) -> float:
    return datetime.fromisoformat(asked.params["Timestamp"]).replace(tzinfo=UTC).timestamp()


SCENE = Scene(
    venue="htx",
    answers=answers,
    urls=urls,
    private=(
        *("/swap-api/v1/swap_position_info", "/swap-api/v1/swap_account_info"),
        *("/api/v1/contract_position_info", "/api/v1/contract_account_info"),
    ),
    public=("swap_index", "swap_batch_funding_rate", "swap_open_interest", "contract_open_interest"),
    listed=("swap_contract_info", "contract_contract_info", "api/v1/timestamp"),
    codes={
        '{"status": "error", "err_code": 403, "err_msg": "Incorrect Access key"}': ErrorKind.REFUSED,
        '{"status":"error","err-code":"api-signature-not-valid","err-msg":"Signature not valid"}': ErrorKind.REFUSED,
        '{"status": "error", "err_code": 1220, "err_msg": "not opened"}': ErrorKind.REFUSED,
        '{"status": "error", "err-code": "rate-too-many-requests"}': ErrorKind.RATE_LIMITED,
        '{"status": "error", "err-code": "system-maintenance", "data": null}': ErrorKind.MAINTENANCE,
        '{"status": "error", "err_code": 1080, "err_msg": "In settlement"}': ErrorKind.UNAVAILABLE,
        '{"status": "error", "err-code": "invalid-parameter", "err-msg": "news"}': ErrorKind.UNAVAILABLE,
    },
    empty=says(),
    skewed='{"status": "error", "err_code": 12001, "err_msg": "Invalid submission time."}',
    missigned='{"status": "error", "err_code": 403, "err_msg": "Verification failure"}',
    stamp=stamp,
    has_key_in_query=True,
)
