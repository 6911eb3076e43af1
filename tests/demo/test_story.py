"""The story does what its words say, by the simulated venues' own arithmetic and the default rules' thresholds."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import pytest

from monitor.demo.binancecoinm import SimulatedBinanceCoinM
from monitor.demo.clerk import Clerk
from monitor.demo.exchange import VENUES
from monitor.demo.ledger import Book
from monitor.demo.market import STORY_SECONDS, Market
from monitor.demo.story import OUTAGE, Role, lines, roles
from tests.demo.worlds import QUARTER

SEEDS = (1, 7, 42)
ROLES = {role.name: role for role in roles(QUARTER)}
WARNING, CRITICAL, EMERGENCY, CLEAR = Decimal("0.2"), Decimal("0.1"), Decimal("0.05"), Decimal("0.24")
RATIO_CLEAR = Decimal("0.416")
LEVERED, LEVERED_CLEAR = Decimal(5), Decimal(5) / Decimal("1.2")


def clerk(role: Role, seed: int, t: float) -> Clerk:
    kind = next(kind for kind in VENUES if kind.id == role.venue)
    return kind(quotes=lambda: Market(seed).at(t), clock=lambda: t, quarter=QUARTER).clerk()


def books(role: Role, seed: int, t: float) -> Iterator[tuple[str, Book]]:
    venue, portfolio = clerk(role, seed, t), role.resident.portfolio
    for coin in portfolio.wallets:
        yield coin, venue.pool(portfolio, coin)
    for item in venue.items(portfolio):
        if item.holding.isolated_margin is not None:
            yield f"{item.instrument.symbol} isolated", item.scope


def distance(book: Book) -> Decimal | None:
    move = book.liquidation_move() if book.legs else None
    return None if move is None else abs(1 - move)


@cache
def hodl(seed: int, t: float) -> Decimal:
    found = distance(dict(books(ROLES["hodl"], seed, t))["BTC"])
    assert found is not None
    return found


def adverse(seed: int, t: float) -> Decimal:
    """The leverage of hodl's long after the price has fallen by another 10 %; without end where nothing would be left."""
    price = Market(seed).at(t).mark("BTC") * Decimal("0.9")
    value = Decimal(300_000) / price
    left = Decimal("1.42") + Decimal(300_000) / Decimal(52_000) - value
    return value / left if left > 0 else Decimal("inf")


def when(seed: int, below: Decimal) -> list[float]:
    return [n / 4 for n in range(int(STORY_SECONDS * 4)) if hodl(seed, n / 4) < below]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_long_warns_then_is_critical_and_no_poll_of_two_seconds_misses_either(seed: int) -> None:
    warning, critical = when(seed, WARNING), when(seed, CRITICAL)
    assert warning[0] + 2 <= 20
    assert critical[0] + 2 <= 35
    assert critical[0] - warning[0] >= 12


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("threshold", [WARNING, CRITICAL, CLEAR])
def test_no_threshold_is_crossed_back_and_forth(seed: int, threshold: Decimal) -> None:
    below = when(seed, threshold)
    assert len(below) == round((below[-1] - below[0]) * 4) + 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_narrator_does_not_say_too_early_what_is_due(seed: int) -> None:
    due = {line: int(line.split()[0].removeprefix("t+")) for line in lines(-1, 119)}
    words = ("a warning is due", "a critical alert is due", "a warning of leverage is due")
    said = {word: next(t for line, t in due.items() if word in line) for word in words}
    assert adverse(seed, said["a warning of leverage is due"]) > LEVERED
    assert hodl(seed, said["a warning is due"]) < WARNING
    assert hodl(seed, said["a critical alert is due"]) < CRITICAL


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_comes_to_an_emergency(seed: int) -> None:
    assert when(seed, EMERGENCY) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_from_second_53_until_the_next_fall_the_long_is_past_its_clear_value(seed: int) -> None:
    assert all(hodl(seed, float(t)) > CLEAR for t in (*range(4), *range(53, 120)))


@pytest.mark.parametrize("seed", SEEDS)
def test_leverage_is_clear_before_and_after_and_warns_once(seed: int) -> None:
    high = [n / 4 for n in range(480) if adverse(seed, n / 4) > LEVERED_CLEAR]
    assert (high[0] > 4, high[-1] < 53) == (True, True)
    assert len(high) == round((high[-1] - high[0]) * 4) + 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ROLES)
def test_nobody_but_the_leveraged_long_is_ever_near_an_alert(seed: int, name: str) -> None:
    for t in range(0, 120, 2):
        for scope, book in books(ROLES[name], seed, float(t)):
            assert book.maintenance() < RATIO_CLEAR * book.equity(), (scope, t)
            if (name, scope) != ("hodl", "BTC"):
                found = distance(book)
                assert found is None or found > CLEAR, (scope, t)


@pytest.mark.parametrize("t", [0.0, 20.0, 35.0, 60.0])
def test_the_price_shown_for_main_is_far_below_the_joint_one(t: float) -> None:
    role = ROLES["main"]
    assert role.venue == SimulatedBinanceCoinM.id
    for item in clerk(role, 7, t).items(role.resident.portfolio):
        move = item.scope.liquidation_move()
        shown = item.scope.shown_price(item.instrument.symbol)
        assert move is not None
        assert shown is not None
        if item.holding.coin == "BTC":
            assert shown < move * item.leg.mark_price * Decimal("0.85")


def test_no_price_liquidates_treasury() -> None:
    assert [distance(book) for t in range(120) for _, book in books(ROLES["treasury"], 7, float(t))] == [None] * 120


def test_the_outage_lasts_twelve_seconds_of_every_repeat() -> None:
    assert [t for t in range(240) if OUTAGE.is_on(float(t))] == [*range(36, 48), *range(156, 168)]


def test_the_narrator_tells_each_line_once_and_again_in_the_next_repeat() -> None:
    steps = [line for n in range(-1, 240) for line in lines(n, n + 1)]
    assert steps == list(lines(-1, 240))
    assert steps[0] == "t+0 s  the market is calm: every alert is clear"
    assert [line for line in steps if "maintenance page" in line] == [
        "t+36 s  deribit answers with a maintenance page: watch treasury go stale, not flat",
        "t+156 s  deribit answers with a maintenance page: watch treasury go stale, not flat",
    ]
