"""Binance COIN-M: one pool per coin, margin on the mark price, tiers in coin and an account's own.

Source: Binance, COIN-M futures REST API; ccxt 4.5.90, async_support/binance.py; both read 2026-11.
"""

from collections.abc import Iterable, Mapping

from monitor.core.account import Basis, Maintenance, MarginMode, NoPrice, Pool, Position, Tier
from monitor.core.contract import Side
from monitor.core.number import ZERO, Coin, Price
from monitor.ports import Examination, VenueDataInvalid, VenueUnavailable
from monitor.venues.adapter import Adapter, Cycle, Seat, together
from monitor.venues.binancecoinm_market import (
    INSTRUMENTS,
    ORDER_BOOK,
    TICKERS,
    TIME,
    VENUE,
    read_instruments,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, Instruments, Ladders, Tickers, TimeSource
from monitor.venues.endpoint import Endpoint, holds
from monitor.venues.instrument import NO_TICKER, contract_named
from monitor.venues.kept import Kept
from monitor.venues.limits import Budget, Rate
from monitor.venues.parse import Row, invalid, ladder, readable, rows, whole
from monitor.venues.pooling import by_coin, foreign
from monitor.venues.public import HOUR

POSITIONS = Endpoint(api=("dapiPrivate",), path="positionRisk", shape=holds(list))
ACCOUNT = Endpoint(api=("dapiPrivate",), path="account", shape=holds(list, "assets"), weight=5)
BRACKETS = Endpoint(api=("dapiPrivateV2",), path="leverageBracket", shape=holds(list))
KEY = Endpoint(api=("sapi",), path="account/apiRestrictions", shape=holds(bool, "enableReading"))

BUDGET = Budget(address=Rate(2400, 60), key=None)
"""2,400 of weight a minute for each address; weights as in the endpoints.

Source: ``rateLimits`` of an exchangeInfo recorded in 2025-08; weights as in ccxt 4.5.90's table of endpoints; read 2026-11.
"""

TRADE_SCOPES = (
    "enableFutures",
    "enableSpotAndMarginTrading",
    "enableMargin",
    "enableVanillaOptions",
    "enableInternalTransfer",
    "permitsUniversalTransfer",
)
"""Rights beyond reading, moving coins between the owner's own wallets among them."""

LATER_SCOPES = ("enablePortfolioMarginTrading", "enableFixApiTrade")
"""Such rights, which older answers leave out.

Source: Binance, "Get API Key Permission", and its change log, 2023-11-02; seen 2026-11.
"""


DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, INSTRUMENTS, TICKERS, ORDER_BOOK, POSITIONS, ACCOUNT, BRACKETS, KEY),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    clock=ClockRules(codes=frozenset({"-1021"}), suspects=frozenset({"-1022"})),
    ed25519=True,
)


class BinanceCoinM(Adapter):
    """A COIN-M account. Its brackets depend on its owner, so that they are read with its key, on a slow clock."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._brackets: Kept[Ladders] = Kept(self._read_brackets, seat.clock.monotonic)

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read positions and account together, then what is public."""
        answers = await together(cycle.read(POSITIONS), cycle.read(ACCOUNT))
        held = held_rows(answers[0])
        instruments = await self._seat.book.instruments(row.text("symbol") for row in held)
        tickers = await self._seat.book.tickers(self._seat.ticker_age)
        ladders = await self._brackets.get_or_keep(HOUR)
        return parse_pools(answers[1], [parse_position(row, instruments, tickers, ladders) for row in held])

    async def examine(self) -> Examination:
        """Ask for time, account and the key's rights. Hosts without the rights endpoint (testnet) leave them unknown."""
        offset = await self._seat.skew.measure()
        await self._seat.client.read(ACCOUNT)
        try:
            rights = await self._seat.client.read(KEY)
        except (VenueUnavailable, VenueDataInvalid):
            rights = {}
        return parse_examination(offset, rights)

    async def _read_brackets(self) -> Ladders:
        return parse_brackets(await self._seat.client.read(BRACKETS))


def parse_brackets(answer: object) -> dict[str, tuple[Tier, ...]]:
    """Return the margin tiers of leverageBracket, in coin.

    The floor is spelled ``qtyFloor`` or ``qtylFloor``. ccxt reads only the first, and then takes the last tier for the first.

    Source: Binance, COIN-M REST API, "Notional Bracket for Symbol", spells it qtylFloor; seen 2026-11.
    """
    return readable(((row.text("symbol"), row) for row in rows(answer, VENUE, "leverageBracket", "symbol")), parse_ladder)


def parse_ladder(row: Row) -> tuple[Tier, ...]:
    """Return the tiers of one contract."""
    return ladder([parse_bracket(tier) for tier in row.rows("brackets", "bracket")], VENUE, row.what)


def parse_bracket(row: Row) -> Tier:
    """Return one tier: ``cum`` is the deduction in coin that makes the requirement continuous."""
    floor = row.optional("qtyFloor")
    return Tier(
        floor=row.number("qtylFloor") if floor is None else floor,
        cap=row.positive("qtyCap"),
        rate=row.positive("maintMarginRatio"),
        amount=row.number("cum"),
    )


def held_rows(answer: object) -> list[Row]:
    """Return the rows of positionRisk that hold something: it lists every contract."""
    return [row for row in rows(answer, VENUE, "positionRisk", "symbol") if row.number("positionAmt") != ZERO]


def parse_position(row: Row, instruments: Instruments, tickers: Tickers, ladders: Ladders) -> Position:
    """Return one position. ``notionalValue`` is its value in coin, in spite of the name."""
    name = row.text("symbol")
    instrument, ticker = contract_named(instruments, name, VENUE), tickers.get(name, NO_TICKER)
    mode = parse_margin_mode(row)
    coin_value = row.optional("notionalValue")
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=abs(row.number("positionAmt")),
        contract_size=instrument.contract_size,
        entry_price=row.positive("entryPrice"),
        mark_price=row.positive("markPrice"),
        margin_mode=mode,
        maintenance=Maintenance(basis=Basis.MARK, tiers=ladders[name]) if name in ladders else None,
        isolated_margin=parse_isolated_margin(row) if mode is MarginMode.ISOLATED else None,
        settle=instrument.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=instrument.tick_size,
        venue_liquidation_price=parse_liquidation_price(row),
        venue_coin_value=None if coin_value is None else abs(coin_value),
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction: ``positionSide`` in hedge mode, the sign of the amount in one-way mode (BOTH)."""
    short = row.number("positionAmt") < ZERO
    sides = {"LONG": Side.LONG, "SHORT": Side.SHORT, "BOTH": Side.SHORT if short else Side.LONG}
    side = sides.get(row.text("positionSide"))
    if side is None or (side is Side.LONG and short):
        raise row.fault("positionSide", "is not known or contradicts positionAmt")
    return side


def parse_margin_mode(row: Row) -> MarginMode:
    """Return whether the position shares the coin's margin."""
    modes = {"cross": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}
    mode = modes.get(row.text("marginType").lower())
    if mode is None:
        raise row.fault("marginType", "is neither cross nor isolated")
    return mode


def parse_isolated_margin(row: Row) -> Coin:
    """Return the coin assigned to an isolated position: ``isolatedWallet``, else ``isolatedMargin`` less its profit.

    Source: the sample in ccxt 4.5.90's source: 0.00274471 = 0.00268058 + 0.00006413.
    """
    wallet = row.optional("isolatedWallet")
    return row.number("isolatedMargin") - row.number("unRealizedProfit") if wallet is None else wallet


def parse_liquidation_price(row: Row) -> Price | NoPrice | None:
    """Return the venue's price. "0" or less on an open position is its formula's way to say that there is none."""
    price = row.optional("liquidationPrice")
    if price is None:
        return None
    return price if price > ZERO else "none"


def parse_pools(answer: object, positions: Iterable[Position]) -> tuple[Pool, ...]:
    """Return a pool for each coin that is held or carries positions, or has a margin for some that are not listed.

    What isolated positions have taken is no longer in what is held.
    """
    assets = whole(answer, VENUE, "account").rows("assets", "asset")
    held = by_coin(positions)
    pools = [parse_pool(row, held.pop(row.text("asset"), ())) for row in assets]
    if held:
        raise invalid(VENUE, f"positions in {', '.join(sorted(held))}, but no balance of it")
    return tuple(pool for pool in pools if pool.positions or pool.wallet_balance or pool.venue_maintenance_margin)


def parse_pool(row: Row, positions: tuple[Position, ...]) -> Pool:
    """Return one coin's pool. ``crossWalletBalance`` leaves out isolated margins and unrealised profit.

    ``maintMargin`` is of cross and isolated positions together, so that it is the pool's own only without isolated ones.
    """
    wallet = row.number("crossWalletBalance")
    mixed = any(position.is_isolated for position in positions)
    return Pool(
        coin=row.text("asset"),
        wallet_balance=wallet,
        positions=positions,
        order_margin=row.optional("openOrderInitialMargin"),
        venue_equity=wallet + row.number("crossUnPnl"),
        venue_maintenance_margin=None if mixed else row.number("maintMargin"),
        obstacle=foreign(row.text("asset"), positions),
    )


def parse_examination(offset: float, answer: object) -> Examination:
    """Return what apiRestrictions says of the key; without an answer its rights are unknown."""
    rights: Mapping[str, object] = answer if isinstance(answer, dict) else {}
    return Examination(
        clock_offset_seconds=offset,
        may_trade=granted(rights, *LATER_SCOPES) or granted(rights, *TRADE_SCOPES),
        may_withdraw=granted(rights, "enableWithdrawals"),
        mode="coin-margined, cross or isolated by position",
    )


def granted(rights: Mapping[str, object], *scopes: str) -> bool | None:
    """Return whether one of *scopes* is granted; None: none is said to be, and one may be, for it is not told."""
    told = [rights.get(scope) for scope in scopes]
    return True if True in told else (False if all(value is False for value in told) else None)
