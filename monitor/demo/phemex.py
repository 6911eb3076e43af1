"""A simulated Phemex: coin-margined perpetuals alone, one-way mode, scaled integers beside plain numbers.

Source: Phemex, "Public-Contract-API-en", "Unified Trading Account REST API"; samples in ccxt 4.5.90, async_support/phemex.py,
which also maps its error codes; read 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Price
from monitor.demo.clerk import Clerk, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import ladder
from monitor.demo.message import Ask, Reply, fixed, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import AccountMode, Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("phemex")
_LONGEST_EXPIRY = 120
_LEVERAGE = 10
_FEE = Decimal("0.0006")
_PRICE, _VALUE, _RATIO = Decimal(10_000), Decimal(100_000_000), Decimal(100_000_000)
_LOWEST, _HIGHEST = Decimal("0.5"), Decimal(1_000_000)
_RATES = {"BTC": ladder("9223372036854775807:0.005"), "ETH": ladder("9223372036854775807:0.01")}
_OTHERS = ladder("9223372036854775807:0.02")
"""The rate of the risk limit that the holder has chosen."""


class SimulatedPhemex(SimulatedVenue):
    """Maintenance on entry value and the taker fee at the bankruptcy price; a cross position has a negative leverage.

    Source: Phemex, "Liquidation price", help centre; seen 2026-11.
    """

    id: ClassVar[str] = "phemex"
    basis: ClassVar[Basis] = Basis.ENTRY
    closing_fee: ClassVar[Decimal] = _FEE
    dated: ClassVar[tuple[str, ...]] = ()
    has_hedge_mode: ClassVar[bool] = False

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            "/public/products": self._products,
            "/v1/exchange/public/products": self._old_products,
            "/v1/md/ticker/24hr/all": self._tickers,
            "/v1/md/fullbook": self._fullbook,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/accounts/accountPositions": self._account_positions,
            "/uta-api/risk/risk-units": self._risk_units,
            "/uta-api/risk/risk-mode": _risk_mode,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of one dollar."""
        del expiry
        return Instrument(
            symbol=f"{coin}USD",
            coin=coin,
            contract_size=Decimal(1),
            tick=Decimal("0.5" if coin == "BTC" else "0.05"),
            rungs=_RATES.get(coin, _OTHERS),
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        return {"v1": f"{address}/v1", "v2": address, "public": f"{address}/exchange/public", "private": address}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, expiry and the signature of ``path + query + expiry``.

        Source: Phemex, "Endpoint security type", "User Authentication": at most two minutes ahead; ccxt 4.5.90, ``sign``.
        """
        resident = self.residents.get(ask.headers.get("x-phemex-access-token", ""))
        if resident is None:
            return self.refusal()
        expiry = ask.headers.get("x-phemex-request-expiry", "0")
        if not 0 <= int(expiry) - self.now_ms() / 1000 <= _LONGEST_EXPIRY:
            return _error(401, "401", "401 Request expired.")
        signed = f"{ask.path}{ask.raw_query}{expiry}"
        if not signed_by(resident.api_secret, signed, ask.headers.get("x-phemex-request-signature", "")):
            return _error(401, 10500, "API Signature verification failed.")
        return resident

    def refusal(self) -> Reply:
        """Return 401."""
        return _error(401, "401", "401 Failed to load API KEY.")

    def unknown(self, ask: Ask) -> Reply:
        """Return 404."""
        del ask
        return _error(404, 404, "not found")

    def _products(self, _: Ask) -> Reply:
        currencies = [_FORMS.fill("currency", currency=i.coin, name=i.coin, displayCurrency=i.coin) for i in self.instruments]
        dollars = _FORMS.fill("currency", currency="USD", name="USD", displayCurrency="USD", valueScale=4)
        products = [_product(instrument) for instrument in self.instruments]
        return _ok(
            _FORMS.fill(
                "products",
                currencies=[*currencies, dollars],
                products=[*products, _FORMS.fill("linear"), _FORMS.fill("spot")],
            )
        )

    def _old_products(self, _: Ask) -> Reply:
        named = (dict.fromkeys(("baseCurrency", "settlementCurrency"), i.coin) | {"symbol": i.symbol} for i in self.instruments)
        return _ok([_FORMS.fill("old_product", **names) for names in named])

    def _tickers(self, _: Ask) -> Reply:
        clerk = self.clerk()
        return _result([self._ticker(clerk, instrument) for instrument in self.instruments])

    def _ticker(self, clerk: Clerk, instrument: Instrument) -> Row:
        mark = int(clerk.mark(instrument) * _PRICE)
        past = dict.fromkeys(("askEp", "bidEp", "highEp", "lastEp", "lowEp", "openEp"), mark)
        return _FORMS.fill(
            "ticker",
            symbol=instrument.symbol,
            markEp=mark,
            indexEp=int(clerk.quotes.index(instrument.coin) * _PRICE),
            timestamp=self.now_ms() * 1_000_000,
            **past,
        )

    def _fullbook(self, ask: Ask) -> Reply:
        instrument = next((i for i in self.instruments if i.symbol == ask.query.get("symbol")), None)
        if instrument is None:
            return Reply(body={"error": {"code": 6001, "message": "invalid argument"}, "id": None, "result": None})
        both = levels(self.clerk().mark(instrument), instrument.tick, count=100)
        bids, asks = ([[int(price * _PRICE), int(face)] for price, face in side] for side in both)
        return _result(
            _FORMS.fill("book", symbol=instrument.symbol, book={"asks": asks, "bids": bids}, timestamp=self.now_ms() * 1_000_000)
        )

    def _account_positions(self, ask: Ask, resident: Resident) -> Reply:
        coin, clerk = ask.query.get("currency", ""), self.clerk()
        listed = [instrument for instrument in self.instruments if instrument.coin == coin]
        if not listed:
            return _error(200, 11028, "TE_CURRENCY_INVALID")
        statement = next((one for one in clerk.statements(resident.portfolio) if one.coin == coin), None)
        held = {item.instrument.symbol: _position(item) for item in statement.items} if statement else {}
        empty = {i.symbol: _FORMS.fill("position", symbol=i.symbol, currency=coin) | _marks(clerk.mark(i)) for i in listed}
        balance = int(statement.wallet * _VALUE) if statement else 0
        account = _FORMS.fill("account", currency=coin, accountBalanceEv=balance)
        return _ok({"account": account, "positions": [held.get(name, row) for name, row in empty.items()]})

    def _risk_units(self, _: Ask, resident: Resident) -> Reply:
        return _ok([_unit(statement) for statement in self.clerk().statements(resident.portfolio)])


def _ok(data: object) -> Reply:
    return Reply(body={"code": 0, "msg": "OK", "data": data})


def _result(result: object) -> Reply:
    return Reply(body={"error": None, "id": 0, "result": result})


def _error(status: int, code: int | str, message: str) -> Reply:
    return Reply(status=status, body={"code": code, "msg": message, "data": None})


def _risk_mode(_: Ask, resident: Resident) -> Reply:
    classic = resident.portfolio.account_mode is AccountMode.CLASSIC
    return _ok({"riskMode": "Classic" if classic else "MultiAsset", "lastUpdateTimeNs": 1701414861472716784})


def _product(instrument: Instrument) -> Row:
    return _FORMS.fill(
        "product",
        symbol=instrument.symbol,
        displaySymbol=f"{instrument.coin} / USD",
        indexSymbol=f".{instrument.coin}",
        markSymbol=f".M{instrument.coin}",
        settleCurrency=instrument.coin,
        tickSize=float(instrument.tick),
    )


def _marks(mark: Price) -> Row:
    return {"markPriceEp": int(mark * _PRICE), "markPrice": float(mark)}


def _amounts(**amounts: Coin) -> Row:
    scaled = {f"{name}Ev": int(amount * _VALUE) for name, amount in amounts.items()}
    return scaled | {name: round(float(amount), 8) for name, amount in amounts.items()}


def _prices(**prices: Price) -> Row:
    scaled = {f"{name}Ep": int(price * _PRICE) for name, price in prices.items()}
    return scaled | {name: float(price) for name, price in prices.items()}


def _ratios(**ratios: Decimal) -> Row:
    scaled = {f"{name}Er": int(ratio * _RATIO) for name, ratio in ratios.items()}
    return scaled | {name: float(ratio) for name, ratio in ratios.items()}


def _position(item: Item) -> Row:
    isolated, bust = item.holding.isolated_margin, item.scope.bankruptcy_move()
    initial = item.entry_value / _LEVERAGE
    fee = item.scope.closing_cost([item.leg])
    return _FORMS.fill(
        "position",
        symbol=item.instrument.symbol,
        currency=item.holding.coin,
        side="Buy" if item.holding.side is Side.LONG else "Sell",
        size=int(item.contracts),
        **_marks(item.leg.mark_price),
        **_ratios(leverage=Decimal(_LEVERAGE) * (-ONE if isolated is None else ONE)),
        **_ratios(maintMarginReq=item.leg.rungs[0].rate, deleveragePercentile=Decimal("0.21")),
        **_amounts(value=item.entry_value, posCost=initial, assignedPosBalance=initial if isolated is None else isolated),
        **_amounts(bankruptComm=fee, positionMargin=item.scope.wallet - fee, usedBalance=initial),
        **_prices(avgEntryPrice=item.holding.entry_price, liquidationPrice=_shown(item)),
        **_prices(bankruptPrice=_LOWEST if bust is None else _bounded(item.leg.mark_price * bust, item)),
    )


def _shown(item: Item) -> Price:
    price = item.scope.shown_price(item.instrument.symbol)
    if price is None:
        return _LOWEST if item.holding.side is Side.LONG else _HIGHEST
    return _bounded(price, item)


def _bounded(price: Price, item: Item) -> Price:
    """Return *price* on the tick that is worse for the holder, within the bounds of an order's price."""
    tick = item.instrument.tick
    worse = ROUND_CEILING if item.holding.side is Side.LONG else ROUND_FLOOR
    return min(max((price / tick).quantize(Decimal(1), rounding=worse) * tick, _LOWEST), _HIGHEST)


def _unit(statement: Statement) -> Row:
    pool, equity = statement.pool, statement.pool.equity()
    need = pool.maintenance()
    return _FORMS.fill(
        "unit",
        currency=statement.coin,
        symbol=f"{statement.coin}USD",
        marginRatioRr=fixed(need / equity, 8) if equity > ZERO else "1",
        totalBalanceRv=fixed(pool.wallet, 8),
        totalEquityRv=fixed(equity, 12),
        totalPosUnpnlRv=fixed(equity - pool.wallet, 12),
        totalPosMMRv=fixed(need - pool.closing_cost(pool.legs), 12),
    )
