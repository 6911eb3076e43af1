"""A healthy HTX account in its wire format: one long of 10,000 dollars in the perpetual, coins on the account for dated ones."""

import time


def htx_says(*rows: object) -> dict[str, object]:
    return {"status": "ok", "data": list(rows), "ts": 1603868847514}


HTX_SWAP = {
    "symbol": "BTC",
    "contract_code": "BTC-USD",
    "contract_size": 100.0,
    "price_tick": 0.1,
    "delivery_time": "",
    "create_date": "20200325",
    "contract_status": 1,
    "settlement_date": "1645315200000",
}
HTX_QUARTERLY = HTX_SWAP | {
    "contract_code": "BTC261225",
    "contract_type": "quarter",
    "delivery_date": "20261225",
    "delivery_time": "1798185600000",
}
HTX_INDEX = {"contract_code": "BTC-USD", "index_price": 50010.5, "index_ts": 1603852005954}
HTX_FUNDING = {
    "estimated_rate": None,
    "funding_rate": "0.000100000000000000",
    "contract_code": "BTC-USD",
    "symbol": "BTC",
    "fee_asset": "BTC",
    "funding_time": "1760371200000",
    "next_funding_time": None,
}
HTX_SWAP_INTEREST = {"symbol": "BTC", "contract_code": "BTC-USD", "volume": 518018.0, "amount": 2769.675777407074725180}
HTX_FUTURE_INTEREST = {"symbol": "BTC", "contract_code": "BTC261225", "contract_type": "quarter", "volume": 118850.0}
HTX_LONG = {
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
HTX_ACCOUNT = {
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
HTX_IDLE = HTX_ACCOUNT | {
    "margin_balance": 0.25,
    "margin_position": 0.0,
    "margin_frozen": 0.0,
    "profit_unreal": 0.0,
    "risk_rate": None,
    "liquidation_price": None,
    "margin_static": 0.25,
}
HTX_KEY = {"accessKey": "the-key-in-these-tests", "status": "normal", "note": "monitor", "permission": "readOnly"}


def htx_answers() -> dict[str, object]:
    return {
        "/api/v1/timestamp": lambda _: {"status": "ok", "ts": int(time.time() * 1000)},
        "/swap-api/v1/swap_contract_info": htx_says(HTX_SWAP),
        "/api/v1/contract_contract_info": htx_says(HTX_QUARTERLY),
        "/swap-api/v1/swap_index": htx_says(HTX_INDEX),
        "/swap-api/v1/swap_batch_funding_rate": htx_says(HTX_FUNDING),
        "/swap-api/v1/swap_open_interest": htx_says(HTX_SWAP_INTEREST),
        "/api/v1/contract_open_interest": htx_says(HTX_FUTURE_INTEREST),
        "/swap-api/v1/swap_position_info": htx_says(HTX_LONG),
        "/swap-api/v1/swap_account_info": htx_says(HTX_ACCOUNT),
        "/api/v1/contract_position_info": htx_says(),
        "/api/v1/contract_account_info": htx_says(HTX_IDLE),
        "/v2/user/uid": {"code": 200, "data": 63628520},
        "/v2/user/api-key": {"code": 200, "message": "success", "data": [HTX_KEY]},
    }


def htx_urls(origin: str) -> dict[str, str]:
    return {"contract": origin, "v2Private": origin}
