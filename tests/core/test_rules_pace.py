"""When liquidation comes, of pools that are near enough for their speed to mean something."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.risk import AccountRisk
from monitor.core.rules.finding import Finding, Level
from monitor.core.rules.settings import RuleSettings
from tests.build import D, isolated, long, pool, risk, short
from tests.core.test_rules import facts, findings
from tests.policy import FixedPolicy

OK, WARNING, CRITICAL, EMERGENCY = Level
HOUR = timedelta(hours=1)


def nearing(left: timedelta | None, speed: float | None = 1e-5, *, mark: int = 10_000, wallet: str = "0.2") -> AccountRisk:
    """A pool 16 % from liquidation, whose speed and time are as given."""
    of = risk(pool(wallet, long(10_000, 10_000, mark)))
    return replace(of, pools=(replace(of.pools[0], approach_speed=speed, time_to_liquidation=left),))


def said(of: AccountRisk, policy: FixedPolicy | None = None) -> Finding:
    return findings(facts(risk=of), policy)["time_to_liquidation", "BTC"]


@pytest.mark.parametrize(("hours", "level"), [(30, OK), (24, WARNING), (5, CRITICAL), (0.5, EMERGENCY)])
def test_the_time_that_is_left_has_levels(hours: float, level: Level) -> None:
    assert said(nearing(hours * HOUR)).level is level


def test_it_is_told_with_the_distance_and_lasts_five_minutes_before_it_fires() -> None:
    found = said(nearing(3 * HOUR))
    assert found.summary == "BTC: at this speed liquidation comes in 3 h, 16.2 % away now"
    assert (found.left, found.unit, found.lasting) == (10_800, "seconds", timedelta(minutes=5))


def test_a_pool_that_recedes_is_well() -> None:
    assert said(nearing(None, -1e-5)).level is OK


def test_before_enough_was_seen_nothing_is_known() -> None:
    found = said(nearing(None, None))
    assert (found.level, found.summary) == (None, "BTC: the time to liquidation is not known yet")


def test_a_pool_twice_as_far_as_its_warning_is_too_far_to_matter() -> None:
    assert said(nearing(HOUR / 2, wallet="0.8")).level is OK
    blind = FixedPolicy({"liquidation_distance": RuleSettings(enabled=True)})
    assert said(nearing(HOUR / 2, wallet="0.8"), blind).level is EMERGENCY


def test_a_pool_that_nothing_liquidates_is_well_and_one_that_is_liquidatable_has_no_time() -> None:
    assert said(risk(pool(2, short(10_000, 10_000)))).level is OK
    dead = said(nearing(None, None, mark=8_000))
    assert (dead.level, dead.value) == (EMERGENCY, 0)


def test_a_pool_without_figures_is_not_known_and_one_without_cross_positions_not_asked() -> None:
    assert said(risk(pool("0.2", long(1, 10_000, maintenance=None)))).level is None
    alone = findings(facts(pool(1, isolated(long(10_000, 10_000), D("0.2")))))
    assert ("time_to_liquidation", "BTC") not in alone
