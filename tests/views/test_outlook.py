"""The slider: what a move of all prices would do, by the core that reckons everything else."""

from datetime import timedelta

import pytest

from monitor.core.assessment import assess
from monitor.core.risk import Status
from monitor.core.scenario import shocked
from monitor.picture import AccountPicture
from monitor.views.page.look import Look
from monitor.views.page.stress import BadMove, Fate, Outlook, outlook, read_percent
from monitor.views.scopes import scopes, seen
from monitor.views.words import ratio_text
from tests.build import D, account, isolated, long, pool, short
from tests.views.build import account_picture, swap, unread_picture

MIXED = account(
    pool(40, swap(), isolated(short(90_000, 45_000), "0.4")),
    pool(20, long(9_000, 3_000, symbol="ETH/USD:ETH"), coin="ETH"),
    pool(1, coin="SOL"),
)


def after(percent: int, *accounts: AccountPicture) -> Outlook:
    return outlook(scopes(map(seen, accounts)), percent, Look(), 3)


def fates(percent: int, *accounts: AccountPicture) -> dict[str, Fate]:
    return {fate.scope.name: fate for fate in after(percent, *accounts).fates}


@pytest.mark.parametrize("percent", [-50, -30, -10, 10, 30, 50])
def test_it_says_what_the_account_would_be_after_the_move(percent: int) -> None:
    then = assess(shocked(MIXED, D(percent) / 100), age=timedelta(0), target_distance=D("0.3"))
    found = fates(percent, account_picture(MIXED))
    assert found.keys() == {"BTC", "ETH", "BTC/USD:BTC short isolated"}
    btc, eth, _ = then.pools
    for fate, margin in (
        (found["BTC"], btc.margin),
        (found["ETH"], eth.margin),
        (found["BTC/USD:BTC short isolated"], btc.positions[1].margin),
    ):
        assert margin is not None
        if margin.status is Status.LIQUIDATABLE:
            assert (fate.words, fate.equity) == ("liquidated", "not reached")
        else:
            assert fate.words == ("no price liquidates it" if margin.distance is None else f"{ratio_text(margin.distance)} left")


def test_equity_and_leverage_are_told_before_and_after() -> None:
    fate = fates(-10, account_picture(account(pool(101, swap()))))["BTC"]
    assert (fate.price, fate.equity, fate.leverage) == ("40,500", "101 → 76.3086 BTC", "2.20x → 3.24x")


def test_the_sentence_counts_all_and_names_what_dies() -> None:
    shown = (account_picture(MIXED), unread_picture())
    assert after(0, *shown).sentence == "At +0 %, none of 4 are liquidated; of 1 it is not known."
    assert after(-20, *shown).sentence == "At -20 %, 1 of 4 is liquidated: main · BTC; of 1 it is not known."


def test_the_sentence_says_of_how_many_the_figures_are_old() -> None:
    stale = account_picture(account(pool(101, swap())), is_up=False)
    assert after(-20, stale).sentence == "At -20 %, none of 1 are liquidated; of 1 by the last known figures."


def test_what_is_not_assessed_is_not_known_after_a_move_either() -> None:
    dark = account_picture(account(pool(101, swap(maintenance=None))))
    assert (fates(-10, dark)["BTC"].words, fates(-10, dark)["BTC"].equity) == ("not known", "unknown")
    assert fates(0, account_picture(account(pool("-1", swap()))))["BTC"].words == "liquidated"


def test_the_strip_is_red_from_the_liquidation_price_on() -> None:
    long_, short_ = fates(0, account_picture(MIXED))["BTC"], fates(0, account_picture(MIXED))["BTC/USD:BTC short isolated"]
    assert (long_.low, long_.high) == (500 - 148, 0)
    assert (short_.low, short_.high) == (0, 500 - 243)
    assert after(-20, account_picture(MIXED)).at == 300


@pytest.mark.parametrize("text", ["-50", "0", "+7", "50"])
def test_a_move_is_a_whole_number_of_percent(text: str) -> None:
    assert read_percent(text) == int(text)


@pytest.mark.parametrize("text", ["", "51", "-51", "1.5", "-0.3", "1e1", "٣", "NaN", " 5", "5\n", "0x1", "-100", "9" * 5000])
def test_what_is_no_such_number_is_refused(text: str) -> None:
    with pytest.raises(BadMove, match="whole number from -50 to 50"):
        read_percent(text)
