"""What the marks of all accounts have shown: how restless each contract is, and since when it stands still."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor.core.account import Account
from monitor.core.exposure import reference
from monitor.core.market import Market, sighted
from monitor.core.volatility import Volatility, updated

Name = tuple[str, str]
"""Venue and symbol: one series for each, as the differences between two venues' marks are no movement."""


class Marks:
    """Remembers every contract that any account has held."""

    def __init__(self) -> None:
        self._volatility: dict[Name, Volatility] = {}
        self._markets: dict[Name, Market] = {}

    def note(self, account: Account, now: datetime) -> None:
        """Take the marks of a validated reading."""
        for position in account.positions:
            name = (account.venue, position.symbol)
            self._markets[name] = sighted(self._markets.get(name), account.venue, position, now)
        for pool in account.pools:
            if contract := reference(pool):
                name = (account.venue, contract.symbol)
                self._volatility[name] = updated(self._volatility.get(name), contract.mark_price, now)

    def volatility(self, account: Account) -> Mapping[str, float | None]:
        """Return, by coin, the volatility of each pool's reference contract; None, or no coin: not enough was seen."""
        return {
            pool.coin: seen.per_root_second
            for pool in account.pools
            if (contract := reference(pool)) and (seen := self._volatility.get((account.venue, contract.symbol)))
        }

    def markets(self, accounts: Iterable[Account]) -> tuple[Market, ...]:
        """Return the markets of all that *accounts* hold."""
        held = {(account.venue, position.symbol): None for account in accounts for position in account.positions}
        return tuple(self._markets[name] for name in held if name in self._markets)
