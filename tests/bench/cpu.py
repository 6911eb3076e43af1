"""What a poll costs, against ccxt's unified calls to the same simulated venues."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from tests.bench.figure import Row, milliseconds, spread
from tests.bench.processes import Worker, worker
from tests.bench.world import TWENTY, world

ROUNDS = 9
WARM_UP = 2
INTERVAL = 0.3


async def cpu() -> Sequence[Row]:
    async with world(TWENTY) as lived, worker("ours") as ours, worker("bare") as bare:
        await ours.ask("open", values=lived.values(None), interval=INTERVAL)
        await bare.ask("open", accounts=lived.accounts)
        spent = await _rounds(ours, bare)
    wholes, looks = (_ratios(spent[name], spent["bare"]) for name in ("ours", "look"))
    return [
        Row(
            figure="CPU per account poll, whole cycle against bare unified calls",
            target="<= 0.5 x",
            measured=f"{median(wholes):.2f} x",
            met=median(wholes) <= 0.5,
            remark=f"{spread(wholes)}; {_each(spent, 'ours')}; with {'MQTT' if lived.broker else 'no broker'}",
        ),
        Row(
            figure="the same, reading alone against bare unified calls",
            target="-",
            measured=f"{median(looks):.2f} x",
            met=None,
            remark=f"{spread(looks)}; {_each(spent, 'look')}",
        ),
    ]


Spent = dict[str, dict[str, list[float]]]
"""Who, at which venue: seconds of CPU for a poll, in each round."""


async def _rounds(ours: Worker, bare: Worker) -> Spent:
    turns = [("ours", ours, "poll"), ("look", ours, "look"), ("bare", bare, "poll")]
    spent: Spent = {name: defaultdict(list) for name, _, _ in turns}
    for number in range(ROUNDS + WARM_UP):
        for venue in TWENTY:
            for name, asked, do in turns if number % 2 else reversed(turns):
                said = await asked.ask(do, venue=venue, interval=INTERVAL)
                assert not said.get("failed"), said
                assert set(said.get("positions", [3])) == {3}, said
                if number >= WARM_UP:
                    spent[name][venue].append(said["cpu"])
    return spent


def _ratios(of: dict[str, list[float]], to: dict[str, list[float]]) -> list[float]:
    return [one / other for one, other in zip(_whole(of), _whole(to), strict=True)]


def _whole(at: dict[str, list[float]]) -> list[float]:
    """Return what a poll costs in each round, over all accounts."""
    return [sum(cost * TWENTY[venue] for venue, cost in zip(at, costs, strict=True)) for costs in zip(*at.values(), strict=True)]


def _each(spent: Spent, name: str) -> str:
    return ", ".join(
        f"{venue} {milliseconds(median(spent[name][venue]))} against {milliseconds(median(spent['bare'][venue]))}"
        for venue in TWENTY
    )
