"""The inverse contract: a promise of dollars that is paid in coin.

``contracts`` contracts of ``contract_size`` dollars are worth ``notional / price`` coins. Everything about such a
contract is linear in ``1 / price``.
"""

from enum import StrEnum

from monitor.core.number import ONE, Coin, Price, Quote, Ratio


class Side(StrEnum):
    """Direction of a position; ``sign`` is +1 for long and -1 for short."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> Ratio:
        """+1: gains when price rises; -1: gains when price falls."""
        return ONE if self is Side.LONG else -ONE


def coin_value(notional: Quote, price: Price) -> Coin:
    """Return what *notional* dollars of contracts are worth in coin: ``notional / price``."""
    return notional / price


def unrealized_pnl(side: Side, notional: Quote, entry_price: Price, price: Price) -> Coin:
    """Return the profit in coin of a position at *price*: ``sign * notional * (1 / entry - 1 / price)``.

    Source: every venue's contract specification; Bybit, "What is an inverse contract", help centre; seen 2026-11.
    """
    return side.sign * (notional / entry_price - notional / price)
