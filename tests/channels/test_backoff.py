from monitor.channels.backoff import Backoff


def test_waits_double_up_to_five_seconds_and_begin_again_after_a_success() -> None:
    backoff = Backoff(lambda: 0.5)
    assert [backoff.seconds() for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    backoff.reset()
    assert backoff.seconds() == 0.2


def test_chance_spreads_a_wait_by_half_to_both_sides() -> None:
    assert Backoff(lambda: 0.0).seconds() == 0.1
    assert Backoff(lambda: 0.999).seconds() < 0.3


def test_who_is_not_ours_to_wear_out_is_asked_less_often() -> None:
    backoff = Backoff(lambda: 0.5, longest=30)
    assert [backoff.seconds() for _ in range(10)][-3:] == [25.6, 30, 30]
