"""Everything in one sentence."""

from dataclasses import replace

from monitor.core.alerts.alert import Phase
from monitor.core.rules.finding import Level
from monitor.wire.digest import digest
from tests.build import account, isolated, long, pool
from tests.views.build import account_picture, alert, picture, unread_picture


def test_it_tells_accounts_pools_the_nearest_and_the_alerts() -> None:
    near = account_picture(account(pool("0.2", long(10_000, 10_000)), pool(5, coin="ETH"), name="hodl"))
    far = account_picture(account(pool(4, long(10_000, 10_000)), name="spare"))
    shown = replace(picture(near, far, unread_picture()), alerts=(alert(Level.CRITICAL), alert(Level.WARNING)))
    assert digest(shown) == "2 of 3 accounts up; 2 pools, nearest 16.2 % (hodl BTC); alerts: 1 critical, 1 warning"


def test_what_is_not_assessed_is_named_and_isolated_positions_count() -> None:
    dark = account_picture(account(pool(4, long(10_000, 10_000, maintenance=None)), name="dark"))
    alone = account_picture(account(pool(4, isolated(long(10_000, 10_000), "0.2")), name="alone"))
    over = replace(picture(dark, alone), alerts=(alert(Level.OK, phase=Phase.RESOLVED),))
    assert digest(over) == "2 of 2 accounts up; 2 pools, nearest 16.2 % (alone BTC), not assessed: dark BTC; no alert fires"


def test_an_isolated_position_that_is_not_assessed_is_not_passed_over() -> None:
    dark = isolated(long(10_000, 10_000, maintenance=None), "0.2")
    shown = picture(account_picture(account(pool(4, long(10_000, 10_000), dark))), alerts=())
    assert digest(shown).endswith("(main BTC), not assessed: main BTC; no alert fires")


def test_with_nothing_to_see_it_says_so() -> None:
    assert digest(replace(picture(unread_picture()), alerts=())) == "0 of 1 accounts up; 0 pools; no alert fires"
