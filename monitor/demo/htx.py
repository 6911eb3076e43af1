"""A simulated HTX: coin-margined swaps and futures, an account for each, all at ten times leverage.

Source: HTX, coin-margined swaps API v1 and coin-margined futures API v1; ccxt 4.5.90, async_support/htx.py; read 2026-11.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Ratio
from monitor.demo.clerk import Count, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import Rung
from monitor.demo.message import Ask, Reply, delivery_ms, next_funding_ms, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_FORMS = Forms("htx")
_CONTRACT_HOST, _SPOT_HOST = "api.hbdm.vn", "api.huobi.pro"
"""Hosts that signatures are made for, wherever requests really go."""

_WINDOW_SECONDS = 60
_LEVERAGE = 10
_UID = 63628520

_FACTORS = ((4_000, "0.1"), (8_000, "0.15"), (10_000_000, "0.2"))
"""Adjustment factors by net contracts; of the kind that HTX has, not its table."""


def _rungs() -> tuple[Rung, ...]:
    caps = [Decimal(cap) for cap, _ in _FACTORS]
    rates = [Decimal(factor) / _LEVERAGE for _, factor in _FACTORS]
    return tuple(
        Rung(floor=floor, cap=cap, rate=rate, amount=ZERO) for floor, cap, rate in zip([ZERO, *caps], caps, rates, strict=False)
    )


class SimulatedHtx(SimulatedVenue):
    """Margin and profit at the last price, which is the mark here; the shown price is the account's.

    Source: HTX, "Margin of Coin-margined Swaps", help centre; seen 2026-11.
    """

    id: ClassVar[str] = "htx"
    basis: ClassVar[Basis] = Basis.MARK
    has_isolated: ClassVar[bool] = False
    mixes_dates: ClassVar[bool] = False
    posted: ClassVar[frozenset[str]] = frozenset(
        {
            "/swap-api/v1/swap_account_info",
            "/swap-api/v1/swap_position_info",
            "/api/v1/contract_account_info",
            "/api/v1/contract_position_info",
        }
    )

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            "/api/v1/timestamp": lambda _: Reply(body={"status": "ok", "ts": self.now_ms()}),
            "/swap-api/v1/swap_contract_info": lambda _: self._ok(_contract_row(i) for i in self._listed(dated=False)),
            "/api/v1/contract_contract_info": lambda _: self._ok(_contract_row(i) for i in self._listed(dated=True)),
            "/swap-api/v1/swap_index": self._index,
            "/swap-api/v1/swap_batch_funding_rate": self._funding,
            "/swap-api/v1/swap_open_interest": lambda _: self._ok(_interest_row(i) for i in self._listed(dated=False)),
            "/api/v1/contract_open_interest": lambda _: self._ok(_interest_row(i) for i in self._listed(dated=True)),
            "/swap-ex/market/depth": lambda ask: self._depth(ask.query.get("contract_code")),
            "/market/depth": lambda ask: self._depth(ask.query.get("symbol")),
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/swap-api/v1/swap_account_info": lambda _, who: self._accounts(who, dated=False),
            "/swap-api/v1/swap_position_info": lambda _, who: self._positions(who, dated=False),
            "/api/v1/contract_account_info": lambda _, who: self._accounts(who, dated=True),
            "/api/v1/contract_position_info": lambda _, who: self._positions(who, dated=True),
            "/v2/user/uid": lambda *_: Reply(body={"code": 200, "data": _UID}),
            "/v2/user/api-key": self._api_key,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of 100 dollars on BTC, of 10 on the others."""
        bitcoin = coin == "BTC"
        return Instrument(
            symbol=f"{coin}-USD" if expiry is None else f"{coin}{expiry:%y%m%d}",
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(100 if bitcoin else 10),
            tick=Decimal("0.1" if bitcoin else "0.01"),
            rungs=_rungs(),
            counts=Count.NET,
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return every entry that ccxt 4.5.90 has for this venue."""
        return dict.fromkeys(("status", "contract", "spot", "public", "private", "v2Public", "v2Private"), address)

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, time and the signature of ``method, host, path, query``, one a line; a body is not signed.

        Source: HTX, coin-margined swaps API, "Authentication"; ccxt 4.5.90, async_support/htx.py, ``sign``; read 2026-11.
        """
        resident = self.residents.get(ask.query.get("AccessKeyId", ""))
        signed, _, _ = ask.raw_query.partition("&Signature=")
        host = _SPOT_HOST if ask.path.startswith("/v2/") else _CONTRACT_HOST
        text = f"{ask.method}\n{host}\n{ask.path}\n{signed}"
        if resident is None or abs(_seconds(ask.query.get("Timestamp", "")) - self.now_ms() / 1000) > _WINDOW_SECONDS:
            return _refused(ask.path)
        if not signed_by(resident.api_secret, text, ask.query.get("Signature", ""), in_base64=True):
            return _refused(ask.path)
        return resident

    def refusal(self) -> Reply:
        """Return 403, which stands for a wrong key, a wrong signature and a wrong time alike."""
        return _refused("")

    def unknown(self, ask: Ask) -> Reply:
        """Return what an unknown address gets."""
        del ask
        return Reply(status=404, body={"status": "error", "err_code": 404, "err_msg": "Not Found", "ts": self.now_ms()})

    def _ok(self, rows: Iterable[Row]) -> Reply:
        return Reply(body={"status": "ok", "data": list(rows), "ts": self.now_ms()})

    def _listed(self, *, dated: bool) -> list[Instrument]:
        return [instrument for instrument in self.instruments if (instrument.expiry is not None) is dated]

    def _index(self, _: Ask) -> Reply:
        quotes, now = self.clerk().quotes, self.now_ms()
        prices = {instrument.symbol: float(quotes.index(instrument.coin)) for instrument in self._listed(dated=False)}
        return self._ok(
            [_FORMS.fill("index", contract_code=name, index_price=price, index_ts=now) for name, price in prices.items()]
        )

    def _funding(self, _: Ask) -> Reply:
        at = str(next_funding_ms(self.now_ms()))
        rows = (
            _FORMS.fill("funding", contract_code=one.symbol, symbol=one.coin, fee_asset=one.coin, funding_time=at)
            for one in self._listed(dated=False)
        )
        return self._ok(rows)

    def _depth(self, name: str | None) -> Reply:
        instrument = next((one for one in self.instruments if one.symbol == name), None)
        if instrument is None:
            return Reply(body={"status": "error", "err_code": 1013, "err_msg": "This contract symbol doesnt exist."})
        both = levels(self.clerk().mark(instrument), instrument.tick, count=150)
        bids, asks = ([[float(price), float(face / instrument.contract_size)] for price, face in side] for side in both)
        channel, now = f"market.{name}.depth.step0", self.now_ms()
        tick = _FORMS.fill("tick", bids=bids, asks=asks, ch=channel, ts=now)
        return Reply(body={"status": "ok", "ch": channel, "ts": now, "tick": tick})

    def _accounts(self, resident: Resident, *, dated: bool) -> Reply:
        statements = self.clerk().statements(resident.portfolio)
        return self._ok(_account_row(statement, dated=dated) for statement in statements)

    def _positions(self, resident: Resident, *, dated: bool) -> Reply:
        items = self.clerk().items(resident.portfolio)
        return self._ok(_position_row(item) for item in items if (item.instrument.expiry is not None) is dated)

    def _api_key(self, ask: Ask, resident: Resident) -> Reply:
        if ask.query.get("uid") != str(_UID):
            return Reply(body={"code": 2002, "message": "invalid field value in `uid`"})
        rights = ["readOnly", *(["trade"] if resident.may_trade else []), *(["withdraw"] if resident.may_withdraw else [])]
        key = _FORMS.fill("key", accessKey=resident.api_key, permission=",".join(rights))
        return Reply(body={"code": 200, "message": "success", "data": [key]})


def _refused(path: str) -> Reply:
    if path.startswith("/v2/"):
        return Reply(body={"code": 1003, "message": "invalid signature"})
    return Reply(body={"status": "error", "err_code": 403, "err_msg": "Verification failure", "ts": 1603868847514})


def _seconds(written: str) -> float:
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _contract_row(instrument: Instrument) -> Row:
    own: Row = {"symbol": instrument.coin, "contract_code": instrument.symbol}
    own |= {"contract_size": float(instrument.contract_size), "price_tick": float(instrument.tick)}
    if instrument.expiry is None:
        return _FORMS.fill("swap", **own)
    day = f"{instrument.expiry:%Y%m%d}"
    return _FORMS.fill("future", delivery_date=day, delivery_time=str(delivery_ms(instrument.expiry)), **own)


def _interest_row(instrument: Instrument) -> Row:
    return _FORMS.fill("interest", symbol=instrument.coin, contract_code=instrument.symbol)


def _factor(items: list[Item]) -> Ratio:
    """Return the adjustment factor of an account: of the side that needs margin."""
    return max((item.leg.rungs[0].rate for item in items), default=_rungs()[0].rate) * _LEVERAGE


def _account_row(statement: Statement, *, dated: bool) -> Row:
    """Return one account: coins are on the one for dated contracts only where nothing else is held."""
    own = [item for item in statement.items if (item.instrument.expiry is not None) is dated]
    name: Row = {} if dated else {"contract_code": f"{statement.coin}-USD"}
    if not own and (dated or statement.items):
        return _FORMS.fill("account", symbol=statement.coin, adjust_factor=float(_factor([])), **name)
    factor, need = _factor(own), sum((item.maintenance for item in own), ZERO)
    margin, equity = need / factor, statement.pool.equity()
    return _FORMS.fill(
        "account",
        symbol=statement.coin,
        margin_balance=float(equity),
        margin_static=float(statement.pool.wallet),
        margin_position=float(margin),
        margin_available=float(equity - margin),
        profit_unreal=float(statement.pnl),
        risk_rate=float(equity / margin - factor) if margin else None,
        liquidation_price=_shown(own[0], statement) if own else None,
        adjust_factor=float(factor),
        **name,
    )


def _shown(item: Item, statement: Statement) -> float | None:
    mark = item.leg.mark_price
    move = statement.pool.liquidation_move(item.instrument.tick / mark)
    return None if move is None or move == ONE else float(mark * move)


def _position_row(item: Item) -> Row:
    price = float(item.holding.entry_price)
    return _FORMS.fill(
        "position",
        symbol=item.holding.coin,
        contract_code=item.instrument.symbol,
        volume=float(item.contracts),
        available=float(item.contracts),
        cost_open=price,
        cost_hold=price,
        profit_unreal=float(item.pnl),
        profit=float(item.pnl),
        position_margin=float(item.value / _LEVERAGE),
        direction="buy" if item.holding.side is Side.LONG else "sell",
        last_price=float(item.leg.mark_price),
    )
