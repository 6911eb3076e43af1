"""How to bring a pool out of danger: contracts to close, or coins to move in from the other pools of its coin.

A pool *reaches* a distance where no price within it, on either side of the mark, liquidates its cross positions: what `top_up`
aims at. Amounts are found by bisection and each answer is checked by the solver: a number of contracts that reaches where one
fewer does not, coins known to ``2 ** -60`` of what the giver can spare.

With marginal tiers the largest deficit within the distance is convex in the contracts closed, so the numbers that reach are
one interval and its beginning is found; with plain slabs, or longs and shorts with a fee at the bankruptcy price, the number
returned may not be the least of all.

Source: derived here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from monitor.core.account import Pool, PoolMode, Position
from monitor.core.contract import Side
from monitor.core.exposure import is_inverse_on, reference
from monitor.core.liquidation import liquidation, top_up
from monitor.core.margin import Scope, scope
from monitor.core.number import ONE, ZERO, Coin, Ratio
from monitor.core.piecewise import at, highest

HALVINGS = 60
"""Of an amount of coins."""

EVEN = Decimal("1e-9")
"""Distances that differ by no more are equal."""

INFINITY = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How many contracts of ``position`` to close at mark; 0: the pool is that far already."""

    position: Position
    contracts: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """A pool that can give ``coins`` (in `Silo.gifts`: that gives them) and still reach the target. ``name``: of its account.

    What can move is at most the wallet less ``order_margin``: isolated margins and unrealised profit are not in it, and losses
    are met by keeping the target. ``order_margin`` None: the venue does not say what orders hold back, so it may be less. The
    venue's initial margin, which we do not know, may hold back more.
    """

    name: str
    coins: Coin
    order_margin: Coin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Coins to move from the safest pool to the weakest. Distances after it; None: no price liquidates.

    ``is_even``: both are then equally far. Else the giver is still farther: it has no more to spare, or it has no distance
    to equal, and then no more is moved than the weakest needs for the target.
    """

    giver: Giver
    taker: str
    coins: Coin
    giver_distance: Ratio | None
    taker_distance: Ratio | None
    is_even: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Silo:
    """The weakest pool of a coin, the coins it needs to reach the target, and who gives how many; the richest giver first.

    ``is_enough``: whether the gifts are what is needed.
    """

    taker: str
    needed: Coin
    gifts: tuple[Giver, ...]
    is_enough: bool


def contracts_to_close(pool: Pool, target: Ratio, symbol: str | None = None) -> Closing | None:
    """Return the contracts to close so that *pool* reaches *target* (a ratio of mark, under 1), whole ones or all of them.

    Of the largest cross leg, or *symbol*'s, of which any number does it: of those on the side that loses where the pool lacks
    most within *target*, else of those on the other side. Closing realises the profit at mark into the wallet, without fee;
    what is left keeps its entry. None: no number of any one leg does it, or the pool cannot be computed or has no such leg.
    """
    whole = _scope(pool)
    legs = [p for p in pool.cross if symbol in (None, p.symbol)]
    if whole is None or not legs:
        return None
    losing = _losing_side(whole, target)
    legs.sort(key=lambda p: (p.side is losing, p.coin_value), reverse=True)
    return next(filter(None, (_closing(whole, leg, target) for leg in legs)), None)


def transfer(pools: Mapping[str, Pool], target: Ratio) -> Transfer | None:
    """Return the coins that move from the safest of *pools* (of one coin, by account) to the weakest to make both equally far.

    The safest is the farthest from liquidation of those with coins to spare; the giver keeps *target*. None: fewer than two
    pools that can be computed, the weakest reaches *target* already, or nobody can give.
    """
    found = _weakest(pools, target)
    if found is None:
        return None
    name, weak, others = found
    givers = [_giver(other, pools[other], seen, target) for other, seen in others.items()]
    able = [giver for giver in givers if giver.coins]
    giver = max(able, key=lambda g: (_distance(others[g.name]), g.coins), default=None)
    return None if giver is None else _evened(giver, others[giver.name], name, weak, target)


def silo(pools: Mapping[str, Pool], target: Ratio) -> Silo | None:
    """Return what the other *pools* (of one coin, by account) can give so that the weakest reaches *target*.

    The richest gives first, so that few have to. ``gifts`` is empty where nobody can. None: no second pool that can be
    computed, or the weakest reaches *target* already.
    """
    found = _weakest(pools, target)
    if found is None or not found[2]:
        return None
    name, weak, others = found
    givers = (_giver(other, pools[other], seen, target) for other, seen in others.items())
    needed = top_up(weak, target)
    gifts, missing = _gifts(givers, needed)
    return Silo(taker=name, needed=needed, gifts=gifts, is_enough=not missing)


Weakest = tuple[str, Scope, Mapping[str, Scope]]
"""The account of the weakest pool, its scope, and the scopes of the others by account."""


def _scope(pool: Pool) -> Scope | None:
    is_plain = pool.mode is PoolMode.COIN and not pool.obstacle and all(is_inverse_on(pool.coin, p) for p in pool.positions)
    if not is_plain or any(p.maintenance is None for p in pool.cross):
        return None
    contract = reference(pool)
    return scope(pool.wallet_balance, pool.cross, contract.mark_price if contract else ONE)


def _worst(whole: Scope, target: Ratio) -> Coin:
    return highest(whole.deficit, whole.x / (1 + target), whole.x / (1 - target))


def _losing_side(whole: Scope, target: Ratio) -> Side:
    falling = highest(whole.deficit, whole.x, whole.x / (1 - target))
    rising = highest(whole.deficit, whole.x / (1 + target), whole.x)
    return Side.LONG if falling >= rising else Side.SHORT


def _closing(whole: Scope, leg: Position, target: Ratio) -> Closing | None:
    contracts = _fewest(lambda n: _worst(_closed(whole, leg, n), target), leg.contracts)
    return None if contracts is None else Closing(position=leg, contracts=contracts)


def _closed(whole: Scope, leg: Position, contracts: Ratio) -> Scope:
    left = tuple(replace(p, contracts=p.contracts - contracts) if p is leg else p for p in whole.positions)
    return scope(whole.wallet + leg.unrealized_pnl * contracts / leg.contracts, left, whole.mark_price)


def _fewest(lacks: Callable[[Ratio], Coin], held: Ratio) -> Ratio | None:
    """Return the fewest whole contracts (or all of *held*) that lack nothing; None: no number does."""

    def lacking(number: int) -> Coin:
        return lacks(min(Decimal(number), held))

    if lacking(0) <= 0:
        return ZERO
    most = int(held.to_integral_value(ROUND_CEILING))
    if lacking(most) > 0:
        most = _first(lambda n: lacking(n + 1) >= lacking(n), most)
    return min(Decimal(_first(lambda n: lacking(n) <= 0, most)), held) if lacking(most) <= 0 else None


def _first(holds: Callable[[int], bool], most: int) -> int:
    """Return the smallest number where *holds* turns from false to true, *most* where it does not before."""
    low = 0
    while low < most:
        middle = (low + most) // 2
        low, most = (low, middle) if holds(middle) else (middle + 1, most)
    return most


def _weakest(pools: Mapping[str, Pool], target: Ratio) -> Weakest | None:
    scopes = {name: whole for name, pool in pools.items() if (whole := _scope(pool)) is not None}
    name = min((n for n, whole in scopes.items() if whole.positions), key=lambda n: _distance(scopes[n]), default=None)
    if name is None or _worst(scopes[name], target) <= 0:
        return None
    return name, scopes[name], {other: whole for other, whole in scopes.items() if other != name}


def _distance(whole: Scope) -> Ratio:
    """Return the distance that the scope reaches, infinite where no price liquidates."""
    if at(whole.deficit, whole.x) >= 0:
        return ZERO
    prices = liquidation(whole, None)
    return min((abs(p - whole.mark_price) / whole.mark_price for p in (prices.below, prices.above) if p), default=INFINITY)


def _with(whole: Scope, coins: Coin) -> Scope:
    return Scope(whole.wallet + coins, whole.positions, whole.mark_price, whole.ladders)


def _giver(name: str, pool: Pool, whole: Scope, target: Ratio) -> Giver:
    most = max(ZERO, whole.wallet - (pool.order_margin or ZERO))
    coins = _largest(lambda coins: _worst(_with(whole, -coins), target) <= 0, most)
    return Giver(name=name, coins=coins, order_margin=pool.order_margin)


def _largest(holds: Callable[[Coin], bool], most: Coin) -> Coin:
    """Return the largest amount up to *most* for which *holds*, which is true up to some amount and false beyond."""
    if holds(most):
        return most
    low, high = ZERO, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _evened(giver: Giver, source: Scope, taker: str, weak: Scope, target: Ratio) -> Transfer:
    def is_behind(coins: Coin) -> bool:
        return _distance(_with(weak, coins)) <= _distance(_with(source, -coins))

    coins = _largest(is_behind, giver.coins)
    if _distance(_with(source, -coins)) == INFINITY:
        coins = min(coins, top_up(weak, target))
    ends = _distance(_with(source, -coins)), _distance(_with(weak, coins))
    return Transfer(
        giver=giver,
        taker=taker,
        coins=coins,
        giver_distance=_finite(ends[0]),
        taker_distance=_finite(ends[1]),
        is_even=INFINITY not in ends and abs(ends[0] - ends[1]) <= EVEN,
    )


def _finite(distance: Ratio) -> Ratio | None:
    return None if distance == INFINITY else distance


def _gifts(givers: Iterable[Giver], needed: Coin) -> tuple[tuple[Giver, ...], Coin]:
    """Return who gives how many, and how many are missing."""
    gifts, left = [], needed
    for giver in sorted(givers, key=lambda g: g.coins, reverse=True):
        coins = min(left, giver.coins)
        left -= coins
        gifts.append(replace(giver, coins=coins))
    return tuple(gift for gift in gifts if gift.coins), left
