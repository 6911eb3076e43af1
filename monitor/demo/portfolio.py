"""What a simulated account holds, in words that fit every venue: the same portfolio can be given to each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from monitor.core.account import MarginMode
from monitor.core.contract import Side
from monitor.core.number import Coin, Price, Quote


class AccountMode(StrEnum):
    """What the venue lets back the account's positions."""

    CLASSIC = "classic"
    """Each coin backs its own contracts (Bybit classic, Deribit segregated_sm)."""
    UNIFIED = "unified"
    """All coins back all contracts (Bybit unified, Deribit cross_sm)."""
    PORTFOLIO = "portfolio"
    """The venue's portfolio margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One position. ``notional``: its face in dollars, unsigned, a whole number of the venue's contracts.

    ``expiry`` None: the perpetual. ``isolated_margin``: coin assigned to it, without unrealised PnL; None: it is cross.
    """

    coin: str
    side: Side
    notional: Quote
    entry_price: Price
    expiry: date | None = None
    isolated_margin: Coin | None = None

    @property
    def margin_mode(self) -> MarginMode:
        """Whether it shares the coin's wallet or has collateral of its own."""
        return MarginMode.CROSS if self.isolated_margin is None else MarginMode.ISOLATED

    @property
    def face(self) -> Quote:
        """Return the face in dollars, positive for long and negative for short."""
        return self.side.sign * self.notional


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Everything in one account.

    ``wallets``: per coin what backs its cross positions, without unrealised PnL and without isolated margins.
    """

    wallets: Mapping[str, Coin] = field(default_factory=dict)
    holdings: tuple[Holding, ...] = ()
    hedge_mode: bool = False
    account_mode: AccountMode = AccountMode.CLASSIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """An account at a simulated venue, found by its API key. ``may_trade``, ``may_withdraw``: what the key may do.

    ``api_password``: the passphrase of the key, at venues that want one.
    """

    api_key: str
    api_secret: str = field(repr=False)
    portfolio: Portfolio
    api_password: str = field(default="", repr=False)
    may_trade: bool = False
    may_withdraw: bool = False
