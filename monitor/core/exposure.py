"""What a pool is exposed to: it *is* ``delta`` coins minus ``dollars`` dollars, at every price.

Source: derived here from ``equity = wallet + sum signed_face * (1 / entry - b / mark)``; the asymmetry (+10 % is +9.09 %,
-10 % is -11.11 % of the position in coin) is in CoinDesk, 2022-10-18.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from monitor.core.account import Kind, Pool, Position
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio

_UNIFIED = re.compile(r"(?P<base>[^/:]+)/(?P<quote>[^/:]+):(?P<settle>[^/:-]+)(-\d{6})?")
_LOOKS_UNIFIED = re.compile(r"[/:]")

SANE_VALUE_RATIO = (Decimal("0.8"), Decimal("1.25"))
"""Our coin value over the venue's must lie in here, else contract size or count is misread by a factor (design 5.6 `units`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """All positions of a pool, isolated ones included.

    ``delta``: wallet + isolated margins + sum signed_face / entry, constant in price. ``dollars``: sum signed_face / b.
    ``notional`` and ``coin_value`` are gross. ``mark_price``: of the reference contract; None where there are no positions.
    """

    mark_price: Price | None
    notional: Quote
    coin_value: Coin
    delta: Coin
    dollars: Quote

    @property
    def equity(self) -> Coin:
        """Return what all scopes of the pool are worth in coin at the mark: ``delta - dollars / mark``."""
        return self.delta if self.mark_price is None else self.delta - self.dollars / self.mark_price

    @property
    def leverage(self) -> Ratio | None:
        """Return gross coin value / equity; None where equity is not positive."""
        return self.coin_value / self.equity if self.equity > 0 else None

    def equity_after(self, shock: Ratio) -> Coin:
        """Return the equity after the price moved by *shock* (-0.3: 30 % down), all positions carried through."""
        return self.delta if self.mark_price is None else self.delta - self.dollars / (self.mark_price * (1 + shock))

    def leverage_after(self, shock: Ratio) -> Ratio | None:
        """Return gross coin value / equity after *shock*; None where equity is not positive."""
        left = self.equity_after(shock)
        return self.coin_value / (1 + shock) / left if left > 0 else None

    @property
    def gamma(self) -> Coin | None:
        """Return ``-2 dollars / mark``: coins per squared relative move; None where there is no mark."""
        return None if self.mark_price is None else -2 * self.dollars / self.mark_price


def reference(pool: Pool) -> Position | None:
    """Return the contract whose price stands for the pool: the coin's perpetual if held, else the largest leg."""
    held = [p for p in pool.positions if p.is_perpetual] or list(pool.positions)
    return max(held, key=lambda p: p.coin_value, default=None)


def exposure(pool: Pool) -> Exposure | None:
    """Return the pool's exposure in coin.

    None: it holds what is no inverse contract on its coin, a contract whose units are misread, or an unknown margin.
    """
    margins = [p.isolated_margin for p in pool.isolated]
    is_read = all(is_inverse_on(pool.coin, p) and misread_units(p) is None for p in pool.positions)
    if not is_read or None in margins:
        return None
    contract = reference(pool)
    mark = contract.mark_price if contract else None
    return Exposure(
        mark_price=mark,
        notional=_total(p.notional for p in pool.positions),
        coin_value=_total(p.coin_value for p in pool.positions),
        delta=pool.wallet_balance
        + _total(m for m in margins if m is not None)
        + _total(p.side.sign * p.entry_value for p in pool.positions),
        dollars=_total(p.side.sign * p.coin_value for p in pool.positions) * mark if mark else ZERO,
    )


def adverse_leverage(seen: Exposure, move: Ratio) -> Ratio | None:
    """Return the leverage after a *move* (0.1: 10 %) of price to the side that raises it, 0 for the leverage now.

    ``coin_value / (equity - abs(delta) * move)``: a pool of positive delta is hurt by a fall, one of negative by a rise, and
    one of zero (a 1x short) by neither. None where nothing would be left.
    """
    left = seen.equity - abs(seen.delta) * move
    return seen.coin_value / left if left > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticDollar:
    """A net short pool seen as ``dollars`` dollars (constant in price) and ``residual`` coins that are not hedged.

    ``hedge_ratio``: ``dollars / equity_usd``, 1 where it is all dollars; None where equity is not positive.
    """

    dollars: Quote
    residual: Coin
    residual_usd: Quote
    hedge_ratio: Ratio | None


def synthetic_dollar(seen: Exposure) -> SyntheticDollar | None:
    """Return what a net short pool is in dollars, and the coins left over; None: it is not net short."""
    if seen.mark_price is None or seen.dollars >= 0:
        return None
    worth = seen.equity * seen.mark_price
    return SyntheticDollar(
        dollars=-seen.dollars,
        residual=seen.delta,
        residual_usd=seen.delta * seen.mark_price,
        hedge_ratio=-seen.dollars / worth if worth > 0 else None,
    )


def is_inverse_on(coin: str, position: Position) -> bool:
    """Whether *position* pays in *coin* and its value moves with that coin's price alone.

    A unified symbol says it too: ``BTC/USD:BTC`` and ``BTC/USD:BTC-261225`` are inverse on BTC; ``BTC/USDT:USDT``, ``A/A:A``
    and the option ``BTC/USD:BTC-261225-50000-C`` are not. Other forms of symbols say nothing.
    """
    if position.kind is not Kind.INVERSE or position.settle not in (None, coin):
        return False
    named = _UNIFIED.fullmatch(position.symbol)
    if named is None:
        return not _LOOKS_UNIFIED.search(position.symbol)
    return named["base"] == coin == named["settle"] and named["quote"] != coin


def size_in_dollars(position: Position) -> Quote:
    """Return what *position* is in dollars, unsigned: the face of an inverse contract, the value at mark of a linear one."""
    return position.coin_value if position.kind is Kind.LINEAR else position.notional


def misread_units(position: Position) -> Ratio | None:
    """Return our coin value over the venue's where they differ by a factor; None: they agree, or the venue gives none."""
    if not position.venue_coin_value:
        return None
    ratio = position.coin_value / position.venue_coin_value
    low, high = SANE_VALUE_RATIO
    return None if low <= ratio <= high else ratio


def hedge_to_neutral(pool: Pool, seen: Exposure) -> Ratio | None:
    """Return contracts of the coin's perpetual that bring ``delta`` to zero, negative to sell; None: no perpetual is held."""
    contract = reference(pool)
    if contract is None or not contract.is_perpetual:
        return None
    return -seen.delta * contract.mark_price / contract.contract_size


def _total(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)
