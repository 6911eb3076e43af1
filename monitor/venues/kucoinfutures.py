"""KuCoin Futures, classic account: one pool per coin, cross and isolated by position, margin and closing fee on the mark.

Source: KuCoin, "Get Position List", "Get Account - Futures", documentation; ccxt 4.5.90, async_support/kucoin.py; read 2026-11.
"""

from collections.abc import Iterable
from decimal import Decimal

from monitor.core.account import Basis, Maintenance, MarginMode, Pool, Position, Tier
from monitor.core.contract import Side
from monitor.core.number import ZERO
from monitor.ports import ErrorKind, Examination, VenueRefused
from monitor.venues.adapter import Adapter, Cycle, Seat, together
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, TimeSource
from monitor.venues.endpoint import holds
from monitor.venues.instrument import NO_TICKER, Instrument, contract_named, inverse_coins
from monitor.venues.kept import Kept
from monitor.venues.kucoinfutures_market import (
    CONTRACTS,
    NAMES,
    ORDER_BOOK,
    TIME,
    VENUE,
    coin_name,
    endpoint,
    listed,
    read_instruments,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.limits import Budget, Rate
from monitor.venues.market import Market
from monitor.venues.parse import Row, invalid, whole
from monitor.venues.pooling import foreign
from monitor.venues.shown import rank_of, shown_price

POSITIONS = endpoint("futuresPrivate", "positions", holds(list, "data"), 2)
OVERVIEW = endpoint("futuresPrivate", "account-overview", holds(str, "data", "currency"), 5)
MODE = endpoint("utaPrivate", "account/mode", holds(str, "data", "selfAccountMode"), 30, "/api/ua/v1/")
KEY = endpoint("private", "user/api-key", holds(str, "data", "permission"), 10)

BUDGET = Budget(address=Rate(20_000, 30), key=Rate(2000, 30))
"""2,000 of weight in 30 seconds for each account of the lowest level. What is private does not count by address, what is public
is little; the bound by address is our own. Weights are half of ccxt's costs.

Source: KuCoin, "Rate Limit"; ccxt 4.5.90, async_support/kucoin.py:187; read 2026-11.
"""

MODE_AGE = 60.0
"""Seconds for which the kind of account is taken as known."""

NO_PRICE = Decimal(1_000_000)
"""What a short that no price liquidates shows: the highest price of an order.

Source: KuCoin, "Get Position Details", sample of XBTUSDM with liquidationPrice and bankruptPrice 1000000; seen 2026-11.
"""

WITHDRAWING = frozenset({"Withdrawal", "Withdraw", "Transfer"})
"""Rights by which coins can leave. Source: KuCoin, "Create API": Transfer allows withdrawals, in older keys; seen 2026-11."""

DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, CONTRACTS, ORDER_BOOK, POSITIONS, OVERVIEW, MODE, KEY),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    clock=ClockRules(codes=frozenset({"400002"}), suspects=frozenset({"400005"})),
    passphrase=True,
)


class KuCoinFutures(Adapter):
    """A classic futures account."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._mode: Kept[str] = Kept(self._read_mode, seat.clock.monotonic)

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read positions and the account of every coin that has inverse contracts together, then what is public."""
        check_mode(await self._mode.get(MODE_AGE))
        coins = inverse_coins(await self._seat.book.instruments())
        accounts = (cycle.read(OVERVIEW, currency=currency_name(coin)) for coin in coins)
        positions, *overviews = await together(cycle.read(POSITIONS), *accounts)
        held = held_rows(positions, coins)
        instruments = await self._seat.book.instruments(row.text("symbol") for row in held)
        market = Market(instruments=instruments, tickers=await self._seat.book.tickers(self._seat.ticker_age))
        return parse_pools(overviews, held, market)

    async def examine(self) -> Examination:
        """Ask for time, kind of account and the key's rights."""
        offset = await self._seat.skew.measure()
        mode = await self._mode.get(0)
        return parse_examination(offset, mode, await self._seat.client.read(KEY))

    async def _read_mode(self) -> str:
        return parse_mode(await self._seat.client.read(MODE))


def parse_mode(answer: object) -> str:
    """Return the kind of account, ``CLASSIC`` or ``UNIFIED``.

    Source: ccxt 4.5.90, async_support/kucoin.py:11033; read 2026-11.
    """
    return whole(answer, VENUE, MODE.path).inner("data").text("selfAccountMode")


def check_mode(mode: str) -> None:
    """Refuse a unified account: its futures are elsewhere, and the classic endpoints would show nothing where something is held.

    Raises:
        VenueRefused: the account is not classic.

    """
    if mode != "CLASSIC":
        words = f"{VENUE}: it is a {mode.lower()} account, whose shared margin is not read yet; only classic accounts are"
        raise VenueRefused(ErrorKind.REFUSED, words)


def currency_name(coin: str) -> str:
    """Return the venue's name of *coin*."""
    return next((currency for currency, name in NAMES.items() if name == coin), coin)


def held_rows(answer: object, coins: Iterable[str]) -> list[Row]:
    """Return the positions that hold something and are settled in one of *coins*, or else are called inverse."""
    wanted = frozenset(coins)
    held = (row for row in listed(answer) if row.number("currentQty") != ZERO)
    return [row for row in held if coin_name(row.text("settleCurrency")) in wanted or row.raw.get("isInverse") is True]


def parse_position(row: Row, market: Market) -> Position:
    """Return one position. ``currentQty`` is contracts with a sign; ``markValue`` is in coin, negative for one of the sides."""
    name = row.text("symbol")
    instrument, ticker = contract_named(market.instruments, name, VENUE), market.tickers.get(name, NO_TICKER)
    mode, value = parse_margin_mode(row), row.optional("markValue")
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=abs(row.number("currentQty")),
        contract_size=instrument.contract_size,
        entry_price=row.positive("avgEntryPrice"),
        mark_price=row.positive("markPrice"),
        margin_mode=mode,
        maintenance=parse_maintenance(row, instrument),
        isolated_margin=row.number("posMargin") if mode is MarginMode.ISOLATED else None,
        settle=instrument.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=instrument.tick_size,
        adl_rank=rank_of(row.optional("delevPercentage")),
        open_interest=ticker.open_interest,
        venue_liquidation_price=shown_price(row.optional("liquidationPrice"), instrument, NO_PRICE),
        venue_coin_value=None if value is None else abs(value),
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction: ``positionSide`` in hedge mode, the sign of ``currentQty`` in one-way mode (BOTH, or not said)."""
    short = row.number("currentQty") < ZERO
    signed = Side.SHORT if short else Side.LONG
    sides = {"LONG": Side.LONG, "SHORT": Side.SHORT, "BOTH": signed, None: signed}
    named = row.raw.get("positionSide")
    side = sides.get(named) if named is None or isinstance(named, str) else None
    if side is None or (side is Side.LONG and short):
        raise row.fault("positionSide", "is not known or contradicts currentQty")
    return side


def parse_margin_mode(row: Row) -> MarginMode:
    """Return whether the position shares the coin's margin: ``marginMode``, in older answers ``crossMode`` alone."""
    modes = {"CROSS": MarginMode.CROSS, "ISOLATED": MarginMode.ISOLATED}
    older = {True: "CROSS", False: "ISOLATED"}
    crossed, named = row.raw.get("crossMode"), row.raw.get("marginMode")
    said = {older.get(crossed) if isinstance(crossed, bool) else None, named if isinstance(named, str) else None} - {None}
    if len(said) != 1:
        raise row.fault("marginMode", "and `crossMode` do not say whether it is cross or isolated")
    mode = modes.get(str(said.pop()))
    if mode is None:
        raise row.fault("marginMode", "is neither CROSS nor ISOLATED")
    return mode


def parse_maintenance(row: Row, instrument: Instrument) -> Maintenance | None:
    """Return how the position's margin is reckoned: ``value at the mark * (maintMarginReq + taker fee)``; None: fee not known.

    The rate does not move with the price. Isolated, it is that of the risk limit that the holder has chosen. Cross, it is
    ``min(mmrLimit, (1 + n / m) / (2 * mmrLevConstant))`` with n the contracts of a position and its orders.

    Source: KuCoin, "Update to the isolated margin calculation formula", announcement of 2025-05-20: mark value and liquidation
    fee; "Risk rate of cross margin mode", help centre; ccxt 4.5.90, sample of "fetchPositionsADLRank": (1 + 0.001 / 300) / 250
    = 0.0040000133, liquidated at 52351.69 = 52110.87 / (1 - 0.0040000133 - 0.0006); read 2026-11.
    """
    if instrument.taker_fee is None:
        return None
    tier = Tier(floor=ZERO, cap=None, rate=row.positive("maintMarginReq"), amount=ZERO)
    return Maintenance(basis=Basis.MARK, tiers=(tier,), fee_rate=instrument.taker_fee, fee_basis=Basis.MARK)


def parse_pools(overviews: Iterable[object], held: list[Row], market: Market) -> tuple[Pool, ...]:
    """Return a pool for each coin that is held or carries positions."""
    rows = [whole(answer, VENUE, OVERVIEW.path).inner("data") for answer in overviews]
    shares: dict[str, list[Row]] = {}
    for row in held:
        shares.setdefault(coin_name(row.text("settleCurrency")), []).append(row)
    pools = [parse_pool(row, shares.pop(coin_name(row.text("currency")), []), market) for row in rows]
    if shares:
        raise invalid(VENUE, f"positions in {', '.join(sorted(shares))}, but no balance of it")
    return tuple(pool for pool in pools if pool.positions or pool.wallet_balance)


def parse_pool(row: Row, shares: list[Row], market: Market) -> Pool:
    """Return one coin's pool.

    ``accountEquity`` holds everything: ``unrealisedPNL`` of all positions, margins of isolated ones, and what is frozen because
    it is leaving, which backs nothing any more. ``riskRatio`` is of cross positions and open orders: at 1 they are liquidated.

    Source: KuCoin, "Get Account - Futures": accountEquity = marginBalance + unrealisedPNL, frozenFunds for withdrawal and
    out-transfer; "Risk rate of cross margin mode", help centre; seen 2026-11.
    """
    coin = coin_name(row.text("currency"))
    positions = tuple(parse_position(share, market) for share in shares)
    if not shares and row.number("positionMargin"):
        raise invalid(VENUE, f"{coin} has a position margin and no position is listed")
    alone = [share for share in shares if parse_margin_mode(share) is MarginMode.ISOLATED]
    margins = sum((share.number("posMargin") for share in alone), ZERO)
    profits = sum((share.number("unrealisedPnl") for share in alone), ZERO)
    equity = row.number("accountEquity") - margins - row.number("frozenFunds")
    return Pool(
        coin=coin,
        wallet_balance=equity - row.number("unrealisedPNL"),
        positions=positions,
        order_margin=row.optional("orderMargin"),
        venue_equity=equity - profits,
        venue_margin_ratio=row.optional("riskRatio"),
        obstacle=foreign(coin, positions),
    )


def parse_examination(offset: float, mode: str, answer: object) -> Examination:
    """Return what user/api-key says of the key: a list of rights, of which ``General`` is reading.

    Source: KuCoin, "Get API Key Info"; seen 2026-11.
    """
    granted = whole(answer, VENUE, KEY.path).inner("data").text("permission")
    rights = {right.strip() for right in granted.split(",")} - {"General", ""}
    return Examination(
        clock_offset_seconds=offset,
        may_trade=bool(rights - WITHDRAWING),
        may_withdraw=bool(rights & WITHDRAWING),
        mode=mode.lower(),
    )
