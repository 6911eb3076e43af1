"""What the page says of an alert without amounts must be the same for accounts of any size."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from monitor.core.account import Account, Funding
from monitor.core.assessment import assess
from monitor.core.rules.facts import Facts
from monitor.core.rules.freshness import Heard, venue_down
from monitor.core.rules.settings import RuleSettings
from monitor.core.rules.table import ACCOUNT_RULES, WHOLE_RULES, judge
from monitor.views.page.notices import WITHOUT_AMOUNTS
from tests.build import NOON, D, account, isolated, long, pool, short
from tests.policy import FixedPolicy
from tests.views.build import followed

STRICT = RuleSettings(enabled=True, warning=D("0.0001"), critical=D("0.0002"), emergency=D("0.0003"))
LOOSE = RuleSettings(enabled=True, warning=D("0.8"), critical=D("0.7"), emergency=D("0.6"))
POLICY = FixedPolicy(
    dict.fromkeys([*ACCOUNT_RULES, *WHOLE_RULES], STRICT)
    | {
        "liquidation_distance": LOOSE,
        "time_to_liquidation": replace(LOOSE, warning=D(10**9), critical=D(10**8), emergency=D(10**7)),
    }
)
DEAR = Funding(rate=D("0.001"), interval=timedelta(hours=8))


def holding(size: int) -> Account:
    """The same account with everything in it *size* times as large."""
    swap = long(
        10_000 * size, 10_000, funding=DEAR, venue_liquidation_price=D(9_000), index_price=D(9_900), taker_fee=D("0.0005")
    )
    alone = isolated(short(10_000 * size, 10_000), f"{0.2 * size:.1f}")
    odd = pool(size, long(3_000 * size, 3_000, symbol="ETH/USD:ETH", maintenance=None), coin="ETH")
    both = pool(f"{0.12 * size:.2f}", swap, alone, venue_equity=D("0.3") * size, venue_maintenance_margin=D("0.1") * size)
    return account(both, odd)


def told(size: int) -> Iterator[tuple[str, str]]:
    of = holding(size)
    risk = followed(assess(of, age=timedelta(0), target_distance=D("0.3"), volatility={"BTC": 0.0005}))
    facts = Facts(
        account="main", venue="bybit", now=NOON, interval=timedelta(seconds=15), seen_at=NOON - timedelta(hours=1), risk=risk
    )
    found = (
        *judge(facts, POLICY),
        *venue_down((Heard(account=n, venue="bybit", age=timedelta(hours=1)) for n in "ab"), POLICY, {}),
    )
    yield from ((each.key.rule, each.summary) for each in found)


def test_what_is_not_hidden_does_not_tell_how_much_is_held() -> None:
    pairs = tuple(zip(told(1), told(7), strict=True))
    assert all(small[0] == large[0] for small, large in pairs)
    assert {small[0] for small, _ in pairs} >= {"liquidation_distance", "margin_ratio", "reconcile", "disagreement", "stale"}
    tell_sizes = {small[0] for small, large in pairs if small != large}
    assert "liquidation_distance" in tell_sizes
    assert tell_sizes & WITHOUT_AMOUNTS == set()
