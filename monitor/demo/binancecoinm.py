"""A simulated Binance COIN-M.

Source: Binance derivatives documentation, COIN-M futures, recorded and documented bodies; error codes as ccxt 4.5.90 maps them;
seen 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ZERO
from monitor.demo.clerk import Clerk, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import ladder
from monitor.demo.message import Ask, Reply, delivery_ms, fixed, next_funding_ms, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import Portfolio, Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("binancecoinm")
_RECV_WINDOW_MS = 5000
_LEVERAGE = 20
_POSITION_SIDES = ("BOTH", "LONG", "SHORT")

_BTC = ladder("5:0.004 10:0.005 20:0.01 50:0.025 100:0.05 200:0.1 400:0.125 1000:0.15 1500:0.25 9223372036854775807:0.5")
"""Source: Binance, "Leverage and margin of COIN-M futures contracts", help centre; the amounts reproduce; seen 2026-11."""
_OTHERS = ladder("50:0.005 500:0.01 2500:0.025 10000:0.05 50000:0.1 9223372036854775807:0.25")
_MOST_LEVERAGE = (125, 100, 50, 20, 10, 5, 4, 3, 2, 1)


class SimulatedBinanceCoinM(SimulatedVenue):
    """Maintenance on mark value with amounts, no closing fee; the shown price freezes the coin's other contracts."""

    id: ClassVar[str] = "binancecoinm"
    basis: ClassVar[Basis] = Basis.MARK

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            "/dapi/v1/time": lambda _: Reply(body={"serverTime": self.now_ms()}),
            "/dapi/v1/exchangeInfo": self._exchange_info,
            "/dapi/v1/premiumIndex": self._premium_index,
            "/dapi/v1/depth": self._depth,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/dapi/v1/positionRisk": self._position_risk,
            "/dapi/v1/account": self._account,
            "/dapi/v2/leverageBracket": self._leverage_bracket,
            "/sapi/v1/account/apiRestrictions": self._api_restrictions,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of 100 dollars on BTC, of 10 on the others."""
        bitcoin = coin == "BTC"
        return Instrument(
            symbol=f"{coin}USD_{'PERP' if expiry is None else f'{expiry:%y%m%d}'}",
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(100 if bitcoin else 10),
            tick=Decimal("0.1" if bitcoin else "0.01"),
            rungs=_BTC if bitcoin else _OTHERS,
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        return {name: f"{address}{path}" for name, path in _FORMS.fill("ccxt_urls").items()}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, time and the signature of the query, in the venue's order.

        Source: Binance, "Endpoint security type" and "Error codes", COIN-M documentation; seen 2026-11.
        """
        resident = self.residents.get(ask.headers.get("X-MBX-APIKEY", ""))
        if resident is None:
            return self.refusal()
        signed, _, signature = ask.raw_query.rpartition("&signature=")
        if not signature:
            return _error(400, -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
        sent, window = int(ask.query.get("timestamp", "0")), int(ask.query.get("recvWindow", _RECV_WINDOW_MS))
        if sent >= self.now_ms() + 1000:
            return _error(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if self.now_ms() - sent > window:
            return _error(400, -1021, "Timestamp for this request is outside of the recvWindow.")
        if not signed_by(resident.api_secret, signed, signature):
            return _error(400, -1022, "Signature for this request is not valid.")
        return resident

    def refusal(self) -> Reply:
        """Return -2015, which stands for a wrong key, a wrong address and a missing permission alike."""
        return _error(401, -2015, "Invalid API-key, IP, or permissions for action.")

    def unknown(self, ask: Ask) -> Reply:
        """Return -5000."""
        return _error(404, -5000, f"Path {ask.path}, Method {ask.method} is invalid")

    def _exchange_info(self, _: Ask) -> Reply:
        symbols = [_symbol(instrument) for instrument in self.instruments]
        return Reply(body=_FORMS.fill("exchange_info", serverTime=self.now_ms(), symbols=symbols))

    def _premium_index(self, ask: Ask) -> Reply:
        clerk = self.clerk()
        return Reply(body=[self._premium(clerk, i) for i in self.instruments if _wanted(i, ask, "symbol", "pair")])

    def _premium(self, clerk: Clerk, instrument: Instrument) -> Row:
        now, index = self.now_ms(), _eight(clerk.quotes.index(instrument.coin))
        funding: Row = {"lastFundingRate": "0.00010000", "interestRate": "0.00010000", "nextFundingTime": next_funding_ms(now)}
        return _FORMS.fill(
            "premium",
            symbol=instrument.symbol,
            pair=_pair(instrument),
            markPrice=_eight(clerk.mark(instrument)),
            indexPrice=index,
            estimatedSettlePrice=index,
            time=now,
            **(funding if instrument.expiry is None else {}),
        )

    def _depth(self, ask: Ask) -> Reply:
        instrument = next((i for i in self.instruments if i.symbol == ask.query.get("symbol")), None)
        if instrument is None:
            return _error(400, -1121, "Invalid symbol.")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=int(ask.query.get("limit", "500")))
        bids, asks = ([[str(price), fixed(face / instrument.contract_size, 0)] for price, face in side] for side in both)
        now = self.now_ms()
        return Reply(
            body=_FORMS.fill("depth", E=now, T=now - 4, symbol=instrument.symbol, pair=_pair(instrument), bids=bids, asks=asks)
        )

    def _position_risk(self, ask: Ask, resident: Resident) -> Reply:
        clerk = self.clerk()
        held = _by_place(clerk, resident.portfolio)
        wanted = (instrument for instrument in self.instruments if _wanted(instrument, ask, "pair", "marginAsset"))
        places = [(instrument, side) for instrument in wanted for side in _POSITION_SIDES]
        return Reply(body=[_risk(clerk, i, side, held.get((i.symbol, side))) for i, side in places])

    def _account(self, _: Ask, resident: Resident) -> Reply:
        clerk, portfolio = self.clerk(), resident.portfolio
        held = _by_place(clerk, portfolio)
        places = [(instrument, side) for instrument in self.instruments for side in _POSITION_SIDES]
        body = _FORMS.fill(
            "account",
            assets=[_asset(statement) for statement in clerk.statements(portfolio)],
            positions=[_position(i, side, held.get((i.symbol, side))) for i, side in places],
            canTrade=resident.may_trade,
            canWithdraw=resident.may_withdraw,
        )
        return Reply(body=body)

    def _leverage_bracket(self, ask: Ask, _: Resident) -> Reply:
        return Reply(body=[_brackets(instrument) for instrument in self.instruments if _wanted(instrument, ask, "symbol")])

    def _api_restrictions(self, _: Ask, resident: Resident) -> Reply:
        trade = resident.may_trade
        rights: Row = {"enableFutures": trade, "enableSpotAndMarginTrading": trade, "enableWithdrawals": resident.may_withdraw}
        return Reply(body=_FORMS.fill("restrictions", **rights))


def _error(status: int, code: int, message: str) -> Reply:
    return Reply(status=status, body={"code": code, "msg": message})


def _eight(number: Decimal) -> str:
    return fixed(number, 8)


def _pair(instrument: Instrument) -> str:
    return f"{instrument.coin}USD"


def _wanted(instrument: Instrument, ask: Ask, *filters: str) -> bool:
    mine = {"symbol": instrument.symbol, "pair": _pair(instrument), "marginAsset": instrument.coin}
    return all(ask.query.get(name, mine[name]) == mine[name] for name in filters)


def _by_place(clerk: Clerk, portfolio: Portfolio) -> dict[tuple[str, str], Item]:
    """Return the positions by symbol and position side, which is BOTH unless the account is in hedge mode."""
    sides = {Side.LONG: "LONG", Side.SHORT: "SHORT"} if portfolio.hedge_mode else dict.fromkeys(Side, "BOTH")
    return {(item.instrument.symbol, sides[item.holding.side]): item for item in clerk.items(portfolio)}


def _risk(clerk: Clerk, instrument: Instrument, side: str, item: Item | None) -> Row:
    row = _FORMS.fill("risk", symbol=instrument.symbol, positionSide=side, markPrice=_eight(clerk.mark(instrument)))
    if item is None:
        return row
    shown, isolated = item.scope.shown_price(instrument.symbol), item.holding.isolated_margin
    own: Row = {}
    if isolated is not None:
        own = {"marginType": "isolated", "isolatedMargin": _eight(isolated + item.pnl), "isolatedWallet": _eight(isolated)}
    return (
        row
        | own
        | {
            "positionAmt": str(int(item.holding.side.sign * item.contracts)),
            "entryPrice": _eight(item.holding.entry_price),
            "breakEvenPrice": _eight(item.holding.entry_price),
            "unRealizedProfit": _eight(item.pnl),
            "liquidationPrice": "0" if shown is None else _eight(shown),
            "notionalValue": _eight(item.signed_value),
            "updateTime": 1627026881327,
        }
    )


def _position(instrument: Instrument, side: str, item: Item | None) -> Row:
    row = _FORMS.fill("position", symbol=instrument.symbol, positionSide=side)
    if item is None:
        return row
    initial = _eight(item.value / _LEVERAGE)
    return row | {
        "positionAmt": str(int(item.holding.side.sign * item.contracts)),
        "initialMargin": initial,
        "maintMargin": _eight(item.maintenance),
        "unrealizedProfit": _eight(item.pnl),
        "positionInitialMargin": initial,
        "isolated": item.holding.isolated_margin is not None,
        "entryPrice": _eight(item.holding.entry_price),
        "breakEvenPrice": _eight(item.holding.entry_price),
        "updateTime": 1627026881327,
        "notionalValue": _eight(item.signed_value),
    }


def _asset(statement: Statement) -> Row:
    pool, initial = statement.pool, statement.value / _LEVERAGE
    free = max(ZERO, pool.equity() - initial)
    return _FORMS.fill(
        "asset",
        asset=statement.coin,
        walletBalance=_eight(statement.wallet),
        unrealizedProfit=_eight(statement.pnl),
        marginBalance=_eight(statement.wallet + statement.pnl),
        maintMargin=_eight(statement.maintenance),
        initialMargin=_eight(initial),
        positionInitialMargin=_eight(initial),
        maxWithdrawAmount=_eight(min(free, pool.wallet)),
        crossWalletBalance=_eight(pool.wallet),
        crossUnPnl=_eight(pool.equity() - pool.wallet),
        availableBalance=_eight(free),
    )


def _symbol(instrument: Instrument) -> Row:
    delivery: Row = {} if instrument.expiry is None else {"deliveryDate": delivery_ms(instrument.expiry)}
    return _FORMS.fill(
        "symbol",
        symbol=instrument.symbol,
        pair=_pair(instrument),
        contractType="PERPETUAL" if instrument.expiry is None else "CURRENT_QUARTER",
        contractSize=int(instrument.contract_size),
        baseAsset=instrument.coin,
        marginAsset=instrument.coin,
        pricePrecision=-int(instrument.tick.as_tuple().exponent),
        filters=[
            {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "4520958", "tickSize": str(instrument.tick)},
            {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "1000000", "stepSize": "1"},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "1", "maxQty": "60000", "stepSize": "1"},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500", "multiplierDecimal": "4"},
        ],
        **delivery,
    )


def _brackets(instrument: Instrument) -> Row:
    rows = [
        _FORMS.fill(
            "bracket",
            bracket=number,
            initialLeverage=leverage,
            qtyCap=int(rung.cap),
            qtylFloor=int(rung.floor),
            maintMarginRatio=float(rung.rate),
            cum=float(rung.amount),
        )
        for number, (rung, leverage) in enumerate(zip(instrument.rungs, _MOST_LEVERAGE, strict=False), 1)
    ]
    return _FORMS.fill("brackets", symbol=instrument.symbol, brackets=rows)
