"""A simulated KuCoin Futures: JSON numbers, contracts of one dollar with a sign, an account of each coin, a passphrase.

Source: KuCoin, futures documentation; samples in ccxt 4.5.90, async_support/kucoin.py, which also maps its error codes;
read 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ZERO, Price, Ratio
from monitor.demo.clerk import Clerk, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import ladder, rung_of
from monitor.demo.message import Ask, Reply, delivery_ms, next_funding_ms, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import AccountMode, Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("kucoinfutures")
_SIGNATURE_LASTS_MS = 5000
_LEVERAGE = 10
_HIGHEST = Decimal(1_000_000)
_MONTH_LETTERS = {3: "H", 6: "M", 9: "U", 12: "Z"}

_FEE = Decimal("0.0006")
"""Of the value at the mark, as maintenance is.

Source: KuCoin, "Risk rate of cross margin mode", help centre; seen 2026-11.
"""
_RUNGS = {"BTC": ladder("9223372036854775807:0.007"), "ETH": ladder("9223372036854775807:0.01")}
_OTHERS = ladder("9223372036854775807:0.02")
"""Rates of their kind."""


class SimulatedKuCoinFutures(SimulatedVenue):
    """Classic account: maintenance and closing fee on the mark value; the shown price takes the whole coin's margin by value.

    Source: KuCoin, "Liquidation price in cross margin mode", help centre; seen 2026-11.
    """

    id: ClassVar[str] = "kucoinfutures"
    basis: ClassVar[Basis] = Basis.MARK
    mark_fee: ClassVar[Ratio] = _FEE

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            "/api/v1/timestamp": lambda _: _ok(self.now_ms()),
            "/api/v1/contracts/active": self._contracts,
            "/api/v1/level2/depth100": self._depth,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/api/v1/positions": self._positions,
            "/api/v1/account-overview": self._overview,
            "/api/ua/v1/account/mode": _account_mode,
            "/api/v1/user/api-key": _api_key,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of one dollar."""
        dated = "USDM" if expiry is None else f"M{_MONTH_LETTERS[expiry.month]}{expiry:%y}"
        return Instrument(
            symbol=f"{_currency(coin)}{dated}",
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(1),
            tick=Decimal("0.1" if coin == "BTC" else "0.01"),
            rungs=_RUNGS.get(coin, _OTHERS),
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        names = ("public", "private", "futuresPrivate", "futuresPublic", "broker", "earn", "uta", "utaV2", "utaPrivate")
        return dict.fromkeys(names, address) | {"webExchange": f"{address}/_api"}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, time, passphrase and the signature of ``time + method + path with query``.

        Source: KuCoin, "Authentication" and "Error codes", documentation; ccxt 4.5.90, async_support/kucoin.py, ``sign``.
        """
        resident = self.residents.get(ask.headers.get("KC-API-KEY", ""))
        if resident is None:
            return self.refusal()
        sent = ask.headers.get("KC-API-TIMESTAMP", "0")
        if abs(self.now_ms() - int(sent)) > _SIGNATURE_LASTS_MS:
            return _error("400002", "Invalid KC-API-TIMESTAMP")
        secret, passphrase = resident.api_secret, resident.api_password
        if not signed_by(secret, passphrase, ask.headers.get("KC-API-PASSPHRASE", ""), in_base64=True):
            return _error("400004", "Invalid KC-API-PASSPHRASE")
        if not signed_by(secret, f"{sent}{ask.method}{ask.target}", ask.headers.get("KC-API-SIGN", ""), in_base64=True):
            return _error("400005", "Invalid KC-API-SIGN")
        return resident

    def refusal(self) -> Reply:
        """Return 400003."""
        return _error("400003", "KC-API-KEY not exists")

    def unknown(self, ask: Ask) -> Reply:
        """Return 404000."""
        del ask
        return Reply(status=404, body={"code": "404000", "msg": "URL Not Found"})

    def _contracts(self, _: Ask) -> Reply:
        clerk = self.clerk()
        return _ok([*(self._contract(clerk, instrument) for instrument in self.instruments), _FORMS.fill("linear")])

    def _contract(self, clerk: Clerk, instrument: Instrument) -> Row:
        now, mark, next_at = self.now_ms(), float(clerk.mark(instrument)), next_funding_ms(self.now_ms())
        kind: Row = {"fundingFeeRate": 0.0001, "predictedFundingFeeRate": 0.0001, "fundingRateGranularity": 28800000}
        kind |= {"nextFundingRateTime": next_at - now, "nextFundingRateDateTime": next_at}
        if instrument.expiry is not None:
            delivery = delivery_ms(instrument.expiry)
            kind = {"type": "FFICSX", "expireDate": delivery, "settleDate": delivery}
        past = dict.fromkeys(("markPrice", "lastTradePrice", "lowPrice", "highPrice"), mark)
        return _FORMS.fill(
            "contract",
            symbol=instrument.symbol,
            baseCurrency=_currency(instrument.coin),
            settleCurrency=_currency(instrument.coin),
            tickSize=float(instrument.tick),
            takerFeeRate=float(_FEE),
            maintainMargin=float(instrument.rungs[0].rate),
            indexPrice=float(clerk.quotes.index(instrument.coin)),
            **past,
            **kind,
        )

    def _depth(self, ask: Ask) -> Reply:
        instrument = next((i for i in self.instruments if i.symbol == ask.query.get("symbol")), None)
        if instrument is None:
            return _error("400100", "symbol not exists")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=100)
        bids, asks = ([[float(price), int(face)] for price, face in side] for side in both)
        return _ok(_FORMS.fill("depth", symbol=instrument.symbol, bids=bids, asks=asks, ts=self.now_ms() * 1_000_000))

    def _positions(self, _: Ask, resident: Resident) -> Reply:
        items, hedged = self.clerk().items(resident.portfolio), resident.portfolio.hedge_mode
        rows = [_position(item, hedged=hedged) for item in items]
        return _ok([*(row | {"currentTimestamp": self.now_ms()} for row in rows), _FORMS.fill("linear_position")])

    def _overview(self, ask: Ask, resident: Resident) -> Reply:
        currency = ask.query.get("currency", "XBT")
        statements = self.clerk().statements(resident.portfolio)
        found = next((statement for statement in statements if _currency(statement.coin) == currency), None)
        return _ok(_FORMS.fill("overview", currency=currency) if found is None else _account(found))


def _ok(data: object) -> Reply:
    return Reply(body={"code": "200000", "data": data})


def _error(code: str, message: str) -> Reply:
    return Reply(body={"code": code, "msg": message})


def _currency(coin: str) -> str:
    return "XBT" if coin == "BTC" else coin


def _account_mode(_: Ask, resident: Resident) -> Reply:
    classic = resident.portfolio.account_mode is AccountMode.CLASSIC
    return _ok({"selfAccountMode": "CLASSIC" if classic else "UNIFIED"})


def _api_key(_: Ask, resident: Resident) -> Reply:
    rights = ["General", *(["Futures"] if resident.may_trade else []), *(["Withdrawal"] if resident.may_withdraw else [])]
    return _ok(_FORMS.fill("key", apiKey=resident.api_key, permission=",".join(rights)))


def _position(item: Item, *, hedged: bool) -> Row:
    holding, rate = item.holding, rung_of(item.leg.rungs, item.value).rate - _FEE
    isolated, long = holding.isolated_margin, holding.side is Side.LONG
    initial = item.value / _LEVERAGE
    return _FORMS.fill(
        "position",
        id=f"{item.instrument.symbol}-{holding.side}",
        symbol=item.instrument.symbol,
        crossMode=isolated is None,
        marginMode="CROSS" if isolated is None else "ISOLATED",
        positionSide=("LONG" if long else "SHORT") if hedged else "BOTH",
        maintMarginReq=float(rate),
        maintainMargin=float(rate),
        currentQty=int(item.contracts * holding.side.sign),
        markPrice=float(item.leg.mark_price),
        markValue=_coin(-item.signed_value),
        posCost=_coin(-holding.side.sign * item.entry_value),
        posInit=_coin(initial),
        posMargin=_coin(initial if isolated is None else isolated),
        posMaint=_coin(item.value * rate),
        unrealisedPnl=_coin(item.pnl),
        avgEntryPrice=float(holding.entry_price),
        liquidationPrice=float(_shown(item)),
        settleCurrency=_currency(holding.coin),
    )


def _shown(item: Item) -> Price:
    """Return the price at which value over margin gives out: ``face (1 + s rate) / (value s + value * margin / all values)``.

    Source: KuCoin, "Liquidation price in cross margin mode" and "How to calculate futures liquidation price", help centre.
    """
    sign, rate = item.holding.side.sign, rung_of(item.leg.rungs, item.value).rate
    values = sum((leg.value(leg.mark_price) for leg in item.scope.legs), ZERO)
    left: Ratio = sign + item.scope.equity() / values
    price = item.leg.mark_price * (sign + rate) / left if left else ZERO
    return price.quantize(Decimal("0.01")) if ZERO < price < _HIGHEST else _HIGHEST


def _account(statement: Statement) -> Row:
    equity = statement.wallet + statement.pnl
    need, own = statement.pool.maintenance(), statement.pool.equity()
    return _FORMS.fill(
        "overview",
        currency=_currency(statement.coin),
        accountEquity=_coin(equity),
        unrealisedPNL=_coin(statement.pnl),
        marginBalance=_coin(statement.wallet),
        positionMargin=_coin(statement.value / _LEVERAGE),
        availableBalance=_coin(max(ZERO, own - statement.value / _LEVERAGE)),
        riskRatio=round(float(need / own), 10) if own > ZERO else 1.0,
    )


def _coin(amount: Decimal) -> float:
    return round(float(amount), 10)
