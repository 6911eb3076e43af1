"""What a simulated OKX writes: instruments, tiers, positions and balances in its own fields.

Source: as `monitor.demo.okx`.
"""

from datetime import UTC, datetime
from decimal import Decimal

from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price, Ratio
from monitor.demo.clerk import Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.message import delivery_ms, fixed

FORMS = Forms("okx")
TAKER_FEE: Ratio = Decimal("0.0005")
HALF = Decimal("0.5")
_LEVERAGE = 10


def price_text(price: Price) -> str:
    """Return a price as OKX writes it, without zeros at its end."""
    return f"{price.normalize():f}"


def coin_text(amount: Coin) -> str:
    """Return an amount of coin as OKX writes it: with more digits than any other venue."""
    return fixed(amount, 16)


def family(instrument: Instrument) -> str:
    """Return the name that contracts of one coin share."""
    return f"{instrument.coin}-USD"


def kind(instrument: Instrument) -> str:
    """Return ``instType``."""
    return "SWAP" if instrument.expiry is None else "FUTURES"


def signing_time(written: str) -> float:
    """Return the seconds of a time as 2026-11-24T07:00:00.000Z; 0 where it is none."""
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def instrument_row(instrument: Instrument) -> Row:
    """Return what instruments lists of *instrument*."""
    return FORMS.fill(
        "instrument",
        instId=instrument.symbol,
        instType=kind(instrument),
        alias="" if instrument.expiry is None else "quarter",
        expTime="" if instrument.expiry is None else str(delivery_ms(instrument.expiry)),
        instFamily=family(instrument),
        uly=family(instrument),
        settleCcy=instrument.coin,
        ctVal=str(instrument.contract_size),
        tickSz=str(instrument.tick),
    )


def tier_rows(instrument: Instrument) -> list[Row]:
    """Return the rungs of *instrument*; each but the first is listed from the next whole contract on."""
    return [
        FORMS.fill(
            "tier",
            tier=str(number),
            instFamily=family(instrument),
            uly=family(instrument),
            minSz=price_text(rung.floor + HALF) if number > 1 else "0",
            maxSz=price_text(rung.cap - HALF),
            mmr=str(rung.rate),
            imr=str(rung.rate * 2),
            maxLever=fixed(1 / (rung.rate * 2), 2),
        )
        for number, rung in enumerate(instrument.rungs, 1)
    ]


def margin_without_fee(item: Item) -> Coin:
    """Return ``mmr``, which leaves out the fee to close."""
    return item.maintenance - TAKER_FEE * item.value


def position_row(item: Item, index: Price, *, hedged: bool) -> Row:
    """Return *item* as positions shows it."""
    holding, isolated, shown = item.holding, item.holding.isolated_margin, item.scope.shown_price(item.instrument.symbol)
    signed = item.contracts if hedged else holding.side.sign * item.contracts
    mark = item.leg.mark_price
    own: Row = {"imr": coin_text(item.value / _LEVERAGE)}
    if isolated is not None:
        own = {"mgnMode": "isolated", "margin": coin_text(isolated)}
    return FORMS.fill(
        "position",
        instId=item.instrument.symbol,
        instType=kind(item.instrument),
        ccy=holding.coin,
        posId=f"{item.instrument.symbol}-{holding.side}-{holding.margin_mode}",
        posSide=("long" if holding.side is Side.LONG else "short") if hedged else "net",
        pos=price_text(signed),
        avgPx=price_text(holding.entry_price),
        nonSettleAvgPx="" if holding.expiry is None else price_text(holding.entry_price),
        markPx=price_text(mark),
        last=price_text(mark),
        idxPx=price_text(index),
        usdPx=price_text(index),
        notionalUsd=coin_text(item.value * index),
        upl=coin_text(item.pnl),
        uplLastPx=coin_text(item.pnl),
        mmr=coin_text(margin_without_fee(item)),
        mgnRatio=coin_text(item.scope.equity() / item.scope.maintenance()),
        liqPx="" if shown is None else coin_text(shown),
        bePx=price_text(holding.entry_price),
        **own,
    )


def detail_row(statement: Statement, index: Price, *, pooled: bool) -> Row:
    """Return one coin of balance; *pooled*: margin is reckoned for all coins together, not for each."""
    pool, crossed = statement.pool, [item for item in statement.items if item.holding.isolated_margin is None]
    isolated = sum((item.holding.isolated_margin or ZERO for item in statement.items), ZERO)
    alone = statement.pnl - (pool.equity() - pool.wallet)
    equity = statement.wallet + statement.pnl
    own: Row = {}
    if crossed and not pooled:
        required = sum((margin_without_fee(item) for item in crossed), ZERO)
        own = {"mmr": coin_text(required), "mgnRatio": coin_text(pool.equity() / pool.maintenance())}
    return FORMS.fill(
        "detail",
        ccy=statement.coin,
        cashBal=coin_text(pool.wallet),
        availBal=coin_text(pool.wallet),
        availEq=coin_text(max(ZERO, pool.equity())),
        eq=coin_text(equity),
        eqUsd=coin_text(equity * index),
        frozenBal=coin_text(isolated),
        isoEq=coin_text(isolated + alone),
        isoUpl=coin_text(alone),
        upl=coin_text(statement.pnl),
        **own,
    )
