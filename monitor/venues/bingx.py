"""BingX coin-margined perpetuals: one pool per coin, a position for each direction, maintenance and closing fee on the mark.

The rate of maintenance is not told, for tiers of these contracts are only on a web page: it is what the venue's own risk rate
and liquidation price imply (see `bingx_share`).

Source: BingX, "Coin-M Futures: Query warehouse", "Query Account Assets", documentation; "Coin-M perpetual futures: liquidation",
help centre; ccxt 4.5.90, async_support/bingx.py; read 2026-11.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from monitor.core.account import MarginMode, Pool, Position
from monitor.core.number import ZERO
from monitor.ports import Examination
from monitor.venues.adapter import Adapter, Cycle, together
from monitor.venues.bingx_market import (
    CONTRACTS,
    ORDER_BOOK,
    TICKERS,
    TIME,
    VENUE,
    endpoint,
    listed,
    read_instruments,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.bingx_share import Share, is_isolated, isolated_share, parse_liquidation_price, parse_maintenance, prices
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, TimeSource
from monitor.venues.endpoint import Endpoint, holds, says
from monitor.venues.instrument import NO_TICKER, contract_named
from monitor.venues.limits import Budget, Rate
from monitor.venues.market import Market
from monitor.venues.parse import Row, invalid, whole
from monitor.venues.pooling import foreign

POSITIONS = endpoint(("cswap", "v1", "private"), "user/positions", holds(list, "data"), 5)
BALANCE = endpoint(("cswap", "v1", "private"), "user/balance", holds(list, "data"), 5)


def tells_rights(answer: object) -> bool:
    """Whether an answer tells a key's rights, which come with and without the frame of other answers."""
    return holds(list, "permissions")(answer) or (says("code", 0)(answer) and holds(dict, "data")(answer))


KEY = Endpoint(
    api=("account", "v1", "private"),
    path="account/apiPermissions",
    shape=tells_rights,
    route="/v1/account/apiPermissions",
    weight=25,
)

BUDGET = Budget(address=Rate(1000, 10), key=Rate(50, 1))
"""Of an address 100 requests in 10 seconds for each private endpoint; 100 in 10 seconds and 500 a minute for all public ones
together, hence their weight of 12. Of a user 5 a second for each private endpoint. There are two that are read each time.

Source: BingX, "Rate limit", groups 1 and 2; "Query warehouse"; seen 2026-11.
"""

ROUNDING = Decimal("1e-7")
"""How far sums of amounts with eight decimals may be apart."""

DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, CONTRACTS, TICKERS, ORDER_BOOK, POSITIONS, BALANCE, KEY),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    clock=ClockRules(codes=frozenset({"100421"}), suspects=frozenset({"100001"})),
)
"""Source of the clock's code: ccxt issue 24131, "100421 Null timestamp or timestamp mismatch"; seen 2026-11."""


class BingX(Adapter):
    """An account of coin-margined perpetuals."""

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read positions and balances together, then what is public."""
        positions, balances = await together(cycle.read(POSITIONS), cycle.read(BALANCE))
        held = held_rows(positions)
        instruments = await self._seat.book.instruments(row.text("symbol") for row in held)
        market = Market(instruments=instruments, tickers=await self._seat.book.tickers(self._seat.ticker_age))
        return parse_pools(balances, held, market)

    async def examine(self) -> Examination:
        """Ask for time and the key's rights. There is one kind of account."""
        offset = await self._seat.skew.measure()
        return parse_examination(offset, await self._seat.client.read(KEY))


def held_rows(answer: object) -> list[Row]:
    """Return the positions that hold something."""
    return [row for row in listed(answer, POSITIONS.path) if row.number("positionAmt") != ZERO]


def parse_pools(answer: object, held: Iterable[Row], market: Market) -> tuple[Pool, ...]:
    """Return a pool for each coin that is held or carries positions."""
    shares: dict[str, list[Row]] = {}
    for row in held:
        shares.setdefault(contract_named(market.instruments, row.text("symbol"), VENUE).settle, []).append(row)
    balances = whole(answer, VENUE, BALANCE.path).rows("data", "asset")
    pools = [parse_pool(row, shares.pop(row.text("asset"), []), market) for row in balances]
    if shares:
        raise invalid(VENUE, f"positions in {', '.join(sorted(shares))}, but no balance of it")
    return tuple(pool for pool in pools if pool.positions or pool.wallet_balance)


def parse_pool(row: Row, rows: Sequence[Row], market: Market) -> Pool:
    """Return one coin's pool. ``balance`` holds the margins of isolated positions too, and no unrealised profit.

    Source: BingX, "Account structure (perpetual swap)", help centre: balance = deposits - withdrawals + realised profit -
    funding - fees, equity = balance + unrealised profit, used margin = sum of the margins of all positions; seen 2026-11.
    """
    coin, balance, used = row.text("asset"), row.number("balance"), row.number("usedMargin")
    if used and not rows:
        raise invalid(VENUE, f"{coin} has a position margin and no position is listed")
    cross = [each for each in rows if not is_isolated(each)]
    margins = sum((each.number("initialMargin") for each in rows if is_isolated(each)), ZERO)
    is_told = abs(used - sum((each.number("initialMargin") for each in rows), ZERO)) <= ROUNDING * (len(rows) + 1)
    pooled = balance - margins if len(cross) == 1 and is_told else None
    shares = [
        Share(row=each, instrument=contract_named(market.instruments, each.text("symbol"), VENUE), backing=pooled)
        for each in cross
    ]
    shares += [
        isolated_share(each, contract_named(market.instruments, each.text("symbol"), VENUE), is_told=is_told)
        for each in rows
        if is_isolated(each)
    ]
    twins = Counter((share.instrument.symbol, share.side, share.mode) for share in shares)
    positions = tuple(
        parse_position(share, market, is_split=twins[share.instrument.symbol, share.side, share.mode] > 1) for share in shares
    )
    obstacle = foreign(coin, positions) or untold(coin, positions) or unshared(coin, positions)
    profits = sum((position.unrealized_pnl for position in positions if position.is_isolated), ZERO)
    return Pool(
        coin=coin,
        wallet_balance=balance - margins,
        positions=positions,
        order_margin=row.optional("freezedMargin"),
        venue_equity=None if obstacle else row.number("equity") - margins - profits,
        venue_margin_ratio=cross[0].optional("riskRate") if len(cross) == 1 else None,
        obstacle=obstacle,
    )


def untold(coin: str, positions: Iterable[Position]) -> str | None:
    """Return why a pool cannot be computed: how much of the balance is isolated is not known; None: it is."""
    unknown = [position.symbol for position in positions if position.is_isolated and position.isolated_margin is None]
    words = f"the margin of {', '.join(unknown)} is not told, so that of the balance of {coin} it is not known what is shared"
    return words if unknown else None


def unshared(coin: str, positions: Iterable[Position]) -> str | None:
    """Return why a pool cannot be computed: several positions share it, and do not back each other; None: at most one does.

    Source: BingX, support, 2023, on its contracts in dollars: each position is liquidated by itself, and unrealised profit of
    another one does not back it; seen 2026-11.
    """
    cross = [position for position in positions if not position.is_isolated]
    words = f"{len(cross)} positions share the margin of {coin}, and how they back each other is not documented"
    return words if len(cross) > 1 else None


def parse_position(share: Share, market: Market, *, is_split: bool) -> Position:
    """Return one position. Its value is told at the entry price, as margin times leverage."""
    row, instrument = share.row, share.instrument
    ticker = market.tickers.get(instrument.id, NO_TICKER)
    entry, mark, margin, leverage = (*prices(row), row.number("initialMargin"), row.optional("leverage"))
    is_valued = share.mode is MarginMode.CROSS and leverage
    return Position(
        symbol=instrument.symbol,
        side=share.side,
        contracts=share.contracts,
        contract_size=instrument.contract_size,
        entry_price=entry,
        mark_price=mark,
        margin_mode=share.mode,
        maintenance=parse_maintenance(share),
        isolated_margin=share.backing if share.mode is MarginMode.ISOLATED else None,
        id=row.text("positionId") if is_split else None,
        settle=instrument.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=instrument.tick_size,
        venue_liquidation_price=parse_liquidation_price(row, instrument),
        venue_coin_value=margin * (leverage or ZERO) * entry / mark if is_valued else None,
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


TRADING = frozenset({1, 3, 4, 7})
WITHDRAWING = frozenset({5})
READING = 2
"""Numbers of rights: to trade spot or perpetuals, and to move coins between one's accounts or sub-accounts; to withdraw; to read.

Source: BingX, "Query API Permissions", account documentation; seen 2026-11.
"""


def parse_examination(offset: float, answer: object) -> Examination:
    """Return what account/apiPermissions says of the key. Of a right that is not known, neither yes nor no is said."""
    row = whole(answer, VENUE, KEY.path)
    told = row.inner("data") if "data" in row.raw else row
    numbers = told.raw.get("permissions")
    granted = frozenset(numbers) if isinstance(numbers, list) and all(isinstance(one, int) for one in numbers) else None
    return Examination(
        clock_offset_seconds=offset,
        may_trade=has_any(granted, TRADING),
        may_withdraw=has_any(granted, WITHDRAWING),
        mode="coin-margined perpetuals",
    )


def has_any(granted: frozenset[int] | None, wanted: frozenset[int]) -> bool | None:
    """Return whether *granted* has one of *wanted*; None: it may be under a number that is not known."""
    if granted is None:
        return None
    is_known = granted <= TRADING | WITHDRAWING | {READING}
    return True if granted & wanted else (False if is_known else None)
