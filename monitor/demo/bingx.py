"""A simulated BingX: coin-margined perpetuals alone, dollars of a contract called a tick, maintenance that only figures imply.

Source: BingX, "Coin-M Futures" documentation; samples in ccxt 4.5.90, async_support/bingx.py, which also maps its error codes;
read 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Ratio
from monitor.demo.clerk import Clerk, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import ladder
from monitor.demo.message import Ask, Reply, fixed, next_funding_ms, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("bingx")
_SIGNATURE_LASTS_MS = 5000
_LEVERAGE = 10
_FEE = Decimal("0.0005")
"""Of the value at the mark, as maintenance is.

Source: BingX, "Coin-M perpetual futures: liquidation", help centre; seen 2026-11.
"""
_RUNGS = {"BTC": ladder("9223372036854775807:0.004"), "ETH": ladder("9223372036854775807:0.005")}
_OTHERS = ladder("9223372036854775807:0.007")
"""Rates of their kind."""

_READING, _TRADING, _WITHDRAWING = 2, 3, 5
_BASES = ("fund", "spot", "swap", "contract", "wallets", "user", "subAccount", "account", "copyTrading", "cswap", "api")


class SimulatedBingX(SimulatedVenue):
    """Maintenance and taker fee on the mark value. Both directions of a coin at once are left out: their rule is not known."""

    id: ClassVar[str] = "bingx"
    basis: ClassVar[Basis] = Basis.MARK
    mark_fee: ClassVar[Ratio] = _FEE
    dated: ClassVar[tuple[str, ...]] = ()
    has_hedge_mode: ClassVar[bool] = False

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data; contracts in dollars and spot are there and empty, for ccxt asks for them too."""
        return {
            "/openApi/swap/v2/server/time": lambda _: _ok({"serverTime": self.now_ms()}),
            "/openApi/cswap/v1/market/contracts": self._contracts,
            "/openApi/cswap/v1/market/premiumIndex": self._premiums,
            "/openApi/cswap/v1/market/depth": self._depth,
            "/openApi/swap/v2/quote/contracts": lambda _: _ok([]),
            "/openApi/spot/v1/common/symbols": lambda _: _ok({"symbols": []}),
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/openApi/cswap/v1/user/positions": self._positions,
            "/openApi/cswap/v1/user/balance": self._balances,
            "/openApi/v1/account/apiPermissions": _permissions,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of 100 dollars of BTC, of 10 of another coin."""
        del expiry
        return Instrument(
            symbol=f"{coin}-USD",
            coin=coin,
            contract_size=Decimal(100 if coin == "BTC" else 10),
            tick=Decimal("0.1" if coin == "BTC" else "0.01"),
            rungs=_RUNGS.get(coin, _OTHERS),
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        return dict.fromkeys(_BASES, f"{address}/openApi")

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, time and the signature of the query.

        Source: BingX, "Signature", documentation: within recvWindow, 5 seconds; ccxt 4.5.90, async_support/bingx.py, ``sign``.
        """
        resident = self.residents.get(ask.headers.get("X-BX-APIKEY", ""))
        if resident is None:
            return self.refusal()
        if abs(self.now_ms() - int(ask.query.get("timestamp", "0"))) > _SIGNATURE_LASTS_MS:
            return _error(100421, "Null timestamp or timestamp mismatch")
        signed, _, signature = ask.raw_query.partition("&signature=")
        if not signed_by(resident.api_secret, signed, signature):
            return _error(100001, "Signature verification failed")
        return resident

    def refusal(self) -> Reply:
        """Return 100413."""
        return _error(100413, "Incorrect apiKey")

    def unknown(self, ask: Ask) -> Reply:
        """Return 100400."""
        del ask
        return _error(100400, "this api is not exist")

    def _contracts(self, _: Ask) -> Reply:
        return _ok([_contract(instrument) for instrument in self.instruments])

    def _premiums(self, ask: Ask) -> Reply:
        clerk, wanted = self.clerk(), ask.query.get("symbol")
        return _ok([self._premium(clerk, i) for i in self.instruments if wanted in (None, i.symbol)])

    def _premium(self, clerk: Clerk, instrument: Instrument) -> Row:
        return _FORMS.fill(
            "premium",
            symbol=instrument.symbol,
            markPrice=fixed(clerk.mark(instrument), 4),
            indexPrice=fixed(clerk.quotes.index(instrument.coin), 4),
            nextFundingTime=next_funding_ms(self.now_ms()),
        )

    def _depth(self, ask: Ask) -> Reply:
        instrument = next((i for i in self.instruments if i.symbol == ask.query.get("symbol")), None)
        if instrument is None:
            return _error(109425, "symbol not exist, please verify it")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=100)
        bids, asks = ([[str(price), str(face / instrument.contract_size)] for price, face in side] for side in both)
        return _ok(_FORMS.fill("depth", T=self.now_ms(), bids=bids, asks=asks[::-1]))

    def _positions(self, _: Ask, resident: Resident) -> Reply:
        return _ok([_position(item) for item in self.clerk().items(resident.portfolio)])

    def _balances(self, _: Ask, resident: Resident) -> Reply:
        return _ok([_balance(statement) for statement in self.clerk().statements(resident.portfolio)])


def _ok(data: object) -> Reply:
    return Reply(body={"code": 0, "msg": "", "timestamp": 0, "data": data})


def _error(code: int, message: str) -> Reply:
    return Reply(body={"code": code, "msg": message, "timestamp": 0})


def _permissions(_: Ask, resident: Resident) -> Reply:
    """Return the rights of a key; alone of all answers it has no code, and its data is no part of something."""
    rights = [_READING, *([_TRADING] if resident.may_trade else []), *([_WITHDRAWING] if resident.may_withdraw else [])]
    return Reply(body=_FORMS.fill("key", apiKey=resident.api_key, permissions=rights))


def _contract(instrument: Instrument) -> Row:
    places = -int(instrument.tick.as_tuple().exponent)
    size = str(instrument.contract_size)
    return _FORMS.fill("contract", symbol=instrument.symbol, pricePrecision=places, minTickSize=size, minTradeValue=size)


def _initial(item: Item) -> Coin:
    isolated = item.holding.isolated_margin
    return item.entry_value / _LEVERAGE if isolated is None else isolated


def _position(item: Item) -> Row:
    scope, shown = item.scope, item.scope.shown_price(item.instrument.symbol)
    equity, isolated = scope.equity(), item.holding.isolated_margin
    return _FORMS.fill(
        "position",
        symbol=item.instrument.symbol,
        positionId=str(1813080351385337856 + len(item.instrument.symbol)),
        positionSide="LONG" if item.holding.side is Side.LONG else "SHORT",
        isolated=isolated is not None,
        positionAmt=fixed(item.contracts, 0),
        availableAmt=fixed(item.contracts, 0),
        unrealizedProfit=fixed(item.pnl, 8),
        initialMargin=fixed(_initial(item), 8),
        liquidationPrice=0 if shown is None else float(shown),
        avgPrice=str(item.holding.entry_price),
        leverage=_LEVERAGE if isolated is None else max(1, int(item.entry_value / isolated)),
        markPrice=fixed(item.leg.mark_price, 4),
        riskRate=fixed(scope.maintenance() / equity if equity > ZERO else ONE, 8),
    )


def _balance(statement: Statement) -> Row:
    used = sum((_initial(item) for item in statement.items), ZERO)
    equity = statement.wallet + statement.pnl
    return _FORMS.fill(
        "balance",
        asset=statement.coin,
        balance=fixed(statement.wallet, 8),
        equity=fixed(equity, 8),
        unrealizedProfit=fixed(statement.pnl, 8),
        availableMargin=fixed(max(ZERO, equity - used), 8),
        usedMargin=fixed(used, 8),
    )
