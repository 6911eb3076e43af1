"""Phemex coin-margined perpetuals: one pool per coin, one position a contract, margin on the entry value.

Source: Phemex, "Public-Contract-API-en", "Unified Trading Account REST API", documentation; ccxt 4.5.90,
async_support/phemex.py; both read 2026-11.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.core.account import Basis, Maintenance, MarginMode, NoPrice, Pool, Position, Tier
from monitor.core.contract import Side
from monitor.core.number import ZERO, Price, Ratio
from monitor.ports import ErrorKind, Examination, VenueRefused
from monitor.venues.adapter import Adapter, Cycle, Seat, together
from monitor.venues.client import ClockRules
from monitor.venues.dialect import Dialect, Instruments, Tickers, TimeSource
from monitor.venues.endpoint import Endpoint, Shape, both, holds, says
from monitor.venues.instrument import NO_TICKER, contract_named, inverse_coins
from monitor.venues.kept import Kept
from monitor.venues.limits import Budget, Rate
from monitor.venues.parse import Row, invalid, whole
from monitor.venues.phemex_market import (
    DOLLARS,
    ORDER_BOOK,
    PRODUCTS,
    TICKERS,
    VENUE,
    Contract,
    contract_of,
    read_instruments,
    read_order_book,
    read_tickers,
    server_seconds,
)
from monitor.venues.pooling import foreign
from monitor.venues.shown import rank_of


def endpoint(path: str, shape: Shape, weight: float = 1) -> Endpoint:
    """Return a private endpoint. One of those that ccxt knows confirms withdrawals, although it is a GET."""
    return Endpoint(api=("private",), path=path, shape=both(says("code", 0), shape), weight=weight)


POSITIONS = endpoint("accounts/accountPositions", both(holds(dict, "data", "account"), holds(list, "data", "positions")))
UNITS = endpoint("uta-api/risk/risk-units", holds(list, "data"), weight=5)
MODE = endpoint("uta-api/risk/risk-mode", holds(dict, "data"), weight=5)

BUDGET = Budget(address=Rate(5000, 300), key=Rate(500, 60))
"""5,000 requests in 5 minutes for each address; 500 a minute for each user in the group of contracts, 100 in the group of others,
whose weight is 5 here for that reason.

Source: Phemex, "Generic-API-Info", rate limits; seen 2026-11.
"""

MODE_AGE = 60.0
"""Seconds for which the kind of account is taken as known."""

DIALECT = Dialect(
    id=VENUE,
    endpoints=(PRODUCTS, TICKERS, ORDER_BOOK, POSITIONS, UNITS, MODE),
    time=TimeSource(endpoint=TICKERS, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    clock=ClockRules(suspects=frozenset({"401", "10500"}), window=30.0),
)
"""A request ends a minute after it is signed. No code of its own for one that has ended is documented."""


class Phemex(Adapter):
    """An account in the classic mode, in which each coin backs its own contracts."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._mode: Kept[str] = Kept(self._read_mode, seat.clock.monotonic)

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read each coin's account with its positions, and what the venue reckons of it, together; then what is public."""
        check_mode(await self._mode.get(MODE_AGE))
        book = self._seat.book
        coins = inverse_coins(await book.instruments())
        units, *accounts = await together(cycle.read(UNITS), *(cycle.read(POSITIONS, currency=coin) for coin in coins))
        data = [whole(answer, VENUE, POSITIONS.path).inner("data") for answer in accounts]
        names = [row.text("symbol") for one in data for row in held_rows(one)]
        market = Market(
            instruments=await book.instruments(names),
            tickers=await book.tickers(self._seat.ticker_age),
            units=parse_units(units, coins),
        )
        pools = [parse_pool(one, market) for one in data if held_rows(one) or is_understood(one, market)]
        return tuple(pool for pool in pools if pool.positions or pool.wallet_balance)

    async def examine(self) -> Examination:
        """Ask for time and kind of account. What the key may do, no address that ccxt knows tells."""
        offset = await self._seat.skew.measure()
        mode = await self._mode.get(0)
        return Examination(clock_offset_seconds=offset, may_trade=None, may_withdraw=None, mode=mode)

    async def _read_mode(self) -> str:
        return parse_mode(await self._seat.client.read(MODE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What positions are read against. ``units``: by coin, what the venue reckons of its cross positions."""

    instruments: Instruments
    tickers: Tickers
    units: Mapping[str, Row]


def parse_mode(answer: object) -> str:
    """Return the kind of account: ``Classic`` or ``MultiAsset``, at one of two names.

    Source: Phemex, "Unified Trading Account REST API", "Query risk mode", in older versions "Query asset mode"; seen 2026-11.
    """
    row = whole(answer, VENUE, MODE.path).inner("data")
    return row.text("riskMode" if "riskMode" in row.raw else "assetMode")


def check_mode(mode: str) -> None:
    """Refuse an account whose coins back each other: nothing says what the classic addresses then show.

    Raises:
        VenueRefused: the account is not in the classic mode.

    """
    if mode.lower() != "classic":
        words = f"{VENUE}: the account is in {mode} mode, whose shared margin is not read yet; only Classic is"
        raise VenueRefused(ErrorKind.REFUSED, words)


def parse_units(answer: object, coins: Iterable[str]) -> dict[str, Row]:
    """Return by coin what the venue reckons of its cross positions; a coin may be missing.

    Raises:
        VenueDataInvalid: positions are reckoned in a coin that is not among *coins*, so that its account would not be read.

    """
    listed, known = whole(answer, VENUE, UNITS.path).rows("data", "currency"), DOLLARS.union(coins)
    if strange := [row for row in listed if row.text("currency") not in known and row.optional("totalPosMMRv")]:
        raise invalid(VENUE, f"positions in {strange[0].text('currency')}, in which no contract is listed")
    return {row.text("currency"): row for row in listed if row.raw.get("riskType") == "SingleAssetContractCross"}


def held_rows(data: Row) -> list[Row]:
    """Return the positions that hold something: every contract of the coin is listed, empty ones with side None.

    Raises:
        VenueDataInvalid: not a single one is listed, which says nothing of what is held.

    """
    listed = data.rows("positions", "symbol")
    if not listed:
        raise invalid(VENUE, f"{data.inner('account').text('currency')}: no contract is listed, not even empty ones")
    return [row for row in listed if row.number("size") != ZERO]


def parse_pool(data: Row, market: Market) -> Pool:
    """Return one coin's pool. ``accountBalanceEv`` holds the margins of isolated positions too, and no unrealised profit.

    Whether the venue's own maintenance margin holds the closing fee is not said, so that it is not compared with ours.

    Source: Phemex, sample of "Query trading account and positions with unrealized-pnl": positionMargin 8795.99192377 =
    accountBalance 8795.99942377 - bankruptComm 0.0075, cross; "Query risk unit": equity of the cross scope; seen 2026-11.
    """
    account, held = data.inner("account"), held_rows(data)
    coin = account.text("currency")
    positions = tuple(parse_position(row, market) for row in held)
    margins = sum((position.isolated_margin or ZERO for position in positions), ZERO)
    unit = market.units.get(coin)
    if unit and unit.optional("totalPosMMRv") and all(position.is_isolated for position in positions):
        raise invalid(VENUE, f"{coin} has a maintenance margin and no position is listed that shares it")
    return Pool(
        coin=coin,
        wallet_balance=account.number("accountBalanceEv") / value_unit(coin, market.instruments) - margins,
        positions=positions,
        venue_equity=unit.optional("totalEquityRv") if unit else None,
        venue_margin_ratio=unit.optional("marginRatioRr") if unit else None,
        obstacle=foreign(coin, positions),
    )


def is_understood(data: Row, market: Market) -> bool:
    """Whether amounts of an account's coin can be read: a contract that is settled in it is understood."""
    return bool(contracts_in(data.inner("account").text("currency"), market.instruments))


def contracts_in(coin: str, instruments: Instruments) -> list[Contract]:
    """Return the contracts that are settled in *coin* and understood."""
    return [one for one in instruments.values() if isinstance(one, Contract) and one.settle == coin]


def value_unit(coin: str, instruments: Instruments) -> Ratio:
    """Return what divides amounts of *coin*."""
    return contracts_in(coin, instruments)[0].value_unit


def parse_position(row: Row, market: Market) -> Position:
    """Return one position. ``value`` is its *entry* value in coin; ``markPrice`` may lag, so that the market's goes before it.

    Source: vector phemex-pnl-1: 5 / 18914.3181 = 0.00026435 at a mark of 23828.7555; ccxt 4.5.90, async_support/phemex.py:4009.
    """
    name = row.text("symbol")
    contract, ticker = contract_of(contract_named(market.instruments, name, VENUE)), market.tickers.get(name, NO_TICKER)
    entry, value, mode = row.positive("avgEntryPrice"), row.optional("value"), parse_margin_mode(row)
    check_scale(row, contract)
    mark = ticker.mark_price or row.positive("markPrice")
    return Position(
        symbol=contract.symbol,
        side=parse_side(row),
        contracts=row.positive("size"),
        contract_size=contract.contract_size,
        entry_price=entry,
        mark_price=mark,
        margin_mode=mode,
        maintenance=parse_maintenance(row, contract),
        isolated_margin=row.number("assignedPosBalance") if mode is MarginMode.ISOLATED else None,
        settle=contract.settle,
        index_price=ticker.index_price,
        basis=ticker.basis,
        tick_size=contract.tick_size,
        adl_rank=rank_of(row.optional("deleveragePercentile")),
        open_interest=ticker.open_interest,
        venue_liquidation_price=parse_liquidation_price(row, contract),
        venue_coin_value=None if value is None else value * entry / mark,
        funding=ticker.funding,
        taker_fee=parse_fee(row, contract),
        market_notice=contract.notice,
    )


def check_scale(row: Row, contract: Contract) -> None:
    """Refuse a scaled price that is not the plain one beside it: with a wrong scale every mark would be wrong."""
    scaled, plain = row.optional("markPriceEp"), row.optional("markPrice")
    if scaled is not None and plain is not None and scaled / contract.price_unit != plain:
        raise row.fault("markPriceEp", f"is not {plain} by the scale of the contract")


def parse_side(row: Row) -> Side:
    """Return the direction. Coin-margined contracts have no hedge mode: another ``posSide`` than Merged is not understood."""
    sides = {"Buy": Side.LONG, "Sell": Side.SHORT}
    side = sides.get(row.text("side"))
    if side is None or row.raw.get("posSide") not in (None, "", "Merged"):
        raise row.fault("side", "and `posSide` are not those of a position in one-way mode")
    return side


def parse_margin_mode(row: Row) -> MarginMode:
    """Return whether the position shares the coin's margin: its leverage is 0 or negative; ``crossMargin`` is false all the same.

    Source: Phemex, sample of "Query trading account and positions with unrealized-pnl": crossMargin false, leverageEr 0, the
    whole balance behind it; ccxt 4.5.90, async_support/phemex.py:5333, likewise with leverage -20; read 2026-11.
    """
    isolated = row.number("leverageEr") > ZERO
    if isolated and row.raw.get("crossMargin") is True:
        raise row.fault("leverageEr", "contradicts crossMargin")
    return MarginMode.ISOLATED if isolated else MarginMode.CROSS


def parse_maintenance(row: Row, contract: Contract) -> Maintenance:
    """Return how margin is reckoned: entry value at the rate of the position's risk limit, and the fee at the bankruptcy price.

    The risk limit is what the holder has chosen, and does not move with the price.

    Source: Phemex, "Liquidation price", help centre; ccxt 4.5.90, async_support/phemex.py, sample of "parse_position": of
    11.1202 assigned, 22.2237 * 1 % + 0.0084 are left at 2266.90; seen 2026-11.
    """
    tier = Tier(floor=ZERO, cap=None, rate=row.positive("maintMarginReq"), amount=ZERO)
    return Maintenance(basis=Basis.ENTRY, tiers=(tier,), fee_rate=parse_fee(row, contract), fee_basis=Basis.BANKRUPTCY)


def parse_fee(row: Row, contract: Contract) -> Ratio:
    """Return the account's own taker fee, which older answers give as 0; else that of an account without discount."""
    own = row.optional("takerFeeRateEr")
    return own / contract.ratio_unit if own and own > ZERO else contract.taker_fee or ZERO


def parse_liquidation_price(row: Row, contract: Contract) -> Price | NoPrice | None:
    """Return the venue's price. The bounds of an order's price mean that there is none; 0 says nothing.

    Source: vector phemex-low-1 and ccxt 4.5.90, async_support/phemex.py:5333: 0.5 and 10.0 of longs that nothing liquidates.
    """
    price = row.optional("liquidationPrice")
    if not price:
        return None
    return "none" if price <= max(contract.lowest, contract.tick_size or ZERO) or price >= contract.highest else price
