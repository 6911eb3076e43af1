"""A simulated Gate: futures settled in BTC, of which one is inverse; figures are texts, sizes so only for who asks.

Source: Gate API v4, "Futures", recorded and documented bodies; error labels as ccxt 4.5.90 maps them; seen 2026-11.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Ratio
from monitor.demo.clerk import Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import Rung, ladder, rung_of
from monitor.demo.message import Ask, Reply, fixed, next_funding_ms
from monitor.demo.orders import levels
from monitor.demo.portfolio import AccountMode, Portfolio, Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("gate")
_API = "/api/v4"
_FUTURES = _API + "/futures/btc/"
_SIGNATURE_LASTS = 60
_NOTHING = hashlib.sha512(b"").hexdigest()
_LEVERAGE = 10

_FEE = Decimal("0.00075")
"""The taker fee, a part of the requirement.

Source: ccxt 4.5.90, async_support/gate.py, ``parse_position``; seen 2026-11.
"""
_TIERS = ladder("3:0.005 10:0.0075 50:0.01 250:0.02 1000:0.04 2500:0.08")
"""In BTC; the first and the last bound are those of the recorded BTC_USD of 2026, the others are of their kind."""
_MARGIN_MODES = {AccountMode.CLASSIC: 0, AccountMode.UNIFIED: 1, AccountMode.PORTFOLIO: 2}


class SimulatedGate(SimulatedVenue):
    """Maintenance on mark value with the taker fee on it; the shown price freezes other contracts; nines for no price."""

    id: ClassVar[str] = "gate"
    basis: ClassVar[Basis] = Basis.MARK
    mark_fee: ClassVar[Ratio] = _FEE
    coins: ClassVar[tuple[str, ...]] = ("BTC",)
    dated: ClassVar[tuple[str, ...]] = ()

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            _API + "/spot/time": lambda _: Reply(body={"server_time": self.now_ms()}),
            _API + "/futures/usdt/contracts": lambda _: Reply(body=[_FORMS.fill("linear")]),
            _FUTURES + "contracts": lambda _: Reply(body=[self._contract(), _FORMS.fill("quanto")]),
            _FUTURES + "contracts/BTC_USD": lambda _: Reply(body=self._contract()),
            _FUTURES + "risk_limit_tiers": self._risk_limit_tiers,
            _FUTURES + "order_book": self._order_book,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            _FUTURES + "positions": self._positions,
            _FUTURES + "accounts": self._account,
            _API + "/account/detail": lambda _, resident: Reply(body=_FORMS.fill("detail", user_id=_user(resident))),
            _API + "/account/main_keys": self._main_keys,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of one dollar."""
        return Instrument(
            symbol=f"{coin}_USD",
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(1),
            tick=Decimal("0.1"),
            rungs=_TIERS,
        )

    def ccxt_urls(self, address: str) -> dict[str, object]:
        """Return every entry that ccxt 4.5.90 has for this venue, in two folders."""
        folders = _FORMS.fill("ccxt_urls")
        return {side: dict.fromkeys(areas, address + _API) for side, areas in folders.items() if isinstance(areas, list)}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, time and the signature of method, path, query, the body's digest and time.

        Source: Gate API v4, "Authentication"; seen 2026-11.
        """
        resident = self.residents.get(ask.headers.get("KEY", ""))
        if resident is None:
            return self.refusal()
        sent = ask.headers.get("Timestamp", "0")
        if abs(self.now_ms() / 1000 - int(sent)) > _SIGNATURE_LASTS:
            return _error(403, "REQUEST_EXPIRED", "gap between request Timestamp and server time exceeds 60")
        signed = f"{ask.method}\n{ask.path}\n{ask.raw_query}\n{_NOTHING}\n{sent}"
        expected = hmac.new(resident.api_secret.encode(), signed.encode(), hashlib.sha512).hexdigest()
        if not hmac.compare_digest(expected, ask.headers.get("SIGN", "")):
            return _error(401, "INVALID_SIGNATURE", "Signature mismatch")
        return resident

    def refusal(self) -> Reply:
        """Return INVALID_KEY."""
        return _error(401, "INVALID_KEY", "Invalid key provided")

    def unknown(self, ask: Ask) -> Reply:
        """Return NOT_FOUND."""
        del ask
        return _error(404, "NOT_FOUND", "Not found")

    def _contract(self) -> Row:
        clerk, (instrument,) = self.clerk(), self.instruments
        mark = str(clerk.mark(instrument))
        return _FORMS.fill(
            "contract",
            name=instrument.symbol,
            mark_price=mark,
            last_price=mark,
            index_price=str(clerk.quotes.index(instrument.coin)),
            order_price_round=str(instrument.tick),
            funding_next_apply=next_funding_ms(self.now_ms()) // 1000,
            maintenance_rate=str(_TIERS[0].rate),
        )

    def _risk_limit_tiers(self, ask: Ask) -> Reply:
        wanted = ask.query.get("contract")
        if wanted not in (None, "BTC_USD"):
            return _error(400, "CONTRACT_NOT_FOUND", "contract not found")
        named: Row = {} if wanted else {"contract": "BTC_USD"}
        return Reply(body=[_tier(number, rung) | named for number, rung in enumerate(_TIERS, 1)])

    def _order_book(self, ask: Ask) -> Reply:
        instrument = next((i for i in self.instruments if i.symbol == ask.query.get("contract")), None)
        if instrument is None:
            return _error(400, "CONTRACT_NOT_FOUND", "contract not found")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=int(ask.query.get("limit", "10")))
        bids, asks = ([{"p": str(price), "s": _size(ask, size)} for price, size in side] for side in both)
        now = self.now_ms() / 1000
        return Reply(body={"id": 5895259469, "current": now, "update": now - 0.002, "asks": asks, "bids": bids})

    def _positions(self, ask: Ask, resident: Resident) -> Reply:
        items = self.clerk().items(resident.portfolio)
        held = [_position(ask, resident, item) for item in items]
        shown = held if ask.query.get("holding") == "true" else [*held, *self._empty(resident.portfolio, items)]
        start = int(ask.query.get("offset", "0"))
        return Reply(body=shown[start : start + int(ask.query.get("limit", "100"))])

    def _empty(self, portfolio: Portfolio, items: list[Item]) -> list[Row]:
        taken = {_mode(portfolio, item.holding.side) for item in items}
        modes = {_mode(portfolio, side) for side in Side} - taken
        return [_FORMS.fill("position", contract=self.instruments[0].symbol, mode=mode) for mode in sorted(modes)]

    def _account(self, _: Ask, resident: Resident) -> Reply:
        statements = {statement.coin: statement for statement in self.clerk().statements(resident.portfolio)}
        if "BTC" not in statements:
            return _error(400, "USER_NOT_FOUND", "please transfer funds first to create futures account")
        return Reply(body=_account(resident, statements["BTC"]))

    def _main_keys(self, _: Ask, resident: Resident) -> Reply:
        perms = [
            {"name": "futures", "read_only": not resident.may_trade},
            {"name": "wallet", "read_only": not resident.may_withdraw},
        ]
        shown = resident.api_key[:-2] + "*****"
        return Reply(
            body=[_FORMS.fill("key", name="another", key="52fd0035f665*****"), _FORMS.fill("key", key=shown, perms=perms)]
        )


def _error(status: int, label: str, message: str) -> Reply:
    return Reply(status=status, body={"label": label, "message": message})


def _user(resident: Resident) -> int:
    return int.from_bytes(hashlib.sha256(resident.api_key.encode()).digest()[:3], "big")


def _coin(amount: Coin) -> str:
    return fixed(amount, 12)


def _size(ask: Ask, contracts: Decimal) -> object:
    """Return a size as it is asked for: in text for who can read fractions."""
    return str(int(contracts)) if ask.headers.get("X-Gate-Size-Decimal") == "1" else int(contracts)


def _mode(portfolio: Portfolio, side: Side) -> str:
    return f"dual_{side.value}" if portfolio.hedge_mode else "single"


def _tier(number: int, rung: Rung) -> Row:
    return _FORMS.fill(
        "tier",
        tier=number,
        risk_limit=str(rung.cap),
        maintenance_rate=str(rung.rate),
        initial_rate=str(rung.rate * 2),
        leverage_max=fixed(1 / (rung.rate * 2), 2),
        deduction=str(rung.amount),
    )


def _position(ask: Ask, resident: Resident, item: Item) -> Row:
    holding, isolated = item.holding, item.holding.isolated_margin
    rung = rung_of(_TIERS, item.value)
    shown = item.scope.shown_price(item.instrument.symbol)
    initial = item.value / _LEVERAGE
    return _FORMS.fill(
        "position",
        user=_user(resident),
        contract=item.instrument.symbol,
        size=_size(ask, holding.side.sign * item.contracts),
        leverage="0" if isolated is None else str(_LEVERAGE),
        cross_leverage_limit=str(_LEVERAGE) if isolated is None else "0",
        pos_margin_mode="cross" if isolated is None else "isolated",
        risk_limit=str(rung.cap),
        maintenance_rate=str(rung.rate),
        average_maintenance_rate=fixed(rung.rate - rung.amount / item.value, 8),
        value=_coin(item.value),
        margin=_coin(initial if isolated is None else isolated),
        entry_price=str(holding.entry_price),
        liq_price="99999999" if shown is None else fixed(shown, 2),
        mark_price=str(item.leg.mark_price),
        unrealised_pnl=_coin(item.pnl),
        initial_margin=_coin(initial),
        maintenance_margin=_coin(item.maintenance),
        mode=_mode(resident.portfolio, holding.side),
    )


def _account(resident: Resident, statement: Statement) -> Row:
    portfolio, pool = resident.portfolio, statement.pool
    cross = [item for item in statement.items if item.holding.isolated_margin is None]
    need = sum((item.maintenance for item in cross), ZERO)
    isolated = _coin(statement.wallet - pool.wallet)
    mode = _MARGIN_MODES[portfolio.account_mode]
    return _FORMS.fill(
        "account",
        user=_user(resident),
        total=_coin(statement.wallet),
        unrealised_pnl=_coin(statement.pnl),
        position_margin=isolated,
        isolated_position_margin=isolated,
        available=_coin(max(ZERO, pool.equity() - need)),
        cross_available=_coin(max(ZERO, pool.equity() - need)),
        cross_margin_balance=_coin(pool.equity()),
        cross_unrealised_pnl=_coin(pool.equity() - pool.wallet),
        cross_maintenance_margin=_coin(need),
        maintenance_margin=_coin(statement.maintenance),
        in_dual_mode=portfolio.hedge_mode,
        position_mode="dual" if portfolio.hedge_mode else "single",
        margin_mode=mode,
        margin_mode_name=("classic", "multi_currency", "portfolio")[mode],
    )
