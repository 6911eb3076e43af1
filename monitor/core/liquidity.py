"""What it costs to leave: a position walked through the order book, in coin.

Contracts are dollars, so a fill of n contracts at p exchanges ``n * contract_size / p`` coins, and fills average
*harmonically*. The arithmetic mean, which is right for linear contracts, flatters every exit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from monitor.core.account import Kind, Position
from monitor.core.contract import Side, coin_value
from monitor.core.number import ONE, ZERO, Coin, Price, Ratio


class Level(NamedTuple):
    """Contracts that can be had at one price; sizes in coin (Bitget) are turned into contracts where they are read."""

    price: Price
    contracts: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBook:
    """Bids and asks of one contract, best first. Either may be empty.

    Raises:
        ValueError: a book that cannot be: prices or sizes not positive, levels out of order, best bid at or above best ask.

    """

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    def __post_init__(self) -> None:
        _check("bids", self.bids, -ONE)
        _check("asks", self.asks, ONE)
        if self.bids and self.asks and self.bids[0].price >= self.asks[0].price:
            raise ValueError(f"the book is crossed: bid {self.bids[0].price}, ask {self.asks[0].price}")

    def moved(self, factor: Ratio) -> "OrderBook":
        """Return the same book around another mark: every price times *factor*, the sizes as they are."""
        return OrderBook(
            bids=tuple(Level(level.price * factor, level.contracts) for level in self.bids),
            asks=tuple(Level(level.price * factor, level.contracts) for level in self.asks),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitCost:
    """What closing at market costs, of the ``contracts`` that the book can take.

    ``shortfall``: contracts for which it has no price; where not 0, every other figure is of the part filled and the whole
    costs more. ``fee`` None: its rate is not known. ``coins`` are exchanged; ``average_price`` is their harmonic mean,
    ``last_price`` the worst one taken: None where nothing is filled. ``slippage``: coins against closing at the mark, negative
    where the book is better than it.
    """

    contracts: Ratio
    shortfall: Ratio
    coins: Coin
    average_price: Price | None
    last_price: Price | None
    slippage: Coin
    fee: Coin | None

    @property
    def is_complete(self) -> bool:
        """Whether the book is deep enough for the whole position."""
        return not self.shortfall

    @property
    def cost(self) -> Coin | None:
        """Return slippage and fee together, in coin; of the part filled. None: the fee is not known."""
        return None if self.fee is None else self.slippage + self.fee

    def share_of(self, buffer: Coin | None) -> Ratio | None:
        """Return the cost as a share of a scope's buffer; None: it is not known, or there is none left."""
        return self.cost / buffer if self.cost is not None and buffer is not None and buffer > 0 else None


def exit_cost(position: Position, book: OrderBook, fee_rate: Ratio | None) -> ExitCost:
    """Return the cost of closing *position* now: a long sells into the bids, a short buys from the asks.

    ``coins = sum n * contract_size / p``, ``slippage = sign * (coins - notional / mark)`` of what is filled (a long gets
    rid of its dollars for too many coins, a short buys them back with too few), ``fee = fee_rate * coins``.

    Source: derived here; the amount of a fill as in hftbacktest, ``InverseAsset.amount``. Thin book of 100,000 dollars at
    60,000, 200,000 at 59,000, 300,000 at 55,000: 500,000 are sold at 57,518.46 on average, not at 57,600.

    Raises:
        ValueError: *position* is not inverse.

    """
    if position.kind is not Kind.INVERSE:
        raise ValueError(f"{position.symbol}: its fills do not average harmonically, it is not inverse")
    fills = _walk(book.bids if position.side is Side.LONG else book.asks, position.contracts)
    contracts = _total(fill.contracts for fill in fills)
    dollars = contracts * position.contract_size
    coins = _total(coin_value(fill.contracts * position.contract_size, fill.price) for fill in fills)
    return ExitCost(
        contracts=contracts,
        shortfall=position.contracts - contracts,
        coins=coins,
        average_price=dollars / coins if fills else None,
        last_price=fills[-1].price if fills else None,
        slippage=position.side.sign * (coins - coin_value(dollars, position.mark_price)),
        fee=None if fee_rate is None else fee_rate * coins,
    )


def share_of_open_interest(position: Position) -> Ratio | None:
    """Return own contracts as a share of all that are open (one side counted); None: not known, or none are."""
    return position.contracts / position.open_interest if position.open_interest else None


def _walk(levels: Iterable[Level], contracts: Ratio) -> Sequence[Level]:
    fills: list[Level] = []
    left = contracts
    for level in levels:
        if left <= 0:
            break
        fills.append(Level(level.price, min(left, level.contracts)))
        left -= fills[-1].contracts
    return fills


def _check(name: str, levels: Sequence[Level], direction: Ratio) -> None:
    if any(level.price <= 0 or level.contracts <= 0 for level in levels):
        raise ValueError(f"{name}: price and size of every level must be above 0")
    if any((deeper.price - nearer.price) * direction <= 0 for nearer, deeper in pairwise(levels)):
        raise ValueError(f"{name}: levels must be in order, the best first")


def _total(values: Iterable[Ratio]) -> Ratio:
    return sum(values, ZERO)
