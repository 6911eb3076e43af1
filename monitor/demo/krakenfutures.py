"""A simulated Kraken Futures: JSON numbers, a margin account for each coin, marks that only tickers tell.

Source: Kraken Futures REST API v3, recorded and documented bodies; signature and error names as in ccxt 4.5.90; seen 2026-11.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price
from monitor.demo.clerk import Clerk, Count, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import ladder
from monitor.demo.message import Ask, Reply
from monitor.demo.orders import levels
from monitor.demo.portfolio import Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("krakenfutures")
_SIGNED_FROM = "/derivatives"
_API = _SIGNED_FROM + "/api/v3/"
_CODES = {"BTC": "XBT"}
_HOURLY = Decimal("0.0000125")
"""What longs pay for an hour, as a share of their position's value."""

_BTC = ladder("500000:0.01 1000000:0.02 3000000:0.03 6000000:0.05 12000000:0.075 9223372036854775807:0.125")
_OTHERS = ladder("250000:0.01 500000:0.02 2000000:0.03 5000000:0.05 8000000:0.075 9223372036854775807:0.125")
"""Bounds are contracts, each of one dollar.

Source: Kraken, "Inverse futures margin schedule", support article 15579128794772; seen 2026-11.
"""


class SimulatedKrakenFutures(SimulatedVenue):
    """Maintenance on mark value, tiers in contracts; one-way and cross only; the account's trigger is a spot price."""

    id: ClassVar[str] = "krakenfutures"
    basis: ClassVar[Basis] = Basis.MARK
    has_hedge_mode: ClassVar[bool] = False
    has_isolated: ClassVar[bool] = False

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            _API + "instruments/status": lambda _: self._ok(instrumentStatus=[_status(i) for i in self.instruments]),
            _API + "instruments": lambda _: self._ok(instruments=self._listed()),
            _API + "tickers": lambda _: self._ok(tickers=self._quoted()),
            _API + "orderbook": self._orderbook,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {_API + "openpositions": self._openpositions, _API + "accounts": self._accounts}

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of one dollar."""
        bitcoin = coin == "BTC"
        return Instrument(
            symbol=f"PI_{_code(coin)}USD" if expiry is None else f"FI_{_code(coin)}USD_{expiry:%y%m%d}",
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(1),
            tick=Decimal("0.5" if bitcoin else "0.05"),
            rungs=_BTC if bitcoin else _OTHERS,
            counts=Count.OWN,
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        return {name: f"{address}{path}" for name, path in _FORMS.fill("ccxt_urls").items()}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key and signature; neither holds a time.

        Source: Kraken, "Derivatives REST": HMAC-SHA512, keyed by the secret from base64, of the SHA-256 of the query and the path
        without /derivatives; seen 2026-11.
        """
        resident = self.residents.get(ask.headers.get("APIKey", ""))
        if resident is None:
            return self.refusal()
        signed = hashlib.sha256((ask.raw_query + ask.path.removeprefix(_SIGNED_FROM)).encode()).digest()
        expected = base64.b64encode(hmac.digest(base64.b64decode(resident.api_secret), signed, "sha512")).decode()
        return resident if hmac.compare_digest(expected, ask.headers.get("Authent", "")) else self.refusal()

    def refusal(self) -> Reply:
        """Return authenticationError, with 200 as every error here."""
        return self._error("authenticationError")

    def unknown(self, ask: Ask) -> Reply:
        """Return notFound."""
        del ask
        return Reply(status=404, body=self._error("notFound").body)

    def _ok(self, **content: object) -> Reply:
        return Reply(body={"result": "success", **content, "serverTime": self._stamp()})

    def _error(self, name: str) -> Reply:
        return Reply(body={"result": "error", "error": name, "serverTime": self._stamp()})

    def _stamp(self) -> str:
        return _iso(self.now_ms())

    def _listed(self) -> list[Row]:
        return [*(_instrument(i) for i in self.instruments), _FORMS.fill("linear"), _FORMS.fill("index")]

    def _quoted(self) -> list[Row]:
        clerk = self.clerk()
        tickers = [self._ticker(clerk, instrument) for instrument in self.instruments]
        return [*tickers, _FORMS.fill("linear_ticker"), _FORMS.fill("index_ticker", lastTime=self._stamp())]

    def _ticker(self, clerk: Clerk, instrument: Instrument) -> Row:
        mark = clerk.mark(instrument)
        row = _FORMS.fill(
            "ticker",
            symbol=instrument.symbol,
            pair=f"{_code(instrument.coin)}:USD",
            markPrice=float(mark),
            indexPrice=float(clerk.quotes.index(instrument.coin)),
            bid=float(mark - instrument.tick),
            ask=float(mark + instrument.tick),
            lastTime=self._stamp(),
            **dict.fromkeys(("last", "open24h", "high24h", "low24h"), float(mark)),
        )
        if instrument.expiry is not None:
            return row | {"tag": "quarter"}
        absolute = float(_HOURLY / mark)
        return row | {"fundingRate": absolute, "fundingRatePrediction": absolute}

    def _orderbook(self, ask: Ask) -> Reply:
        instrument = next((i for i in self.instruments if i.symbol == ask.query.get("symbol")), None)
        if instrument is None:
            return self._error("requiredArgumentMissing" if "symbol" not in ask.query else "contractNotFound")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=50)
        bids, asks = ([[float(price), float(size)] for price, size in side] for side in both)
        return self._ok(orderBook={"bids": bids, "asks": asks})

    def _openpositions(self, _: Ask, resident: Resident) -> Reply:
        return self._ok(openPositions=[_position(item) for item in self.clerk().items(resident.portfolio)])

    def _accounts(self, _: Ask, resident: Resident) -> Reply:
        clerk = self.clerk()
        accounts: Row = {"cash": _FORMS.fill("cash"), "flex": _FORMS.fill("flex")}
        for statement in clerk.statements(resident.portfolio):
            accounts[f"fi_{_code(statement.coin).lower()}usd"] = _margin_account(clerk, statement)
        return self._ok(accounts=accounts)


def _code(coin: str) -> str:
    return _CODES.get(coin, coin)


def _iso(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _coin(amount: Coin) -> float:
    return float(round(amount, 11))


def _status(instrument: Instrument) -> Row:
    return _FORMS.fill("status", symbol=instrument.symbol)


def _instrument(instrument: Instrument) -> Row:
    dated: Row = {}
    if instrument.expiry is not None:
        dated = {"lastTradingTime": f"{instrument.expiry}T16:00:00.000Z"}
    else:
        dated = {"fundingRateCoefficient": 8, "maxRelativeFundingRate": 0.001}
    row = _FORMS.fill(
        "instrument",
        symbol=instrument.symbol,
        pair=f"{_code(instrument.coin)}:USD",
        base=_code(instrument.coin),
        underlying=f"rr_{_code(instrument.coin).lower()}usd",
        tickSize=float(instrument.tick),
        marginLevels=[
            {"contracts": int(rung.floor), "initialMargin": float(2 * rung.rate), "maintenanceMargin": float(rung.rate)}
            for rung in instrument.rungs
        ],
    )
    return row | dated


def _position(item: Item) -> Row:
    return _FORMS.fill(
        "position",
        side="long" if item.holding.side is Side.LONG else "short",
        symbol=item.instrument.symbol.lower(),
        price=float(item.holding.entry_price),
        size=int(item.contracts),
    )


def _margin_account(clerk: Clerk, statement: Statement) -> Row:
    pool, need, code = statement.pool, statement.maintenance, _code(statement.coin).lower()
    equity = pool.equity()
    trigger = _trigger(clerk, statement)
    return _FORMS.fill(
        "margin_account",
        auxiliary=_FORMS.fill("auxiliary", pv=_coin(equity), pnl=_coin(equity - pool.wallet), af=_coin(equity - 2 * need)),
        marginRequirements={"im": _coin(2 * need), **dict.fromkeys(("mm", "lt", "tt"), _coin(need))},
        triggerEstimates=dict.fromkeys(("im", "mm", "lt", "tt"), trigger),
        balances={code: _coin(pool.wallet)},
        currency=code,
    )


def _trigger(clerk: Clerk, statement: Statement) -> float:
    """Return the spot price at which the whole account is liquidated; 0 where there is none."""
    move = statement.pool.liquidation_move() if statement.pool.legs else None
    price: Price = ZERO if move is None else move * clerk.quotes.index(statement.coin)
    return float(round(price, 2))
