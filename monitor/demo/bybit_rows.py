"""What a simulated Bybit writes: instruments, risk limits, positions and coins in its own fields.

Source: as `monitor.demo.bybit`.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price
from monitor.demo.clerk import Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.ledger import rung_of
from monitor.demo.message import delivery_ms, fixed

FORMS = Forms("bybit")
_LEVERAGE = 10


def price_text(price: Price) -> str:
    """Return a price as Bybit writes it."""
    return fixed(price, 2)


def coin_text(amount: Coin) -> str:
    """Return an amount of coin as Bybit writes it."""
    return fixed(amount, 8)


def instrument_row(instrument: Instrument) -> Row:
    """Return what instruments-info lists of *instrument*."""
    tick = str(instrument.tick)
    dated: Row = {}
    if instrument.expiry is not None:
        delivery = str(delivery_ms(instrument.expiry))
        dated = {"contractType": "InverseFutures", "deliveryTime": delivery, "deliveryFeeRate": "0.0005"}
    return FORMS.fill(
        "instrument",
        symbol=instrument.symbol,
        baseCoin=instrument.coin,
        settleCoin=instrument.coin,
        priceFilter={"minPrice": tick, "maxPrice": "1999999.00", "tickSize": tick},
        **dated,
    )


def risk_limit_rows(instrument: Instrument) -> list[Row]:
    """Return the rungs of *instrument* as risk-limit lists them."""
    return [
        FORMS.fill(
            "risk_limit",
            id=number,
            symbol=instrument.symbol,
            riskLimitValue=str(rung.cap),
            maintenanceMargin=str(rung.rate),
            initialMargin=str(rung.rate * 2),
            isLowestRisk=int(number == 1),
            maxLeverage=fixed(1 / (rung.rate * 2), 2),
            mmDeduction=str(rung.amount),
        )
        for number, rung in enumerate(instrument.rungs, 1)
    ]


def position_row(item: Item, *, hedged: bool) -> Row:
    """Return *item* as position/list shows it."""
    holding, long = item.holding, item.holding.side is Side.LONG
    isolated, rung = holding.isolated_margin, rung_of(item.leg.rungs, item.entry_value)
    initial, need, bust = coin_text(item.entry_value / _LEVERAGE), coin_text(item.maintenance), item.scope.bankruptcy_move()
    return FORMS.fill(
        "position",
        positionIdx=(1 if long else 2) if hedged else 0,
        riskId=item.leg.rungs.index(rung) + 1,
        riskLimitValue=str(rung.cap),
        symbol=item.instrument.symbol,
        side="Buy" if long else "Sell",
        size=str(int(item.contracts)),
        avgPrice=coin_text(holding.entry_price),
        positionValue=coin_text(item.entry_value),
        tradeMode=0 if isolated is None else 1,
        breakEvenPrice=coin_text(holding.entry_price),
        positionBalance=initial if isolated is None else coin_text(isolated),
        markPrice=price_text(item.leg.mark_price),
        liqPrice=_shown(item),
        bustPrice="" if bust is None else price_text(item.leg.mark_price * bust),
        positionMM=need,
        positionMMByMp=need,
        positionIM=initial,
        positionIMByMp=initial,
        unrealisedPnl=coin_text(item.pnl),
    )


def _shown(item: Item) -> str:
    """Return the price on the tick that is worse for the holder; "" where there is none."""
    price, tick = item.scope.shown_price(item.instrument.symbol), item.instrument.tick
    if price is None:
        return ""
    worse = ROUND_CEILING if item.holding.side is Side.LONG else ROUND_FLOOR
    return price_text((price / tick).quantize(Decimal(1), rounding=worse) * tick)


def wallet_row(statement: Statement, index: Price) -> Row:
    """Return a coin of wallet-balance; *index*: its price in USD."""
    initial = sum((item.entry_value for item in statement.items), ZERO) / _LEVERAGE
    equity = statement.wallet + statement.pnl
    return FORMS.fill(
        "coin",
        coin=statement.coin,
        availableToWithdraw=coin_text(max(ZERO, statement.pool.wallet - initial)),
        equity=coin_text(equity),
        totalPositionMM=coin_text(statement.maintenance),
        usdValue=fixed(equity * index, 4),
        unrealisedPnl=coin_text(statement.pnl),
        totalPositionIM=coin_text(initial),
        walletBalance=coin_text(statement.wallet),
    )
