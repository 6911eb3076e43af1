"""A healthy Gate account: 10,000 contracts of BTC_USD long from 40,000 at a mark of 50,000, on 1.5 BTC."""

import time

from monitor.ports import ErrorKind
from tests.venues.loopback import Asked
from tests.venues.scene import KEY, Scene

CONTRACT = {
    "name": "BTC_USD",
    "type": "inverse",
    "quanto_multiplier": "0",
    "order_price_round": "0.1",
    "mark_price": "50000.00",
    "index_price": "50010.5",
    "funding_rate": "0.0001",
    "funding_interval": 28800,
    "funding_next_apply": 1790380800,
    "position_size": "7488838",
    "taker_fee_rate": "0.00075",
    "in_delisting": False,
    "status": "trading",
}
QUANTO = CONTRACT | {"name": "ETH_USD", "type": "direct", "quanto_multiplier": "0.000001", "mark_price": "2500"}
TIERS = [
    {"tier": 1, "risk_limit": "3", "maintenance_rate": "0.005", "initial_rate": "0.01", "deduction": "0"},
    {"tier": 2, "risk_limit": "10", "maintenance_rate": "0.0075", "initial_rate": "0.015", "deduction": "0.0075"},
]
LONG = {
    "contract": "BTC_USD",
    "size": "10000",
    "mode": "single",
    "leverage": "0",
    "lever": "10",
    "cross_leverage_limit": "10",
    "pos_margin_mode": "cross",
    "entry_price": "40000",
    "mark_price": "50000",
    "value": "0.2",
    "margin": "0.02",
    "liq_price": "5747.14",
    "maintenance_rate": "0.005",
    "average_maintenance_rate": "0.005",
    "maintenance_margin": "0.00115",
    "unrealised_pnl": "0.05",
    "adl_ranking": 2,
}
ACCOUNT = {
    "currency": "BTC",
    "total": "1.5",
    "unrealised_pnl": "0.05",
    "order_margin": "0",
    "margin_mode": 0,
    "enable_tiered_mm": True,
    "enable_evolved_classic": True,
    "cross_unrealised_pnl": "0.05",
    "cross_maintenance_margin": "0.00115",
    "maintenance_margin": "0.00115",
}
MY_KEY = {
    "name": "monitor",
    "key": f"{KEY[:10]}*****",
    "perms": [{"name": "futures", "read_only": True}, {"name": "wallet", "read_only": True}],
}


def answers() -> dict[str, object]:
    api = "/api/v4/"
    return {
        api + "spot/time": lambda _: {"server_time": time.time_ns() // 1_000_000},
        api + "futures/btc/contracts": [CONTRACT, QUANTO],
        api + "futures/btc/contracts/BTC_USD": CONTRACT,
        api + "futures/btc/risk_limit_tiers": TIERS,
        api + "futures/btc/positions": [LONG],
        api + "futures/btc/accounts": ACCOUNT,
        api + "account/main_keys": [MY_KEY],
    }


def urls(origin: str) -> dict[str, object]:
    base = f"{origin}/api/v4"
    return {"public": {"futures": base, "spot": base}, "private": {"futures": base, "account": base}}


def stamp(asked: Asked) -> float:
    return float(asked.headers["Timestamp"])


SCENE = Scene(
    venue="gate",
    answers=answers,
    urls=urls,
    private=("futures/btc/positions", "futures/btc/accounts"),
    public=("contracts/BTC_USD",),
    listed=("futures/btc/contracts", "futures/btc/risk_limit_tiers", "spot/time"),
    codes={
        '{"label": "INVALID_KEY", "message": "Invalid key provided"}': ErrorKind.REFUSED,
        '{"label": "FORBIDDEN", "message": ""}': ErrorKind.REFUSED,
        '{"label": "TOO_MANY_REQUESTS", "message": ""}': ErrorKind.RATE_LIMITED,
        '{"label": "SERVER_ERROR", "message": ""}': ErrorKind.UNAVAILABLE,
    },
    empty=[],
    skewed='{"label": "REQUEST_EXPIRED", "message": "gap between request Timestamp and server time exceeds 60"}',
    missigned='{"label": "INVALID_SIGNATURE", "message": "Signature mismatch"}',
    stamp=stamp,
)
