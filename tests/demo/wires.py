"""How ccxt asks each simulated venue: one row each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One venue, by the names of ccxt's methods.

    ``private``: each with its parameters; where the venue tells what a key may do, the last one asks for that, and ``withdraws``
    reads from the answer whether it may withdraw. ``served``, ``elsewhere``: something public that is simulated, and something
    that is not. ``markets``: settings by which ccxt loads inverse contracts and little else. ``signs_time``: whether what is
    signed holds the time.
    """

    private: Mapping[str, Params]
    served: str
    elsewhere: str
    markets: Params = field(default_factory=dict)
    withdraws: Callable[[Any], bool] | None
    signs_time: bool = True


def fetching(types: object) -> Params:
    return {"options": {"fetchMarkets": {"types": types}}}


WIRES = {
    "binancecoinm": Wire(
        private={
            "dapiPrivateGetPositionRisk": {},
            "dapiPrivateGetAccount": {},
            "dapiPrivateV2GetLeverageBracket": {},
            "sapiGetAccountApiRestrictions": {},
        },
        served="dapiPublicGetTime",
        elsewhere="dapiPublicGetTrades",
        markets=fetching(["inverse"]),
        withdraws=lambda answer: bool(answer["enableWithdrawals"]),
    ),
    "bingx": Wire(
        private={
            "cswapV1PrivateGetUserPositions": {},
            "cswapV1PrivateGetUserBalance": {},
            "accountV1PrivateGetAccountApiPermissions": {},
        },
        served="swapV2PublicGetServerTime",
        elsewhere="cswapV1PublicGetMarketKlines",
        withdraws=lambda answer: 5 in answer["permissions"],
    ),
    "bybit": Wire(
        private={
            "privateGetV5PositionList": {"category": "inverse"},
            "privateGetV5AccountWalletBalance": {"accountType": "CONTRACT"},
            "privateGetV5AccountInfo": {},
            "privateGetV5UserQueryApi": {},
        },
        served="publicGetV5MarketTime",
        elsewhere="publicGetV5MarketKline",
        markets=fetching(["inverse"]),
        withdraws=lambda answer: answer["result"]["readOnly"] == 0 and "Withdraw" in answer["result"]["permissions"]["Wallet"],
    ),
    "deribit": Wire(
        private={"privateGetGetPositions": {}, "privateGetGetAccountSummaries": {}, "privateGetListApiKeys": {}},
        served="publicGetGetTime",
        elsewhere="publicGetTest",
        withdraws=lambda answer: "wallet:read_write" in answer["result"][0]["max_scope"],
    ),
    "gate": Wire(
        private={
            "privateFuturesGetSettlePositions": {"settle": "btc", "holding": "true"},
            "privateFuturesGetSettleAccounts": {"settle": "btc"},
            "privateAccountGetMainKeys": {},
        },
        served="publicSpotGetTime",
        elsewhere="publicSpotGetTickers",
        markets=fetching(["swap"]),
        withdraws=lambda answer: not next(area for area in answer[1]["perms"] if area["name"] == "wallet")["read_only"],
    ),
    "htx": Wire(
        private={
            "contractPrivatePostSwapApiV1SwapPositionInfo": {},
            "contractPrivatePostSwapApiV1SwapAccountInfo": {},
            "contractPrivatePostApiV1ContractPositionInfo": {},
            "contractPrivatePostApiV1ContractAccountInfo": {},
            "v2PrivateGetUserUid": {},
            "v2PrivateGetUserApiKey": {"uid": "63628520"},
        },
        served="contractPublicGetApiV1Timestamp",
        elsewhere="contractPublicGetSwapApiV1SwapRiskInfo",
        markets=fetching({"spot": False, "linear": False, "inverse": True}),
        withdraws=lambda answer: "withdraw" in answer["data"][0]["permission"].split(","),
    ),
    "krakenfutures": Wire(
        private={"privateGetOpenpositions": {}, "privateGetAccounts": {}},
        served="publicGetInstrumentsStatus",
        elsewhere="publicGetFeeschedules",
        withdraws=None,
        signs_time=False,
    ),
    "kucoinfutures": Wire(
        private={
            "futuresPrivateGetPositions": {},
            "futuresPrivateGetAccountOverview": {},
            "utaPrivateGetAccountMode": {},
            "privateGetUserApiKey": {},
        },
        served="futuresPublicGetTimestamp",
        elsewhere="futuresPublicGetTicker",
        markets={"apiKey": "", "secret": ""},  # with a key ccxt asks for margin markets too
        withdraws=lambda answer: "Withdrawal" in answer["data"]["permission"],
    ),
    "okx": Wire(
        private={"privateGetAccountPositions": {}, "privateGetAccountBalance": {}, "privateGetAccountConfig": {}},
        served="publicGetPublicTime",
        elsewhere="publicGetMarketTrades",
        markets=fetching(["swap", "future"]),
        withdraws=lambda answer: "withdraw" in answer["data"][0]["perm"].split(","),
    ),
    "phemex": Wire(
        private={
            "privateGetAccountsAccountPositions": {"currency": "BTC"},
            "privateGetUtaApiRiskRiskUnits": {},
            "privateGetUtaApiRiskRiskMode": {},
        },
        served="v1GetMdTicker24hrAll",
        elsewhere="v1GetMdOrderbook",
        withdraws=None,
    ),
}
