"""Gate's inverse contract BTC_USD: cross or isolated by position, one-way or hedge mode, tiers in BTC.

Source: Gate API v4, "Futures"; ccxt 4.5.90, async_support/gate.py; both read 2026-11.
"""

from dataclasses import replace
from decimal import Decimal

from monitor.core.account import MarginMode, NoPrice, Pool, Position
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Price
from monitor.ports import Examination, VenueError
from monitor.venues.adapter import Adapter, Cycle, Read, together
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, Instruments, TimeSource
from monitor.venues.endpoint import holds, holds_number
from monitor.venues.gate_kinds import COIN, KEYS, parse_examination, parse_key, parse_kind
from monitor.venues.gate_margin import parse_maintenance
from monitor.venues.gate_market import (
    CONTRACT,
    INSTRUMENTS,
    ORDER_BOOK,
    RISK_LIMITS,
    SETTLE,
    TIME,
    VENUE,
    endpoint,
    read_instruments,
    read_ladders,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.instrument import NO_TICKER, Instrument, contract_named
from monitor.venues.limits import Budget, Rate
from monitor.venues.market import Market
from monitor.venues.parse import Row, invalid, rows, whole
from monitor.venues.shown import shown_price

POSITIONS = endpoint("private", "futures", "{settle}/positions", holds(list))
ACCOUNT = endpoint("private", "futures", "{settle}/accounts", holds_number("total"))

BUDGET = Budget(address=Rate(200, 10), key=Rate(200, 10))
"""200 requests in 10 seconds for each endpoint: public ones by address, private ones by user; taken for all of them together.

Source: Gate, announcement 33995 of 2024-01-14; seen 2026-11.
"""

PAGE = 100
MOST_PAGES = 20
"""A list that goes on for longer does not end."""

NO_PRICE = Decimal(99999999)
"""What a position that nothing liquidates shows for a price.

Source: the sample of Gate API v4, "List all positions of a user": liq_price "99999999" of a short; seen 2026-11.
"""

OLD_MODE = "how positions share margin in the old classic mode is not known; switch the account to the new one"

DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, INSTRUMENTS, CONTRACT, RISK_LIMITS, ORDER_BOOK, POSITIONS, ACCOUNT, KEYS),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    ladders=read_ladders,
    clock=ClockRules(codes=frozenset({"REQUEST_EXPIRED"})),
)


class Gate(Adapter):
    """A Gate account."""

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read positions and account together, then what is public."""
        held, account = await together(held_rows(cycle.read), account_row(cycle.read))
        book = self._seat.book
        instruments = await book.instruments(row.text("contract") for row in held)
        tickers = await book.tickers(self._seat.ticker_age)
        market = Market(instruments=instruments, tickers=tickers, ladders=await book.ladders())
        pool = parse_pool(account[0], held, market)
        return (pool,) if pool.positions or pool.wallet_balance or pool.obstacle else ()

    async def examine(self) -> Examination:
        """Ask for time, kind of account and the key's rights. A key that may not read keys leaves its rights unknown."""
        offset = await self._seat.skew.measure()
        (account,) = await account_row(self._seat.client.read)
        try:
            writable = parse_key(await self._seat.client.read(KEYS), self._seat.api_key)
        except VenueError:
            writable = None
        return parse_examination(offset, parse_kind(account), writable)


async def held_rows(read: Read) -> list[Row]:
    """Read the positions that hold something, page by page: in hedge mode, empty ones are listed too."""
    found: list[Row] = []
    for page in range(MOST_PAGES):
        answer = await read(POSITIONS, settle=SETTLE, holding="true", limit=PAGE, offset=page * PAGE)
        listed = list(rows(answer, VENUE, "positions", "contract"))
        found += listed
        if len(listed) < PAGE:
            return [row for row in found if row.number("size") != ZERO]
    raise invalid(VENUE, "positions have no last page")


async def account_row(read: Read) -> list[Row]:
    """Read the account that backs contracts settled in BTC, as the only one of a list."""
    row = whole(await read(ACCOUNT, settle=SETTLE), VENUE, "the futures account")
    if row.text("currency").upper() != COIN:
        raise row.fault("currency", f"is not {COIN}")
    return [row]


def parse_pool(account: Row, held: list[Row], market: Market) -> Pool:
    """Return the pool of BTC. ``total`` leaves unrealised profit out and holds the margin of isolated positions.

    Source: Gate API v4, "Get futures account": total = dnw + pnl + fee + refr + fund, as in its sample: 9707.803567115145 =
    10000 + 68.3685 - 1.645812875 - 358.919120009855; seen 2026-11.
    """
    kind, inverse, strangers = parse_kind(account), *parted(held, market.instruments)
    positions = tuple(parse_position(row, account, market) for row in inverse)
    alone = [row for row in held if parse_margin_mode(row) is MarginMode.ISOLATED]
    wallet = account.number("total") - sum((row.number("margin") for row in alone), ZERO)
    profit, sharing = cross_profit(account, alone=bool(alone)), quanto_shares(strangers)
    return Pool(
        coin=COIN,
        wallet_balance=wallet,
        positions=positions,
        mode=kind.mode,
        order_margin=account.optional("order_margin"),
        venue_equity=None if profit is None else wallet + profit,
        venue_maintenance_margin=None if sharing else cross_maintenance(account, alone=bool(alone), any_held=bool(held)),
        obstacle=kind.obstacle or sharing or old_hedge(account, positions),
    )


def parted(held: list[Row], instruments: Instruments) -> tuple[list[Row], list[Row]]:
    """Return the positions in inverse contracts, and those in quanto ones.

    Raises:
        VenueDataInvalid: one is in a contract that the venue does not list, which could be either.

    """
    inverse = [row for row in held if contract_named(instruments, row.text("contract"), VENUE).is_inverse]
    return inverse, [row for row in held if row not in inverse]


def quanto_shares(strangers: list[Row]) -> str | None:
    """Return which quanto contracts share the margin of the inverse one; isolated ones do not. None: none does."""
    sharing = [row.text("contract") for row in strangers if parse_margin_mode(row) is MarginMode.CROSS]
    return f"{', '.join(sharing)} is not an inverse contract on {COIN}, but shares its margin" if sharing else None


def old_hedge(account: Row, positions: tuple[Position, ...]) -> str | None:
    """Return what bars two cross positions in the classic mode of old; None: nothing.

    Source: Gate API v4, "Get futures account": enable_evolved_classic, false: old mode, whose sharing of profit between positions
    is not documented; seen 2026-11.
    """
    several = sum(not position.is_isolated for position in positions) > 1
    old = account.raw.get("enable_evolved_classic") is False
    return (
        "how positions share margin in the old classic mode is not known; switch the account to the new one"
        if several and old
        else None
    )


def cross_profit(account: Row, *, alone: bool) -> Coin | None:
    """Return the unrealised profit of cross positions; None: only that of all positions is told, and some stand alone."""
    cross = account.optional("cross_unrealised_pnl")
    return cross if cross is not None or alone else account.optional("unrealised_pnl")


def cross_maintenance(account: Row, *, alone: bool, any_held: bool) -> Coin | None:
    """Return the maintenance margin of cross positions. With positions 0 says nothing: old accounts do not reckon it.

    Without any it is that of isolated ones too, none of which may have one then either.

    Source: Gate API v4, "Get futures account": cross_maintenance_margin applies to the new classic mode; seen 2026-11.
    """
    cross, every = account.optional("cross_maintenance_margin"), account.optional("maintenance_margin")
    if not any_held:
        return every or cross
    required = cross if cross is not None or alone else every
    return required or None


def parse_position(row: Row, account: Row, market: Market) -> Position:
    """Return one position, whose ``value`` is in coin and whose ``margin`` holds no profit.

    Source: ccxt 4.5.90, async_support/gate.py, ``parse_position``; read 2026-11.
    """
    name = row.text("contract")
    instrument, ticker, mode = market.instruments[name], market.tickers.get(name, NO_TICKER), parse_margin_mode(row)
    value = row.optional("value")
    position = Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=abs(row.number("size")),
        contract_size=instrument.contract_size,
        entry_price=row.positive("entry_price"),
        mark_price=row.positive("mark_price"),
        margin_mode=mode,
        maintenance=None,
        isolated_margin=row.number("margin") if mode is MarginMode.ISOLATED else None,
        settle=instrument.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=instrument.tick_size,
        adl_rank=parse_adl_rank(row),
        open_interest=ticker.open_interest,
        venue_liquidation_price=parse_liquidation_price(row, instrument),
        venue_coin_value=None if value is None else abs(value),
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )
    return replace(position, maintenance=parse_maintenance(row, account, position, market.ladders.get(name)))


def parse_side(row: Row) -> Side:
    """Return the direction: ``mode`` in hedge mode, where a short's size has been seen with and without a sign.

    Source: Gate API v4, "List all positions of a user": single, dual_long, dual_short; samples of both signs; seen 2026-11.
    """
    short = row.number("size") < ZERO
    sides = {"single": Side.SHORT if short else Side.LONG, "dual_long": Side.LONG, "dual_short": Side.SHORT}
    side = sides.get(row.text("mode"))
    if side is None or (row.text("mode") == "dual_long" and short):
        raise row.fault("mode", "is not known or contradicts size")
    return side


def parse_margin_mode(row: Row) -> MarginMode:
    """Return whether a position stands alone: ``pos_margin_mode`` says so, else ``leverage``, which is 0 in cross margin.

    ``cross_leverage_limit`` is the leverage of a cross position and makes it no isolated one.

    Source: Gate API v4, "List all positions of a user"; ccxt 4.5.90, ``parse_position``; read 2026-11.
    """
    modes = {"cross": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}
    named = row.raw.get("pos_margin_mode")
    if named is None or named == "":
        return MarginMode.CROSS if row.number("leverage") == ZERO else MarginMode.ISOLATED
    if named not in modes:
        raise row.fault("pos_margin_mode", "is neither cross nor isolated")
    return modes[str(named)]


def parse_adl_rank(row: Row) -> int | None:
    """Return the rank, 5 being the first to be deleveraged; the venue counts the other way round, and 6 is none.

    Source: Gate API v4, "List all positions of a user": 1 the highest, 5 the lowest, 6 no position; seen 2026-11.
    """
    ranking = row.optional("adl_ranking")
    return int(6 - ranking) if ranking is not None and ONE <= ranking <= 5 else None


def parse_liquidation_price(row: Row, instrument: Instrument) -> Price | NoPrice | None:
    """Return the venue's price: 0 says nothing; a row of nines, or no more than one tick, means none.

    Source: Gate's websocket sample of BTC_USD in gocryptotrader: 0.1 for 3 contracts on 50 BTC, at 0.06 exactly; seen 2026-11.
    """
    return shown_price(row.optional("liq_price"), instrument, NO_PRICE)
