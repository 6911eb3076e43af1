"""What a key may do beyond reading, and positions where nobody looks."""

import pytest

from monitor.core.rules.facts import Rights
from monitor.core.rules.finding import AlertKey, Level
from tests.build import D, account, long, pool
from tests.core.test_rules import facts, findings
from tests.policy import FixedPolicy

OK, WARNING, CRITICAL, EMERGENCY = Level


@pytest.mark.parametrize(
    ("rights", "level"),
    [
        ((False, False), OK),
        ((True, False), WARNING),
        ((True, None), WARNING),
        ((False, True), CRITICAL),
        ((None, True), CRITICAL),
        ((None, None), None),
        ((False, None), None),
        ((None, False), None),
    ],
)
def test_a_key_that_may_more_than_read_is_found(rights: tuple[bool | None, bool | None], level: Level | None) -> None:
    of = facts(pool(1), rights=Rights(may_trade=rights[0], may_withdraw=rights[1]))
    assert findings(of)["key_scope", "account"].level is level


def test_before_the_venue_was_asked_nothing_is_said_and_an_outage_takes_nothing_back() -> None:
    assert ("key_scope", "account") not in findings(facts(pool(1)))
    assert findings(facts(rights=Rights(may_trade=True, may_withdraw=None)))["key_scope", "account"].level is WARNING
    off = FixedPolicy.without("key_scope")
    assert ("key_scope", "account") not in findings(facts(pool(1), rights=Rights(may_trade=True, may_withdraw=True)), off)


def test_after_a_restart_what_fires_of_a_key_is_not_over_before_the_venue_was_asked() -> None:
    key = AlertKey(account="main", rule="key_scope", subject="account")
    found = findings(facts(pool(1), levels={key: WARNING}))["key_scope", "account"]
    assert (found.level, found.holds) == (None, OK)


def test_a_position_in_a_coin_that_is_left_out_is_critical() -> None:
    btc = pool("0.4", long(10_000, 10_000, settle="BTC"))
    eth = pool(9, long(1_000, 1_000, symbol="ETH/USD:ETH", settle="ETH"), coin="ETH")
    found = findings(facts(btc, eth, coins=frozenset({"BTC"})))
    assert found["coins", "BTC-USD_BTC-long"].level is OK
    assert found["coins", "ETH-USD_ETH-long"].level is CRITICAL
    assert found["coins", "ETH-USD_ETH-long"].summary == ("ETH/USD:ETH long: 1,000 contracts in a coin that `coins` leaves out")
    assert not any(rule == "coins" for rule, _ in findings(facts(btc, eth)))


def test_an_account_is_limited_to_its_coins_but_never_blind_to_positions() -> None:
    held = pool(9, long(1, 1_000, symbol="ETH/USD:ETH"), coin="ETH")
    whole = account(pool(1), held, pool(D(5), coin="SOL"))
    assert [p.coin for p in whole.limited_to(frozenset({"BTC"})).pools] == ["BTC", "ETH"]
    assert whole.limited_to(None) is whole
