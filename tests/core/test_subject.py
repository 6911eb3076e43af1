from dataclasses import replace

from monitor.core.subject import position_subjects, slug
from tests.build import isolated, long


def test_a_slug_has_only_what_a_topic_may_hold() -> None:
    assert slug("BTC/USD:BTC") == "BTC-USD_BTC"
    assert slug("BTC/USD:BTC-261225") == "BTC-USD_BTC-261225"
    assert slug("a b+#/é") == "a-b----"


def test_side_isolation_and_the_venues_id_are_in_the_name() -> None:
    plain = long(1, 1)
    alone = isolated(plain, 1)
    split = replace(plain, id="42:1")
    assert list(position_subjects([plain, alone, split]).values()) == [
        "BTC-USD_BTC-long",
        "BTC-USD_BTC-long-isolated",
        "BTC-USD_BTC-long-42_1",
    ]


def test_names_that_would_collide_get_a_hash_of_their_symbol() -> None:
    one, other = long(1, 1, symbol="A.B/USD:A.B"), long(1, 1, symbol="A-B/USD:A-B")
    names = position_subjects([one, other])
    assert names[one.identity].startswith("A-B-USD_A-B-long-")
    assert names[one.identity] != names[other.identity]
