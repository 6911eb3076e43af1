"""Bybit inverse contracts: positions and wallet of an account, read as its kind demands (`bybit_kinds`)."""

from dataclasses import dataclass
from decimal import Decimal

from monitor.core.account import Basis, Maintenance, MarginMode, NoPrice, Pool, PoolMode, Position
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Price, Ratio
from monitor.ports import Examination
from monitor.venues.adapter import Adapter, Cycle, Read, Seat, together
from monitor.venues.bybit_kinds import INFO, Rules, parse_rules
from monitor.venues.bybit_market import (
    INSTRUMENTS,
    LISTS,
    ORDER_BOOK,
    RISK_LIMITS,
    TICKERS,
    TIME,
    VENUE,
    answers,
    listed_rows,
    pages,
    read_instruments,
    read_ladders,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, Instruments, Ladders, Tickers, TimeSource
from monitor.venues.endpoint import Endpoint, both, holds, holds_number
from monitor.venues.instrument import NO_TICKER, contract_named
from monitor.venues.kept import Kept
from monitor.venues.limits import Budget, Rate
from monitor.venues.parse import Row, invalid, whole
from monitor.venues.pooling import by_coin, foreign

POSITIONS = Endpoint(api=("private",), path="v5/position/list", shape=both(LISTS, holds(str, "result", "nextPageCursor")))
"""A page tells where the next one begins, the last one by an empty text; where it does not, positions may be missing.

Source: Bybit API v5, "Get Position Info", its sample and recorded ones; public lists leave it out or null; seen 2026-11.
"""
WALLET = Endpoint(api=("private",), path="v5/account/wallet-balance", shape=LISTS)
KEY = Endpoint(api=("private",), path="v5/user/query-api", shape=answers(holds_number("result", "readOnly")))

BUDGET = Budget(address=Rate(600, 5), key=Rate(50, 1))
"""600 requests in 5 seconds for each address; positions and wallet 50 in a second each for each key.

Source: Bybit API v5, "Rate Limit Rules", its table by way of a copy; seen 2026-11. ccxt's older table has 10 for positions.
"""

MODE_AGE = 60.0
"""Seconds for which the kind of account is taken as known: its owner can switch margin mode with a click."""

NO_PRICE = (Decimal(999999), Decimal(99999999))
"""What a short that nothing liquidates shows for a price.

Source: ``bustPrice`` in the sample of Bybit API v5, "Get Position Info"; seen 2026-11.
"""


DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, INSTRUMENTS, TICKERS, ORDER_BOOK, RISK_LIMITS, POSITIONS, WALLET, INFO, KEY),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    ladders=read_ladders,
    clock=ClockRules(codes=frozenset({"10002", "-1021"}), suspects=frozenset({"10004"})),
)


class Bybit(Adapter):
    """A Bybit account."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._rules: Kept[Rules] = Kept(self._read_rules, seat.clock.monotonic)

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read what kind of account it is, then positions and wallet together, then what is public."""
        rules = await self._rules.get(MODE_AGE)
        held, wallet = await together(held_rows(cycle.read), wallet_rows(cycle.read, rules))
        book = self._seat.book
        instruments = await book.instruments(row.text("symbol") for row in held)
        tickers = await book.tickers(self._seat.ticker_age)
        market = Market(rules=rules, instruments=instruments, tickers=tickers, ladders=await book.ladders())
        return parse_pools(wallet, held, market)

    async def examine(self) -> Examination:
        """Ask for time, kind of account and the key's rights."""
        offset = await self._seat.skew.measure()
        rules = await self._rules.get(0)
        return parse_examination(offset, rules, await self._seat.client.read(KEY))

    async def _read_rules(self) -> Rules:
        return parse_rules(await self._seat.client.read(INFO))


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What positions are read against."""

    rules: Rules
    instruments: Instruments
    tickers: Tickers
    ladders: Ladders


async def held_rows(read: Read) -> list[Row]:
    """Read the positions that hold something: in hedge mode, and where asked by symbol, empty ones are listed too."""
    return [row for row in await pages(read, POSITIONS, limit="200") if row.number("size") != ZERO]


async def wallet_rows(read: Read, rules: Rules) -> list[Row]:
    """Read the wallet that backs inverse contracts: its account-wide figures, the coins among them."""
    return listed_rows(await read(WALLET, accountType=rules.wallet), WALLET)


def parse_position(row: Row, market: Market) -> Position:
    """Return one position. ``positionValue`` is its *entry* value in coin, which is brought to the mark to check units by.

    Source: the sample of Bybit API v5, "Get Position Info": 300 / 27464.50441675 = 0.01092319 at a mark of 28224.5; seen 2026-11.
    """
    name = row.text("symbol")
    instrument, ticker = contract_named(market.instruments, name, VENUE), market.tickers.get(name, NO_TICKER)
    entry, mark, value = row.positive("avgPrice"), row.positive("markPrice"), row.optional("positionValue")
    mode, rank = parse_margin_mode(row, market.rules), row.optional("adlRankIndicator")
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=row.positive("size"),
        contract_size=instrument.contract_size,
        entry_price=entry,
        mark_price=mark,
        margin_mode=mode,
        maintenance=parse_maintenance(name, market),
        isolated_margin=row.number("positionBalance") if mode is MarginMode.ISOLATED else None,
        settle=instrument.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=instrument.tick_size,
        adl_rank=int(rank) if rank else None,
        open_interest=ticker.open_interest,
        venue_liquidation_price=parse_liquidation_price(row),
        venue_coin_value=None if value is None else value * entry / mark,
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction; in hedge mode ``positionIdx`` 1 is the long and 2 the short one, and both must agree."""
    sides = {"Buy": Side.LONG, "Sell": Side.SHORT}
    named = row.text("side")
    if named not in sides:
        raise row.fault("side", "is neither Buy nor Sell")
    if row.optional("positionIdx") == (2 if named == "Buy" else 1):
        raise row.fault("positionIdx", f"contradicts side {named}")
    return sides[named]


def parse_margin_mode(row: Row, rules: Rules) -> MarginMode:
    """Return whether a position stands alone: the account's mode says so, in coin wallets ``tradeMode`` (1: isolated)."""
    isolated = row.number("tradeMode") == ONE if rules.isolated is None else rules.isolated
    return MarginMode.ISOLATED if isolated else MarginMode.CROSS


def parse_maintenance(name: str, market: Market) -> Maintenance | None:
    """Return how the position's margin is reckoned; None where the venue lists no tiers for it.

    Source: Bybit, "How to calculate Liquidation Price (Inverse Contract)", help centre: entry value and closing fee at
    the bankruptcy price; "Liquidation Price Calculation under Isolated Mode (Unified Trading Account)", 2026-05: mark value.
    """
    tiers = market.ladders.get(name)
    if tiers is None:
        return None
    rules = market.rules
    return Maintenance(basis=rules.basis, tiers=tiers, fee_rate=rules.fee_rate, fee_basis=Basis.BANKRUPTCY)


def parse_liquidation_price(row: Row) -> Price | NoPrice | None:
    """Return the venue's price. Empty means unknown as well as none, and so says nothing; a row of nines means none."""
    price = row.optional("liqPrice")
    if not price:
        return None
    return "none" if price in NO_PRICE else price


def parse_pools(wallet: list[Row], held: list[Row], market: Market) -> tuple[Pool, ...]:
    """Return a pool for each coin with inverse contracts that is held or carries positions; stablecoins are left out."""
    if len(wallet) != 1:
        raise invalid(VENUE, f"{WALLET.path} lists {len(wallet)} wallets instead of one")
    positions = by_coin(parse_position(row, market) for row in held)
    profits = isolated_profit(held, market)
    balances = {row.text("coin"): row for row in wallet[0].rows("coin", "coin")}
    if missing := sorted(set(positions) - set(balances)):
        raise invalid(VENUE, f"positions in {', '.join(missing)}, but no balance of it")
    ratio = wallet[0].optional("accountMMRate") if market.rules.mode is not PoolMode.COIN else None
    coins = {instrument.settle for instrument in market.instruments.values()}
    pools = [
        parse_pool(row, positions.get(coin, ()), market.rules, profits.get(coin, ZERO), ratio)
        for coin, row in balances.items()
        if coin in coins
    ]
    return tuple(pool for pool in pools if pool.positions or pool.wallet_balance)


def isolated_profit(held: list[Row], market: Market) -> dict[str, Coin]:
    """Return the unrealised profit of isolated positions by coin, which the wallet's equity holds too."""
    profits: dict[str, Coin] = {}
    for row in held:
        if parse_margin_mode(row, market.rules) is MarginMode.ISOLATED:
            coin = market.instruments[row.text("symbol")].settle
            profits[coin] = profits.get(coin, ZERO) + row.number("unrealisedPnl")
    return profits


def parse_pool(row: Row, positions: tuple[Position, ...], rules: Rules, profit: Coin, ratio: Ratio | None) -> Pool:
    """Return one coin's pool. Its wallet balance holds the margin of isolated positions, which is theirs alone."""
    alone = [position for position in positions if position.is_isolated]
    margins = sum((position.isolated_margin or ZERO for position in alone), ZERO)
    equity = row.optional("equity")
    return Pool(
        coin=row.text("coin"),
        wallet_balance=row.number("walletBalance") - margins,
        positions=positions,
        mode=rules.mode,
        order_margin=row.optional("totalOrderIM"),
        venue_equity=None if equity is None else equity - margins - profit,
        venue_maintenance_margin=None if alone else row.optional("totalPositionMM"),
        venue_margin_ratio=ratio,
        obstacle=rules.obstacle or foreign(row.text("coin"), positions),
    )


def parse_examination(offset: float, rules: Rules, answer: object) -> Examination:
    """Return what query-api says of the key: ``readOnly`` 1 overrules its list of permissions."""
    row = whole(answer, VENUE, KEY.path).inner("result")
    writes, areas = row.number("readOnly") != ONE, row.raw.get("permissions")
    return Examination(
        clock_offset_seconds=offset,
        may_trade=may_trade(areas) if writes else False,
        may_withdraw=may_withdraw(areas) if writes else False,
        mode=rules.words,
    )


def may_trade(areas: object) -> bool | None:
    """Return whether a key that may write has a right in one of its *areas*; None: it has none, but one is not listed.

    Without any list it is taken to have them all.
    """
    if not isinstance(areas, dict):
        return True
    is_whole = isinstance(areas.get("ContractTrade"), list) and isinstance(areas.get("Wallet"), list)
    return True if any(areas.values()) else (False if is_whole else None)


def may_withdraw(areas: object) -> bool | None:
    """Return whether a key that may write may withdraw; None: its rights to the wallet are not listed."""
    rights = areas.get("Wallet") if isinstance(areas, dict) else None
    return "Withdraw" in rights if isinstance(rights, list) else None
