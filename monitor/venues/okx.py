"""OKX inverse contracts: one pool per coin in futures mode, margin on the mark price, tiers in contracts.

Source: OKX API v5, "Trading Account"; ccxt 4.5.90, async_support/okx.py; both read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.account import Basis, GroupSize, Maintenance, MarginMode, Pool, PoolMode, Position, Tier, TierGroup, TierUnit
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Coin, Price, Ratio
from monitor.ports import Examination
from monitor.venues.adapter import Adapter, Cycle, Seat, together
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, Instruments, Tickers, TimeSource
from monitor.venues.instrument import NO_TICKER, Instrument, contract_named, inverse_coins
from monitor.venues.kept import Kept
from monitor.venues.limits import Budget, Rate
from monitor.venues.okx_levels import CONFIG, Level, parse_level
from monitor.venues.okx_market import (
    FUNDING,
    INSTRUMENTS,
    KINDS,
    OPEN_INTEREST,
    ORDER_BOOK,
    TAKER_FEE,
    TIERS,
    TIME,
    VENUE,
    endpoint,
    listed_rows,
    only_row,
    read_instruments,
    read_ladder,
    read_order_book,
    read_tickers,
    server_seconds,
    tier_group,
)
from monitor.venues.parse import Row, invalid
from monitor.venues.pooling import foreign

POSITIONS = endpoint("private", "account/positions")
BALANCE = endpoint("private", "account/balance")

BUDGET = Budget(address=Rate(400, 2), key=Rate(10, 2))
"""Positions and balance 10 in 2 seconds each for each account. By address only what is public is counted, each endpoint apart
and the tightest at 10 in 2 seconds: the whole is our own bound, and the weights keep each endpoint within its own.

Source: OKX API v5, "Rate Limits" and each endpoint's own; read 2026-11.
"""

LEVEL_AGE = 60.0
"""Seconds for which the level of an account is taken as known: its owner can switch it."""

DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, INSTRUMENTS, FUNDING, OPEN_INTEREST, TIERS, ORDER_BOOK, POSITIONS, BALANCE, CONFIG),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    ladder=read_ladder,
    clock=ClockRules(codes=frozenset({"50102", "50112"})),
    passphrase=True,
)


class Okx(Adapter):
    """An OKX account."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._level: Kept[Level] = Kept(self._read_level, seat.clock.monotonic)

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read what level of account it is, then positions and balance together, then what is public."""
        level = await self._level.get(LEVEL_AGE)
        answers = await together(cycle.read(POSITIONS), cycle.read(BALANCE))
        held = held_rows(answers[0])
        check_isolated(answers[1], answers[0])
        instruments = await self._seat.book.instruments(row.text("instId") for row in held if is_contract(row))
        tickers = await self._seat.book.tickers(self._seat.ticker_age)
        ladders = await self._read_ladders(held, instruments)
        market = Market(level=level, instruments=instruments, tickers=tickers, ladders=ladders)
        return parse_pools(answers[1], held, market)

    async def examine(self) -> Examination:
        """Ask for time, level of account and the key's rights."""
        offset = await self._seat.skew.measure()
        return parse_examination(offset, await self._seat.client.read(CONFIG))

    async def _read_level(self) -> Level:
        return parse_level(await self._seat.client.read(CONFIG))

    async def _read_ladders(self, held: list[Row], instruments: Instruments) -> dict[str, tuple[Tier, ...]]:
        contracts = [(instruments.get(row.text("instId")), row) for row in held if is_contract(row)]
        groups = {tier_group(listed, parse_margin_mode(row)) for listed, row in contracts if listed and listed.is_inverse}
        return {group: await self._seat.book.ladder(group) for group in sorted(groups)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What positions are read against; ``ladders`` by the names that `tier_group` gives."""

    level: Level
    instruments: Instruments
    tickers: Tickers
    ladders: Mapping[str, tuple[Tier, ...]]

    def inverse(self, row: Row) -> Instrument | None:
        """Return the inverse contract that *row* is a position in; None: it is another product."""
        if not is_contract(row):
            return None
        instrument = contract_named(self.instruments, row.text("instId"), VENUE)
        return instrument if instrument.is_inverse else None


def held_rows(answer: object) -> list[Row]:
    """Return the positions that hold something; manual transfers leave isolated ones of size 0."""
    return [row for row in listed_rows(answer, POSITIONS) if row.number("pos") != ZERO]


def check_isolated(balance: object, positions: object) -> None:
    """Refuse a reading in which a coin has isolated equity and no isolated position is listed, not even one of size 0.

    ``mmr`` is of cross positions only, and tells nothing of them. One in whatever coin will do: of spot margin two coins may be.

    Raises:
        VenueDataInvalid: isolated positions are held back.

    """
    if any(row.raw.get("mgnMode") == "isolated" for row in listed_rows(positions, POSITIONS)):
        return
    for row in only_row(balance, BALANCE).rows("details", "ccy"):
        if row.optional("isoEq"):
            raise invalid(VENUE, f"{row.text('ccy')} has isolated equity and no isolated position is listed")


def is_contract(row: Row) -> bool:
    """Whether a position is in a perpetual or dated contract, not in an option or on spot margin."""
    return row.text("instType") in KINDS


def parse_position(row: Row, instrument: Instrument, market: Market) -> Position:
    """Return one position.

    ``avgPx`` of a dated contract in cross margin moves at settlement, when its profit goes into the balance: with it, and not
    with ``nonSettleAvgPx``, profit is counted once. ``notionalUsd`` is its value in dollars; at the mark it is in coin.

    Source: OKX API v5, "Get positions", avgPx and nonSettleAvgPx; seen 2026-11.
    """
    ticker, mode = market.tickers.get(instrument.id, NO_TICKER), parse_margin_mode(row)
    mark, dollars, rank = row.positive("markPx"), row.optional("notionalUsd"), row.optional("adl")
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=abs(row.number("pos")),
        contract_size=instrument.contract_size,
        entry_price=row.positive("avgPx"),
        mark_price=mark,
        margin_mode=mode,
        maintenance=parse_maintenance(instrument, mode, market),
        isolated_margin=row.number("margin") if mode is MarginMode.ISOLATED else None,
        settle=instrument.settle,
        index_price=row.optional("idxPx"),
        tick_size=instrument.tick_size,
        adl_rank=None if rank is None else int(rank),
        open_interest=ticker.open_interest,
        venue_liquidation_price=parse_liquidation_price(row),
        venue_coin_value=None if dollars is None else abs(dollars) / mark,
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction: in net mode the sign of ``pos`` tells it, in hedge mode ``posSide``, where ``pos`` is positive."""
    short = row.number("pos") < ZERO
    sides = {"net": Side.SHORT if short else Side.LONG, "long": Side.LONG, "short": Side.SHORT}
    named = row.text("posSide")
    if named not in sides:
        raise row.fault("posSide", "is not net, long or short")
    if short and named != "net":
        raise row.fault("pos", f"is negative, though posSide is {named}")
    return sides[named]


def parse_margin_mode(row: Row) -> MarginMode:
    """Return whether a position shares the coin's margin."""
    modes = {"cross": MarginMode.CROSS, "isolated": MarginMode.ISOLATED}
    mode = modes.get(row.text("mgnMode"))
    if mode is None:
        raise row.fault("mgnMode", "is neither cross nor isolated")
    return mode


def parse_maintenance(instrument: Instrument, mode: MarginMode, market: Market) -> Maintenance | None:
    """Return how the position's margin is reckoned; None where the venue lists no tiers for it.

    Liquidation compares equity with maintenance margin *and* the fee to close at the mark. In cross margin the tier follows from
    all contracts of one family, perpetual or dated, long plus short; an isolated position is on its own.

    Source: OKX, "Tiered maintenance margin ratio rules", help centre; that 10,000 long and 15,000 short count as 25,000: a copy
    of it; the fee: the documented position behind `TAKER_FEE`; seen 2026-11.
    """
    tiers = market.ladders.get(tier_group(instrument, mode))
    if not tiers:
        return None
    shared = TierGroup(id=tier_group(instrument, mode), size=GroupSize.SUM) if mode is MarginMode.CROSS else None
    return Maintenance(
        basis=Basis.MARK, tiers=tiers, tier_unit=TierUnit.CONTRACTS, fee_rate=TAKER_FEE, fee_basis=Basis.MARK, tier_group=shared
    )


def parse_liquidation_price(row: Row) -> Price | None:
    """Return the venue's price. Empty stands for none as well as for not given, beside options for one; so it says nothing."""
    price = row.optional("liqPx")
    return price if price is not None and price > ZERO else None


def parse_pools(answer: object, held: list[Row], market: Market) -> tuple[Pool, ...]:
    """Return a pool for each coin with inverse contracts that is held or carries positions; stablecoins are left out."""
    account = only_row(answer, BALANCE)
    coins = {*inverse_coins(market.instruments)}
    shares: dict[str, list[Row]] = {}
    for row in held:
        instrument = market.inverse(row)
        shares.setdefault(instrument.settle if instrument else row.text("ccy"), []).append(row)
    details = {row.text("ccy"): row for row in account.rows("details", "ccy")}
    if missing := sorted((shares.keys() & coins) - details.keys()):
        raise invalid(VENUE, f"positions in {', '.join(missing)}, but no balance of it")
    whole_ratio = account.optional("mgnRatio")
    pools = [parse_pool(row, shares.get(coin, []), market, whole_ratio) for coin, row in details.items() if coin in coins]
    return tuple(pool for pool in pools if pool.coin in shares or pool.wallet_balance)


def parse_pool(row: Row, shares: list[Row], market: Market, whole_ratio: Ratio | None) -> Pool:
    """Return one coin's pool.

    ``eq = cashBal + upl of cross positions + isoEq + stgyEq``: the cash balance is without unrealised profit, isolated margin
    (``isoEq``, with its profit) and what trading bots have (``stgyEq``).

    Source: OKX, "Spot and futures mode: cross margin trading", help centre, Equity; documented balances: 4992.890093622894 =
    4850.435693622894 - 7.545600000000006 + 150, and 99.89469657 = 94.42612990 + 5.46856667 isolated; seen 2026-11.
    """
    coin, level = row.text("ccy"), market.level
    contracts = [(share, market.inverse(share)) for share in shares]
    positions = tuple(parse_position(share, listed, market) for share, listed in contracts if listed)
    others = [share.text("instId") for share, listed in contracts if listed is None and share.raw.get("mgnMode") != "isolated"]
    ratio = row.optional("mgnRatio") if level.mode is PoolMode.COIN else whole_ratio
    return Pool(
        coin=coin,
        wallet_balance=row.number("cashBal"),
        positions=positions,
        mode=level.mode,
        order_margin=row.optional("ordFrozen"),
        venue_equity=parse_equity(row),
        venue_maintenance_margin=None if others else parse_requirement(row, positions),
        venue_margin_ratio=ONE / ratio if ratio else None,
        obstacle=level.obstacle or in_the_way(others) or foreign(coin, positions),
    )


def parse_equity(row: Row) -> Coin | None:
    """Return what backs the cross positions; None: how much of the whole is isolated, or with trading bots, is not told."""
    isolated, bots = row.optional("isoEq"), row.optional("stgyEq")
    return None if isolated is None or bots is None else row.number("eq") - isolated - bots


def parse_requirement(row: Row, positions: tuple[Position, ...]) -> Coin | None:
    """Return the venue's maintenance margin of the cross positions, with the fee to close them, which ``mmr`` leaves out.

    None: it says none, as in accounts where it is reckoned for all coins together.
    """
    margin = row.optional("mmr")
    value = sum((position.coin_value for position in positions if not position.is_isolated), ZERO)
    return None if margin is None else margin + TAKER_FEE * value


def in_the_way(others: list[str]) -> str | None:
    """Return what shares a pool and is no inverse contract; None: nothing."""
    return f"{', '.join(others[:3])} shares this margin, and only inverse contracts are computed" if others else None


def parse_examination(offset: float, answer: object) -> Examination:
    """Return what account/config says: ``perm`` lists rights as ``read_only,trade,withdraw``."""
    row = only_row(answer, CONFIG)
    listed = row.raw.get("perm")
    rights = [right.strip() for right in listed.split(",")] if isinstance(listed, str) and listed else None
    return Examination(
        clock_offset_seconds=offset,
        may_trade=None if rights is None else "trade" in rights,
        may_withdraw=None if rights is None else "withdraw" in rights,
        mode=parse_level(answer).words,
    )
