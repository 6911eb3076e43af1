"""`what-if`: changes as they are typed, made to accounts in an order that does not depend on how they were typed.

What the holder does comes first, at the prices of now (contracts closed, coins added); then what the market does (prices,
shocks).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitor.core.account import Account
from monitor.core.contract import Side
from monitor.core.number import exact
from monitor.core.scenario import ScenarioError, added, everywhere, in_one, priced, reduced, shocked

Change = Callable[[Sequence[Account]], tuple[Account, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was typed: ``SYMBOL[:long|:short]=CONTRACTS``, ``COIN=COINS``, ``COIN=PRICE``, ``[COIN=]-30%``."""

    closes: Sequence[str] = ()
    adds: Sequence[str] = ()
    prices: Sequence[str] = ()
    shocks: Sequence[str] = ()

    @property
    def leaves_prices(self) -> bool:
        """Whether prices stay as they are, so that order books still say something."""
        return not self.prices and not self.shocks


def changed(accounts: Sequence[Account], wishes: Wishes) -> tuple[Account, ...]:
    """Return *accounts* after all of *wishes*.

    Raises:
        ScenarioError: one cannot be read or made; the text says why.

    """
    after = tuple(accounts)
    for change in _changes(wishes):
        after = change(after)
    return after


def _changes(wishes: Wishes) -> Iterator[Change]:
    yield from map(_closing, wishes.closes)
    yield from map(_adding, wishes.adds)
    yield from map(_pricing, wishes.prices)
    yield from map(_shocking, wishes.shocks)


def _closing(typed: str) -> Change:
    symbol, contracts = _pair("--close", typed)
    name, side = _with_side(symbol)
    return lambda accounts: in_one(accounts, lambda account: reduced(account, name, contracts, side))


def _adding(typed: str) -> Change:
    coin, coins = _pair("--add", typed)
    return lambda accounts: in_one(accounts, lambda account: added(account, coin, coins))


def _pricing(typed: str) -> Change:
    coin, price = _pair("--price", typed)
    return lambda accounts: everywhere(accounts, lambda account: priced(account, coin, price))


def _shocking(typed: str) -> Change:
    coin, ratio = _shock(typed)
    return lambda accounts: everywhere(accounts, lambda account: shocked(account, ratio, coin))


def _pair(option: str, typed: str) -> tuple[str, Decimal]:
    name, is_there, value = typed.rpartition("=")
    if not is_there or not name:
        raise ScenarioError(f"{option} {typed}: NAME=NUMBER is needed, such as BTC=0.5")
    return name, _number(option, value)


def _with_side(symbol: str) -> tuple[str, Side | None]:
    for side in Side:
        if symbol.endswith(f":{side.value}"):
            return symbol.removesuffix(f":{side.value}"), side
    return symbol, None


def _shock(typed: str) -> tuple[str | None, Decimal]:
    coin, _, move = typed.rpartition("=")
    number = _number("--shock", move.removesuffix("%"))
    if move.endswith("%"):
        return coin or None, number / 100
    if abs(number) > 1:
        raise ScenarioError(f"--shock {typed}: write {move}%, or a ratio such as 0.3")
    return coin or None, number


def _number(option: str, text: str) -> Decimal:
    try:
        return exact(text)
    except ValueError as error:
        raise ScenarioError(f"{option}: {error}") from None
