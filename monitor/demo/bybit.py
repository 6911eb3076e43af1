"""A simulated Bybit: v5, inverse contracts.

Source: Bybit v5 documentation, recorded and documented bodies; error codes as ccxt 4.5.90 maps them; seen 2026-11.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar, TypeVar
from urllib.parse import quote, unquote

from monitor.core.account import Basis
from monitor.demo.bybit_rows import FORMS, coin_text, instrument_row, position_row, price_text, risk_limit_rows, wallet_row
from monitor.demo.clerk import Clerk, Instrument
from monitor.demo.form import Row
from monitor.demo.ledger import ladder
from monitor.demo.message import Ask, Reply, delivery_ms, next_funding_ms, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import AccountMode, Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_T = TypeVar("_T")

_RECV_WINDOW_MS = 5000
_MONTH_LETTERS = {3: "H", 6: "M", 9: "U", 12: "Z"}
_RISK_LIMIT_SYMBOLS = 3
"""Symbols on one page; fifteen at the venue, which lists more of them."""

_BTC = ladder("150:0.005 300:0.01 450:0.015 600:0.02 750:0.025 1500:0.05")
_OTHERS = ladder("1500:0.01 3000:0.02 6000:0.04 12000:0.08")
"""Amounts make the requirement continuous, and go out as ``mmDeduction``.

Source: Bybit, "Get Risk Limit", v5 documentation: 150 BTC at 0.5 %; seen 2026-11. The steps above are of its kind, not its table.
"""


class SimulatedBybit(SimulatedVenue):
    """Classic account: maintenance on entry value and the taker fee at the bankruptcy price; the shown price goes to a tick.

    Source: Bybit, "How to calculate liquidation price (inverse contract)", help centre; seen 2026-11.
    """

    id: ClassVar[str] = "bybit"
    basis: ClassVar[Basis] = Basis.ENTRY
    closing_fee: ClassVar[Decimal] = Decimal("0.00055")

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            "/v5/market/time": self._time,
            "/v5/market/instruments-info": self._instruments_info,
            "/v5/market/tickers": self._tickers,
            "/v5/market/risk-limit": self._risk_limit,
            "/v5/market/orderbook": self._orderbook,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/v5/position/list": self._position_list,
            "/v5/account/wallet-balance": self._wallet_balance,
            "/v5/account/info": self._account_info,
            "/v5/user/query-api": self._query_api,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of one dollar."""
        return Instrument(
            symbol=f"{coin}USD" + ("" if expiry is None else f"{_MONTH_LETTERS[expiry.month]}{expiry:%y}"),
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(1),
            tick={"BTC": Decimal("0.50"), "ETH": Decimal("0.05")}.get(coin, Decimal("0.01")),
            rungs=_BTC if coin == "BTC" else _OTHERS,
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        return dict.fromkeys(("spot", "futures", "v2", "public", "private"), address)

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, time and the signature of ``time + key + window + query``, in the venue's order.

        Source: Bybit, "Authentication" and "Error codes", v5 documentation; seen 2026-11.
        """
        key, sent = ask.headers.get("X-BAPI-API-KEY", ""), ask.headers.get("X-BAPI-TIMESTAMP", "0")
        window = ask.headers.get("X-BAPI-RECV-WINDOW", str(_RECV_WINDOW_MS))
        resident, now = self.residents.get(key), self.now_ms()
        if resident is None:
            return self.refusal()
        if not now - int(window) <= int(sent) < now + 1000:
            detail = f"req_timestamp[{sent}],server_timestamp[{now}],recv_window[{window}]"
            return self._error(10002, f"invalid request, please check your server timestamp or recv_window param. {detail}")
        signed = sent + key + window + ask.raw_query
        if not signed_by(resident.api_secret, signed, ask.headers.get("X-BAPI-SIGN", "")):
            return self._error(10004, f"error sign! origin_string[{signed}]")
        return resident

    def refusal(self) -> Reply:
        """Return 10003."""
        return self._error(10003, "API key is invalid.")

    def unknown(self, ask: Ask) -> Reply:
        """Return the plain page of the server behind the venue's gateway."""
        del ask
        return Reply(status=404, body="404 page not found")

    def _ok(self, result: object) -> Reply:
        return Reply(body=FORMS.fill("envelope", result=result, time=self.now_ms()))

    def _error(self, code: int, message: str) -> Reply:
        return Reply(body=FORMS.fill("envelope", retCode=code, retMsg=message, time=self.now_ms()))

    def _time(self, _: Ask) -> Reply:
        now = self.now_ms()
        return self._ok({"timeSecond": str(now // 1000), "timeNano": str(now * 1_000_000)})

    def _listed(self, ask: Ask) -> list[Instrument]:
        return [i for i in self.instruments if ask.query.get("symbol", i.symbol) == i.symbol]

    def _instruments_info(self, ask: Ask) -> Reply:
        category = ask.query.get("category")
        if category not in ("inverse", "linear", "spot", "option"):
            return self._error(10001, "params error: Category is invalid")
        rows = {"inverse": [instrument_row(i) for i in self._listed(ask)], "linear": [FORMS.fill("linear")]}
        return self._ok({"category": category} | _page(ask, rows.get(category, []), limit=500))

    def _tickers(self, ask: Ask) -> Reply:
        if ask.query.get("category") != "inverse":
            return self._error(10001, "params error: category invalid")
        clerk = self.clerk()
        return self._ok({"category": "inverse", "list": [self._ticker(clerk, i) for i in self._listed(ask)]})

    def _ticker(self, clerk: Clerk, instrument: Instrument) -> Row:
        mark, index = clerk.mark(instrument), clerk.quotes.index(instrument.coin)
        kind: Row = {"nextFundingTime": str(next_funding_ms(self.now_ms()))}
        if instrument.expiry is not None:
            kind = dict.fromkeys(("fundingRate", "nextFundingTime", "fundingIntervalHour", "fundingCap"), "")
            kind |= {"deliveryTime": str(delivery_ms(instrument.expiry)), "deliveryFeeRate": "0.0005"}
            kind |= {"basis": price_text(mark - index), "basisRate": coin_text((mark - index) / index)}
        past = dict.fromkeys(("lastPrice", "prevPrice24h", "highPrice24h", "lowPrice24h", "prevPrice1h"), price_text(mark))
        return FORMS.fill(
            "ticker",
            symbol=instrument.symbol,
            markPrice=price_text(mark),
            indexPrice=price_text(index),
            bid1Price=price_text(mark - instrument.tick),
            ask1Price=price_text(mark + instrument.tick),
            **past,
            **kind,
        )

    def _risk_limit(self, ask: Ask) -> Reply:
        symbols, cursor = _cut(ask, self._listed(ask), limit=_RISK_LIMIT_SYMBOLS)
        rows = [row for instrument in symbols for row in risk_limit_rows(instrument)]
        return self._ok({"category": "inverse", "list": rows, "nextPageCursor": cursor})

    def _orderbook(self, ask: Ask) -> Reply:
        instrument = next(iter(self._listed(ask)), None)
        if instrument is None or "symbol" not in ask.query:
            return self._error(10001, "params error: symbol invalid")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=int(ask.query.get("limit", "25")))
        bids, asks = ([[price_text(price), str(size)] for price, size in side] for side in both)
        now = self.now_ms()
        return self._ok(FORMS.fill("orderbook", s=instrument.symbol, b=bids, a=asks, ts=now, cts=now - 3))

    def _position_list(self, ask: Ask, resident: Resident) -> Reply:
        if ask.query.get("category") != "inverse":
            return self._ok({"category": ask.query.get("category", ""), "list": [], "nextPageCursor": ""})
        listed = self._listed(ask)
        items = [item for item in self.clerk().items(resident.portfolio) if item.instrument in listed]
        held = {item.instrument for item in items}
        rows = [position_row(item, hedged=resident.portfolio.hedge_mode) for item in items]
        rows += [FORMS.fill("position", symbol=instrument.symbol) for instrument in listed if instrument not in held]
        limit = min(self.longest_page, int(ask.query.get("limit", "20")))
        return self._ok({"category": "inverse"} | _page(ask, rows, limit=limit))

    def _wallet_balance(self, ask: Ask, resident: Resident) -> Reply:
        kind = "UNIFIED" if _is_unified(resident) else "CONTRACT"
        if ask.query.get("accountType") != kind:
            return self._error(10001, f"accountType only support {kind}.")
        clerk = self.clerk()
        coins = [wallet_row(statement, clerk.quotes.index(statement.coin)) for statement in clerk.statements(resident.portfolio)]
        return self._ok({"list": [FORMS.fill("wallet", accountType=kind, coin=coins)]})

    def _account_info(self, _: Ask, resident: Resident) -> Reply:
        portfolio_margin = resident.portfolio.account_mode is AccountMode.PORTFOLIO
        mode = "PORTFOLIO_MARGIN" if portfolio_margin else "REGULAR_MARGIN"
        return self._ok(FORMS.fill("account", marginMode=mode, unifiedMarginStatus=6 if _is_unified(resident) else 1))

    def _query_api(self, _: Ask, resident: Resident) -> Reply:
        trade = ["Order", "Position"] if resident.may_trade else []
        wallet = ["AccountTransfer", "Withdraw"] if resident.may_withdraw else []
        key = FORMS.fill(
            "key",
            apiKey=resident.api_key,
            readOnly=0 if trade or wallet else 1,
            permissions=FORMS.fill("permissions", ContractTrade=trade, Wallet=wallet),
            uta=int(_is_unified(resident)),
        )
        return self._ok(key)


def _is_unified(resident: Resident) -> bool:
    return resident.portfolio.account_mode is not AccountMode.CLASSIC


def _page(ask: Ask, rows: Sequence[Row], *, limit: int) -> Row:
    page, cursor = _cut(ask, rows, limit=limit)
    return {"list": page, "nextPageCursor": cursor}


def _cut(ask: Ask, rows: Sequence[_T], *, limit: int) -> tuple[list[_T], str]:
    """Return a page and the cursor to the next: sent percent-encoded once, as the venue does, taken encoded once or twice."""
    start = int(unquote(ask.query.get("cursor", "")).partition(",")[0] or 0)
    cursor = quote(f"{start + limit},0") if start + limit < len(rows) else ""
    return list(rows[start : start + limit]), cursor
