"""What a simulated Deribit writes: instruments, positions and balances in its own fields.

Source: as `monitor.demo.deribit`.
"""

from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Price
from monitor.demo.clerk import Clerk, Instrument, Item, Statement
from monitor.demo.form import Forms, Row
from monitor.demo.market import OPENING
from monitor.demo.message import delivery_ms
from monitor.demo.portfolio import AccountMode

FORMS = Forms("deribit")
_MARGIN_MODELS = {AccountMode.CLASSIC: "segregated_sm", AccountMode.UNIFIED: "cross_sm", AccountMode.PORTFOLIO: "cross_pm"}


def as_price(amount: Price) -> float:
    """Return a price as all answers give it."""
    return float(round(amount, 2))


def _coin(amount: Coin) -> float:
    return float(round(amount, 8))


def _fine(amount: Coin) -> float:
    """Return coins as position rows give them, with one decimal more than balances."""
    return float(round(amount, 9))


def settled_at(clerk: Clerk, instrument: Instrument) -> Price:
    """Return the mark at which the last session was settled: the coin's opening price, whatever anybody paid."""
    opening = OPENING[instrument.coin]
    return opening if instrument.expiry is None else round(opening * (ONE + clerk.quotes.basis), 2)


def instrument_row(instrument: Instrument) -> Row:
    """Return what the list of instruments tells of one."""
    dated: Row = {}
    if instrument.expiry is not None:
        dated = {"expiration_timestamp": delivery_ms(instrument.expiry), "settlement_period": "month"}
    return FORMS.fill(
        "instrument",
        price_index=f"{instrument.coin.lower()}_usd",
        instrument_name=instrument.symbol,
        tick_size=float(instrument.tick),
        contract_size=float(instrument.contract_size),
        min_trade_amount=float(instrument.contract_size),
        settlement_currency=instrument.coin,
        base_currency=instrument.coin,
        **dated,
    )


def flat_row(clerk: Clerk, instrument: Instrument) -> Row:
    """Return a position that is no more."""
    row = FORMS.fill(
        "position",
        index_price=as_price(clerk.quotes.index(instrument.coin)),
        instrument_name=instrument.symbol,
        mark_price=as_price(clerk.mark(instrument)),
        settlement_price=as_price(settled_at(clerk, instrument)),
    )
    return row | (FORMS.fill("perpetual_position") if instrument.expiry is None else {})


def position_row(clerk: Clerk, item: Item) -> Row:
    """Return a position that is held."""
    coins, need = _fine(item.signed_value), item.maintenance
    return flat_row(clerk, item.instrument) | {
        "average_price": float(item.holding.entry_price),
        "delta": coins,
        "direction": "buy" if item.holding.side is Side.LONG else "sell",
        "floating_profit_loss": _fine(_session_profit(clerk, item)),
        "initial_margin": _fine(need + item.value / 100),
        "maintenance_margin": _fine(need),
        "size": float(item.holding.face),
        "size_currency": coins,
        "total_profit_loss": _fine(item.pnl),
    }


def _session_profit(clerk: Clerk, item: Item) -> Coin:
    """Return the profit since the last settlement; what was made before it is in the balance already."""
    return item.holding.face / settled_at(clerk, item.instrument) - item.holding.face / item.leg.mark_price


def summary_row(clerk: Clerk, mode: AccountMode, statement: Statement) -> Row:
    """Return the account's figures of one coin."""
    pool, need = statement.pool, statement.maintenance
    equity, initial = pool.equity(), need + statement.value / 100
    session = sum((_session_profit(clerk, item) for item in statement.items), ZERO)
    delta = _coin(sum((item.signed_value for item in statement.items), ZERO))
    return FORMS.fill(
        "summary",
        currency=statement.coin,
        balance=_coin(equity - session),
        equity=_coin(equity),
        margin_balance=_coin(equity),
        available_funds=_coin(max(ZERO, equity - initial)),
        available_withdrawal_funds=_coin(max(ZERO, equity - initial - max(ZERO, session))),
        delta_total_map={f"{statement.coin.lower()}_usd": delta},
        portfolio_margining_enabled=mode is AccountMode.PORTFOLIO,
        cross_collateral_enabled=mode is not AccountMode.CLASSIC,
        margin_model=_MARGIN_MODELS[mode],
        **dict.fromkeys(("initial_margin", "projected_initial_margin"), _coin(initial)),
        **dict.fromkeys(("maintenance_margin", "projected_maintenance_margin"), _coin(need)),
        **dict.fromkeys(("session_upl", "futures_session_upl", "total_pl", "futures_pl"), _coin(session)),
        **dict.fromkeys(("delta_total", "projected_delta_total"), delta),
    )
