"""What `assess` prints below its table claims no more than is known."""

import io
from datetime import timedelta

from rich.console import Console

from monitor.core.account import Account, Collateral, PoolMode
from monitor.core.assessment import assess
from monitor.core.detail import coin_details, pool_detail
from monitor.core.portfolio import portfolio
from monitor.views.details import details
from tests.build import D, account, isolated, long, pool

TARGET, DANGER = D("0.3"), D("0.2")


def told(*accounts: Account) -> str:
    risks = [assess(each, age=timedelta(0), target_distance=TARGET) for each in accounts]
    pools = [[pool_detail(each, TARGET, DANGER) for each in of.pools] for of in risks]
    shown = io.StringIO()
    Console(file=shown, width=100).print(details(risks, pools, coin_details(risks, TARGET), portfolio(accounts, {}), DANGER))
    return shown.getvalue()


def test_only_where_closing_was_tried_it_is_said_to_be_of_no_use() -> None:
    large, small = long(50_000, 10_000, 7_500), long(45_000, 10_000, 7_500, symbol="BTC/USD:BTC-270326")
    assert "closing no single leg can do it" in told(account(pool(0, large, small)))
    btc = Collateral(coin="BTC", balance=D("0.2"), price=D(10_000), haircut=D(0), beta=D(1))
    several = pool(0, long(10_000, 10_000, settle="BTC"), coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    assert "to be 30.0 % away: add" in told(account(several))
    assert "closing" not in told(account(several))


def test_a_sum_says_who_is_not_in_it() -> None:
    known = [account(pool(2, long(10_000, 10_000)), name=name) for name in ("one", "two")]
    dark = account(pool(2, long(10_000, 10_000, maintenance=None)), name="dark")
    assert "all BTC\n  without dark, which cannot be assessed" in told(*known, dark)
    assert "cannot be assessed" not in told(*known)
    assert "all BTC" not in told(dark, account(pool(1, long(1, 1, maintenance=None)), name="black"))


def test_an_isolated_position_that_is_not_assessed_is_not_said_to_survive() -> None:
    dark = isolated(long(10_000, 10_000, maintenance=None), "0.2")
    lines = told(account(pool(1, long(10_000, 10_000), dark))).splitlines()
    assert [line.strip()[-14:] for line in lines if line.strip().startswith(("-50", "+50"))] == [
        "  1, 1 unknown",
        "     1 unknown",
    ]


def test_all_pools_of_a_coin_say_of_how_many_it_is_not_known_what_becomes_of_them() -> None:
    dark = isolated(long(10_000, 10_000, maintenance=None), "0.2")
    held = [account(pool(1, long(10_000, 10_000), *more), name=name) for name, more in (("one", ()), ("two", (dark,)))]
    blind = account(pool(1, long(10_000, 10_000, maintenance=None)), name="blind")
    for accounts, unknown in (((*held, blind), "2 unknown"), (held, "1 unknown")):
        sums = told(*accounts).split("all BTC\n")[1]
        ends = [line.strip()[-14:] for line in sums.splitlines() if line.strip().startswith(("-50", "+50"))]
        assert ends == [f"  2, {unknown}", f"     {unknown}"]
    assert "unknown" not in told(held[0], account(pool(1, long(10_000, 10_000)), name="three"))
