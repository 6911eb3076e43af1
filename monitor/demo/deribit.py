"""A simulated Deribit: JSON numbers, sizes in signed dollars, a balance that already holds settled profit.

Source: Deribit API documentation (v2), recorded and documented bodies; error codes as ccxt 4.5.90 maps them; seen 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.demo.clerk import Clerk, Instrument
from monitor.demo.deribit_rows import FORMS, as_price, flat_row, instrument_row, position_row, settled_at, summary_row
from monitor.demo.form import Row
from monitor.demo.ledger import ladder
from monitor.demo.market import OPENING
from monitor.demo.message import Ask, Reply, signed_by
from monitor.demo.orders import levels
from monitor.demo.portfolio import Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_API = "/api/v2/"
_SIGNATURE_LASTS_MS = 60_000
_RATE = ladder("9223372036854775807:0.01")
_SLOPES = {"BTC": Decimal("0.00005"), "ETH": Decimal("0.000004"), "SOL": Decimal("0.0000001")}
"""Added to the rate for each coin of a position's value.

Source: Deribit, "11 January 2022", support article 25944826427293: 0.005 % per BTC, 0.0004 % per ETH; SOL's is of their kind;
seen 2026-11.
"""


class SimulatedDeribit(SimulatedVenue):
    """Maintenance on mark value at a rate that grows with size; no liquidation price is shown; a session was settled.

    Source: Deribit, "private/get_positions": the estimate is no longer given for segregated_sm; seen 2026-11.
    """

    id: ClassVar[str] = "deribit"
    basis: ClassVar[Basis] = Basis.MARK
    has_hedge_mode: ClassVar[bool] = False
    has_isolated: ClassVar[bool] = False

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            _API + "public/get_time": lambda _: self._ok(self.now_ms()),
            _API + "public/get_currencies": lambda _: self._ok([FORMS.fill(f"currency {coin}") for coin in OPENING]),
            _API + "public/get_instruments": self._get_instruments,
            _API + "public/get_book_summary_by_currency": self._get_book_summary,
            _API + "public/ticker": self._ticker,
            _API + "public/get_order_book": self._get_order_book,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            _API + "private/get_positions": self._get_positions,
            _API + "private/get_account_summaries": self._get_account_summaries,
            _API + "private/list_api_keys": self._list_api_keys,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of ten dollars, on ETH of one."""
        return Instrument(
            symbol=f"{coin}-{'PERPETUAL' if expiry is None else f'{expiry.day}{expiry:%b%y}'.upper()}",
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(1 if coin == "ETH" else 10),
            tick={"BTC": Decimal("0.5"), "ETH": Decimal("0.05")}.get(coin, Decimal("0.01")),
            rungs=_RATE,
            slope=_SLOPES[coin],
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return the only entry that ccxt 4.5.90 has for this venue."""
        return {"rest": address}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, the signature of ``time, nonce, method, target, body``, and time.

        Source: Deribit, "Authentication: deri-hmac-sha256", API documentation; the words of the reasons are ours; seen 2026-11.
        """
        scheme, _, rest = ask.headers.get("Authorization", "").partition(" ")
        if scheme != "deri-hmac-sha256":
            return self._error(13009, "unauthorized", reason="invalid_token")
        given = {name: text for name, _, text in (part.partition("=") for part in rest.split(","))}
        resident = self.residents.get(given.get("id", ""))
        if resident is None:
            return self.refusal()
        signed = f"{given.get('ts')}\n{given.get('nonce')}\n{ask.method}\n{ask.target}\n\n"
        if not signed_by(resident.api_secret, signed, given.get("sig", "")):
            return self._error(13009, "unauthorized", reason="invalid_signature")
        if abs(self.now_ms() - int(given.get("ts", "0"))) > _SIGNATURE_LASTS_MS:
            return self._error(13009, "unauthorized", reason="timestamp_out_of_range")
        return resident

    def refusal(self) -> Reply:
        """Return 13004."""
        return self._error(13004, "invalid_credentials")

    def unknown(self, ask: Ask) -> Reply:
        """Return JSON-RPC's own error."""
        del ask
        return self._error(-32601, "Method not found")

    def _ok(self, result: object) -> Reply:
        return Reply(body={"jsonrpc": "2.0", "result": result} | self._stamp())

    def _error(self, code: int, message: str, **data: str) -> Reply:
        error: Row = {"message": message, "code": code} | ({"data": data} if data else {})
        return Reply(status=400, body={"jsonrpc": "2.0", "error": error} | self._stamp())

    def _stamp(self) -> Row:
        micros = self.now_ms() * 1000
        return {"usIn": micros, "usOut": micros + 105, "usDiff": 105, "testnet": False}

    def _listed(self, ask: Ask) -> list[Instrument]:
        return [i for i in self.instruments if ask.query.get("currency", "any") in ("any", i.coin)]

    def _named(self, ask: Ask) -> Instrument | None:
        return next((i for i in self.instruments if i.symbol == ask.query.get("instrument_name")), None)

    def _get_instruments(self, ask: Ask) -> Reply:
        currency, kind = ask.query.get("currency", "any"), ask.query.get("kind", "any")
        rows = [*(instrument_row(i) for i in self.instruments), FORMS.fill("linear"), FORMS.fill("option")]
        rows = [row for row in rows if currency in ("any", row["settlement_currency"]) and kind in ("any", row["kind"])]
        return self._ok(rows)

    def _get_book_summary(self, ask: Ask) -> Reply:
        if ask.query.get("kind", "future") != "future":
            return self._ok([])
        clerk = self.clerk()
        return self._ok([self._book_summary(clerk, instrument) for instrument in self._listed(ask)])

    def _book_summary(self, clerk: Clerk, instrument: Instrument) -> Row:
        mark = clerk.mark(instrument)
        row = FORMS.fill(
            "book_summary",
            instrument_name=instrument.symbol,
            base_currency=instrument.coin,
            estimated_delivery_price=as_price(clerk.quotes.index(instrument.coin)),
            creation_timestamp=self.now_ms(),
            bid_price=as_price(mark - instrument.tick),
            ask_price=as_price(mark + instrument.tick),
            **dict.fromkeys(("last", "high", "low", "mid_price", "mark_price"), as_price(mark)),
        )
        return row | (FORMS.fill("funding") if instrument.expiry is None else {})

    def _ticker(self, ask: Ask) -> Reply:
        instrument = self._named(ask)
        return self._wrong_name() if instrument is None else self._ok(self._quote(self.clerk(), instrument))

    def _get_order_book(self, ask: Ask) -> Reply:
        instrument = self._named(ask)
        if instrument is None:
            return self._wrong_name()
        clerk = self.clerk()
        both = levels(clerk.mark(instrument), instrument.tick, count=int(ask.query.get("depth", "5")))
        bids, asks = ([[as_price(price), float(size)] for price, size in side] for side in both)
        return self._ok(self._quote(clerk, instrument) | {"bids": bids, "asks": asks, "change_id": 133112427566})

    def _wrong_name(self) -> Reply:
        return self._error(-32602, "Invalid params", reason="wrong format", param="instrument_name")

    def _quote(self, clerk: Clerk, instrument: Instrument) -> Row:
        mark, index = clerk.mark(instrument), as_price(clerk.quotes.index(instrument.coin))
        row = FORMS.fill(
            "ticker",
            best_ask_price=as_price(mark + instrument.tick),
            best_bid_price=as_price(mark - instrument.tick),
            estimated_delivery_price=index,
            index_price=index,
            instrument_name=instrument.symbol,
            last_price=as_price(mark),
            mark_price=as_price(mark),
            max_price=as_price(mark * Decimal("1.015")),
            min_price=as_price(mark * Decimal("0.985")),
            settlement_price=as_price(settled_at(clerk, instrument)),
            timestamp=self.now_ms(),
        )
        return row | ({**FORMS.fill("funding"), "interest_value": 0.0088} if instrument.expiry is None else {})

    def _get_positions(self, ask: Ask, resident: Resident) -> Reply:
        if ask.query.get("kind", "future") != "future":
            return self._ok([])
        clerk, listed = self.clerk(), self._listed(ask)
        rows = [position_row(clerk, item) for item in clerk.items(resident.portfolio) if item.instrument in listed]
        once_held = [flat_row(clerk, instrument) for instrument in listed if instrument.coin == "SOL"]
        return self._ok(rows + once_held)

    def _get_account_summaries(self, ask: Ask, resident: Resident) -> Reply:
        clerk = self.clerk()
        summaries = [
            summary_row(clerk, resident.portfolio.account_mode, statement) for statement in clerk.statements(resident.portfolio)
        ]
        person = FORMS.fill("person") if ask.query.get("extended") == "true" else {}
        return self._ok({"summaries": summaries} | person)

    def _list_api_keys(self, _: Ask, resident: Resident) -> Reply:
        trade = "read_write" if resident.may_trade else "read"
        wallet = "read_write" if resident.may_withdraw else "read"
        scope = f"account:read block_trade:none trade:{trade} wallet:{wallet}"
        return self._ok([FORMS.fill("key", client_id=resident.api_key, max_scope=scope)])
