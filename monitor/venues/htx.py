"""HTX coin-margined contracts: an account of its own for each perpetual, another one for all dated contracts of a coin.

Equity, profit and margin are reckoned at the *last traded* price: that is the price which liquidates, and which stands here for
the mark.

Source: HTX, "Margin of Coin-margined Swaps", "Partial Liquidation", help centre; coin-margined swaps API, "Query Assets And
Positions", its sample of THETA-USD: 713.633454962959 / (15.681846694267 + 13.765413852952) - 0.4 = 23.834290107178; seen 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.account import MarginMode, NoPrice, Pool, Position
from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price
from monitor.ports import Examination, VenueError
from monitor.venues.adapter import Adapter, Cycle, together
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, TimeSource
from monitor.venues.endpoint import Endpoint
from monitor.venues.htx_keys import KEYS, UID, parse_examination, read_rights
from monitor.venues.htx_market import (
    FUNDING,
    FUTURE_BOOK,
    FUTURE_INTEREST,
    FUTURES,
    INDEX,
    LISTS,
    SWAP_BOOK,
    SWAP_INTEREST,
    SWAPS,
    TIME,
    VENUE,
    listed_rows,
    read_instruments,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.htx_rules import in_the_way, parse_maintenance, parse_margin_ratio, parse_requirement
from monitor.venues.instrument import NO_TICKER, contract_named
from monitor.venues.limits import Budget, Rate
from monitor.venues.market import Market
from monitor.venues.parse import Row, invalid


def private(path: str) -> Endpoint:
    """Return an endpoint that reads an account. Reading is a POST here, as trading is."""
    return Endpoint(api=("contract", "private"), path=path, shape=LISTS, method="POST")


SWAP_ACCOUNTS = private("swap-api/v1/swap_account_info")
SWAP_POSITIONS = private("swap-api/v1/swap_position_info")
FUTURE_ACCOUNTS = private("api/v1/contract_account_info")
FUTURE_POSITIONS = private("api/v1/contract_position_info")
"""Account and positions are asked apart: the endpoints that have both want the name of a contract.

Source: HTX, coin-margined swaps API, "Query Assets And Positions", contract_code mandatory; read 2026-11.
"""

BUDGET = Budget(address=Rate(800, 1), key=Rate(72, 3))
"""72 private readings in 3 seconds for each account; 800 requests a second for each address, of what is public and not market
data 240 in 3 seconds: those have ten times the weight.

Source: HTX, coin-margined swaps API, "API Rate Limit Illustration"; read 2026-11.
"""

DIALECT = Dialect(
    id=VENUE,
    endpoints=(
        *(TIME, SWAPS, FUTURES, INDEX, FUNDING, SWAP_INTEREST, FUTURE_INTEREST, SWAP_BOOK, FUTURE_BOOK),
        *(SWAP_ACCOUNTS, SWAP_POSITIONS, FUTURE_ACCOUNTS, FUTURE_POSITIONS, UID, KEYS),
    ),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    clock=ClockRules(codes=frozenset({"12001"}), suspects=frozenset({"403", "12008", "api-signature-not-valid"}), window=60.0),
)
"""A wrong time may be refused like a wrong signature. How wrong it may be is not stated; a minute is taken for the reason."""

PRODUCTS: Mapping[str, tuple[Endpoint, Endpoint]] = {
    "swap": (SWAP_ACCOUNTS, SWAP_POSITIONS),
    "future": (FUTURE_ACCOUNTS, FUTURE_POSITIONS),
}
"""By ccxt's option ``defaultType``, with which an owner chooses one of them; without it both are read."""


class Htx(Adapter):
    """An HTX account, its swaps and futures."""

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read accounts and positions of each product together, then what is public."""
        asked = [endpoint for product in self._products() for endpoint in product]
        answers = await together(*(cycle.read(endpoint) for endpoint in asked))
        lists = [listed_rows(answer, endpoint) for answer, endpoint in zip(answers, asked, strict=True)]
        margins = [margin for pair in zip(lists[::2], lists[1::2], strict=True) for margin in parse_margins(*pair)]
        instruments = await self._seat.book.instruments(name for margin in margins for name in margin.names)
        tickers = await self._seat.book.tickers(self._seat.ticker_age)
        return parse_pools(margins, Market(instruments=instruments, tickers=tickers))

    async def examine(self) -> Examination:
        """Ask for time, the accounts, and the key's rights. A key that may not read those leaves them unknown."""
        offset = await self._seat.skew.measure()
        for accounts, _ in self._products():
            await self._seat.client.read(accounts)
        try:
            rights = await read_rights(self._seat.client.read, self._seat.api_key)
        except VenueError:
            rights = None
        return parse_examination(offset, rights)

    def _products(self) -> list[tuple[Endpoint, Endpoint]]:
        options = self._seat.options.get("options")
        chosen = PRODUCTS.get(str(options.get("defaultType"))) if isinstance(options, dict) else None
        return [*PRODUCTS.values()] if chosen is None else [chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """One margin account: of a coin's perpetual, or of all its dated contracts. ``held``: the positions on it."""

    account: Row
    held: tuple[Row, ...]

    @property
    def coin(self) -> str:
        """Return the coin that it holds."""
        return self.account.text("symbol")

    @property
    def names(self) -> frozenset[str]:
        """Return the contracts that are held on it."""
        return frozenset(row.text("contract_code") for row in self.held)


def parse_margins(accounts: list[Row], held: list[Row]) -> list[Margin]:
    """Return the accounts of one product, each with its positions.

    Raises:
        VenueDataInvalid: a position has no account, or a coin has two.

    """
    listed: dict[str, Row] = {}
    for account in accounts:
        if listed.setdefault(account.text("symbol"), account) is not account:
            raise invalid(VENUE, f"two accounts in {account.text('symbol')}")
    shares: dict[str, list[Row]] = {}
    for row in held:
        if row.number("volume") != ZERO:
            shares.setdefault(row.text("symbol"), []).append(row)
    if missing := sorted(shares.keys() - listed.keys()):
        raise invalid(VENUE, f"positions in {', '.join(missing)}, but no balance of it")
    return [Margin(account=account, held=tuple(shares.get(coin, ()))) for coin, account in listed.items()]


def parse_pools(margins: list[Margin], market: Market) -> tuple[Pool, ...]:
    """Return a pool for each coin that is held or carries positions."""
    coins: dict[str, list[Margin]] = {}
    for margin in margins:
        coins.setdefault(margin.coin, []).append(margin)
    pools = [parse_pool(coin, shares, market) for coin, shares in coins.items()]
    return tuple(pool for pool in pools if pool.positions or pool.wallet_balance)


def parse_pool(coin: str, margins: list[Margin], market: Market) -> Pool:
    """Return one coin's pool: the account that carries positions, of the two that a coin may have.

    ``margin_static`` is without unrealised profit: with that since ``cost_hold`` it is ``margin_balance``. Coins on an account
    without positions back nothing; they are the pool's where no account carries any. Where both do, each is liquidated for
    itself, and one pool cannot be both.
    """
    carrying = [margin for margin in margins if margin.held]
    chosen = [margin.account for margin in carrying or margins]
    positions = tuple(parse_position(row, margin, market) for margin in carrying for row in margin.held)
    return Pool(
        coin=coin,
        wallet_balance=sum((account.number("margin_static") for account in chosen), ZERO),
        positions=positions,
        order_margin=sum((account.number("margin_frozen") for account in chosen), ZERO),
        venue_equity=sum((account.number("margin_balance") for account in chosen), ZERO),
        venue_maintenance_margin=sum((parse_requirement(account) for account in chosen), ZERO),
        venue_margin_ratio=parse_margin_ratio(chosen[0]) if len(carrying) == 1 else None,
        obstacle=in_the_way(coin, len(carrying), positions),
    )


def parse_position(row: Row, margin: Margin, market: Market) -> Position:
    """Return one position.

    ``cost_hold`` moves at settlement, when profit goes into the balance; ``cost_open`` does not, and would count it twice.

    Source: the sample of THETA-USD: -10.289494896 = 200 (1 / 0.65931 - 1 / 0.63768), at a cost_open of 0.60483; seen 2026-11.
    """
    name, rank = row.text("contract_code"), row.optional("adl_risk_percent")
    instrument, ticker = contract_named(market.instruments, name, VENUE), market.tickers.get(name, NO_TICKER)
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=row.positive("volume"),
        contract_size=instrument.contract_size,
        entry_price=row.positive("cost_hold"),
        mark_price=row.positive("last_price"),
        margin_mode=MarginMode.CROSS,
        maintenance=parse_maintenance(row, margin.account),
        settle=instrument.settle,
        index_price=ticker.index_price,
        tick_size=instrument.tick_size,
        adl_rank=None if rank is None else int(rank),
        open_interest=ticker.open_interest,
        venue_liquidation_price=parse_liquidation_price(margin),
        venue_coin_value=parse_coin_value(row, margin),
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction; in hedge mode the two sides are two rows."""
    sides = {"buy": Side.LONG, "sell": Side.SHORT}
    side = sides.get(row.text("direction"))
    if side is None:
        raise row.fault("direction", "is neither buy nor sell")
    return side


def parse_liquidation_price(margin: Margin) -> Price | NoPrice | None:
    """Return the account's estimate, which is one contract's; None: several are held on it.

    Null stands beside positions that no price liquidates; below 0 it is its formula's way to say the same. Where it is left out
    or empty nothing is said.

    Source: HTX, coin-margined futures API, sample of ADA201225: a short of 100.9 ADA on 403 ADA; seen 2026-11.
    """
    if len(margin.names) != 1:
        return None
    price = margin.account.optional("liquidation_price")
    if price is None:
        return "none" if margin.account.raw.get("liquidation_price", "") is None else None
    return price if price > ZERO else "none"


def parse_coin_value(row: Row, margin: Margin) -> Coin | None:
    """Return the venue's own value: ``position_margin * lever_rate``; None: a hedge, whose margin it may have offset."""
    sides = sum(other.raw.get("contract_code") == row.raw.get("contract_code") for other in margin.held)
    own = row.optional("position_margin") if sides == 1 else None
    return None if own is None else own * row.positive("lever_rate")
