from datetime import timedelta

from monitor.core.assessment import assess
from monitor.core.pace import NO_COURSES, paced
from monitor.demo.past import SPAN, STEP, past
from monitor.marks import Marks
from tests.build import D, account, long, pool

NOW = account(pool("0.5", long(10_000, 10_000, 10_000, index_price=D(9_990))), venue="bybit")


def test_it_ends_where_the_story_begins_and_comes_down_to_it() -> None:
    seen = list(past(NOW, 7))
    marks = [each.positions[0].mark_price for _, each in seen]
    assert [ago for ago, _ in seen] == [n * STEP for n in range(SPAN // STEP, 0, -1)]
    assert abs(marks[-1] / 10_000 - 1) < D("0.002")
    assert D("0.009") < marks[0] / 10_000 - 1 < D("0.014")
    assert all(each.taken_at == NOW.taken_at - ago for ago, each in seen)


def test_every_account_sees_the_same_market() -> None:
    other = account(pool("3", long(5_000, 9_000, 20_000)), venue="deribit")
    for (_, one), (_, two) in zip(past(NOW, 7), past(other, 7), strict=True):
        assert one.positions[0].mark_price * 2 == two.positions[0].mark_price


def test_it_is_enough_to_know_how_restless_the_market_is_and_when_liquidation_would_come() -> None:
    marks, courses = Marks(), NO_COURSES
    for ago, seen in past(NOW, 7):
        at = NOW.taken_at - ago
        marks.note(seen, at)
        risk, courses = paced(assess(seen, age=timedelta(0), target_distance=D("0.3")), courses, at)
    (left,) = [each.time_to_liquidation for each in risk.pools]
    assert left is not None
    assert timedelta(hours=6) < left < timedelta(days=4)
    restless = marks.volatility(NOW)["BTC"]
    assert restless is not None
    assert 0.01 < restless * 86_400**0.5 < 0.05
