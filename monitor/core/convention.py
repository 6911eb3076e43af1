"""The liquidation price that a venue shows for one contract of several on a coin, by our arithmetic and its convention.

It is compared with what the venue says, like with like; it is not where the account really goes (see `liquidation`).
"""

from collections.abc import Mapping
from enum import StrEnum

from monitor.core.liquidation import liquidation
from monitor.core.margin import Scope, scope
from monitor.core.number import ZERO, Price
from monitor.core.piecewise import at


class Convention(StrEnum):
    """What a venue takes to happen to the other contracts of a pool.

    ``frozen``: their PnL and maintenance stay as they are. ``joint``: they move along. ``share``: the contract stands alone on
    the part of the pool's equity that its value is of all values.
    """

    FROZEN = "frozen"
    JOINT = "joint"
    SHARE = "share"


CONVENTIONS: Mapping[str, Convention] = {
    "binancecoinm": Convention.FROZEN,
    "bybit": Convention.FROZEN,
    "bybitid": Convention.FROZEN,
    "okx": Convention.FROZEN,
    "myokx": Convention.FROZEN,
    "deribit": Convention.JOINT,
    "krakenfutures": Convention.JOINT,
    "gate": Convention.FROZEN,
    "kucoinfutures": Convention.SHARE,
    "htx": Convention.JOINT,
    "bingx": Convention.FROZEN,
    "phemex": Convention.FROZEN,
}
"""By ccxt's id. Long and short of one symbol share a price under all of them. Maintenance basis, fee and tiers are in the
position's own rule.

Source: Binance, "How to calculate liquidation price of COIN-M futures contracts" (others' TMM and UPNL as they are); Bybit,
"How to calculate liquidation price (inverse contract)"; OKX, "Liquidation" (estimated price of an instrument); Deribit,
"Portfolio and liquidation" (per currency); Kraken, "Equity protection process" (per margin account); Gate and BingX,
liquidation pages; KuCoin, "How to calculate the liquidation price" (risk rate of the account spread over all values); HTX,
"swap_account_position_info" (an account per contract code, so nothing to freeze); Phemex, "Liquidation price"; help centres,
seen 2026-11. Printed numbers verify Binance, Bybit, OKX, Kraken and HTX with one contract; with several contracts none prints
an example.
"""


def convention_price(whole: Scope, symbol: str, venue: str, tick_size: Price | None) -> Price | None:
    """Return the price that *venue* would show for *symbol*; None: no price, or its convention is not known."""
    convention = CONVENTIONS.get(venue)
    if convention is None:
        return None
    own = {Convention.FROZEN: _frozen, Convention.JOINT: _joint, Convention.SHARE: _share}[convention](whole, symbol)
    if at(own.deficit, own.x) >= 0:
        return None
    price = liquidation(own, tick_size).nearest(own.mark_price)
    mark = whole.by_symbol[symbol][0][0].mark_price
    return None if price is None else price * mark / own.mark_price


def _joint(whole: Scope, _: str) -> Scope:
    return whole


def _frozen(whole: Scope, symbol: str) -> Scope:
    alone = _alone(whole, symbol)
    ladders = sum((at(ladder.maintenance, whole.x) for ladder in alone.ladders), ZERO)
    required = ladders + alone.fees_at(whole.x, whole.closing_x)
    left = (whole.equity - alone.equity) - (whole.required - required)
    return Scope(left, alone.positions, whole.mark_price, alone.ladders)


def _share(whole: Scope, symbol: str) -> Scope:
    alone = _alone(whole, symbol)
    own, all_values = (sum((p.coin_value for p in scope_.positions), ZERO) for scope_ in (alone, whole))
    part = own / all_values
    return Scope(whole.equity * part - alone.equity, alone.positions, whole.mark_price, alone.ladders)


def _alone(whole: Scope, symbol: str) -> Scope:
    """Return the legs of *symbol* without a wallet, with the ladders that they have in the whole where these are their own."""
    positions, ladders = whole.by_symbol[symbol]
    if sum(len(ladder.legs) for ladder in ladders) != len(positions):  # a ladder is shared with another contract
        ladders = scope(ZERO, positions, whole.mark_price).ladders
    return Scope(ZERO, positions, whole.mark_price, ladders)
