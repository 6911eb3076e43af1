"""Deribit inverse futures: one pool per coin in the segregated standard margin model, settled daily.

Source: Deribit API v2, "private/get_positions", "private/get_account_summaries"; ccxt 4.5.90, async_support/deribit.py; both
read 2026-11.
"""

from collections.abc import Mapping
from decimal import Decimal

from monitor.core.account import Basis, Maintenance, MarginMode, Pool, PoolMode, Position, Tier
from monitor.core.contract import Side
from monitor.core.liquidity import OrderBook
from monitor.core.number import ZERO, Coin, Ratio
from monitor.ports import Examination, VenueError
from monitor.venues.adapter import Adapter, Cycle, together
from monitor.venues.client import Client, ClockRules
from monitor.venues.depth import order_book
from monitor.venues.deribit_market import INSTRUMENTS as INSTRUMENTS_PATH
from monitor.venues.deribit_market import TICKERS as TICKERS_PATH
from monitor.venues.deribit_market import VENUE, is_future, parse_instruments, parse_tickers
from monitor.venues.dialect import Dialect, Instruments, Tickers, TimeSource
from monitor.venues.endpoint import Endpoint, Shape, both, holds, holds_number
from monitor.venues.instrument import NO_TICKER, Instrument, Ticker, contract_named
from monitor.venues.limits import Budget, Rate
from monitor.venues.parse import Row, invalid, rows, whole
from monitor.venues.pooling import foreign


def endpoint(api: str, path: str, shape: Shape) -> Endpoint:
    """Return an endpoint of Deribit's. Everything there is a GET, buying and withdrawing too."""
    return Endpoint(api=(api,), path=path, shape=shape, base="rest", route=f"/api/v2/{api}/{path}")


TIME = endpoint("public", "get_time", holds_number("result"))
INSTRUMENTS = endpoint("public", INSTRUMENTS_PATH, holds(list, "result"))
TICKERS = endpoint("public", TICKERS_PATH, holds(list, "result"))
ORDER_BOOK = endpoint("public", "get_order_book", both(holds(list, "result", "bids"), holds(list, "result", "asks")))
POSITIONS = endpoint("private", "get_positions", holds(list, "result"))
SUMMARIES = endpoint("private", "get_account_summaries", holds(list, "result", "summaries"))
KEYS = endpoint("private", "list_api_keys", holds(list, "result"))

BUDGET = Budget(address=Rate(1000, 1), key=Rate(20, 1))
"""20 requests in a second for each account; by address nothing is stated for accounts, so that the bound is our own.

Source: Deribit, support article 25944617523357: 50,000 credits, 10,000 back each second, 500 for a request; seen 2026-11.
"""

SLOPES: Mapping[str, Ratio] = {"BTC": Decimal("0.00005"), "ETH": Decimal("0.000004")}
"""By how much the maintenance rate rises with each coin of a position: 0.005 % for BTC, 0.0004 % for ETH.

The rate itself comes with every position; only its growth has to be known here. Other coins: not known, not assessed.

Source: Deribit, "11 January 2022", support article 25944826427293; "Linear Perpetual" has the same for BTC; seen 2026-11.
"""

MODELS: Mapping[str, tuple[PoolMode, str | None]] = {
    "segregated_sm": (PoolMode.COIN, None),
    "cross_sm": (PoolMode.MULTI_COIN, "cross collateral: all coins back each other in dollars, which is not computed yet"),
    "segregated_pm": (PoolMode.PORTFOLIO, "portfolio margin follows the venue's own stress test, which cannot be computed here"),
    "cross_pm": (PoolMode.PORTFOLIO, "portfolio margin follows the venue's own stress test, which cannot be computed here"),
}
"""``margin_model``: how a pool is backed, and what bars its computation."""


async def read_instruments(client: Client) -> Instruments:
    """Read all futures, linear ones too; options are many, and known by their names."""
    return parse_instruments(await client.read(INSTRUMENTS, currency="any", kind="future"))


async def read_tickers(client: Client, instruments: Instruments) -> Tickers:
    """Read funding and open interest: one request for each coin that has inverse contracts."""
    coins = sorted({instrument.settle for instrument in instruments.values() if instrument.is_inverse})
    answers = [await client.read(TICKERS, currency=coin, kind="future") for coin in coins]
    return {name: ticker for answer in answers for name, ticker in parse_tickers(answer, instruments).items()}


async def read_order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Read the best 100 levels a side, whose sizes are dollars."""
    answer = await client.read(ORDER_BOOK, instrument_name=instrument.id, depth=100)
    row = whole(answer, VENUE, f"the order book of {instrument.id}").inner("result")
    return order_book(row, "bids", "asks", lambda dollars: dollars / instrument.contract_size)


def server_seconds(answer: object) -> float:
    """Return the venue's time."""
    return float(whole(answer, VENUE, TIME.path).number("result")) / 1000


DIALECT = Dialect(
    id=VENUE,
    endpoints=(TIME, INSTRUMENTS, TICKERS, ORDER_BOOK, POSITIONS, SUMMARIES, KEYS),
    time=TimeSource(endpoint=TIME, seconds=server_seconds),
    budget=BUDGET,
    instruments=read_instruments,
    tickers=read_tickers,
    order_book=read_order_book,
    clock=ClockRules(suspects=frozenset({"13004", "13009"}), window=30.0),
)
"""An old signature is refused like a wrong one. How old is too old is not established; half a minute is taken for the reason."""


class Deribit(Adapter):
    """A Deribit account."""

    async def pools(self, cycle: Cycle) -> tuple[Pool, ...]:
        """Read positions of every kind and all summaries together, then what is public."""
        answers = await together(cycle.read(POSITIONS, currency="any"), cycle.read(SUMMARIES))
        held = held_rows(answers[0])
        futures = [row for row in held if is_future(row)]
        instruments = await self._seat.book.instruments(row.text("instrument_name") for row in futures)
        tickers = await self._seat.book.tickers(self._seat.ticker_age)
        return parse_pools(answers[1], held, instruments, tickers)

    async def examine(self) -> Examination:
        """Ask for time, margin model and the key's scope. A key that may not list keys leaves its scope unknown."""
        offset = await self._seat.skew.measure()
        summaries = await self._seat.client.read(SUMMARIES)
        try:
            scope = parse_scope(await self._seat.client.read(KEYS), self._seat.api_key)
        except VenueError:
            scope = None
        return parse_examination(offset, summaries, scope)


def held_rows(answer: object) -> list[Row]:
    """Return the positions that hold something; closed ones are listed with size 0 and direction zero."""
    listed = rows(whole(answer, VENUE, POSITIONS.path).raw.get("result"), VENUE, POSITIONS.path, "instrument_name")
    return [row for row in listed if row.number("size") != ZERO]


def parse_pools(answer: object, held: list[Row], instruments: Instruments, tickers: Tickers) -> tuple[Pool, ...]:
    """Return a pool for each coin with inverse contracts that is held or carries positions; stablecoins are left out."""
    summaries = whole(answer, VENUE, SUMMARIES.path).inner("result").rows("summaries", "currency")
    contracts = {name: instrument for name, instrument in instruments.items() if instrument.is_inverse}
    shares = coin_rows(held, instruments)
    if missing := sorted(set(shares) - {row.text("currency") for row in summaries}):
        raise invalid(VENUE, f"positions in {', '.join(missing)}, but no balance of it")
    coins = {instrument.settle for instrument in contracts.values()}
    pools = [
        parse_pool(row, shares.get(row.text("currency"), []), instruments, tickers)
        for row in summaries
        if row.text("currency") in coins
    ]
    return tuple(pool for pool in pools if pool.coin in shares or pool.wallet_balance)


def coin_rows(held: list[Row], instruments: Instruments) -> dict[str, list[Row]]:
    """Return what is held by the coin that backs it."""
    shares: dict[str, list[Row]] = {}
    for row in held:
        shares.setdefault(settle_coin(row, instruments), []).append(row)
    return shares


def settle_coin(row: Row, instruments: Instruments) -> str:
    """Return the coin that a position is settled in; of options the name tells: BTC-27JUN25-90000-C, BTC_USDC-27JUN25-90000-C."""
    name = row.text("instrument_name")
    if not is_future(row):
        return name.partition("-")[0].rpartition("_")[2]
    return contract_named(instruments, name, VENUE).settle


def parse_position(row: Row, instrument: Instrument, ticker: Ticker) -> Position:
    """Return one position. ``size`` is dollars with a sign, not contracts; ``size_currency`` is coin.

    An estimated liquidation price of null is shown for positions that have one too, and 0 for empty ones: both say nothing.

    Source: the samples of Deribit API v2 and of ccxt 4.5.90's source: 50 dollars long with null, and with 1.74; read 2026-11.
    """
    price, coin_value = row.optional("estimated_liquidation_price"), row.optional("size_currency")
    return Position(
        symbol=instrument.symbol,
        side=parse_side(row),
        contracts=abs(row.number("size")) / instrument.contract_size,
        contract_size=instrument.contract_size,
        entry_price=row.positive("average_price"),
        mark_price=row.positive("mark_price"),
        margin_mode=MarginMode.CROSS,
        maintenance=parse_maintenance(row, instrument.settle),
        settle=instrument.settle,
        index_price=row.optional("index_price"),
        tick_size=instrument.tick_size,
        open_interest=ticker.open_interest,
        venue_liquidation_price=price or None,
        venue_coin_value=None if coin_value is None else abs(coin_value),
        funding=ticker.funding,
        taker_fee=instrument.taker_fee,
        market_notice=instrument.notice,
    )


def parse_side(row: Row) -> Side:
    """Return the direction, in which the word and the sign of the size must agree."""
    sides = {"buy": Side.LONG, "sell": Side.SHORT}
    side = sides.get(row.text("direction"))
    if side is None or (row.number("size") < ZERO) != (side is Side.SHORT):
        raise row.fault("direction", "contradicts the sign of size")
    return side


def parse_maintenance(row: Row, coin: str) -> Maintenance | None:
    """Return how the position's margin is reckoned: ``rate = base + slope * size``, size in coin; None: not known.

    The venue lists no tiers. The rate at this size is the row's own ``maintenance_margin / |size_currency|``; taking off what
    size has added leaves the base. Worked: 0.000143783 / 0.006687487 = 2.15 %, base 2.15 % - 0.005 % * 0.0067.
    """
    slope, value = SLOPES.get(coin), abs(row.number("size_currency"))
    if slope is None or value == ZERO:
        return None
    base = row.number("maintenance_margin") / value - slope * value
    if base <= ZERO:
        return None
    return Maintenance(basis=Basis.MARK, tiers=(Tier(floor=ZERO, cap=None, rate=base, amount=ZERO),), slope=slope)


def parse_pool(row: Row, shares: list[Row], instruments: Instruments, tickers: Tickers) -> Pool:
    """Return one coin's pool.

    Liquidation compares ``margin_balance`` with ``maintenance_margin``. Margin balance is ``balance + session_rpl +
    session_upl`` of futures: ``balance`` holds what was settled at 08:00 UTC, the session what came since. Entry prices do not
    move at settlement, so that profit since *entry*, ``total_profit_loss``, is what has to be taken off:
    ``W = margin_balance - sum total_profit_loss``; then W plus profit at the entry prices is the margin balance again, and
    nothing settled is counted twice. ``equity`` adds the value of options, which bar the pool anyway: the venue's maintenance
    margin is theirs too, and is not compared with what futures need.

    Source: vector deribit-acct-1: 302.60065765 - 0.03258105 + 0.05921555 = 302.62729215, equity 302.61869214 with options of
    -0.0086; Deribit API v2 sample of get_subaccounts_details: total_profit_loss -0.000118183 = 200 (1 / 49571.3 - 1 / 48160.55).
    """
    coin, (mode, obstacle) = row.text("currency"), parse_model(row)
    futures, options = [share for share in shares if is_future(share)], options_held(shares)
    listed = [(share, share.text("instrument_name")) for share in futures]
    positions = tuple(parse_position(share, instruments[name], tickers.get(name, NO_TICKER)) for share, name in listed)
    equity = row.number("margin_balance") if mode is PoolMode.COIN else row.number("equity")
    profit = sum((share.number("total_profit_loss") for share in futures), ZERO)
    return Pool(
        coin=coin,
        wallet_balance=equity - profit,
        positions=positions,
        mode=mode,
        venue_equity=equity,
        venue_maintenance_margin=None if options else row.number("maintenance_margin"),
        venue_margin_ratio=parse_margin_ratio(row),
        obstacle=obstacle or options or foreign(coin, positions),
    )


def parse_model(row: Row) -> tuple[PoolMode, str | None]:
    """Return how the pool is backed, and what bars its computation."""
    model = row.raw.get("margin_model")
    known = MODELS.get(str(model))
    return known or (PoolMode.COIN, f"margin model {model if isinstance(model, str) else 'unknown'}, which is not computed yet")


def options_held(shares: list[Row]) -> str | None:
    """Return what of a pool is not a future; None: nothing."""
    others = [share.text("instrument_name") for share in shares if not is_future(share)]
    return f"{', '.join(others[:3])} shares this margin, and only futures are computed" if others else None


def parse_margin_ratio(row: Row) -> Ratio | None:
    """Return the venue's maintenance margin by its margin balance: at 1 it liquidates. None: there is no balance."""
    balance: Coin = row.number("margin_balance")
    return row.number("maintenance_margin") / balance if balance > ZERO else None


def parse_scope(answer: object, api_key: str) -> str | None:
    """Return the scope of our own key among those listed; None: it is not there. The answer holds secrets of all of them."""
    for row in whole(answer, VENUE, KEYS.path).rows("result", "id"):
        if row.raw.get("client_id") == api_key:
            return row.text("max_scope")
    return None


def parse_examination(offset: float, summaries: object, scope: str | None) -> Examination:
    """Return what a scope as ``account:read trade:read wallet:none`` lets a key do, and the margin models in use."""
    listed = whole(summaries, VENUE, SUMMARIES.path).inner("result").rows("summaries", "currency")
    models = sorted({str(row.raw["margin_model"]) for row in listed if row.raw.get("margin_model")})
    granted = scope.split() if scope else []
    return Examination(
        clock_offset_seconds=offset,
        may_trade=any(right in ("trade:read_write", "block_trade:read_write") for right in granted) if scope else None,
        may_withdraw="wallet:read_write" in granted if scope else None,
        mode=", ".join(models) or None,
    )
