"""Each key of each private answer gets lost once, and is null and empty once: no figure is quietly another one for it.

A look then fails, leaves its pool unassessed, or finds what it found before; what else a venue tells may become unknown.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from monitor.core.account import Account
from monitor.core.assessment import assess
from monitor.core.contract import Side
from monitor.core.risk import Status
from monitor.demo.exchange import SIMULATED
from monitor.demo.portfolio import Portfolio
from monitor.demo.venue import SimulatedVenue
from monitor.ports import VenueError
from tests.demo.direct import Change, Desk
from tests.demo.matrix import PAGED, holdings
from tests.demo.worlds import holding, resident, venue

Way = tuple[str | int, ...]
"""From an answer's top to a part of it: keys, and numbers in lists."""

SAYS_SO = (("bybit", "result/nextPageCursor ''"), ("htx", "liquidation_price None"))
"""By venue, the ends of losses that are words of its own: this is the last page, and no price liquidates."""

ROWS = 4
"""Of a longer list so many rows and the last one: a thousandth row loses nothing that these did not."""


def losses(node: Any) -> Iterator[tuple[str, Change]]:
    """What can become of each key of an answer: a name for it, and what does it to the same answer again."""
    for way in keys_of(node):
        name = "/".join(map(str, way))
        yield f"{name} lost", partial(lose, way)
        for value in (None, ""):
            yield f"{name} {value!r}", partial(put, way, value)


def lose(way: Way, answer: Any) -> None:
    inner(answer, way[:-1]).pop(way[-1])


def put(way: Way, value: object, answer: Any) -> None:
    inner(answer, way[:-1])[way[-1]] = value


def keys_of(node: Any, *above: str | int) -> Iterator[Way]:
    if isinstance(node, list):
        for number in {*range(min(ROWS, len(node))), *range(len(node))[-1:]}:
            yield from keys_of(node[number], *above, number)
    elif isinstance(node, dict):
        for key, part in node.items():
            yield (*above, key)
            yield from keys_of(part, *above, key)


def inner(node: Any, way: Way) -> Any:
    for step in way:
        node = node[step]
    return node


def changes(before: object, after: object, place: str = "") -> Iterator[str]:
    """Where two readings differ by more than that something is no longer known, or bars a pool."""
    if before == after or after is None or (place.endswith(".obstacle") and after):
        return
    if is_dataclass(before) and type(before) is type(after):
        for each in fields(before):
            yield from changes(getattr(before, each.name), getattr(after, each.name), f"{place}.{each.name}")
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, f"{place}[{number}]")
    else:
        yield f"{place} was {before} and is {after}"


def distances(account: Account) -> list[Any]:
    """How far each scope of an account is from liquidation, and whether it could be assessed."""
    pools = assess(account, age=timedelta(0), target_distance=Decimal("0.3")).pools
    margins = [margin for pool in pools for margin in (pool.margin, *(risk.margin for risk in pool.positions if risk.margin))]
    return [(margin.status, margin.distance) for margin in margins]


def quietly_other(before: Account, after: Account) -> list[str]:
    """What a reading tells that is neither as before nor unknown."""
    if found := [*changes(before.pools, after.pools)]:
        return found
    pairs = zip(distances(before), distances(after), strict=True)
    return [f"{one} became {other}" for one, other in pairs if one != other and other[0] is not Status.UNASSESSED]


def portfolios(kind: type[SimulatedVenue]) -> Iterator[Portfolio]:
    wallets: dict[str, Decimal] = {coin: Decimal(20) for coin in ("BTC", "ETH") if coin in kind.coins}
    yield Portfolio(wallets=wallets, holdings=tuple(holdings(kind)))
    if kind.has_hedge_mode:
        short = holding(side=Side.SHORT, notional=Decimal(60_000))
        yield Portfolio(wallets=wallets, hedge_mode=True, holdings=(holding(entry_price=Decimal(45_000)), short))


async def trials(simulated: SimulatedVenue) -> list[str]:
    """What a look at an account makes of each loss, where that is wrong."""
    desk, wrong = Desk(simulated), []
    truth = await desk.account().look()
    assert truth.positions
    for loss in desk.losses(losses):
        with suppress(VenueError):
            wrong += [f"{loss}: {each}" for each in quietly_other(truth, await desk.account().look())]
    return [each for each in wrong if not any(simulated.id == name and f"{end}:" in each for name, end in SAYS_SO)]


@pytest.mark.parametrize("kind", SIMULATED)
async def test_no_figure_is_quietly_another_one_for_a_key_that_is_lost(kind: type[SimulatedVenue]) -> None:
    for portfolio in portfolios(kind):
        simulated = venue(kind, resident(portfolio))
        assert await trials(simulated) == []
    if kind.id in PAGED:
        simulated.longest_page = 1
        assert await trials(simulated) == []


@pytest.mark.parametrize("kind", SIMULATED)
@pytest.mark.parametrize(("may_trade", "may_withdraw"), [(True, False), (False, True)])
async def test_no_right_of_a_key_is_denied_for_a_word_that_is_lost(
    kind: type[SimulatedVenue], *, may_trade: bool, may_withdraw: bool
) -> None:
    desk, denied = Desk(venue(kind, resident(may_trade=may_trade, may_withdraw=may_withdraw))), []
    truth = await desk.account().examine()
    for loss in desk.losses(losses):
        with suppress(VenueError):
            seen = await desk.account().examine()
            if (truth.may_trade and seen.may_trade is False) or (truth.may_withdraw and seen.may_withdraw is False):
                denied.append(loss)
    assert denied == []
