"""Turns what an account holds into ledger books, by one venue's contracts and margin rules at the quotes of one moment."""

from dataclasses import dataclass
from datetime import date

from monitor.core.account import Basis
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio
from monitor.demo.ledger import Book, Leg, Rung
from monitor.demo.market import Quotes
from monitor.demo.portfolio import Holding, Portfolio


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One inverse contract of a venue. ``expiry`` None: the perpetual. ``slope``: as in `Leg`."""

    symbol: str
    coin: str
    contract_size: Quote
    tick: Price
    rungs: tuple[Rung, ...]
    expiry: date | None = None
    slope: Ratio = ZERO


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
    """One venue's rules at one moment."""

    instruments: tuple[Instrument, ...]
    quotes: Quotes
    basis: Basis
    closing_fee: Ratio = ZERO

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
        legs = (self._leg(holding) for holding in portfolio.holdings if holding.coin == coin and holding.isolated_margin is None)
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
        items = tuple(self._item(holding, pool) for holding in portfolio.holdings if holding.coin == coin)
        return Statement(coin=coin, pool=pool, items=items)

    def _item(self, holding: Holding, pool: Book) -> Item:
        leg = self._leg(holding)
        scope = pool if holding.isolated_margin is None else self._book(holding.isolated_margin, leg)
        return Item(holding=holding, instrument=self.instrument(holding.coin, holding.expiry), leg=leg, scope=scope)

    def _leg(self, holding: Holding) -> Leg:
        instrument = self.instrument(holding.coin, holding.expiry)
        return Leg(
            symbol=instrument.symbol,
            face=holding.face,
            entry_price=holding.entry_price,
            mark_price=self.mark(instrument),
            rungs=instrument.rungs,
            slope=instrument.slope,
        )

    def _book(self, wallet: Coin, *legs: Leg) -> Book:
        return Book(wallet=wallet, legs=legs, basis=self.basis, closing_fee=self.closing_fee)
