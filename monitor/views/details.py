"""What `assess` and `what-if` print below their table, at most 100 columns wide: each pool in full, then each coin."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from monitor.core.account import PoolMode
from monitor.core.detail import CoinDetail, PoolDetail
from monitor.core.feedback import Feedback, Step
from monitor.core.funding import share_of_buffer
from monitor.core.liquidity import ExitCost, share_of_open_interest
from monitor.core.number import Quote, Ratio
from monitor.core.portfolio import Portfolio, VenueLoss
from monitor.core.rescue import Silo, Transfer
from monitor.core.risk import AccountRisk, PoolRisk, PositionRisk
from monitor.core.rules.words import coin_text, enough_text, percent, price_text, spoken
from monitor.core.stress import CoinStress, Stress
from monitor.views.fitted import Fitted
from monitor.views.words import times_text

INDENT = (0, 0, 0, 2)


def details(
    risks: Iterable[AccountRisk],
    pools: Iterable[Iterable[PoolDetail]],
    coins: Iterable[CoinDetail],
    whole: Portfolio,
    danger: Ratio,
) -> RenderableType:
    """Return a section for each pool with positions, one for each coin that several pools share, and one for all accounts."""
    several = tuple(risks)
    found = [
        (risk, pool, detail)
        for risk, of in zip(several, pools, strict=True)
        for pool, detail in zip(risk.pools, of, strict=True)
        if pool.pool.positions
    ]
    held = Counter(pool.pool.coin for _, pool, _ in found)
    shared = [coin for coin in coins if held[coin.coin] > 1 or coin.silo or coin.transfer]
    return Group(
        *(part for risk, pool, detail in found for part in _pool(risk, pool, detail, danger)),
        *(part for coin in shared for part in _coin(coin)),
        *(_whole(whole) if len(several) > 1 else ()),
    )


def _whole(whole: Portfolio) -> Iterator[RenderableType]:
    yield Text("\nall accounts", style="bold")
    for loss in whole.venue_losses:
        yield Padding(Text(f"without {loss.venue}: {loss.equity:,.0f} dollars less{_hedges(loss)}"), INDENT)
    if whole.risk_shares:
        shares = (f"{account} {coin} {percent(share)}" for (account, coin), share in whole.risk_shares.items())
        yield Padding(Text(f"of what one move of all coins wins or loses: {', '.join(shares)}"), INDENT)


def _hedges(loss: VenueLoss) -> str:
    left = (f"exposed to {coin_text(each.delta)} {each.coin}{_to_trade(each.hedge)}" for each in loss.hedges)
    return "".join(f", {each}" for each in left)


def _to_trade(hedge: Quote | None) -> str:
    if hedge is None or round(hedge) == 0:
        return ""
    return f" ({'buy' if hedge > 0 else 'sell'} {abs(hedge):,.0f} dollars to be as before)"


def _pool(risk: AccountRisk, pool: PoolRisk, detail: PoolDetail, danger: Ratio) -> Iterator[RenderableType]:
    yield Text(f"\n{risk.account.name} {pool.pool.coin}", style="bold")
    for line in _lines(pool, detail, danger):
        yield Padding(Text(line), INDENT)
    if detail.stress:
        yield Padding(Fitted(_stress_table(detail.stress)), INDENT)
    for way in detail.feedback:
        yield from _way(way)


def _lines(pool: PoolRisk, detail: PoolDetail, danger: Ratio) -> Iterator[str]:
    yield from _buffer(pool, detail)
    yield from _rescue(pool, detail)
    yield from _funding(pool, detail, danger)
    if dollar := detail.synthetic_dollar:
        rest = f"{coin_text(dollar.residual)} {pool.pool.coin} are not hedged"
        yield f"a synthetic dollar: {dollar.dollars:,.0f} dollars at every price; {rest}"
    for each in pool.positions:
        yield from _position(pool, each)


def _buffer(pool: PoolRisk, detail: PoolDetail) -> Iterator[str]:
    buffer = pool.margin.buffer
    if buffer is not None and detail.buffer_usd is not None:
        share = f", {percent(detail.linear_distance)} of the position's value in coin" if detail.linear_distance else ""
        yield f"buffer {coin_text(buffer)} {pool.pool.coin} ({detail.buffer_usd:,.0f} dollars){share}"
    if pool.leverage is not None:
        worse = "none left" if detail.adverse_leverage is None else times_text(detail.adverse_leverage)
        yield f"leverage {times_text(pool.leverage)}, {worse} after 10 % against it"
    if pool.hedge_to_neutral_contracts is not None and round(pool.hedge_to_neutral_contracts):
        sell = pool.hedge_to_neutral_contracts < 0
        yield f"{'sell' if sell else 'buy'} {abs(pool.hedge_to_neutral_contracts):,.0f} contracts of the perpetual to be neutral"


def _rescue(pool: PoolRisk, detail: PoolDetail) -> Iterator[str]:
    add = pool.margin.top_up
    if add is None or not add.coin:
        return
    close = detail.closing
    or_close = (
        f", or close {close.contracts:,f} contracts of {close.position.symbol} {close.position.side}"
        if close
        else ", closing no single leg can do it"
        if pool.pool.mode is PoolMode.COIN
        else ""
    )
    yield f"to be {percent(add.to_distance)} away: add {enough_text(add.coin)} {pool.pool.coin}{or_close}"


def _funding(pool: PoolRisk, detail: PoolDetail, danger: Ratio) -> Iterator[str]:
    coins = detail.funding_per_day
    if not coins:
        return
    share = share_of_buffer(abs(coins), pool.margin.buffer)
    does = "takes" if coins > 0 else "brings"
    days = detail.days_to_danger
    alone = "" if days is None else f"; it alone brings it within {percent(danger)} in {spoken(float(days) * timedelta(days=1))}"
    yield f"funding {does} {coin_text(abs(coins))} {pool.pool.coin} a day, {percent(share)} of the buffer{alone}"


def _position(pool: PoolRisk, risk: PositionRisk) -> Iterator[str]:
    name = f"{risk.position.symbol} {risk.position.side}"
    if risk.exit_cost:
        yield f"leaving {name}: {_leaving(pool, risk, risk.exit_cost)}"
    if (basis := risk.position.basis_ratio) is not None:
        yield f"{name}: mark {100 * basis:+.2f} % from its index"
    if (share := share_of_open_interest(risk.position)) is not None:
        yield f"{name}: {percent(share)} of all that is open"


def _leaving(pool: PoolRisk, risk: PositionRisk, cost: ExitCost) -> str:
    if cost.average_price is None:
        return "the book has no price for any of it"
    known = f"{coin_text(cost.slippage)} and an unknown fee" if cost.cost is None else coin_text(cost.cost)
    share, coin = percent(cost.share_of(pool.buffer_of(risk))), pool.pool.settle_of(risk.position)
    short = "" if cost.is_complete else f"; no price for {cost.shortfall:,f} contracts"
    return f"{known} {coin}, {share} of the buffer, at {price_text(cost.average_price)} on average{short}"


def _table(*columns: str) -> Table:
    drawn = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in columns:
        drawn.add_column(column, justify="right", no_wrap=True)
    return drawn


def _stress_table(rows: Iterable[Stress]) -> Table:
    drawn = _table("move", "price", "equity", "dollars", "if linear", "leverage", "distance", "liquidated")
    for row in rows:
        distance = row.cross.distance if row.cross else None
        drawn.add_row(
            f"{100 * row.shock:+.0f} %",
            price_text(row.price),
            coin_text(row.equity),
            f"{row.equity_usd:,.0f}",
            f"{row.linear_equity:,.0f}",
            _leverage(row.leverage),
            "none" if distance is None else percent(distance),
            _liquidated(row),
            style="red" if row.liquidated else "",
        )
    return drawn


def _liquidated(row: Stress | CoinStress) -> str:
    counts = str(row.liquidated) if row.liquidated else "", f"{row.unknown} unknown" if row.unknown else ""
    return ", ".join(filter(None, counts)) or "-"


def _way(way: Feedback) -> Iterator[RenderableType]:
    name = f"{way.position.symbol} {way.position.side} isolated, " if way.position else ""
    for direction, steps in (("down", way.below), ("up", way.above)):
        if steps:
            yield Padding(Text(f"{name}the way {direction} to liquidation", style="dim"), INDENT)
            yield Padding(Fitted(_steps_table(steps)), INDENT)


def _steps_table(steps: Iterable[Step]) -> Table:
    drawn = _table("price", "value", "leverage", "distance", "maintenance", "tiers")
    for step in steps:
        drawn.add_row(
            price_text(step.price),
            coin_text(step.coin_value),
            _leverage(step.leverage),
            "none" if step.distance is None else percent(step.distance),
            coin_text(step.maintenance_margin),
            " ".join(map(str, step.tiers)),
        )
    return drawn


def _coin(detail: CoinDetail) -> Iterator[RenderableType]:
    yield Text(f"\nall {detail.coin}", style="bold")
    for line in _coin_lines(detail):
        yield Padding(Text(line), INDENT)
    if detail.stress:
        yield Padding(Fitted(_sums_table(detail.stress)), INDENT)


def _coin_lines(detail: CoinDetail) -> Iterator[str]:
    if detail.unknown:
        yield f"without {', '.join(detail.unknown)}, which cannot be assessed"
    if spread := detail.spread:
        earns = f"{100 * spread.daily:.3f} % a day"
        yield f"funding: long at {spread.long_at} and short at {spread.short_at} earns {earns} of the value"
    if detail.transfer:
        yield _worded_transfer(detail.coin, detail.transfer)
    if detail.silo:
        yield _worded_silo(detail.coin, detail.silo)


def _worded_transfer(coin: str, move: Transfer) -> str:
    there = "" if move.taker_distance is None else f", which is then {percent(move.taker_distance)} away"
    held = "" if move.giver.order_margin is not None else "; what its orders hold back is not known"
    return f"{coin_text(move.coins)} {coin} can move from {move.giver.name} to {move.taker}{there}{held}"


def _worded_silo(coin: str, silo: Silo) -> str:
    gifts = ", ".join(f"{coin_text(gift.coins)} from {gift.name}" for gift in silo.gifts) or "nobody can give any"
    enough = "" if silo.is_enough or not silo.gifts else ", which is not enough"
    return f"{silo.taker} needs {enough_text(silo.needed)} {coin}: {gifts}{enough}"


def _sums_table(rows: Iterable[CoinStress]) -> Table:
    drawn = _table("move", "equity", "dollars", "if linear", "leverage", "liquidated")
    for row in rows:
        drawn.add_row(
            f"{100 * row.shock:+.0f} %",
            coin_text(row.equity),
            f"{row.equity_usd:,.0f}",
            f"{row.linear_equity:,.0f}",
            _leverage(row.leverage),
            _liquidated(row),
            style="red" if row.liquidated else "",
        )
    return drawn


def _leverage(leverage: Ratio | None) -> str:
    return "no equity" if leverage is None else times_text(leverage)
