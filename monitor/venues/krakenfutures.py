"""Kraken Futures inverse contracts: each pair has a margin account of its own in its coin (fi_xbtusd), in cross margin, one-way.

Linear contracts (PF_, FF_, options) are margined in the multi-collateral wallet (flex) and are left out, as is what lies in
the cash account: neither backs an inverse contract.

Source: Kraken Futures REST API v3, "Get wallets", "Get open positions"; ccxt 4.5.90, async_support/krakenfutures.py; both read
2026-11.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from monitor.core.account import MarginMode, Pool, Position
from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price
from monitor.ports import Examination
from monitor.venues.adapter import Adapter, Cycle, Seat, together
from monitor.venues.dialect import Dialect, Instruments, TimeSource
from monitor.venues.endpoint import holds
from monitor.venues.instrument import NO_TICKER, contract_named
from monitor.venues.krakenfutures_market import (
    INSTRUMENTS,
    ORDER_BOOK,
    TICKERS,
    TIME,
    VENUE,
    coin_of,
    contract_name,
    endpoint,
    read_instruments,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.krakenfutures_schedules import fitting, read_ladders
from monitor.venues.limits import Budget, Rate
from monitor.venues.market import Market
from monitor.venues.parse import Row, invalid, rows, whole
from monitor.venues.pooling import by_coin, foreign

POSITIONS = endpoint("private", "openpositions", holds(list, "openPositions"), weight=2)
ACCOUNTS = endpoint("private", "accounts", holds(dict, "accounts"), weight=2)

BUDGET = Budget(address=Rate(500, 10), key=None)
"""500 of weight in 10 seconds for each address; public endpoints cost nothing, and are counted as one each all the same.

Source: Kraken, "Derivatives rate limits": accounts and openpositions cost 2; Kraken Futures REST API v3, errors:
apiLimitExceeded, the limit of the calling IP address; seen 2026-11.
"""

MARK_AGE = 3.0
"""Seconds for which marks serve every account: positions come without them, and are to be read at marks of their own moment."""

MODE = "single-collateral margin accounts; the multi-collateral wallet is not read"

DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, INSTRUMENTS, TICKERS, ORDER_BOOK, POSITIONS, ACCOUNTS),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    ladders=read_ladders,
    base64_secret=True,
)
"""Requests are signed without a time, so that no clock is ever refused."""


class KrakenFutures(Adapter):
    """A Kraken Futures account."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._backed: tuple[str, ...] = ()

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read positions and margin accounts together, then marks of the same moment."""
        answers = await together(cycle.read(POSITIONS), cycle.read(ACCOUNTS))
        held, accounts = held_rows(answers[0]), margin_accounts(answers[1])
        check_vanished(self._backed, accounts)
        book = self._seat.book
        instruments = await book.instruments(contract_name(row) for row in held)
        tickers = await book.tickers(min(MARK_AGE, self._seat.ticker_age))
        market = Market(instruments=instruments, tickers=tickers, ladders=await book.ladders())
        pools = parse_pools(accounts, inverse_rows(held, instruments), market)
        self._backed = tuple(pool.coin for pool in pools)
        return pools

    async def examine(self) -> Examination:
        """Ask for time and accounts. What the key may do is told at an address that ccxt does not have.

        Source: Kraken, "Check v3 API key", /api/auth/v1/api-keys/v3/check; ccxt 4.5.90's table of endpoints; read 2026-11.
        """
        offset = await self._seat.skew.measure()
        await self._seat.client.read(ACCOUNTS)
        return Examination(clock_offset_seconds=offset, may_trade=None, may_withdraw=None, mode=MODE)


def held_rows(answer: object) -> list[Row]:
    """Return the positions that hold something."""
    listed = rows(whole(answer, VENUE, POSITIONS.path).raw.get("openPositions"), VENUE, POSITIONS.path, "symbol")
    return [row for row in listed if row.number("size") != ZERO]


def inverse_rows(held: list[Row], instruments: Instruments) -> list[Row]:
    """Return the positions in inverse contracts.

    Raises:
        VenueDataInvalid: one is in a contract that the venue does not list, which could be anything.

    """
    return [row for row in held if contract_named(instruments, contract_name(row), VENUE).is_inverse]


def margin_accounts(answer: object) -> dict[str, Row]:
    """Return the margin accounts of inverse contracts by coin: those called ``fi_...``.

    The cash account, the multi-collateral one and those of bygone linear pairs (fv_xrpxbt, also in coin) are not.
    """
    accounts = whole(answer, VENUE, ACCOUNTS.path).inner("accounts")
    found: dict[str, Row] = {}
    for name in accounts.raw:
        if not name.lower().startswith("fi_"):
            continue
        row = Row(accounts.inner(name).raw, VENUE, f"account {name}")
        coin = coin_of(row.text("currency"))
        if coin in found:
            raise invalid(VENUE, f"{coin} has two margin accounts")
        found[coin] = row
    return found


def check_vanished(before: Iterable[str], accounts: Mapping[str, Row]) -> None:
    """Refuse an answer without the margin account of a coin that held something *before*: one that is emptied is still listed.

    Source: Kraken Futures REST API v3, "Get wallets": fi_xbtusd, all of it 0; seen 2026-11.

    Raises:
        VenueDataInvalid: until the account is listed again. Nobody else would say that the coin is in no sum any more.

    """
    if vanished := [coin for coin in before if coin not in accounts]:
        words = "had a margin account with something in it, and now has none (if you closed it, restart the monitor)"
        raise invalid(VENUE, f"{', '.join(vanished)} {words}")


def parse_pools(accounts: Mapping[str, Row], held: list[Row], market: Market) -> tuple[Pool, ...]:
    """Return a pool for each margin account that holds something."""
    positions = by_coin(parse_position(row, market) for row in held)
    if missing := sorted(set(positions) - set(accounts)):
        raise invalid(VENUE, f"positions in {', '.join(missing)}, but no margin account of it")
    alone = {market.instruments[contract_name(row)].settle for row in held if row.raw.get("maxFixedLeverage") is not None}
    pools = [parse_pool(coin, row, positions.get(coin, ()), market) for coin, row in accounts.items()]
    return tuple(
        replace(pool, obstacle=ISOLATED) if pool.coin in alone else pool
        for pool in pools
        if pool.positions or pool.wallet_balance
    )


ISOLATED = "a position is in isolated margin, and the venue does not tell how much of the coin is its own"
"""``maxFixedLeverage`` marks isolated positions. Inverse contracts are not known to have such.

Source: Kraken Futures REST API v3, "Get open positions"; ccxt 4.5.90, ``parse_position``; read 2026-11.
"""


def parse_position(row: Row, market: Market) -> Position:
    """Return one position, still without its margin rule; ``size`` is contracts, ``price`` the average entry."""
    name = contract_name(row)
    instrument, ticker = market.instruments[name], market.tickers.get(name, NO_TICKER)
    if ticker.mark_price is None:
        raise invalid(VENUE, f"a position in {name}, and no mark price of it")
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=row.positive("size"),
        contract_size=instrument.contract_size,
        entry_price=row.positive("price"),
        mark_price=ticker.mark_price,
        margin_mode=MarginMode.CROSS,
        maintenance=None,
        settle=instrument.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=instrument.tick_size,
        open_interest=ticker.open_interest,
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction."""
    sides = {"long": Side.LONG, "short": Side.SHORT}
    side = sides.get(row.text("side"))
    if side is None:
        raise row.fault("side", "is neither long nor short")
    return side


def parse_pool(coin: str, row: Row, positions: tuple[Position, ...], market: Market) -> Pool:
    """Return one coin's pool. ``pv`` is the coin with unrealised profit, ``pnl`` that profit: ``W = pv - pnl``.

    Source: Kraken, "Portfolio management", support article 4871775312276; the sample output of Crypto Facilities' REST v3
    examples, 2018-05-09: 0.40321572134 = 0.40802200508 - 0.00480628374, the profit of 1,700 short from 9,054.336 at a mark of
    9,292.2, which was shown as 9,292; read 2026-11.
    """
    auxiliary = row.inner("auxiliary")
    equity, required = auxiliary.number("pv"), parse_required(row)
    trigger = parse_trigger(row)
    rules = fitting(positions, required, market.instruments, market.ladders)
    return Pool(
        coin=coin,
        wallet_balance=equity - auxiliary.number("pnl"),
        positions=tuple(
            replace(held, maintenance=rules.get(held.symbol), venue_liquidation_price=liquidation_price(held, trigger))
            for held in positions
        ),
        venue_equity=equity,
        venue_maintenance_margin=required,
        obstacle=foreign(coin, positions),
    )


def parse_required(row: Row) -> Coin:
    """Return the margin below which the venue liquidates: ``mm``, or the liquidation threshold ``lt`` where that is more.

    Both must be there: without the larger one a milder schedule would fit.

    Source: Kraken, "Equity protection process", support article 360022835671: below the maintenance margin; in the sample of
    2018-05-09 both are equal, in that of "Get wallets" lt is 0.75 and mm 0.45 of im; read 2026-11.
    """
    requirements = row.inner("marginRequirements")
    return max(requirements.number("mm"), requirements.number("lt"))


def parse_trigger(row: Row) -> Price | None:
    """Return the spot price at which the account is liquidated. 0 is shown of empty accounts, and says nothing.

    Source: Kraken Futures REST API v3, "Get wallets", triggerEstimates: approximate spot prices of the underlying; 0 too for
    the short of the sample of 2018-05-09, which nothing liquidates; read 2026-11.
    """
    estimates = row.raw.get("triggerEstimates")
    price = Row(estimates, VENUE, f"{row.what} triggerEstimates").optional("lt") if isinstance(estimates, dict) else None
    return price if price is not None and price > ZERO else None


def liquidation_price(position: Position, trigger: Price | None) -> Price | None:
    """Return the contract's price where spot is at *trigger*, its premium kept: ``trigger * mark / index``."""
    if trigger is None or position.index_price is None:
        return None
    return trigger * position.mark_price / position.index_price
