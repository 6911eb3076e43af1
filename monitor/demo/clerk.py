"""Turns what an account holds into ledger books, by one venue's contracts and margin rules at the quotes of one moment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from monitor.core.account import Basis
from monitor.core.number import LARGEST, ZERO, Coin, Price, Quote, Ratio
from monitor.demo.ledger import Book, Leg, Rung, rung_of
from monitor.demo.market import Quotes
from monitor.demo.portfolio import Holding, Portfolio


class Count(Enum):
    """What decides on which rung a position stands. Contracts do not become more or fewer as the price moves; coins do."""

    COINS = "its own value in coin"
    OWN = "its own contracts"
    FAMILY = "contracts of all perpetuals of its coin in cross margin, or of all its dated ones; isolated its own"
    NET = "as FAMILY, long minus short: the two sides of one contract offset each other, and only the larger one needs margin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One inverse contract of a venue. ``expiry`` None: the perpetual. ``slope``: as in `Leg`. ``counts``: for its rungs."""

    symbol: str
    coin: str
    contract_size: Quote
    tick: Price
    rungs: tuple[Rung, ...]
    expiry: date | None = None
    slope: Ratio = ZERO
    counts: Count = Count.COINS


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One holding with all that a venue says about it. ``scope``: the book that decides over its liquidation."""

    holding: Holding
    instrument: Instrument
    leg: Leg
    scope: Book

    @property
    def contracts(self) -> Ratio:
        """Return how many contracts it is, unsigned."""
        return self.holding.notional / self.instrument.contract_size

    @property
    def pnl(self) -> Coin:
        """Return the unrealised profit in coin."""
        return self.leg.pnl(self.leg.mark_price)

    @property
    def value(self) -> Coin:
        """Return what it is worth in coin at the mark, unsigned."""
        return self.leg.value(self.leg.mark_price)

    @property
    def signed_value(self) -> Coin:
        """Return what it is worth in coin at the mark, positive for long and negative for short."""
        return self.holding.side.sign * self.value

    @property
    def entry_value(self) -> Coin:
        """Return what it is worth in coin at its entry price, unsigned."""
        return self.leg.value(self.leg.entry_price)

    @property
    def maintenance(self) -> Coin:
        """Return its own share of the requirement, closing fee included."""
        return self.leg.requirement(self.scope.basis, self.leg.mark_price) + self.scope.closing_cost([self.leg])


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Everything that an account has in one coin. ``pool``: its cross positions with what backs them."""

    coin: str
    pool: Book
    items: tuple[Item, ...]

    @property
    def wallet(self) -> Coin:
        """Return the coin without unrealised profit, isolated margins included."""
        return self.pool.wallet + sum((item.holding.isolated_margin or ZERO for item in self.items), ZERO)

    @property
    def pnl(self) -> Coin:
        """Return the unrealised profit of all positions."""
        return sum((item.pnl for item in self.items), ZERO)

    @property
    def value(self) -> Coin:
        """Return what all positions are worth at their marks, unsigned."""
        return sum((item.value for item in self.items), ZERO)

    @property
    def maintenance(self) -> Coin:
        """Return the requirement of all positions."""
        return sum((item.maintenance for item in self.items), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """One venue's rules at one moment. ``closing_fee``: as in `Book`. ``mark_fee``: the rate of a fee to close at the mark."""

    instruments: tuple[Instrument, ...]
    quotes: Quotes
    basis: Basis
    closing_fee: Ratio = ZERO
    mark_fee: Ratio = ZERO

    def items(self, portfolio: Portfolio) -> list[Item]:
        """Return every holding with its books.

        Raises:
            KeyError: the venue has no such contract.

        """
        return [item for statement in self.statements(portfolio) for item in statement.items]

    def statements(self, portfolio: Portfolio) -> list[Statement]:
        """Return what the account has, coin by coin."""
        coins = dict.fromkeys([*portfolio.wallets, *(holding.coin for holding in portfolio.holdings)])
        return [self._statement(portfolio, coin) for coin in coins]

    def pool(self, portfolio: Portfolio, coin: str) -> Book:
        """Return the book of *coin*: its wallet and the cross positions that it backs."""
        crossed = (one for one in portfolio.holdings if one.coin == coin and one.isolated_margin is None)
        legs = (self._leg(holding, portfolio) for holding in crossed)
        return self._book(portfolio.wallets.get(coin, ZERO), *legs)

    def instrument(self, coin: str, expiry: date | None) -> Instrument:
        """Return the contract of *coin* that ends at *expiry*."""
        for instrument in self.instruments:
            if (instrument.coin, instrument.expiry) == (coin, expiry):
                return instrument
        raise KeyError(f"no contract on {coin} with expiry {expiry}")

    def mark(self, instrument: Instrument) -> Price:
        """Return the mark price of *instrument*."""
        return self.quotes.mark(instrument.coin, instrument.expiry)

    def _statement(self, portfolio: Portfolio, coin: str) -> Statement:
        pool = self.pool(portfolio, coin)
        items = tuple(self._item(holding, portfolio, pool) for holding in portfolio.holdings if holding.coin == coin)
        return Statement(coin=coin, pool=pool, items=items)

    def _item(self, holding: Holding, portfolio: Portfolio, pool: Book) -> Item:
        leg = self._leg(holding, portfolio)
        scope = pool if holding.isolated_margin is None else self._book(holding.isolated_margin, leg)
        return Item(holding=holding, instrument=self.instrument(holding.coin, holding.expiry), leg=leg, scope=scope)

    def _leg(self, holding: Holding, portfolio: Portfolio) -> Leg:
        instrument = self.instrument(holding.coin, holding.expiry)
        rungs = instrument.rungs if instrument.counts is Count.COINS else (self._slab(instrument, holding, portfolio),)
        return Leg(
            symbol=instrument.symbol,
            face=holding.face,
            entry_price=holding.entry_price,
            mark_price=self.mark(instrument),
            rungs=tuple(replace(rung, rate=rung.rate + self.mark_fee) for rung in rungs),
            slope=instrument.slope,
        )

    def _slab(self, instrument: Instrument, holding: Holding, portfolio: Portfolio) -> Rung:
        """Return the rung for the contracts that count together, as one whose rate holds for every size."""
        nets, counted = instrument.counts is Count.NET, _counted(instrument, holding, portfolio)
        contracts = abs(sum((one.face if nets else one.notional for one in counted), ZERO)) / instrument.contract_size
        rung = rung_of(instrument.rungs, contracts)
        rate = rung.rate - (rung.amount / contracts if rung.amount else ZERO)
        return Rung(floor=ZERO, cap=LARGEST, rate=ZERO if nets and _is_offset(holding, counted) else rate, amount=ZERO)

    def _book(self, wallet: Coin, *legs: Leg) -> Book:
        return Book(wallet=wallet, legs=legs, basis=self.basis, closing_fee=self.closing_fee)


def _counted(instrument: Instrument, holding: Holding, portfolio: Portfolio) -> list[Holding]:
    """Return the holdings whose contracts decide together on which rung *holding* stands."""
    if instrument.counts is Count.OWN or holding.isolated_margin is not None:
        return [holding]
    crossed = [one for one in portfolio.holdings if one.coin == holding.coin and one.isolated_margin is None]
    return [one for one in crossed if (one.expiry is None) == (holding.expiry is None)]


def _is_offset(holding: Holding, counted: Iterable[Holding]) -> bool:
    """Whether the other side of the same contract is larger; of two equal ones the short is offset."""
    others = [one for one in counted if one.expiry == holding.expiry and one.side is not holding.side]
    size = (holding.notional, holding.side.sign)
    return any((one.notional, one.side.sign) > size for one in others)
