"""A simulated OKX: v5, futures mode, tiers in contracts as plain slabs, the closing fee at the mark inside the requirement.

Source: OKX API v5 documentation, recorded and documented bodies; error codes as ccxt 4.5.90 maps them; read 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from monitor.core.account import Basis
from monitor.core.number import ZERO, Ratio
from monitor.demo.clerk import Count, Instrument
from monitor.demo.form import Row
from monitor.demo.ledger import Rung
from monitor.demo.message import Ask, Reply, next_funding_ms, signed_by
from monitor.demo.okx_rows import (
    FORMS,
    HALF,
    TAKER_FEE,
    detail_row,
    family,
    instrument_row,
    kind,
    position_row,
    price_text,
    signing_time,
    tier_rows,
)
from monitor.demo.orders import levels
from monitor.demo.portfolio import AccountMode, Resident
from monitor.demo.venue import PrivateAnswer, PublicAnswer, SimulatedVenue

_WINDOW_SECONDS = 30
_EIGHT_HOURS_MS = 8 * 3600 * 1000
_LEVELS = {AccountMode.CLASSIC: "2", AccountMode.UNIFIED: "3", AccountMode.PORTFOLIO: "4"}


def _slabs(*steps: tuple[int, str]) -> tuple[Rung, ...]:
    caps = [Decimal(cap) + HALF for cap, _ in steps]
    floors = [ZERO, *caps]
    return tuple(
        Rung(floor=floor, cap=cap, rate=Decimal(rate), amount=ZERO)
        for floor, cap, (_, rate) in zip(floors, caps, steps, strict=False)
    )


_BTC = _slabs((4_000, "0.004"), (8_000, "0.005"), (12_000, "0.01"), (1_000_000, "0.015"))
_OTHERS = _slabs((30_000, "0.005"), (90_000, "0.01"), (10_000_000, "0.02"))
"""Slabs of the kind that OKX has, not its tables. They end between two sizes, so that the largest of each is within it."""


class SimulatedOkx(SimulatedVenue):
    """The shown price freezes the coin's other contracts.

    Source: OKX, "Spot and futures mode: cross margin trading", help centre; seen 2026-11.
    """

    id: ClassVar[str] = "okx"
    basis: ClassVar[Basis] = Basis.MARK
    mark_fee: ClassVar[Ratio] = TAKER_FEE

    @property
    def public(self) -> Mapping[str, PublicAnswer]:
        """The market data."""
        return {
            "/api/v5/public/time": lambda _: self._ok({"ts": str(self.now_ms())}),
            "/api/v5/public/instruments": self._instruments,
            "/api/v5/public/funding-rate": self._funding_rate,
            "/api/v5/public/open-interest": self._open_interest,
            "/api/v5/public/position-tiers": self._position_tiers,
            "/api/v5/market/books": self._books,
        }

    @property
    def private(self) -> Mapping[str, PrivateAnswer]:
        """What a key may read."""
        return {
            "/api/v5/account/positions": self._positions,
            "/api/v5/account/balance": self._balance,
            "/api/v5/account/config": self._config,
        }

    def list_instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return a contract of 100 dollars on BTC, of 10 on the others."""
        bitcoin = coin == "BTC"
        return Instrument(
            symbol=f"{coin}-USD-" + ("SWAP" if expiry is None else f"{expiry:%y%m%d}"),
            coin=coin,
            expiry=expiry,
            contract_size=Decimal(100 if bitcoin else 10),
            tick=Decimal("0.1" if bitcoin else "0.01"),
            rungs=_BTC if bitcoin else _OTHERS,
            counts=Count.FAMILY,
        )

    def ccxt_urls(self, address: str) -> dict[str, str]:
        """Return the one entry that ccxt 4.5.90 has for this venue."""
        return {"rest": address}

    def identify(self, ask: Ask) -> Resident | Reply:
        """Check key, passphrase, time and the signature of ``time + method + target``.

        Source: OKX API v5, "Making Requests"; ccxt 4.5.90, async_support/okx.py, ``sign``; read 2026-11.
        """
        resident, sent = self.residents.get(ask.headers.get("OK-ACCESS-KEY", "")), ask.headers.get("OK-ACCESS-TIMESTAMP", "")
        if resident is None:
            return self.refusal()
        if ask.headers.get("OK-ACCESS-PASSPHRASE") != resident.api_password:
            return _error(401, "50105", "Request header OK-ACCESS-PASSPHRASE incorrect.")
        if abs(signing_time(sent) - self.now_ms() / 1000) > _WINDOW_SECONDS:
            return _error(401, "50102", "Timestamp request expired")
        signature = ask.headers.get("OK-ACCESS-SIGN", "")
        if not signed_by(resident.api_secret, sent + ask.method + ask.target, signature, in_base64=True):
            return _error(401, "50113", "Invalid Sign")
        return resident

    def refusal(self) -> Reply:
        """Return 50111."""
        return _error(401, "50111", "Invalid OK-ACCESS-KEY")

    def unknown(self, ask: Ask) -> Reply:
        """Return what an unknown address gets."""
        del ask
        return _error(404, "404", "Not Found")

    def _ok(self, *rows: Row) -> Reply:
        return Reply(body=FORMS.fill("envelope", data=list(rows)))

    def _listed(self, ask: Ask) -> list[Instrument]:
        return [instrument for instrument in self.instruments if kind(instrument) == ask.query.get("instType")]

    def _instruments(self, ask: Ask) -> Reply:
        linear = [FORMS.fill("linear")] if ask.query.get("instType") == "SWAP" else []
        return self._ok(*(instrument_row(instrument) for instrument in self._listed(ask)), *linear)

    def _funding_rate(self, ask: Ask) -> Reply:
        wanted, next_at = ask.query.get("instId"), next_funding_ms(self.now_ms())
        times: Row = {"fundingTime": str(next_at), "nextFundingTime": str(next_at + _EIGHT_HOURS_MS), "ts": str(self.now_ms())}
        names = [instrument.symbol for instrument in self.instruments if instrument.expiry is None]
        return self._ok(*(FORMS.fill("funding", instId=name, **times) for name in names if wanted in ("ANY", name)))

    def _open_interest(self, ask: Ask) -> Reply:
        rows = (
            FORMS.fill("open_interest", instId=instrument.symbol, instType=kind(instrument), ts=str(self.now_ms()))
            for instrument in self._listed(ask)
        )
        return self._ok(*rows)

    def _position_tiers(self, ask: Ask) -> Reply:
        if ask.query.get("tdMode") not in ("cross", "isolated") or "instFamily" not in ask.query:
            return _error(400, "50014", "Parameter tdMode or instFamily can not be empty")
        wanted = ask.query["instFamily"].split(",")
        found = {family(instrument): instrument for instrument in self._listed(ask) if family(instrument) in wanted}
        return self._ok(*(row for instrument in found.values() for row in tier_rows(instrument)))

    def _books(self, ask: Ask) -> Reply:
        instrument = next((one for one in self.instruments if one.symbol == ask.query.get("instId")), None)
        if instrument is None:
            return _error(200, "51001", "Instrument ID does not exist")
        both = levels(self.clerk().mark(instrument), instrument.tick, count=int(ask.query.get("sz", "1")))
        bids, asks = (
            [[str(price), price_text(face / instrument.contract_size), "0", "2"] for price, face in side] for side in both
        )
        return self._ok(FORMS.fill("orderbook", bids=bids, asks=asks, ts=str(self.now_ms())))

    def _positions(self, _: Ask, resident: Resident) -> Reply:
        clerk, hedged = self.clerk(), resident.portfolio.hedge_mode
        items = clerk.items(resident.portfolio)
        return self._ok(*(position_row(item, clerk.quotes.index(item.holding.coin), hedged=hedged) for item in items))

    def _balance(self, _: Ask, resident: Resident) -> Reply:
        clerk, pooled = self.clerk(), resident.portfolio.account_mode is not AccountMode.CLASSIC
        statements = clerk.statements(resident.portfolio)
        details = [detail_row(statement, clerk.quotes.index(statement.coin), pooled=pooled) for statement in statements]
        ratio: Row = {"mgnRatio": "3"} if pooled else {}
        return self._ok(FORMS.fill("balance", details=details, uTime=str(self.now_ms()), **ratio))

    def _config(self, _: Ask, resident: Resident) -> Reply:
        rights = ["read_only", *(["withdraw"] if resident.may_withdraw else []), *(["trade"] if resident.may_trade else [])]
        return self._ok(
            FORMS.fill(
                "config",
                acctLv=_LEVELS[resident.portfolio.account_mode],
                posMode="long_short_mode" if resident.portfolio.hedge_mode else "net_mode",
                perm=",".join(rights),
            )
        )


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status=status, body=FORMS.fill("envelope", code=code, msg=message))
