"""More of a pool, a coin and a portfolio as JSON: what `assess` and `what-if` add to the risk (design 5.3)."""

from collections.abc import Iterable, Mapping

from monitor.core.course import ScopeStress
from monitor.core.detail import CoinDetail, PoolDetail
from monitor.core.feedback import Feedback, Step
from monitor.core.funding import Spread
from monitor.core.liquidity import ExitCost, share_of_open_interest
from monitor.core.number import Coin
from monitor.core.portfolio import Portfolio, VenueLoss
from monitor.core.rescue import Closing, Silo, Transfer
from monitor.core.risk import AccountRisk, PoolRisk
from monitor.core.stress import CoinStress, Stress
from monitor.core.subject import position_subjects
from monitor.wire.figures import PORTFOLIO, RISK, Json, head, number, pool_json, position_json, sums_json


def detailed_risk_json(risk: AccountRisk, details: Iterable[PoolDetail]) -> Json:
    """Return the risk of one account with a detail for each of its pools."""
    pairs = zip(risk.pools, details, strict=True)
    return {"schema": RISK, **head(risk), "pools": [_detailed_pool(pool, detail) for pool, detail in pairs]}


def detailed_portfolio_json(
    risks: Iterable[AccountRisk], details: Iterable[Iterable[PoolDetail]], coins: Iterable[CoinDetail], whole: Portfolio
) -> Json:
    """Return several accounts, their sums, and what they could do for each other."""
    more = {each.coin: coin_detail_json(each) for each in coins}
    sums = {**sums_json(whole), **losses_json(whole), "across": list(more.values())}
    accounts = [detailed_risk_json(risk, of) for risk, of in zip(risks, details, strict=True)]
    return {"schema": PORTFOLIO, "accounts": accounts, "portfolio": sums}


def _detailed_pool(risk: PoolRisk, detail: PoolDetail) -> Json:
    more = zip(risk.positions, position_detail_json(risk), strict=True)
    positions = [{**position_json(position, risk.pool), **extra} for position, extra in more]
    return {**pool_json(risk, with_positions=False), **pool_detail_json(risk, detail), "positions": positions}


def pool_detail_json(risk: PoolRisk, detail: PoolDetail) -> Json:
    """Return what is added to a pool."""
    subjects = position_subjects(each.position for each in risk.positions)
    return {
        "linear_distance": number(detail.linear_distance),
        "buffer_usd": number(detail.buffer_usd),
        "adverse_leverage": number(detail.adverse_leverage),
        "approach_speed": risk.approach_speed,
        "time_to_liquidation_seconds": risk.time_to_liquidation and risk.time_to_liquidation.total_seconds(),
        "synthetic_dollar": detail.synthetic_dollar
        and {
            "dollars": number(detail.synthetic_dollar.dollars),
            "residual": number(detail.synthetic_dollar.residual),
            "residual_usd": number(detail.synthetic_dollar.residual_usd),
            "hedge_ratio": number(detail.synthetic_dollar.hedge_ratio),
        },
        "close": detail.closing and _closing(detail.closing),
        "funding_per_day": number(detail.funding_per_day),
        "days_to_danger": number(detail.days_to_danger),
        "stress": [_stress(row, subjects) for row in detail.stress],
        "feedback": [_feedback(way, subjects) for way in detail.feedback],
    }


def position_detail_json(risk: PoolRisk) -> list[Json]:
    """Return what is added to each position of a pool, in order."""
    return [
        {
            "basis": number(each.position.basis_ratio),
            "open_interest_share": number(share_of_open_interest(each.position)),
            "exit": each.exit_cost and _exit(each.exit_cost, risk.buffer_of(each)),
        }
        for each in risk.positions
    ]


def coin_detail_json(detail: CoinDetail) -> Json:
    """Return one coin across accounts."""
    return {
        "coin": detail.coin,
        "stress": [_coin_stress(row) for row in detail.stress],
        "funding_spread": detail.spread and _spread(detail.spread),
        "transfer": detail.transfer and _transfer(detail.transfer),
        "silo": detail.silo and _silo(detail.silo),
        "unknown": list(detail.unknown),
    }


def losses_json(whole: Portfolio) -> Json:
    """Return what is lost with each venue, and each pool's share of the risk."""
    return {
        "venue_losses": [_loss(loss) for loss in whole.venue_losses],
        "risk_shares": [
            {"account": account, "coin": coin, "share": number(share)} for (account, coin), share in whole.risk_shares.items()
        ],
    }


Subjects = Mapping[tuple[str, str, str, str], str]


def _stress(row: Stress, subjects: Subjects) -> Json:
    return {
        "shock": number(row.shock),
        "price": number(row.price),
        "equity": number(row.equity),
        "equity_usd": number(row.equity_usd),
        "linear_equity_usd": number(row.linear_equity),
        "leverage": number(row.leverage),
        "liquidated": row.liquidated,
        "unknown": row.unknown,
        "cross": row.cross and _scope(row.cross),
        "isolated": {subjects[each.position.identity]: _scope(each) for each in row.isolated if each.position},
    }


def _scope(scope: ScopeStress) -> Json:
    return {"outcome": scope.outcome.value, "equity": number(scope.equity), "distance": number(scope.distance)}


def _coin_stress(row: CoinStress) -> Json:
    return {
        "shock": number(row.shock),
        "equity": number(row.equity),
        "equity_usd": number(row.equity_usd),
        "linear_equity_usd": number(row.linear_equity),
        "leverage": number(row.leverage),
        "liquidated": row.liquidated,
        "unknown": row.unknown,
    }


def _feedback(way: Feedback, subjects: Subjects) -> Json:
    return {
        "position": way.position and subjects[way.position.identity],
        "below": _steps(way.below),
        "above": _steps(way.above),
    }


def _steps(steps: Iterable[Step]) -> list[Json]:
    return [
        {
            "price": number(step.price),
            "coin_value": number(step.coin_value),
            "leverage": number(step.leverage),
            "distance": number(step.distance),
            "maintenance_margin": number(step.maintenance_margin),
            "tiers": list(step.tiers),
        }
        for step in steps
    ]


def _closing(closing: Closing) -> Json:
    return {
        "symbol": closing.position.symbol,
        "side": closing.position.side.value,
        "contracts": number(closing.contracts),
    }


def _exit(cost: ExitCost, buffer: Coin | None) -> Json:
    return {
        "contracts": number(cost.contracts),
        "shortfall": number(cost.shortfall),
        "average_price": number(cost.average_price),
        "last_price": number(cost.last_price),
        "slippage": number(cost.slippage),
        "fee": number(cost.fee),
        "cost": number(cost.cost),
        "share_of_buffer": number(cost.share_of(buffer)),
    }


def _spread(spread: Spread) -> Json:
    return {"long_at": spread.long_at, "short_at": spread.short_at, "daily": number(spread.daily)}


def _transfer(move: Transfer) -> Json:
    return {
        "from": move.giver.name,
        "to": move.taker,
        "coins": number(move.coins),
        "order_margin": number(move.giver.order_margin),
        "from_distance": number(move.giver_distance),
        "to_distance": number(move.taker_distance),
        "is_even": move.is_even,
    }


def _silo(silo: Silo) -> Json:
    return {
        "to": silo.taker,
        "needed": number(silo.needed),
        "gifts": [{"from": gift.name, "coins": number(gift.coins)} for gift in silo.gifts],
        "is_enough": silo.is_enough,
    }


def _loss(loss: VenueLoss) -> Json:
    hedges = [{"coin": each.coin, "delta": number(each.delta), "hedge_usd": number(each.hedge)} for each in loss.hedges]
    return {"venue": loss.venue, "equity_usd": number(loss.equity), "hedges": hedges}
