"""Funding and leaving, as shares of the buffer that is left."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.core.account import Collateral, Funding, Pool, PoolMode
from monitor.core.leaving import with_exit_costs
from monitor.core.liquidity import Level as Depth
from monitor.core.liquidity import OrderBook
from monitor.core.rules.burden import wanted_order_books
from monitor.core.rules.facts import Facts
from monitor.core.rules.finding import Level
from monitor.core.rules.settings import RuleSettings
from tests.build import BTC_PERPETUAL, BTC_QUARTERLY, D, account, isolated, long, pool, risk, short
from tests.core.test_rules import facts, findings, notes
from tests.policy import FixedPolicy

OK, WARNING, CRITICAL, EMERGENCY = Level
LONG = "BTC-USD_BTC-long"


def paying(rate: str, hours: int = 8) -> Funding:
    return Funding(rate=D(rate), interval=timedelta(hours=hours))


def charged(rate: str, **different: Any) -> Pool:
    """One coin of value on a buffer of 0.195."""
    return pool("0.2", long(10_000, 10_000, funding=paying(rate), **different))


@pytest.mark.parametrize(("rate", "level"), [("0.001", OK), ("0.002", WARNING), ("0.004", CRITICAL), ("0.007", EMERGENCY)])
def test_a_day_of_funding_is_weighed_against_the_buffer(rate: str, level: Level) -> None:
    assert findings(facts(charged(rate)))["funding", LONG].level is level


def test_it_is_told_with_the_days_until_it_alone_brings_danger() -> None:
    """0.195 coins of buffer lose 0.0060 a day; at 20 % from liquidation there would be more than are there: at once."""
    assert findings(facts(charged("0.002")))["funding", LONG].summary == (
        "BTC/USD:BTC long: funding takes 0.006000 BTC a day, 3.1 % of the buffer; it alone brings it within 20.0 % in 0 s"
    )
    rich = pool("0.4", long(10_000, 10_000, funding=paying("0.005")))
    assert findings(facts(rich))["funding", LONG].summary.endswith("it alone brings it within 20.0 % in 10 d")


def test_an_isolated_position_is_weighed_against_its_own() -> None:
    alone = pool("9", isolated(long(10_000, 10_000, funding=paying("0.002")), "0.4"))
    found = findings(facts(alone))["funding", f"{LONG}-isolated"]
    assert found.level is OK
    assert found.summary == "BTC/USD:BTC long: funding takes 0.006000 BTC a day, 1.5 % of the buffer"
    dear = pool("9", isolated(long(10_000, 10_000, funding=paying("0.004")), "0.4"))
    assert "it alone brings" in findings(facts(dear))["funding", f"{LONG}-isolated"].summary


def test_who_earns_is_well() -> None:
    found = findings(facts(pool(2, short(10_000, 10_000, funding=paying("0.01")))))["funding", "BTC-USD_BTC-short"]
    assert found.level is OK
    assert "funding brings 0.030000 BTC a day" in found.summary


def test_a_rate_that_is_not_known_changes_nothing() -> None:
    found = findings(facts(pool("0.2", long(10_000, 10_000))))["funding", LONG]
    assert (found.level, found.summary) == (None, "BTC/USD:BTC long: what funding costs is not known")


def test_days_are_left_out_where_the_rule_of_a_leg_is_not_known_or_the_margin() -> None:
    dark = pool("0.2", long(10_000, 10_000, funding=paying("0.01"), maintenance=None))
    assert "it alone" not in findings(facts(dark))["funding", LONG].summary


def test_days_are_left_out_where_other_legs_earn_more() -> None:
    both = pool("0.4", long(10_000, 10_000, funding=paying("0.003")), short(9_000, 10_000, funding=paying("0.004")))
    found = findings(facts(both))["funding", LONG]
    assert found.level
    assert "it alone" not in found.summary


def test_in_a_pool_of_several_coins_it_is_weighed_in_dollars() -> None:
    """One coin at 10,000 pays 0.6 % a day: 60 dollars, of a buffer of 1,950."""
    btc = Collateral(coin="BTC", balance=D("0.2"), price=D(10_000), haircut=D(0), beta=D(1))
    leg = long(10_000, 10_000, settle="BTC", funding=paying("0.002"), taker_fee=D(0))
    several = pool(0, leg, coin="USD", mode=PoolMode.MULTI_COIN, collateral=(btc,))
    found = findings(facts(several))["funding", LONG]
    assert found.summary == "BTC/USD:BTC long: funding takes 60.000000 USD a day, 3.1 % of the buffer"
    assert found.level is WARNING
    left = findings(facts(risk=with_exit_costs(risk(several), {BTC_PERPETUAL: DEEP})), EXITS)["exit_cost", LONG]
    assert left.summary == "BTC/USD:BTC long: closing it now costs 10.010010 USD, 0.5 % of the buffer"


@pytest.mark.parametrize(("coin", "obstacle"), [("BTC", "all coins back each other in dollars"), ("USD", None)])
def test_an_isolated_position_beside_several_coins_is_weighed_in_its_own(coin: str, obstacle: str | None) -> None:
    """It lives on 0.2 coins of its own, not on dollars: 0.0003 coins a day are 0.2 % of 0.195."""
    alone = isolated(long(10_000, 10_000, settle="BTC", funding=paying("0.0001"), taker_fee=D(0)), "0.2")
    btc = Collateral(coin="BTC", balance=D(1), price=D(10_000), haircut=D(0), beta=D(1))
    several = pool(1, alone, coin=coin, mode=PoolMode.MULTI_COIN, obstacle=obstacle, collateral=(btc,))
    found = findings(facts(several))["funding", f"{LONG}-isolated"]
    assert found.summary == "BTC/USD:BTC long: funding takes 0.000300 BTC a day, 0.2 % of the buffer"
    assert found.level is OK
    left = findings(facts(risk=with_exit_costs(risk(several), {BTC_PERPETUAL: DEEP})), EXITS)["exit_cost", f"{LONG}-isolated"]
    assert left.summary == "BTC/USD:BTC long: closing it now costs 0.001001 BTC, 0.5 % of the buffer"


def test_a_pool_of_one_coin_whose_margin_is_not_known_pays_in_that_coin() -> None:
    held = long(10_000, 10_000, taker_fee=D(0))
    several = pool(1, held, mode=PoolMode.MULTI_COIN, obstacle="all coins back each other in dollars")
    left = findings(facts(risk=with_exit_costs(risk(several), {BTC_PERPETUAL: DEEP})), EXITS)["exit_cost", LONG]
    assert left.summary == "BTC/USD:BTC long: closing it now costs 0.001001 BTC, unknown of the buffer"


def test_a_changed_interval_is_noted() -> None:
    before, now = charged("0.0001"), pool("0.2", long(10_000, 10_000, funding=paying("0.0001", 1)))
    said = notes(facts(now, before=account(before)))
    assert said == ["BTC/USD:BTC: funding is charged every 60 min now, it was every 8 h"]
    assert notes(facts(before, before=account(before))) == []
    assert notes(facts(now, before=account(pool("0.2")))) == ["BTC/USD:BTC long opened: 10,000 contracts at 10,000.00"]


EXITS = FixedPolicy({"exit_cost": RuleSettings(enabled=True, warning=D("0.05"), critical=D("0.2"))})
DEEP = OrderBook(bids=(Depth(D(9_990), D(50_000)),), asks=())
THIN = OrderBook(bids=(Depth(D(9_990), D(5_000)),), asks=())


def leaving(book: OrderBook | None, **different: Any) -> Facts:
    held = pool("0.2", long(10_000, 10_000, taker_fee=D("0.0005"), **different))
    return facts(risk=with_exit_costs(risk(held), {} if book is None else {BTC_PERPETUAL: book}))


def test_leaving_is_weighed_against_the_buffer() -> None:
    found = findings(leaving(DEEP), EXITS)["exit_cost", LONG]
    assert found.level is OK
    assert found.summary == "BTC/USD:BTC long: closing it now costs 0.001502 BTC, 0.8 % of the buffer"
    dear = OrderBook(bids=(Depth(D(9_900), D(50_000)),), asks=())
    assert findings(leaving(dear), EXITS)["exit_cost", LONG].level is WARNING


def test_a_book_too_thin_is_a_warning_whatever_the_part_costs() -> None:
    found = findings(leaving(THIN), EXITS)["exit_cost", LONG]
    assert (found.level, found.holds) == (WARNING, WARNING)
    assert found.summary.endswith("; the book has no price for 5,000 of 10,000 contracts")


def test_a_book_that_was_not_read_leaves_the_cost_unknown() -> None:
    found = findings(leaving(None), EXITS)["exit_cost", LONG]
    assert found.level is None
    assert "could not be read" in found.summary


def test_an_unknown_fee_leaves_it_unknown_too() -> None:
    found = findings(facts(risk=with_exit_costs(risk(pool("0.2", long(100, 10_000))), {BTC_PERPETUAL: DEEP})), EXITS)
    assert found["exit_cost", LONG].level is None
    assert "costs unknown" in found["exit_cost", LONG].summary


def test_order_books_are_wanted_only_where_the_rule_is_given_levels() -> None:
    held = risk(pool(2, long(10_000, 10_000), short(100, 10_000), long(100, 10_000, symbol=BTC_QUARTERLY)))
    assert wanted_order_books(held, EXITS) == (BTC_PERPETUAL, BTC_QUARTERLY)
    assert wanted_order_books(held, FixedPolicy()) == ()
    off = FixedPolicy({"exit_cost": replace(EXITS.rules["exit_cost"], enabled=False)})
    assert wanted_order_books(held, off) == ()
    assert ("exit_cost", LONG) not in findings(leaving(DEEP))
