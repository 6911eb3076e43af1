from monitor.channels.backoff import Backoff


def test_waits_double_up_to_five_seconds_and_begin_again_after_a_success() -> None:
    backoff = Backoff(lambda: 0.5)
    assert [backoff.seconds() for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    backoff.reset()
    assert backoff.seconds() == 0.2


def test_chance_spreads_a_wait_by_half_to_both_sides() -> None:
    assert Backoff(lambda: 0.0).seconds() == 0.1
    assert Backoff(lambda: 0.999).seconds() < 0.3
