import json
from datetime import timedelta

from monitor.channels.retained import Retained
from monitor.wire.topics import AS_IT_IS, Publication


def said(payload: str, expiry: float | None = None) -> Publication:
    return Publication(payload.encode(), None if expiry is None else timedelta(seconds=expiry))


def send_all(retained: Retained, now: float = 0) -> dict[str, bytes]:
    """Send what is due, as if each message were acknowledged at once; an empty payload erases."""
    sent = {}
    for topic in retained.due(now):
        publication = retained.sending(topic)
        sent[topic] = (publication.payload if publication else None) or b""
        retained.sent(topic, publication, now)
    return sent


def test_only_what_has_changed_is_sent_and_what_vanished_is_erased() -> None:
    retained = Retained()
    retained.show({"a": said("1"), "b": said("2")})
    assert send_all(retained) == {"a": b"1", "b": b"2"}
    retained.show({"a": said("1"), "c": said("3")})
    assert send_all(retained) == {"b": b"", "c": b"3"}
    assert send_all(retained) == {}


def test_the_latest_wins_and_nothing_else_is_kept_while_nobody_sends() -> None:
    retained = Retained()
    for number in range(100):
        retained.show({"a": said(str(number))})
    assert send_all(retained) == {"a": b"99"}


def test_what_expires_is_sent_again_when_half_of_its_time_is_over_and_the_rest_never() -> None:
    retained = Retained()
    retained.show({"a": said("1", expiry=60), "b": said("2")})
    send_all(retained, now=100)
    assert retained.seconds_until_due(110) == 20
    assert send_all(retained, now=129) == {}
    assert send_all(retained, now=130) == {"a": b"1"}


def test_where_nothing_expires_nothing_is_due_for_ever() -> None:
    retained = Retained()
    retained.show({"a": said("1")})
    send_all(retained)
    assert retained.seconds_until_due(0) is None


def test_after_a_connection_all_is_sent_again_and_what_vanished_meanwhile_is_erased() -> None:
    retained = Retained()
    retained.show({"a": said("1"), "b": said("2")})
    send_all(retained)
    retained.show({"a": said("1")})
    retained.forget_what_is_held()
    assert send_all(retained) == {"b": b"", "a": b"1"}


def test_a_message_that_was_never_acknowledged_may_have_arrived_and_is_erased_once_it_vanishes() -> None:
    retained = Retained()
    retained.show({"a": said("1")})
    retained.sending("a")
    retained.show({})
    assert send_all(retained) == {"a": b""}


def test_ghosts_of_an_earlier_run_are_erased_and_what_exists_is_not_sent_twice() -> None:
    retained = Retained()
    retained.show({"a": said("1")})
    send_all(retained)
    retained.found("a")
    retained.found("ghost")
    assert send_all(retained) == {"ghost": b""}


def test_a_topic_that_comes_back_while_it_is_erased_is_sent() -> None:
    retained = Retained()
    retained.show({"a": said("1")})
    send_all(retained)
    retained.show({})
    erased = retained.sending("a")
    retained.show({"a": said("1")})
    retained.sent("a", erased, 0)
    assert send_all(retained) == {"a": b"1"}


def test_what_is_history_is_neither_repeated_nor_erased() -> None:
    retained = Retained()
    fresh = {"im/account/a/state": Publication(b"1", timedelta(seconds=60)), "im/account/a/position/p": Publication(b"2", None)}
    retained.show(fresh)
    send_all(retained)
    retained.show({"im/account/a/state": AS_IT_IS, "im/account/a/position/#": AS_IT_IS})
    assert send_all(retained, now=1000) == {}
    assert retained.seconds_until_due(1000) is None
    retained.show({"im/account/a/state": Publication(b"3", timedelta(seconds=60))})
    assert send_all(retained, now=1000) == {"im/account/a/position/p": b"", "im/account/a/state": b"3"}


def test_what_an_earlier_run_left_of_an_account_that_was_not_read_yet_is_no_ghost() -> None:
    retained = Retained()
    retained.show({"im/account/a/position/#": AS_IT_IS})
    retained.found("im/account/a/position/p")
    retained.found("im/account/b/position/p")
    assert send_all(retained) == {"im/account/b/position/p": b""}


def test_a_farewell_is_said_for_every_account() -> None:
    retained = Retained()
    retained.show({"im/account/a/availability": Publication(b"online", None), "im/account/a/state": Publication(b"1", None)})
    assert retained.availabilities == ["im/account/a/availability"]


def device(*components: str) -> Publication:
    shown = {name: {"platform": "sensor", "name": name} for name in components}
    return Publication(json.dumps({"components": shown}, separators=(",", ":")).encode(), None, is_device=True)


def test_a_device_waits_until_it_is_known_what_an_earlier_run_has_announced_and_takes_leave_of_what_is_gone() -> None:
    retained = Retained(between_devices=5)
    retained.show({"d": device("a")})
    assert send_all(retained) == {}
    assert retained.seconds_until_due(0) is None
    retained.found("d", device("a", "b").payload)
    retained.knows_devices = True
    assert json.loads(send_all(retained)["d"])["components"]["b"] == {"platform": "sensor"}
    assert retained.seconds_until_due(1) == 4
    assert send_all(retained, now=5) == {"d": device("a").payload}
    assert send_all(retained, now=100) == {}


def test_a_device_changes_at_most_every_few_seconds_and_is_erased_at_once() -> None:
    retained = Retained(between_devices=5)
    retained.knows_devices = True
    retained.show({"d": device("a")})
    assert send_all(retained) == {"d": device("a").payload}
    retained.show({"d": device("a", "b")})
    assert send_all(retained, now=4) == {}
    assert send_all(retained, now=5) == {"d": device("a", "b").payload}
    retained.show({})
    assert send_all(retained, now=6) == {"d": b""}


def test_after_a_connection_a_device_still_takes_leave_of_what_has_gone_meanwhile() -> None:
    retained = Retained(between_devices=5)
    retained.knows_devices = True
    retained.show({"d": device("a", "b")})
    send_all(retained)
    retained.show({"d": device("a")})
    retained.forget_what_is_held()
    assert json.loads(send_all(retained, now=5)["d"])["components"].keys() == {"a", "b"}
