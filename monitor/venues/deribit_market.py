"""What Deribit lists for everybody: its futures, their funding and open interest.

Source: Deribit API v2, "public/get_instruments", "public/get_book_summary_by_currency"; read 2026-11.
"""

from datetime import timedelta

from monitor.core.account import Funding
from monitor.venues.dialect import Instruments
from monitor.venues.instrument import Instrument, Ticker
from monitor.venues.parse import Row, readable, whole

VENUE = "deribit"
INSTRUMENTS = "get_instruments"
TICKERS = "get_book_summary_by_currency"

FUNDING_INTERVAL = timedelta(hours=8)
"""Funding accrues each millisecond; its rate is quoted for 8 hours.

Source: Deribit, "Perpetual": payment = rate * size * time / 8 hours; seen 2026-11.
"""


def parse_instruments(answer: object) -> dict[str, Instrument]:
    """Return the contracts of get_instruments."""
    listed = whole(answer, VENUE, INSTRUMENTS).rows("result", "instrument_name")
    return readable(((row.text("instrument_name"), row) for row in listed if is_future(row)), parse_instrument)


def is_future(row: Row) -> bool:
    """Whether a row is about a future; perpetuals are futures here. Combinations of them are never held as such."""
    return row.text("kind") == "future"


def parse_instrument(row: Row) -> Instrument:
    """Return one future. A perpetual carries an expiry in the year 3000, which says nothing."""
    perpetual = row.text("settlement_period") == "perpetual"
    return Instrument(
        id=row.text("instrument_name"),
        base=row.text("base_currency"),
        quote=row.text("quote_currency"),
        settle=row.text("settlement_currency"),
        expiry=None if perpetual else row.date("expiration_timestamp"),
        contract_size=row.positive("contract_size"),
        tick_size=row.positive("tick_size"),
        taker_fee=row.optional("taker_commission"),
        notice="its market is not active" if row.raw.get("is_active") is False else None,
    )


def parse_tickers(answer: object, instruments: Instruments) -> dict[str, Ticker]:
    """Return funding and open interest of get_book_summary_by_currency; combinations are passed over."""
    listed = whole(answer, VENUE, TICKERS).rows("result", "instrument_name")
    named = ((row.text("instrument_name"), row) for row in listed)
    known = ((name, row) for name, row in named if name in instruments)
    return readable(known, lambda row: parse_ticker(row, instruments[row.text("instrument_name")]))


def parse_ticker(row: Row, instrument: Instrument) -> Ticker:
    """Return one contract's funding, of perpetuals alone, and its open interest, which the venue gives in dollars."""
    rate, interest = row.optional("current_funding"), row.optional("open_interest")
    funding = Funding(rate=rate, interval=FUNDING_INTERVAL, is_continuous=True)
    return Ticker(
        funding=None if rate is None or instrument.expiry else funding,
        open_interest=None if interest is None else interest / instrument.contract_size,
    )
