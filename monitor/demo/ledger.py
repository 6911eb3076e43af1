"""The simulated venues' own arithmetic, exact, and apart from `monitor.core`: it is what the monitor is tested against.

A price move is one factor for all contracts of a coin: their marks keep their proportions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from monitor.core.account import Basis
from monitor.core.number import ONE, ZERO, Coin, Price, Quote, Ratio

_LOWEST, _HIGHEST = Decimal("0.0001"), Decimal(100)
"""Moves beyond these are no price at which anybody is liquidated, unless the tick allows a lower one."""

_LOWEST_HEDGED_CLOSE = Decimal("0.5")
"""Longs and shorts that nearly cancel go bankrupt together only near zero, where the fee would eat all equity: derived here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder: positions worth ``[floor, cap)`` coins need ``value * rate - amount``."""

    floor: Coin
    cap: Coin
    rate: Ratio
    amount: Coin

    def holds(self, value: Coin) -> bool:
        """Whether a position worth *value* coins stands on this rung."""
        return self.floor <= value < self.cap


def ladder(steps: str) -> tuple[Rung, ...]:
    """Return the rungs of *steps*, ``cap:rate`` each, with amounts that make the requirement continuous.

    ``amount_n = floor_n * (rate_n - rate_{n-1}) + amount_{n-1}``

    Source: Binance, "Leverage and margin of COIN-M futures contracts", help centre: amounts 11.605 from 200 BTC on; seen 2026-11.
    """
    rungs: list[Rung] = []
    floor, rate_before, amount = ZERO, ZERO, ZERO
    for step in steps.split():
        cap, rate = (Decimal(figure) for figure in step.split(":"))
        amount += floor * (rate - rate_before)
        rungs.append(Rung(floor=floor, cap=cap, rate=rate, amount=amount))
        floor, rate_before = cap, rate
    return tuple(rungs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One position as the ledger sees it. ``face`` is signed. ``slope``: added to the rate for each coin of its value."""

    symbol: str
    face: Quote
    entry_price: Price
    mark_price: Price
    rungs: tuple[Rung, ...]
    slope: Ratio = ZERO

    def value(self, price: Price) -> Coin:
        """Return what the position is worth in coin at *price*, unsigned."""
        return abs(self.face) / price

    def pnl(self, price: Price) -> Coin:
        """Return the profit in coin at *price*: ``face * (1 / entry - 1 / price)``."""
        return self.face / self.entry_price - self.face / price

    def requirement(self, basis: Basis, price: Price) -> Coin:
        """Return the maintenance margin with the contract at *price*, closing fee apart."""
        value = self.value(price if basis is Basis.MARK else self.entry_price)
        rung = rung_of(self.rungs, value)
        return value * (rung.rate + self.slope * value) - rung.amount


def rung_of(rungs: Sequence[Rung], value: Coin) -> Rung:
    """Return the rung for *value*; above the last cap the last one holds."""
    return next((rung for rung in rungs if rung.holds(value)), rungs[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One scope of margin: a coin's wallet with its cross positions, or one isolated position with its own margin.

    ``basis``: maintenance on mark or entry value. ``closing_fee``: the rate of the fee to close at the bankruptcy price, which
    is part of the requirement.
    """

    wallet: Coin
    legs: tuple[Leg, ...]
    basis: Basis = Basis.MARK
    closing_fee: Ratio = ZERO

    def equity(self, move: Ratio = ONE) -> Coin:
        """Return the wallet with unrealised PnL after all marks moved by the factor *move*."""
        return self.wallet + sum((leg.pnl(leg.mark_price * move) for leg in self.legs), ZERO)

    def maintenance(self, move: Ratio = ONE) -> Coin:
        """Return the least equity before liquidation after all marks moved by the factor *move*."""
        needs = (leg.requirement(self.basis, leg.mark_price * move) for leg in self.legs)
        return sum(needs, ZERO) + self.closing_cost(self.legs)

    def bankruptcy_move(self) -> Ratio | None:
        """Return the factor at which equity equals the fee to close there; None: no move does it.

        Source: Bybit, "How to calculate liquidation price (inverse contract)", help centre, 5,718.57 for 10,000 USD at 8,000
        with 0.5 BTC; seen 2026-11.
        """
        coins = self.wallet + sum((leg.face / leg.entry_price for leg in self.legs), ZERO)
        dollars = sum((leg.face / leg.mark_price + self.closing_fee * leg.value(leg.mark_price) for leg in self.legs), ZERO)
        return dollars / coins if coins * dollars > ZERO else None

    def closing_cost(self, legs: Iterable[Leg]) -> Coin:
        """Return the fee to close *legs* at the bankruptcy price of the book, at half the mark at the lowest if it hedges."""
        move = self.bankruptcy_move() if self.closing_fee else None
        if move is None:
            return ZERO
        if len({leg.face > ZERO for leg in self.legs}) > 1:
            move = max(move, _LOWEST_HEDGED_CLOSE)
        return self.closing_fee * sum((leg.value(leg.mark_price * move) for leg in legs), ZERO)

    def liquidation_move(self, lowest: Ratio = _LOWEST) -> Ratio | None:
        """Return the nearest factor at which the whole book is liquidated, found by halving.

        ``lowest``: where to stop looking, as the tick's share of the mark. None: no factor does it.
        """
        if self._buffer(ONE) <= ZERO:
            return ONE
        edges = [edge for limit in (lowest, _HIGHEST) if (edge := self._edge(limit)) is not None]
        return min(edges, key=lambda move: max(move, ONE / move), default=None)

    def shown_price(self, symbol: str) -> Price | None:
        """Return the liquidation price as venues show it for *symbol*: all other contracts of the coin stand still.

        Mark basis: ``sum(face + |face| rate) / (wallet + others + sum(face / entry) + sum(amount))`` on the rungs at that price.
        Entry basis: ``sum(face) / (wallet + others + sum(face / entry) - maintenance)``.

        Source: Binance, "How to calculate liquidation price of COIN-M futures contracts", help centre; Bybit as above;
        seen 2026-11.
        """
        legs = [leg for leg in self.legs if leg.symbol == symbol]
        others = [leg for leg in self.legs if leg.symbol != symbol]
        coins = self.wallet + sum((leg.pnl(leg.mark_price) - leg.requirement(self.basis, leg.mark_price) for leg in others), ZERO)
        coins += sum((leg.face / leg.entry_price for leg in legs), ZERO) - self.closing_cost(self.legs)
        prices = _on_entry(legs, coins) if self.basis is Basis.ENTRY else _on_mark(legs, coins)
        return min(prices, key=lambda price: abs(price - legs[0].mark_price), default=None)

    def _buffer(self, move: Ratio) -> Coin:
        return self.equity(move) - self.maintenance(move)

    def _edge(self, limit: Ratio) -> Ratio | None:
        safe, lost = ONE, limit
        if self._buffer(lost) > ZERO:
            return None
        for _ in range(60):
            middle = (safe * lost).sqrt()
            safe, lost = (middle, lost) if self._buffer(middle) > ZERO else (safe, middle)
        return lost


def _on_entry(legs: Sequence[Leg], coins: Coin) -> list[Price]:
    left = coins - sum((leg.requirement(Basis.ENTRY, leg.entry_price) for leg in legs), ZERO)
    price = sum((leg.face for leg in legs), ZERO) / left if left else ZERO
    return [price] if price > ZERO else []


def _on_mark(legs: Sequence[Leg], coins: Coin) -> list[Price]:
    found = []
    for rungs in product(*(leg.rungs for leg in legs)):
        left = coins + sum((rung.amount for rung in rungs), ZERO)
        faces = sum((leg.face + abs(leg.face) * rung.rate for leg, rung in zip(legs, rungs, strict=True)), ZERO)
        price = faces / left if left else ZERO
        if price > ZERO and all(rung_of(leg.rungs, leg.value(price)) is rung for leg, rung in zip(legs, rungs, strict=True)):
            found.append(price)
    return found
