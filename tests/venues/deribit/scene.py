"""A healthy Deribit account in its wire format: one long of 10,000 dollars, on 1.5 BTC."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import KEY, SECRET, Scene


def says(result: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "result": result, "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": False}


PERPETUAL = {
    "instrument_name": "BTC-PERPETUAL",
    "kind": "future",
    "settlement_period": "perpetual",
    "expiration_timestamp": 32503708800000,
    "base_currency": "BTC",
    "quote_currency": "USD",
    "settlement_currency": "BTC",
    "contract_size": 10.0,
    "tick_size": 0.5,
}
QUARTERLY = PERPETUAL | {
    "instrument_name": "BTC-25DEC26",
    "settlement_period": "month",
    "expiration_timestamp": 1798185600000,
}
LINEAR = PERPETUAL | {
    "instrument_name": "BTC_USDC-PERPETUAL",
    "quote_currency": "USDC",
    "settlement_currency": "USDC",
    "contract_size": 0.001,
}
LONG = {
    "instrument_name": "BTC-PERPETUAL",
    "kind": "future",
    "direction": "buy",
    "size": 10000,
    "size_currency": 0.2,
    "average_price": 40000.0,
    "mark_price": 50000.0,
    "index_price": 50010.5,
    "maintenance_margin": 0.002002,
    "total_profit_loss": 0.05,
    "estimated_liquidation_price": None,
}
SUMMARY = {
    "currency": "BTC",
    "balance": 1.54,
    "margin_balance": 1.55,
    "equity": 1.55,
    "maintenance_margin": 0.002002,
    "margin_model": "segregated_sm",
    "session_upl": 0.01,
    "session_rpl": 0.0,
    "options_value": 0.0,
}


def answers() -> dict[str, object]:
    return {
        "/api/v2/public/get_time": lambda _: says(int(time.time() * 1000)),
        "/api/v2/public/get_instruments": says([PERPETUAL, QUARTERLY, LINEAR]),
        "/api/v2/public/get_book_summary_by_currency": says(
            [{"instrument_name": "BTC-PERPETUAL", "current_funding": 1e-05, "open_interest": 1139551440}]
        ),
        "/api/v2/private/get_positions": says([LONG]),
        "/api/v2/private/get_account_summaries": says({"summaries": [SUMMARY, {"currency": "USDC"}]}),
        "/api/v2/private/list_api_keys": says(
            [{"id": 1, "client_id": KEY, "client_secret": SECRET, "max_scope": "account:read trade:read wallet:none"}]
        ),
    }


def urls(origin: str) -> dict[str, str]:
    return {"rest": origin}


def stamp(asked: Asked) -> float:
    return float(asked.headers["Authorization"].partition("ts=")[2].split(",")[0]) / 1000


UNAUTHORIZED = '{"error": {"code": 13009, "message": "unauthorized"}}'
SCENE = Scene(
    venue="deribit",
    answers=answers,
    urls=urls,
    private=("private/get_positions", "private/get_account_summaries"),
    public=("get_book_summary_by_currency",),
    listed=("public/get_instruments", "public/get_time"),
    codes={
        '{"error": {"code": 13004, "message": "invalid_credentials"}}': ErrorKind.REFUSED,
        '{"error": {"code": 10028, "message": "too_many_requests"}}': ErrorKind.RATE_LIMITED,
        '{"error": {"code": 10041, "message": "settlement_in_progress"}}': ErrorKind.MAINTENANCE,
        '{"error": {"code": 11051, "message": "system_maintenance"}}': ErrorKind.MAINTENANCE,
        '{"error": {"code": 11042, "message": "permission_denied"}}': ErrorKind.REFUSED,
    },
    empty={"jsonrpc": "2.0", "result": []},
    skewed=UNAUTHORIZED,
    missigned=UNAUTHORIZED,
    names_skew=False,
    stamp=stamp,
)
