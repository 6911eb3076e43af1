"""What would be: an account after a change.

A change is a function from Account to Account. What the venue had said about the margin before it is then not known any more,
except the venue's coin values, which guard against misread units: they move along.

Source: realised profit and the unchanged entry price: every venue's contract specification; seen 2026-11.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from monitor.core.account import Account, Collateral, Kind, Pool, PoolMode, Position
from monitor.core.contract import Side
from monitor.core.exposure import is_inverse_on, reference
from monitor.core.number import ONE, ZERO, Coin, Price, Ratio


class ScenarioError(ValueError):
    """A change that cannot be made; the text is a sentence for the user."""


class NotHeldError(ScenarioError):
    """The account holds nothing that the change is about."""


def shocked(account: Account, ratio: Ratio, coin: str | None = None) -> Account:
    """Return *account* after the prices of *coin* moved by *ratio* (-0.3: 30 % down): marks and indices of all its contracts.

    Without *coin* all move: coins of a multi_coin pool by their beta, as in its joint shock. Entry prices and wallets stay.

    Raises:
        NotHeldError: no contract and no collateral is on *coin*.
        ScenarioError: a price would not stay positive.

    """
    if coin is not None and _price(account, coin) is None:
        raise NotHeldError(f"{account.name} holds no contract on {coin}, so no price of {coin} can move it")
    return _moved(account, lambda pool, of, price: price * (ONE + ratio * _share(pool, of, coin)))


def priced(account: Account, coin: str, price: Price) -> Account:
    """Return *account* with the mark of *coin*'s reference contract at *price*; its other contracts keep their ratio to it.

    Raises:
        NotHeldError: no contract and no collateral is on *coin*.
        ScenarioError: *price* is not positive.

    """
    now = _price(account, coin)
    if now is None:
        raise NotHeldError(f"{account.name} holds no contract on {coin}, so no price of {coin} can move it")
    return _moved(account, lambda _, of, before: price * (before / now) if of == coin else before)


def added(account: Account, coin: str, coins: Coin) -> Account:
    """Return *account* with *coins* more in the pool that *coin* backs (less where negative); isolated margins stay.

    Raises:
        NotHeldError: no pool is backed by *coin*.

    """
    own = [p for p in account.pools if p.coin == coin and p.mode is not PoolMode.MULTI_COIN]
    into = next(iter(own or [p for p in account.pools if any(row.coin == coin for row in p.collateral)]), None)
    if into is None:
        raise NotHeldError(f"{account.name} has no pool of {coin} to add {coin} to")
    return _with_pools(account, lambda pool: _paid(pool, coin, coins) if pool is into else pool)


def reduced(account: Account, symbol: str, contracts: Ratio, side: Side | None = None, fee_rate: Ratio = ZERO) -> Account:
    """Return *account* after *contracts* of *symbol* were closed at mark, which realises their profit into the wallet.

    ``sign * q * (1 / entry - 1 / mark)``; the entry price stays. A fee of *fee_rate* on the value closed is paid. Cross positions
    are closed first; an isolated one frees its share of its margin too, so that the rest stays as far from liquidation as it
    was.

    Raises:
        NotHeldError: no such position.
        ScenarioError: more than is held, nothing to close, or both sides are held and *side* does not say which.

    """
    held = sorted((p for p in account.positions if p.symbol == symbol and side in (None, p.side)), key=lambda p: p.is_isolated)
    if not held:
        raise NotHeldError(f"{account.name} holds no {symbol}{f' {side}' if side else ''}")
    if len({p.side for p in held}) > 1:
        raise ScenarioError(f"{account.name} holds {symbol} long and short; say which is to be closed, {symbol}:long or :short")
    total = sum((p.contracts for p in held), ZERO)
    if not 0 < contracts <= total:
        raise ScenarioError(f"{account.name} holds {total} contracts of {symbol}, of which {contracts} cannot be closed")
    cuts = _cuts(held, contracts)
    return _with_pools(account, lambda pool: _cut(pool, cuts, fee_rate))


def everywhere(accounts: Sequence[Account], change: Callable[[Account], Account]) -> tuple[Account, ...]:
    """Return *accounts* with *change* made to each one that holds what it is about: a price moves for all of them.

    Raises:
        NotHeldError: none of them does.
        ScenarioError: as *change*.

    """
    results = [_tried(account, change) for account in accounts]
    refusals = [result for result in results if isinstance(result, NotHeldError)]
    if refusals and len(refusals) == len(results):
        raise refusals[0]
    return tuple(after if isinstance(after, Account) else before for before, after in zip(accounts, results, strict=True))


def in_one(accounts: Sequence[Account], change: Callable[[Account], Account]) -> tuple[Account, ...]:
    """Return *accounts* with *change* made to the only one that holds what it is about: coins and contracts are somebody's.

    Raises:
        NotHeldError: none of them does.
        ScenarioError: several do, or as *change*.

    """
    results = everywhere(accounts, change)
    holders = [before.name for before, after in zip(accounts, results, strict=True) if after is not before]
    if len(holders) > 1:
        raise ScenarioError(f"{', '.join(holders)} all hold this; say which account is meant")
    return results


Move = Callable[[Pool, str, Price], Price]
"""From a pool, the coin that a price is of, and the price, to the new price."""


def _moved(account: Account, move: Move) -> Account:
    def after(pool: Pool) -> Pool:
        positions = tuple(_at(p, partial(move, pool, _underlying(pool, p))) for p in pool.positions)
        rows = tuple(replace(row, price=_positive(row.coin, move(pool, row.coin, row.price))) for row in pool.collateral)
        is_same = positions == pool.positions and rows == pool.collateral
        return pool if is_same else _changed(_backed(replace(pool, positions=positions), rows))

    return _with_pools(account, after)


def _at(position: Position, move: Callable[[Price], Price]) -> Position:
    mark = _positive(position.symbol, move(position.mark_price))
    growth = mark / position.mark_price
    said = position.venue_coin_value
    grown = None if said is None else said * growth if position.kind is Kind.LINEAR else said / growth
    index = None if position.index_price is None else move(position.index_price)
    return replace(position, mark_price=mark, index_price=index, venue_coin_value=grown)


def _positive(of: str, price: Price) -> Price:
    if price <= 0:
        raise ScenarioError(f"the price of {of} would be {price}, but a price is above zero")
    return price


def _share(pool: Pool, of: str, coin: str | None) -> Ratio:
    if coin is not None:
        return ONE if of == coin else ZERO
    return next((row.beta for row in pool.collateral if row.coin == of), ONE)


def _underlying(pool: Pool, position: Position) -> str:
    is_own = pool.mode is not PoolMode.MULTI_COIN and is_inverse_on(pool.coin, position)
    return pool.coin if is_own else position.symbol.partition("/")[0]


def _price(account: Account, coin: str) -> Price | None:
    legs = tuple(p for pool in account.pools for p in pool.positions if _underlying(pool, p) == coin)
    contract = reference(Pool(coin=coin, wallet_balance=ZERO, positions=legs))
    rows = (row.price for pool in account.pools for row in pool.collateral if row.coin == coin)
    return contract.mark_price if contract else next(rows, None)


def _with_pools(account: Account, change: Callable[[Pool], Pool]) -> Account:
    pools = tuple(map(change, account.pools))
    is_same = all(after is before for after, before in zip(pools, account.pools, strict=True))
    return account if is_same else replace(account, pools=pools)


def _changed(pool: Pool) -> Pool:
    """Forget what the venue said of the pool's margin, which was before the change."""
    positions = tuple(p if p.is_isolated else replace(p, venue_liquidation_price=None) for p in pool.positions)
    return replace(pool, positions=positions, venue_equity=None, venue_maintenance_margin=None, venue_margin_ratio=None)


def _backed(pool: Pool, rows: tuple[Collateral, ...]) -> Pool:
    """Set the collateral; the wallet of a multi_coin pool is its value in dollars."""
    more = sum((row.balance * row.price for row in rows), ZERO) - sum((r.balance * r.price for r in pool.collateral), ZERO)
    return replace(pool, collateral=rows, wallet_balance=pool.wallet_balance + more)


def _paid(pool: Pool, coin: str, coins: Coin) -> Pool:
    if pool.mode is not PoolMode.MULTI_COIN:
        return _changed(replace(pool, wallet_balance=pool.wallet_balance + coins))
    rows = tuple(replace(row, balance=row.balance + coins) if row.coin == coin else row for row in pool.collateral)
    return _changed(_backed(pool, rows))


Cuts = Mapping[tuple[str, str, str, str], Ratio]
"""How many contracts of a position, by its identity, are closed."""


def _cuts(held: Iterable[Position], contracts: Ratio) -> Cuts:
    cuts, left = {}, contracts
    for position in held:
        cuts[position.identity] = min(left, position.contracts)
        left -= cuts[position.identity]
    return {identity: cut for identity, cut in cuts.items() if cut}


def _cut(pool: Pool, cuts: Cuts, fee_rate: Ratio) -> Pool:
    mine = [(p, cuts[p.identity]) for p in pool.positions if p.identity in cuts]
    rest = tuple(_less(p, cuts.get(p.identity, ZERO)) for p in pool.positions if cuts.get(p.identity) != p.contracts)
    after = replace(pool, positions=rest)
    for position, contracts in mine:
        after = _paid(after, position.settle or pool.coin, _freed(position, contracts, fee_rate))
    return after if mine else pool


def _less(position: Position, contracts: Ratio) -> Position:
    left = (position.contracts - contracts) / position.contracts
    margin, said = position.isolated_margin, position.venue_coin_value
    return replace(
        position,
        contracts=position.contracts - contracts,
        isolated_margin=None if margin is None else margin * left,
        venue_coin_value=None if said is None else said * left,
    )


def _freed(position: Position, contracts: Ratio, fee_rate: Ratio) -> Coin:
    margin = position.isolated_margin if position.is_isolated else ZERO
    if margin is None:
        raise ScenarioError(f"the isolated margin of {position.symbol} is not known, so neither is what closing it frees")
    gain = margin + position.unrealized_pnl - fee_rate * position.coin_value
    return gain * contracts / position.contracts


def _tried(account: Account, change: Callable[[Account], Account]) -> Account | NotHeldError:
    try:
        return change(account)
    except NotHeldError as refusal:
        return refusal
