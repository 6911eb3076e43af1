"""Margin schedules of Kraken's inverse contracts, and which of them an account has.

Professional and retail clients of each company that keeps accounts have their own, and which one an account has is not told.
It is the one whose margin is what the venue reckons for the account.

Source: Kraken Futures REST API v3, "Get instruments"; ccxt 4.5.90, async_support/krakenfutures.py; both read 2026-11.
"""

from dataclasses import replace
from decimal import Decimal

from monitor.core.account import Basis, Maintenance, Position, Tier, TierUnit
from monitor.core.margin import scope
from monitor.core.number import ZERO, Coin
from monitor.venues.client import Client
from monitor.venues.dialect import Instruments, Ladders
from monitor.venues.krakenfutures_market import INSTRUMENTS, VENUE, contract_name, is_inverse
from monitor.venues.parse import Row, ladder, readable, rows, whole

Rules = dict[str, Maintenance]
"""By symbol."""

STANDARD = "standard"
"""The schedule in ``marginLevels``."""

CLOSE = Decimal("0.1")
"""How far the venue's margin may be from a schedule's: marks move between two answers, schedules are 25 % and more apart."""


async def read_ladders(client: Client) -> Ladders:
    """Read every margin schedule of every inverse contract, each by `schedule_key`."""
    return parse_ladders(await client.read(INSTRUMENTS))


def schedule_key(name: str, schedule: str) -> str:
    """Return under which name `read_ladders` keeps a contract's *schedule*."""
    return f"{name} {schedule}"


def parse_ladders(answer: object) -> dict[str, tuple[Tier, ...]]:
    """Return every margin schedule of the inverse contracts, in contracts."""
    listed = whole(answer, VENUE, INSTRUMENTS.path).rows("instruments", "symbol")
    contracts = [row for row in listed if is_inverse(row)]
    return readable(
        ((schedule_key(contract_name(row), name), levels) for row in contracts for name, levels in schedules(row).items()),
        parse_ladder,
    )


def schedules(row: Row) -> dict[str, list[Row]]:
    """Return the schedules of one contract by name: the standard one, that of retail clients, and two for each company.

    Source: the recorded PI_XBTUSD of 2026-10 in gocryptotrader: 1 % in ``marginLevels``, 25 % in ``retailMarginLevels``, 5 and
    4 % in ``marginSchedules`` europa (retail, professional), 22.5 and 1.5 % in dlt; read 2026-11.
    """
    found = {STANDARD: row.raw.get("marginLevels"), "retail": row.raw.get("retailMarginLevels")}
    companies = row.raw.get("marginSchedules")
    for company, kinds in (companies if isinstance(companies, dict) else {}).items():
        found |= {f"{company} {kind}": levels for kind, levels in (kinds if isinstance(kinds, dict) else {}).items()}
    what = f"{row.what} margin"
    return {name: list(rows(levels, VENUE, what, "contracts")) for name, levels in found.items() if levels}


def parse_ladder(levels: list[Row]) -> tuple[Tier, ...]:
    """Return the tiers of one schedule: each rate is for the contracts from its own bound up to the next.

    Source: Kraken, "Inverse futures margin schedule", support article 15579128794772: 2 % for the first 500,000 contracts of
    1,000,000, each instrument for itself; seen 2026-11.
    """
    ordered = sorted(levels, key=lambda level: level.number("contracts"))
    caps = [*(level.number("contracts") for level in ordered[1:]), None]
    tiers = [
        Tier(floor=level.number("contracts"), cap=cap, rate=level.positive("maintenanceMargin"))
        for level, cap in zip(ordered, caps, strict=True)
    ]
    return ladder(tiers, VENUE, levels[0].what)


def fitting(positions: tuple[Position, ...], required: Coin, instruments: Instruments, ladders: Ladders) -> Rules:
    """Return the rule of each symbol by the schedule whose margin is nearest to *required*; empty: none is near.

    The margin is on the *mark* value, although the schedule's page speaks of the entry price.

    Source: Kraken, "Equity protection process", support article 360022835671: 7,481 = 1,010 / 0.135; the sample output of
    Crypto Facilities' REST v3 examples, 2018-05-09: im 0.00365898131 of 1,700 contracts at 2 % is at 9,292.2, which is the
    mark, and not at the entry of 9,054.3; read 2026-11.
    """
    offers = offered(positions, instruments, ladders)
    best = min(offers, key=lambda rules: abs(margin(positions, rules) - required), default=None)
    if best is None or abs(margin(positions, best) - required) > CLOSE * required:
        return {}
    return best


def offered(positions: tuple[Position, ...], instruments: Instruments, ladders: Ladders) -> list[Rules]:
    """Return the rules of each schedule that all of *positions* have."""
    held = {position.symbol for position in positions}
    names = {name: instrument.symbol for name, instrument in instruments.items() if instrument.symbol in held}
    by_schedule: dict[str, Rules] = {}
    for key, tiers in ladders.items():
        name, _, schedule = key.partition(" ")
        if name in names:
            rule = Maintenance(basis=Basis.MARK, tiers=tiers, tier_unit=TierUnit.CONTRACTS)
            by_schedule.setdefault(schedule, {})[names[name]] = rule
    return [rules for rules in by_schedule.values() if rules.keys() == held]


def margin(positions: tuple[Position, ...], rules: Rules) -> Coin:
    """Return the maintenance margin of *positions* in coin, each contract's for itself."""
    ruled = tuple(replace(held, maintenance=rules[held.symbol]) for held in positions)
    return scope(ZERO, ruled, positions[0].mark_price).required if ruled else ZERO
