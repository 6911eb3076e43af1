from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from monitor.core.account import Collateral, Pool, PoolMode, Position
from monitor.core.assessment import assess
from monitor.core.portfolio import CoinExposure, Portfolio
from monitor.core.rules.daemon import delivery_faults, store_fault
from monitor.core.rules.facts import Facts, Rights
from monitor.core.rules.finding import AlertKey, Finding, Level, Note
from monitor.core.rules.settings import RuleSettings, graded
from monitor.core.rules.table import ACCOUNT_RULES, judge, judge_whole, worse
from monitor.core.rules.whole import WholeFacts
from monitor.core.rules.words import coin_text, percent, spoken
from tests.build import BTC_QUARTERLY, NOON, D, account, isolated, long, pool, risk, short
from tests.policy import FixedPolicy

OK, WARNING, CRITICAL, EMERGENCY = Level


def facts(*pools: Pool, **different: object) -> Facts:
    values = {
        "account": "main",
        "venue": "binancecoinm",
        "now": NOON,
        "interval": timedelta(seconds=15),
        "seen_at": NOON,
        "risk": risk(*pools) if pools else None,
    }
    return Facts(**(values | different))  # type: ignore[arg-type]  # - a test says what it wants


def findings(of: Facts, policy: FixedPolicy | None = None) -> dict[tuple[str, str], Finding]:
    found = judge(of, policy or FixedPolicy())
    return {(f.key.rule, f.key.subject): f for f in found if isinstance(f, Finding)}


def notes(of: Facts, policy: FixedPolicy | None = None) -> list[str]:
    return [f.summary for f in judge(of, policy or FixedPolicy()) if isinstance(f, Note)]


COINS = Collateral(coin="BTC", balance=D(2), price=D(50_000), haircut=D(0), beta=D(1))


def leveraged(mark: int, margin: str = "0.2") -> Pool:
    """A long of one coin at 10,000 on *margin* coins."""
    return pool(margin, long(10_000, 10_000, mark))


@pytest.mark.parametrize(
    ("value", "level", "holds"),
    [
        ("0.241", OK, OK),
        ("0.24", OK, WARNING),
        ("0.21", OK, WARNING),
        ("0.2", WARNING, WARNING),
        ("0.12", WARNING, CRITICAL),
        ("0.1", CRITICAL, CRITICAL),
        ("0.06", CRITICAL, EMERGENCY),
        ("0.05", EMERGENCY, EMERGENCY),
        ("0", EMERGENCY, EMERGENCY),
    ],
)
def test_where_low_is_bad_a_level_is_over_beyond_its_threshold_times_1_2(value: str, level: Level, holds: Level) -> None:
    settings = FixedPolicy().settings("liquidation_distance", account="main")
    assert graded(D(value), settings, low_is_bad=True)[:2] == (level, holds)


@pytest.mark.parametrize(
    ("value", "level", "holds"),
    [
        ("0.41", OK, OK),
        ("0.42", OK, WARNING),
        ("0.5", WARNING, WARNING),
        ("0.6", WARNING, CRITICAL),
        ("0.9", EMERGENCY, EMERGENCY),
    ],
)
def test_where_high_is_bad_a_level_is_over_below_its_threshold_over_1_2(value: str, level: Level, holds: Level) -> None:
    settings = FixedPolicy().settings("margin_ratio", account="main")
    assert graded(D(value), settings, low_is_bad=False)[:2] == (level, holds)


def test_a_level_without_a_threshold_is_off() -> None:
    only = RuleSettings(enabled=True, critical=D("0.1"))
    assert graded(D("0.15"), only, low_is_bad=True) == (OK, OK, D("0.1"))
    assert graded(D("0.05"), only, low_is_bad=True) == (CRITICAL, CRITICAL, D("0.1"))
    assert graded(D("0.05"), RuleSettings(enabled=True), low_is_bad=True) == (OK, OK, None)


def test_the_distance_is_found_with_its_threshold_and_what_to_do() -> None:
    found = findings(facts(leveraged(10_000)))["liquidation_distance", "BTC"]
    assert found.level is WARNING
    assert found.threshold == D("0.2")
    assert found.left == found.value
    assert found.summary == (
        "BTC: 16.2 % from liquidation at 8,375.00; add 0.235715 BTC or close 5,410 of BTC/USD:BTC long to be 30.0 % away"
    )
    assert found.hold == timedelta(minutes=1)


def test_how_fast_it_comes_is_told_with_it() -> None:
    of = risk(leveraged(10_000))
    nearing = replace(of, pools=(replace(of.pools[0], approach_speed=1e-5, time_to_liquidation=timedelta(hours=3)),))
    assert "from liquidation at 8,375.00, in 3 h at this speed; add" in (
        findings(facts(risk=nearing))["liquidation_distance", "BTC"].summary
    )


def test_a_pool_farther_than_the_target_needs_no_advice() -> None:
    early = FixedPolicy({"liquidation_distance": RuleSettings(enabled=True, warning=D("0.7"))})
    found = findings(facts(leveraged(20_000)), early)["liquidation_distance", "BTC"]
    assert (found.level, found.summary) == (WARNING, "BTC: 58.1 % from liquidation at 8,375.00")


def test_a_price_of_cents_is_told_to_its_last_digit() -> None:
    held = long(1_000, "0.0712", "0.0698", symbol="DOGE/USD:DOGE", venue_liquidation_price=D("0.06121"))
    doge = pool(2_500, held, coin="DOGE")
    found = findings(facts(doge))
    assert "13.0 % from liquidation at 0.06074363; add" in found["liquidation_distance", "DOGE"].summary
    assert found["disagreement", "DOGE-USD_DOGE-long"].summary.endswith("it dies at 0.06074363, the venue says 0.06121000")
    flat = account(pool(2_500, coin="DOGE"))
    assert notes(facts(doge, before=flat)) == ["DOGE/USD:DOGE long opened: 1,000 contracts at 0.06980000"]


def test_what_is_to_be_added_suffices_as_it_is_told_and_is_in_its_own_coin() -> None:
    assert "add 0.000008 BTC or" in findings(facts(pool("0.0000025", long(1, 45_000))))["liquidation_distance", "BTC"].summary
    eth = isolated(short(50_000, 50_000, symbol="ETH/USD:ETH", settle="ETH"), "0.1")
    usd = pool(0, eth, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(COINS,))
    alone = findings(facts(usd))["liquidation_distance", "ETH-USD_ETH-short-isolated"]
    assert "; add 0.134616 ETH to be" in alone.summary


def test_a_pool_that_is_well_is_told_without_advice() -> None:
    found = findings(facts(leveraged(20_000)))["liquidation_distance", "BTC"]
    assert found.summary == "BTC: 58.1 % from liquidation at 8,375.00"


def test_a_scope_that_cannot_be_liquidated_is_well() -> None:
    found = findings(facts(pool(2, short(10_000, 10_000))))["liquidation_distance", "BTC"]
    assert (found.level, found.holds, found.value) == (OK, OK, None)
    assert found.summary == "BTC: no price liquidates it"


def test_a_pool_of_several_coins_is_told_as_a_joint_move() -> None:
    btc = Collateral(coin="BTC", balance=D("0.2"), price=D(10_000), haircut=D(0), beta=D(1))
    several = pool(0, long(10_000, 10_000, settle="BTC"), coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    found = findings(facts(several))["liquidation_distance", "USD"]
    assert found.level is WARNING
    assert found.summary.startswith("USD: 16.2 % from liquidation by a move of all its coins together; add 1,650.01 USD")


@pytest.mark.parametrize("rule", ["liquidation_distance", "margin_ratio"])
def test_liquidatable_is_an_emergency_whatever_the_thresholds(rule: str) -> None:
    off = FixedPolicy({rule: RuleSettings(enabled=True)})
    found = findings(facts(leveraged(8_000)), off)[rule, "BTC"]
    assert found.level is EMERGENCY
    assert found.summary.startswith("BTC: can be liquidated now")


@pytest.mark.parametrize("rule", ["liquidation_distance", "margin_ratio"])
def test_what_is_not_assessed_is_not_known_and_not_well(rule: str) -> None:
    dark = replace(leveraged(10_000), obstacle="options share the margin")
    assert findings(facts(dark))[rule, "BTC"].level is None


def test_what_is_left_of_a_margin_ratio_is_its_distance_from_one() -> None:
    found = findings(facts(leveraged(10_000)))["margin_ratio", "BTC"]
    assert found.value == D("0.025")
    assert found.left == D("0.975")


def test_an_isolated_position_is_judged_by_itself() -> None:
    alone = isolated(short(10_000, 10_000, symbol=BTC_QUARTERLY), "0.05")
    found = findings(facts(pool(2, long(10_000, 10_000), alone)))
    assert found["liquidation_distance", "BTC"].level is OK
    own = found["liquidation_distance", "BTC-USD_BTC-270326-short-isolated"]
    assert own.level is EMERGENCY
    assert own.summary.startswith("BTC/USD:BTC-270326 short isolated: 4.7 % from liquidation")


def test_a_flat_pool_has_nothing_to_find() -> None:
    assert not [key for key in findings(facts(pool(2))) if key[0] in ("liquidation_distance", "margin_ratio")]


def test_an_unassessed_pool_says_why_and_gets_worse_with_time() -> None:
    found = findings(facts(replace(leveraged(10_000), obstacle="options share the margin")))["unassessed", "BTC"]
    assert found.level is WARNING
    assert found.grows == (timedelta(minutes=10), CRITICAL)
    assert found.summary == "BTC: no liquidation price of our own: options share the margin"
    assert findings(facts(leveraged(10_000)))["unassessed", "BTC"].level is OK


def test_an_unassessed_isolated_position_is_found_too() -> None:
    blind = isolated(long(10_000, 10_000, maintenance=None), "0.1")
    assert findings(facts(pool(1, blind)))["unassessed", "BTC"].level is WARNING


def test_without_a_second_threshold_unassessed_stays_a_warning() -> None:
    policy = FixedPolicy({"unassessed": RuleSettings(enabled=True)})
    assert findings(facts(replace(leveraged(10_000), obstacle="options")), policy)["unassessed", "BTC"].grows is None


@pytest.mark.parametrize(
    ("sigma", "level"), [(None, None), (0.0001, OK), (0.00033, WARNING), (0.0005, CRITICAL), (0.0009, EMERGENCY)]
)
def test_the_chance_to_touch_liquidation_within_a_day_is_judged(sigma: float | None, level: Level | None) -> None:
    held = account(leveraged(10_000))
    assessed = assess(held, age=timedelta(0), target_distance=D("0.3"), volatility={"BTC": sigma})
    found = findings(facts(risk=assessed))["touch_probability", "BTC"]
    assert found.level is level
    assert found.summary.startswith("BTC: the chance to touch liquidation within 24 h is ")


@pytest.mark.parametrize(
    ("equity", "maintenance", "level"),
    [
        ("0.2", "0.005", OK),
        ("0.203", None, WARNING),
        (None, "0.00530", CRITICAL),
        (None, None, None),
        ("0.2", "0", CRITICAL),
        ("0", None, CRITICAL),
    ],
)
def test_our_equity_and_maintenance_are_compared_with_the_venues(equity: Any, maintenance: Any, level: Level | None) -> None:
    given: dict[str, Any] = {"venue_equity": equity and D(equity), "venue_maintenance_margin": maintenance and D(maintenance)}
    found = findings(facts(pool("0.2", long(10_000, 10_000), **given)))["reconcile", "BTC"]
    assert found.level is level


@pytest.mark.parametrize(("off", "level"), [("0.00000001", OK), ("0.00000002", CRITICAL)])
def test_the_last_decimal_of_a_tiny_margin_is_no_difference(off: str, level: Level) -> None:
    dust = long("0.2", 10_000)
    required = assess(account(pool("0.2", dust)), age=timedelta(0), target_distance=D("0.3")).pools[0].margin.maintenance_margin
    assert required is not None
    given = facts(pool("0.2", dust, venue_maintenance_margin=required - D(off)))
    assert findings(given)["reconcile", "BTC"].level is level


def test_a_pool_without_cross_positions_is_not_reconciled() -> None:
    assert ("reconcile", "BTC") not in findings(facts(pool(1, isolated(long(10_000, 10_000), 1), venue_equity=D(5))))


def test_the_venues_price_is_compared_with_ours_by_its_convention() -> None:
    off = findings(facts(pool("0.2", long(10_000, 10_000, venue_liquidation_price=D(8075)))))["disagreement", "BTC-USD_BTC-long"]
    assert off.level is WARNING
    assert off.value is not None
    assert abs(off.value - D("0.03")) < D("1e-20")
    assert off.summary == "BTC/USD:BTC: by the venue's convention it dies at 8,375.00, the venue says 8,075.00"
    for said in ("none", None):
        silent = findings(facts(pool("0.2", long(10_000, 10_000, venue_liquidation_price=said))))
        assert silent["disagreement", "BTC-USD_BTC-long"].level is None


def test_units_off_by_a_factor_are_critical() -> None:
    wrong = pool(1, long(10_000, 10_000, venue_coin_value=D(10)))
    found = findings(facts(wrong))
    assert found["units", "BTC-USD_BTC-long"].level is CRITICAL
    assert found["units", "BTC-USD_BTC-long"].value == D("0.1")
    assert found["unassessed", "BTC"].level is WARNING
    assert findings(facts(leveraged(10_000)))["units", "BTC-USD_BTC-long"].level is OK


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, OK), (44, OK), (45, WARNING), (299, WARNING), (300, CRITICAL), (100_000, CRITICAL)]
)
def test_data_are_stale_by_their_age(seconds: int, level: Level) -> None:
    found = findings(facts(seen_at=NOON - timedelta(seconds=seconds)))["stale", "account"]
    assert (found.level, found.holds) == (level, level)


def test_thresholds_of_stale_can_be_set() -> None:
    policy = FixedPolicy({"stale": RuleSettings(enabled=True, warning=D(10), critical=D(20))})
    assert findings(facts(seen_at=NOON - timedelta(seconds=10)), policy)["stale", "account"].level is WARNING
    assert findings(facts(seen_at=NOON - timedelta(seconds=20)), policy)["stale", "account"].level is CRITICAL


@pytest.mark.parametrize(("known", "starts"), [(WARNING, CRITICAL), (CRITICAL, EMERGENCY), (EMERGENCY, EMERGENCY)])
def test_silence_about_a_danger_starts_higher(known: Level, starts: Level) -> None:
    key = AlertKey(account="main", rule="liquidation_distance", subject="BTC")
    late = facts(seen_at=NOON - timedelta(seconds=50), levels={key: known}, failure="binancecoinm did not answer")
    found = findings(late)["stale", "account"]
    assert found.level is starts
    assert found.summary == "no validated data for 50 s: binancecoinm did not answer"


def test_an_outage_finds_only_what_is_known_without_a_reading() -> None:
    danger = AlertKey(account="main", rule="liquidation_distance", subject="BTC")
    elsewhere = AlertKey(account="other", rule="liquidation_distance", subject="BTC")
    found = findings(facts(seen_at=NOON - timedelta(seconds=50), levels={danger: CRITICAL, elsewhere: CRITICAL}))
    assert {rule for rule, _ in found} == {"stale", "account_error", "liquidation_distance"}
    assert found["liquidation_distance", "BTC"].level is None


@pytest.mark.parametrize(("refusals", "level"), [(0, None), (1, None), (2, CRITICAL), (9, CRITICAL)])
def test_one_refusal_may_be_a_hiccup_and_two_are_an_error(refusals: int, level: Level | None) -> None:
    assert findings(facts(refusals=refusals, failure="the key is not accepted"))["account_error", "account"].level is level


def test_a_validated_reading_ends_an_account_error() -> None:
    assert findings(facts(leveraged(10_000)))["account_error", "account"].level is OK


def changed(before: tuple[Position, ...], now: tuple[Position, ...], **different: object) -> Facts:
    return facts(pool(1, *now), before=account(pool(1, *before)), **different)


def test_what_happens_to_positions_is_noted() -> None:
    old, new = long(10_000, 10_000), short(5000, 10_000, symbol=BTC_QUARTERLY)
    assert notes(changed((), (old,))) == ["BTC/USD:BTC long opened: 10,000 contracts at 10,000.00"]
    assert notes(changed((old,), ())) == ["BTC/USD:BTC long closed: 10,000 contracts at 10,000.00"]
    assert notes(changed((old,), (new,))) == [
        "BTC/USD:BTC long closed: 10,000 contracts at 10,000.00",
        "BTC/USD:BTC-270326 short opened: 5,000 contracts at 10,000.00",
    ]
    assert notes(changed((old,), (long(12_000, 10_000),))) == ["BTC/USD:BTC long resized: 10,000 -> 12,000 contracts"]
    assert notes(changed((old,), (old,))) == []


def test_adding_to_a_loser_is_said() -> None:
    text = notes(changed((long(10_000, 10_000),), (long(12_000, 10_000, 9_000),)))
    assert text == ["BTC/USD:BTC long resized: 10,000 -> 12,000 contracts (adding to a loser)"]


def test_a_high_rank_for_auto_deleveraging_is_said_once() -> None:
    low, high = long(10_000, 10_000, adl_rank=3), long(10_000, 10_000, adl_rank=4)
    assert notes(changed((low,), (high,))) == ["BTC/USD:BTC long: auto-deleveraging rank is now 4 of 5"]
    assert notes(changed((high,), (high,))) == []


@pytest.mark.parametrize("rule", ["liquidation_distance", "margin_ratio"])
@pytest.mark.parametrize("subject", ["BTC", "BTC-USD_BTC-long"])
def test_what_vanishes_in_danger_is_critical_until_somebody_acks(rule: str, subject: str) -> None:
    danger = {AlertKey(account="main", rule=rule, subject=subject): CRITICAL}
    found = findings(changed((long(10_000, 10_000),), (), levels=danger))["position_change", "BTC-USD_BTC-long"]
    assert (found.level, found.sticky) == (CRITICAL, timedelta(hours=24))
    assert found.summary == "BTC/USD:BTC long is gone while in danger: closed or liquidated"


def test_what_vanishes_while_only_warned_is_noted() -> None:
    danger = {AlertKey(account="main", rule="liquidation_distance", subject="BTC"): WARNING}
    assert notes(changed((long(10_000, 10_000),), (), levels=danger)) == [
        "BTC/USD:BTC long closed: 10,000 contracts at 10,000.00"
    ]


def test_leverage_is_judged_after_a_move_against_the_pool() -> None:
    # 2 coins of value on 1 coin: delta 3, of which a fall of 10 % takes 0.3
    policy = FixedPolicy({"leverage": RuleSettings(enabled=True, warning=D("2.5"), critical=D(5))})
    found = findings(facts(pool(1, long(20_000, 10_000))), policy)["leverage", "BTC"]
    assert found.level is WARNING
    assert found.summary == "BTC: leverage 2.00x, 2.86x after 10 % against it"
    dark = findings(facts(pool(1, long(20_000, 10_000), obstacle="options")), policy)["leverage", "BTC"]
    assert (dark.level, dark.summary) == (None, "BTC: leverage unknown, unknown after 10 % against it")


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (long(90_000, 10_000), "leverage 9.00x, no equity left"),
        (long(300_000, 10_000), "leverage 30.00x, no equity left"),
        (short(300_000, 10_000), "leverage 30.00x, no equity left"),
        (long(30_000, 10_000, 7_000), "leverage no equity left, no equity left"),
    ],
)
def test_leverage_beyond_any_number_is_beyond_every_threshold(held: Position, words: str) -> None:
    policy = FixedPolicy({"leverage": RuleSettings(enabled=True, warning=D("2.5"), critical=D(5))})
    found = findings(facts(pool(1, held)), policy)["leverage", "BTC"]
    assert (found.level, found.holds, found.value, found.threshold) == (CRITICAL, CRITICAL, None, D(5))
    assert found.summary == f"BTC: {words} after 10 % against it"


@pytest.mark.parametrize("rule", ACCOUNT_RULES)
def test_a_rule_that_is_off_finds_nothing(rule: str) -> None:
    danger = {AlertKey(account="main", rule="liquidation_distance", subject="BTC"): CRITICAL}
    dark = changed(
        (long(10_000, 10_000), short(1, 1, symbol=BTC_QUARTERLY)),
        (long(11_000, 10_000),),
        levels=danger,
        rights=Rights(may_trade=True, may_withdraw=True),
        coins=frozenset({"ETH"}),
    )
    on = FixedPolicy({rule: RuleSettings(enabled=True, warning=D(3)) for rule in ("leverage", "exit_cost")})
    assert any(f.key.rule == rule for f in judge(dark, on))
    assert not any(f.key.rule == rule for f in judge(dark, FixedPolicy.without(rule)))


def test_of_two_readings_the_worse_finding_counts() -> None:
    calm, near = (judge(facts(leveraged(mark)), FixedPolicy()) for mark in (20_000, 9_000))
    for pair in ((calm, near), (near, calm)):
        found = {f.key.rule: f for f in worse(*pair) if f.key.rule == "liquidation_distance"}
        assert found["liquidation_distance"].level is CRITICAL


def test_a_store_that_cannot_be_written_is_critical() -> None:
    (bad,), (good,) = store_fault("the disk is full", FixedPolicy()), store_fault(None, FixedPolicy())
    assert isinstance(bad, Finding)
    assert isinstance(good, Finding)
    assert (bad.level, bad.summary, good.level) == (CRITICAL, "the disk is full", OK)
    assert list(store_fault("the disk is full", FixedPolicy.without("store"))) == []


def test_a_channel_that_has_not_delivered_for_a_minute_is_critical() -> None:
    found = {
        f.key.subject: f
        for f in delivery_faults({"mqtt": "MQTT: no answer", "push-phone": None}, FixedPolicy())
        if isinstance(f, Finding)
    }
    assert {subject: f.level for subject, f in found.items()} == {"mqtt": CRITICAL, "push-phone": OK}
    assert all(f.lasting == timedelta(minutes=1) for f in found.values())
    assert list(delivery_faults({"mqtt": "MQTT: no answer"}, FixedPolicy.without("delivery"))) == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (45, "45 s"), (119, "119 s"), (360, "6 min"), (3 * 3600, "3 h"), (2 * 86400, "2 d")]
)
def test_durations_are_said_as_people_say_them(seconds: int, words: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == words


def test_an_unknown_ratio_is_said_to_be_unknown() -> None:
    assert (percent(None), percent(Decimal("0.1234"))) == ("unknown", "12.3 %")


def whole(*, delta: str = "5", is_complete: bool = True, unknown: tuple[str, ...] = ()) -> WholeFacts:
    btc = CoinExposure(coin="BTC", delta=D(delta), equity=D(1), holdings=D(0), price=D(50_000), hedge=-50_000 * D(delta))
    shares = {"bybit": D("0.8"), "deribit": D("0.2")}
    sums = Portfolio(
        coins=(btc,),
        equity=D(1),
        venue_shares=shares,
        concentration=D("0.68"),
        venue_losses=(),
        risk_shares={},
        unknown=unknown,
        partial=frozenset(name.partition(" ")[2] for name in unknown),
    )
    return WholeFacts(
        now=NOON, today=NOON.date(), portfolio=sums, is_complete=is_complete, is_current=is_complete, target=D("0.3")
    )


BAND = FixedPolicy(
    {
        "net_delta": RuleSettings(enabled=True, warning=D(1), critical=D(5), target=D(3)),
        "concentration": RuleSettings(enabled=True, warning=D("0.5")),
    }
)


def whole_findings(facts_: WholeFacts, policy: FixedPolicy) -> dict[tuple[str, str], Finding]:
    return {(f.key.rule, f.key.subject): f for f in judge_whole(facts_, policy) if isinstance(f, Finding)}


@pytest.mark.parametrize(
    ("delta", "level", "holds"),
    [("3", OK, OK), ("3.9", OK, WARNING), ("2.1", OK, WARNING), ("4", WARNING, WARNING), ("-2", CRITICAL, CRITICAL)],
)
def test_exposure_outside_its_band_is_found_on_both_sides(delta: str, level: Level, holds: Level) -> None:
    found = whole_findings(whole(delta=delta), BAND)["net_delta", "BTC"]
    assert (found.level, found.holds) == (level, holds)


def test_exposure_is_told_with_what_makes_it_neutral() -> None:
    found = whole_findings(whole(), BAND)["net_delta", "BTC"]
    assert found.summary == "BTC: exposed to 5.0000 coins, +2.0000 off its target; sell 250,000 dollars to be neutral"
    assert "buy 100,000 dollars" in whole_findings(whole(delta="-2"), BAND)["net_delta", "BTC"].summary


def test_too_much_at_one_venue_is_found() -> None:
    found = whole_findings(whole(), BAND)
    assert found["concentration", "bybit"].level is WARNING
    assert found["concentration", "bybit"].summary == "bybit holds 80.0 % of all equity"
    assert found["concentration", "deribit"].level is OK


@pytest.mark.parametrize("incomplete", [whole(is_complete=False), whole(unknown=("main BTC",))])
def test_sums_that_are_not_of_all_are_not_known(incomplete: WholeFacts) -> None:
    assert {f.level for f in whole_findings(incomplete, BAND).values()} == {None}


def test_rules_across_accounts_are_off_until_they_are_given_levels() -> None:
    assert whole_findings(whole(), FixedPolicy()) == {}
    assert whole_findings(whole(), FixedPolicy.without("net_delta", "concentration")) == {}


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "0"), ("1e-9", "< 0.000001"), ("-1e-9", "> -0.000001"), ("0.5", "0.5"), ("-12.34567", "-12.3457")]
)
def test_an_amount_of_dust_is_not_shown_as_nothing(amount: str, text: str) -> None:
    assert coin_text(D(amount)) == text
