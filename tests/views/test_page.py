import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from monitor.core.alerts.alert import Mute
from monitor.core.rules.finding import AlertKey, Level
from monitor.picture import Failure, Picture
from monitor.ports import Backlog, ErrorKind
from monitor.views.page import page
from tests.build import account, long, pool, short
from tests.views.build import account_picture, alert, channel, picture, swap, unread_picture

HOSTILE = "<script>alert(1)</script>\"'&"


class Reader(HTMLParser):
    """Collects the text of a page and the tags in it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(shown: Picture, *, hide_sizes: bool = False) -> Reader:
    reader = Reader()
    reader.feed(page(shown, hide_sizes=hide_sizes))
    return reader


def text(shown: Picture, *, hide_sizes: bool = False) -> str:
    return re.sub(r"\s+", " ", " ".join(read(shown, hide_sizes=hide_sizes).words))


def test_the_nearest_danger_comes_first_and_large() -> None:
    near = account_picture(account(pool(40, swap()), name="miner"))
    shown = text(picture(account_picture(), near, alerts=()))
    assert re.search(r"to the nearest liquidation miner · BTC · mark 45,000 · liquidation \d\d,\d\d\d", shown)
    assert shown.index(" miner ") < shown.index(" main ")


def test_all_is_clear_only_where_all_is_known() -> None:
    assert "all clear" in text(picture(alerts=()))
    assert "all clear" not in text(picture(account_picture(), unread_picture(), alerts=()))
    assert "all clear" not in text(picture(alerts=(), store_fault="the disk is full"))
    assert "all clear" not in text(picture(alerts=(), accounts=()))


def test_a_stale_account_is_grey_says_so_and_may_be_nearer_than_what_is_known() -> None:
    stale = account_picture(account(pool(40, swap()), name="miner"), is_up=False)
    shown = picture(account_picture(), stale, alerts=())
    assert "1 of 2 accounts not up" in text(shown)
    assert "miner: the venue is under maintenance (last data: 6 min ago)" in text(shown)
    assert re.search(r"Could be nearer: miner · BTC: last known distance \d+\.\d %, 6 min ago\.", text(shown))
    assert ("tr", {"class": "ok stale"}) in read(shown).tags


def test_an_account_that_was_never_read_is_unknown_throughout() -> None:
    shown = text(picture(unread_picture(), alerts=()))
    assert "Nothing is known now." in shown
    assert "new: never read" in shown
    assert shown.count("unknown") >= 8


def test_a_short_that_nothing_liquidates_says_none() -> None:
    shown = text(picture(account_picture(account(pool(1, short(45_000, 45_000)))), alerts=()))
    assert "No price liquidates anything that is held." in shown
    assert "none" in shown


def test_a_pool_that_is_not_assessed_gives_its_reason_and_the_price_of_the_venue() -> None:
    shown = text(picture(account_picture(account(pool(101, swap(maintenance=None)))), alerts=()))
    assert "BTC is not assessed: BTC/USD:BTC: its maintenance margin rule is not known" in shown
    assert "venue 32,000" in shown
    assert "Could be nearer: main · BTC: not assessed." in shown


def test_a_pool_without_equity_can_be_liquidated_now() -> None:
    shown = text(picture(account_picture(account(pool("-1", long(10_000, 45_000)))), alerts=()))
    assert "can be liquidated now" in shown
    assert "no equity" in shown


def test_alerts_are_listed_worst_first_with_what_became_of_them() -> None:
    store = alert(Level.EMERGENCY, key=AlertKey(account="", rule="store", subject="daemon"), summary="the disk is full")
    muted = alert(acked_at=picture().at, muted=Mute.SILENCE)
    shown = text(picture(alerts=(muted, store)))
    assert shown.index("the disk is full") < shown.index("8.0 % to liquidation")
    assert "liquidation_distance, for 12 min, acknowledged, muted" in shown


def test_channels_say_what_waits() -> None:
    idle = channel("heartbeat", is_connected=False, fault="refused", backlog=Backlog(pending=0, oldest=None))
    shown = text(picture(channels=(channel(), idle)))
    assert "connected, 1 waiting, the oldest for 2 s" in shown
    assert "heartbeat not connected, nothing waits" in shown
    assert "heartbeat: refused" in shown


def test_sizes_can_be_hidden() -> None:
    assert {"delta", "buffer", "top-up"} <= set(text(picture()).split())
    assert {"delta", "buffer", "top-up"} & set(text(picture(), hide_sizes=True).split()) == set()


@pytest.mark.parametrize("hide_sizes", [False, True])
def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline(hide_sizes: bool) -> None:  # noqa: FBT001 - pytest calls it
    tags = read(picture(), hide_sizes=hide_sizes).tags
    assert {tag for tag, _ in tags} & {"script", "style", "iframe", "img"} == set()
    assert [
        attributes for _, attributes in tags if "style" in attributes or any(name.startswith("on") for name in attributes)
    ] == []
    assert {attributes["href"] for _, attributes in tags if "href" in attributes} == {"/icon.svg", "/style.css"}


def test_whatever_a_venue_or_a_label_says_is_text() -> None:
    failure = Failure(kind=ErrorKind.INVALID, message=HOSTILE)
    hostile = account_picture(account(pool(101, swap(symbol=HOSTILE, maintenance=None), coin=HOSTILE)))
    shown = picture(
        replace(hostile, name=HOSTILE, labels={"entity": HOSTILE}),
        replace(hostile, is_up=False, failure=failure, age=timedelta(minutes=9)),
        alerts=(alert(key=AlertKey(account=HOSTILE, rule=HOSTILE, subject=HOSTILE), summary=HOSTILE),),
        channels=(channel(HOSTILE, fault=HOSTILE),),
        store_fault=HOSTILE,
    )
    assert "<script" not in page(shown, hide_sizes=False)
    assert HOSTILE in text(shown)
