"""The simulated answers have every key that the recorded and documented ones have."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.binancecoinm import SimulatedBinanceCoinM
from monitor.demo.bybit import SimulatedBybit
from monitor.demo.deribit import SimulatedDeribit
from monitor.demo.gate import SimulatedGate
from monitor.demo.htx import SimulatedHtx
from monitor.demo.krakenfutures import SimulatedKrakenFutures
from monitor.demo.message import Ask
from monitor.demo.okx import SimulatedOkx
from monitor.demo.venue import SimulatedVenue
from tests.demo.worlds import resident, venue

API = "/api/v2/"
GATE = "/api/v4/futures/btc/"
KRAKEN = "/derivatives/api/v3/"
OKX = "/api/v5/"
LINEAR_KEYS = "is_debit margin_asset margin_mode margin_account transfer_profit_ratio"
ORDERS = "algoId slTriggerPx slTriggerPxType tpTriggerPx tpTriggerPxType closeFraction"
FAMILY = {"tdMode": "cross", "instFamily": "BTC-USD"}
CASES: list[tuple[type[SimulatedVenue], str, int, str, dict[str, str], str]] = [
    (SimulatedBinanceCoinM, "binance__jkorf", 0, "/dapi/v1/account", {}, ""),
    (SimulatedBinanceCoinM, "binance__connector_python", 0, "/dapi/v1/account", {}, ""),
    (SimulatedBinanceCoinM, "binance__jkorf", 2, "/dapi/v1/positionRisk", {}, ""),
    (SimulatedBinanceCoinM, "binance__public_tests", 0, "/dapi/v1/positionRisk", {}, ""),
    (SimulatedBinanceCoinM, "binance__jkorf", 3, "/dapi/v2/leverageBracket", {}, ""),
    (SimulatedBinanceCoinM, "binance__gocryptotrader", 0, "/dapi/v1/exchangeInfo", {}, ""),
    (SimulatedBinanceCoinM, "binance__gocryptotrader", 1, "/dapi/v1/premiumIndex", {}, ""),
    (SimulatedBinanceCoinM, "binance__gocryptotrader", 11, "/dapi/v1/depth", {"symbol": "BTCUSD_PERP"}, ""),
    (SimulatedBybit, "bybit__docs", 0, "/v5/position/list", {"category": "inverse"}, ""),
    (SimulatedBybit, "bybit__docs", 1, "/v5/market/tickers", {"category": "inverse"}, ""),
    (SimulatedBybit, "bybit__docs", 2, "/v5/account/wallet-balance", {"accountType": "CONTRACT"}, ""),
    (SimulatedBybit, "bybit__docs", 3, "/v5/market/instruments-info", {"category": "inverse"}, ""),
    (SimulatedBybit, "bybit__nautilus", 2, "/v5/market/instruments-info", {"category": "inverse"}, ""),
    (SimulatedBybit, "bybit__jkorf", 3, "/v5/market/risk-limit", {"category": "inverse"}, ""),
    (SimulatedDeribit, "deribit__nautilus", 0, API + "public/get_instruments", {"currency": "any"}, "id"),
    (SimulatedDeribit, "deribit__nautilus", 2, API + "public/get_order_book", {"instrument_name": "BTC-PERPETUAL"}, "id"),
    (SimulatedGate, "gate__jkorf", 0, GATE + "positions", {"holding": "true"}, ""),
    (SimulatedGate, "gate__jkorf", 2, GATE + "accounts", {}, ""),
    (SimulatedGate, "gate__jkorf", 3, GATE + "contracts", {}, ""),
    (SimulatedGate, "gate__jkorf", 5, GATE + "risk_limit_tiers", {}, ""),
    (SimulatedKrakenFutures, "krakenfutures__jkorf", 0, KRAKEN + "instruments", {}, "numNonContractUnits"),
    (SimulatedKrakenFutures, "krakenfutures__nautilus", 1, KRAKEN + "instruments", {}, ""),
    (SimulatedKrakenFutures, "krakenfutures__jkorf", 1, KRAKEN + "tickers", {}, ""),
    (SimulatedKrakenFutures, "krakenfutures__nautilus", 2, KRAKEN + "tickers", {}, ""),
    (SimulatedKrakenFutures, "krakenfutures__kraken_sdk", 0, KRAKEN + "accounts", {}, "gbp bch xrp usdt usdc ltc"),
    (SimulatedKrakenFutures, "krakenfutures__kraken_sdk", 1, KRAKEN + "openpositions", {}, ""),
    (SimulatedOkx, "okx__jkorf", 0, OKX + "account/positions", {}, ORDERS),
    (SimulatedOkx, "okx__jkorf", 1, OKX + "account/balance", {}, ""),
    (SimulatedOkx, "okx__nautilus", 1, OKX + "account/balance", {}, ""),
    (SimulatedOkx, "okx__jkorf", 3, OKX + "public/position-tiers", {"instType": "SWAP"} | FAMILY, ""),
    (SimulatedOkx, "okx__jkorf", 6, OKX + "public/funding-rate", {"instId": "ANY"}, ""),
    (SimulatedOkx, "okx__jkorf", 8, OKX + "account/config", {}, ""),
    (SimulatedOkx, "okx__nautilus", 2, OKX + "public/instruments", {"instType": "SWAP"}, ""),
    (SimulatedOkx, "okx__nautilus", 3, OKX + "public/instruments", {"instType": "FUTURES"}, ""),
    (SimulatedHtx, "htx__ccxt_source_comments", 9, "/swap-ex/market/depth", {"contract_code": "BTC-USD"}, ""),
    (SimulatedHtx, "htx__ccxt_source_comments", 13, "/swap-api/v1/swap_account_info", {}, LINEAR_KEYS),
    (SimulatedHtx, "htx__ccxt_source_comments", 19, "/swap-api/v1/swap_batch_funding_rate", {}, ""),
    (SimulatedDeribit, "deribit__nautilus", 3, API + "private/get_positions", {}, "id user_id"),
]


@pytest.mark.parametrize(("kind", "recording", "number", "path", "query", "apart"), CASES)
def test_no_documented_key_is_missing(
    kind: type[SimulatedVenue], recording: str, number: int, path: str, query: dict[str, str], apart: str
) -> None:
    real = set(_keys(_recorded(recording, number)))
    simulated = set(_keys(_answer(venue(kind), path, query)))
    assert {key for key in real - simulated if key.split(".")[-1] not in apart.split()} == set()


@pytest.mark.parametrize(("kind", "recording", "number", "path", "query", "apart"), CASES)
def test_what_is_a_string_there_is_a_string_here(
    kind: type[SimulatedVenue], recording: str, number: int, path: str, query: dict[str, str], apart: str
) -> None:
    real, simulated = dict(_kinds(_recorded(recording, number))), dict(_kinds(_answer(venue(kind), path, query)))
    assert {key: (real[key], simulated[key]) for key in real.keys() & simulated.keys() if real[key] != simulated[key]} == {}


def _recorded(name: str, number: int) -> Any:
    folder = os.environ.get("EXCHANGE_DATA")
    if folder is None:
        pytest.skip("EXCHANGE_DATA does not name the folder with the recorded bodies")
    text = Path(folder, "recordings", f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text)["items"][number]["httpResponse"]


def _answer(simulated: SimulatedVenue, path: str, query: dict[str, str]) -> Any:
    ask = Ask(method="GET", path=path, target=path, query=query, headers={})
    tell, confide = simulated.public.get(path), simulated.private.get(path)
    if tell is not None:
        return json.loads(tell(ask).text)
    assert confide is not None
    return json.loads(confide(ask, resident()).text)


def _keys(node: object, path: str = "") -> Iterator[str]:
    for key, _ in _leaves(node, path):
        yield key


def _kinds(node: object) -> Iterator[tuple[str, str]]:
    for key, leaf in _leaves(node, ""):
        if leaf is not None and not isinstance(leaf, (dict, list)):
            yield key, "bool" if isinstance(leaf, bool) else "text" if isinstance(leaf, str) else "number"


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(node, list):
        for row in node:
            yield from _leaves(row, path)
    elif isinstance(node, dict):
        for key, part in node.items():
            yield f"{path}.{key}", part
            yield from _leaves(part, f"{path}.{key}")
