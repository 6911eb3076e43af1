"""What is worth knowing of a pool beyond its distance: stress, the way to liquidation, rescue, funding, and what is hedged.

Dearer than `assessment`, and wanted when somebody looks, not at every poll.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from monitor.core.account import Pool, PoolMode
from monitor.core.exposure import SyntheticDollar, adverse_leverage, exposure, is_inverse_on, synthetic_dollar
from monitor.core.feedback import Feedback, feedback
from monitor.core.funding import DAY, Spread, cost, days_until, rate_over, spread
from monitor.core.margin import scope
from monitor.core.number import Coin, Quote, Ratio
from monitor.core.rescue import Closing, Silo, Transfer, contracts_to_close, silo, transfer
from monitor.core.risk import AccountRisk, PoolRisk, Status
from monitor.core.stress import CoinStress, Stress, coin_stress, stress

ADVERSE_MOVE = Decimal("0.1")
PRECISION = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolDetail:
    """More of one pool; whatever cannot be computed is None.

    ``linear_distance``: buffer per coin of notional, ``buffer / coin_value`` of the cross positions: the part of the position's
    own value that it can lose in coin. ``adverse_leverage``: after 10 % against it. ``closing``: what to close to reach the
    target distance. ``funding_per_day``: of all cross positions together in the pool's unit, negative where it earns;
    ``days_to_danger``: until funding alone brings the pool within ``danger``, a ratio of mark.
    """

    linear_distance: Ratio | None
    buffer_usd: Quote | None
    adverse_leverage: Ratio | None
    synthetic_dollar: SyntheticDollar | None
    closing: Closing | None
    funding_per_day: Coin | None
    days_to_danger: Decimal | None
    stress: tuple[Stress, ...]
    feedback: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinDetail:
    """One coin across accounts.

    ``spread``: of its funding by venue; ``transfer`` and ``silo``: what could move to the weakest. ``unknown``: accounts whose
    pool of the coin is unassessed or of unknown exposure, so that all of it is without them, save a count in ``stress``.
    """

    coin: str
    stress: tuple[CoinStress, ...]
    spread: Spread | None
    transfer: Transfer | None
    silo: Silo | None
    unknown: tuple[str, ...]


def pool_detail(risk: PoolRisk, target: Ratio, danger: Ratio) -> PoolDetail:
    """Return more of one pool, of which nothing is computed where it is unassessed."""
    with localcontext(prec=PRECISION):
        return _detail(risk, target, danger) if risk.margin.status is not Status.UNASSESSED else NOTHING


def pool_stress(risk: PoolRisk, shocks: Iterable[Ratio]) -> tuple[Stress, ...]:
    """Return one pool after each of *shocks* (see `stress`), of which there is nothing where it is unassessed."""
    if risk.margin.status is Status.UNASSESSED:
        return ()
    with localcontext(prec=PRECISION):
        return stress(risk.pool, shocks) or ()


def coin_details(risks: Iterable[AccountRisk], target: Ratio) -> tuple[CoinDetail, ...]:
    """Return each coin of several accounts, those of one name in one account's pools together."""
    held = _by_coin(risks)
    with localcontext(prec=PRECISION):
        coins = (_coin(coin, pools, target) for coin, pools in sorted(held.items()))
        return tuple(each for each in coins if len(each.unknown) < len(held[each.coin]))


NOTHING = PoolDetail(
    linear_distance=None,
    buffer_usd=None,
    adverse_leverage=None,
    synthetic_dollar=None,
    closing=None,
    funding_per_day=None,
    days_to_danger=None,
    stress=(),
    feedback=(),
)


def _detail(risk: PoolRisk, target: Ratio, danger: Ratio) -> PoolDetail:
    seen, buffer, mark = exposure(risk.pool), risk.margin.buffer, risk.mark_price
    value = sum((risk.pool.in_own_unit(p, p.coin_value) for p in risk.pool.cross), Decimal(0))
    per_day = _funding_per_day(risk.pool)
    return PoolDetail(
        linear_distance=buffer / value if buffer is not None and value else None,
        buffer_usd=buffer * mark if buffer is not None and mark is not None else None,
        adverse_leverage=adverse_leverage(seen, ADVERSE_MOVE) if seen and risk.pool.positions else None,
        synthetic_dollar=synthetic_dollar(seen) if seen else None,
        closing=contracts_to_close(risk.pool, target),
        funding_per_day=per_day,
        days_to_danger=_days(risk, per_day, danger),
        stress=stress(risk.pool) or (),
        feedback=feedback(risk.pool) or (),
    )


def _funding_per_day(pool: Pool) -> Coin | None:
    costs = [(p, cost(p, DAY)) for p in pool.cross]
    known = [pool.in_own_unit(p, coins) for p, coins in costs if coins is not None]
    return sum(known, Decimal(0)) if costs and len(known) == len(costs) else None


def _days(risk: PoolRisk, per_day: Coin | None, danger: Ratio) -> Decimal | None:
    if risk.mark_price is None or not risk.pool.cross:
        return None
    return days_until(scope(risk.pool.wallet_balance, risk.pool.cross, risk.mark_price), per_day, danger)


def _by_coin(risks: Iterable[AccountRisk]) -> Mapping[str, tuple[tuple[AccountRisk, PoolRisk], ...]]:
    found: dict[str, tuple[tuple[AccountRisk, PoolRisk], ...]] = {}
    for risk in risks:
        for pool in risk.pools:
            found[pool.pool.coin] = (*found.get(pool.pool.coin, ()), (risk, pool))
    return found


def _coin(coin: str, held: tuple[tuple[AccountRisk, PoolRisk], ...], target: Ratio) -> CoinDetail:
    pools = tuple(each for each in held if _adds_up(each[1]))
    others = sum(_scopes(pool.pool) for _, pool in held if not _adds_up(pool))
    by_account = {risk.account.name: pool.pool for risk, pool in pools}
    tables = [table for _, pool in pools if (table := stress(pool.pool))]
    return CoinDetail(
        coin=coin,
        stress=coin_stress(tables, others) if tables else (),
        spread=spread(_daily_rates(pools)),
        transfer=transfer(by_account, target),
        silo=silo(by_account, target),
        unknown=tuple(risk.account.name for risk, _ in held if risk.account.name not in by_account),
    )


def _adds_up(risk: PoolRisk) -> bool:
    """Whether a pool can be in a coin's sums: it is assessed, and the exposure of one that its coin alone backs is known."""
    is_known = risk.delta is not None or risk.pool.mode is not PoolMode.COIN
    return is_known and risk.margin.status is not Status.UNASSESSED


def _scopes(pool: Pool) -> int:
    return len(pool.isolated) + bool(pool.cross)


def _daily_rates(pools: Iterable[tuple[AccountRisk, PoolRisk]]) -> Mapping[str, Ratio]:
    """Return the rate of the coin's own perpetual at each venue that tells it; dollars, which back several coins, have none."""
    return {
        risk.account.venue: daily
        for risk, pool in pools
        for position in pool.pool.positions
        if position.is_perpetual and is_inverse_on(pool.pool.coin, position)
        if (daily := rate_over(position.funding, DAY)) is not None
    }
