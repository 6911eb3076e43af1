import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from monitor.core.account import Collateral, PoolMode
from monitor.core.alerts.alert import Alert, Mute, Silence
from monitor.core.rules.finding import AlertKey, Level
from monitor.core.rules.table import ACCOUNT_RULES, OTHER_RULES, WHOLE_RULES
from monitor.picture import Failure, Picture
from monitor.ports import Backlog, ErrorKind
from monitor.views.page import REGIONS, answer_page, event, page, stress_part
from monitor.views.page.look import Look
from monitor.views.page.notices import WITHOUT_AMOUNTS
from monitor.views.page.shown import MOST_SHOWN
from tests.build import NOON, D, account, long, pool, short
from tests.views.build import account_picture, alert, channel, picture, swap, unread_picture

OPEN, CLOSED = Look(has_token=True), Look(has_token=False)
HIDDEN = Look(hide_sizes=True, has_token=True)
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


def parsed(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def read(shown: Picture, look: Look = OPEN) -> Reader:
    return parsed(page(shown, look))


def text(shown: Picture, look: Look = OPEN) -> str:
    return re.sub(r"\s+", " ", " ".join(read(shown, look).words))


def classes(shown: Picture) -> list[str]:
    return [attributes.get("class") or "" for _, attributes in read(shown).tags]


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
    assert "card ok stale" in classes(shown)
    assert "last known figures, from 6 min ago" in text(shown)


def test_an_account_that_was_never_read_is_unknown_throughout() -> None:
    shown = text(picture(unread_picture(), alerts=()))
    assert "Nothing is known now." in shown
    assert "new: never read" in shown
    assert shown.count("unknown") >= 8
    assert "not every account has been read" in shown


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
    muted = alert(acked_at=picture().at, acked_by="ann", muted=Mute.SILENCE)
    shown = text(picture(alerts=(muted, store)))
    assert shown.index("the disk is full") < shown.index("8.0 % to liquidation")
    assert "liquidation_distance, for 12 min, acknowledged by ann, muted (silence)" in shown


def test_channels_say_what_waits() -> None:
    idle = channel("heartbeat", is_connected=False, fault="refused", backlog=Backlog(pending=0, oldest=None))
    shown = text(picture(channels=(channel(), idle)))
    assert "connected, 1 waiting, the oldest for 2 s" in shown
    assert "heartbeat not connected, nothing waits" in shown
    assert "heartbeat: refused" in shown


AMOUNTS = r"\d BTC|\d ETH|\\d contracts|<dt>delta|<dt>buffer|\badd\b|profit|equity \d"


def everything(shown: Picture, look: Look) -> str:
    return " ".join((page(shown, look), *json.loads(event(shown, look)).values(), stress_part(shown, look, -10)))


def test_sizes_can_be_hidden_everywhere() -> None:
    shown = picture(account_picture(), account_picture(account(pool(40, swap()), name="miner")), alerts=telling())
    assert len(set(re.findall(AMOUNTS, everything(shown, OPEN)))) >= 8
    assert re.findall(AMOUNTS, everything(shown, HIDDEN)) == []
    assert "2.20x" in everything(picture(account_picture(account(pool(101, swap())))), HIDDEN)


def telling() -> tuple[Alert, ...]:
    """An alert of every rule that may tell amounts, which does."""
    rules = {*ACCOUNT_RULES, *WHOLE_RULES, *OTHER_RULES} - WITHOUT_AMOUNTS
    return tuple(alert(key=AlertKey(account="main", rule=rule, subject="BTC"), summary="add 22.32 BTC") for rule in rules)


def test_an_alert_without_its_amounts_still_says_how_bad_it_is() -> None:
    near = alert(summary="BTC: 8.0 % to liquidation; add 22 BTC")
    soon = alert(key=replace(near.key, rule="unassessed"), unit="seconds", value=D(600), threshold=None)
    sized = alert(key=replace(near.key, rule="net_delta"), unit="coins", value=D(22))
    stale = alert(key=replace(near.key, rule="stale"), summary="no validated data for 6 min")
    shown = text(picture(alerts=(near, soon, sized, stale)), HIDDEN)
    assert "BTC: 8.0 %, the limit is 10.0 % (amounts are hidden)" in shown
    assert "BTC: 10 min (amounts are hidden)" in shown
    assert "BTC (amounts are hidden)" in shown
    assert "no validated data for 6 min" in shown


def test_a_card_has_the_figures_of_its_pool_and_each_position() -> None:
    shown = text(picture(account_picture(account(pool(101, swap())))))
    assert "to liquidation mark 45,000 liquidation" in shown
    assert "leverage 2.20x delta 323.2222 BTC buffer 99.8889 BTC add to be 30.0 % away 0 BTC" in shown
    assert re.search(r"BTC/USD:BTC long 10,000,000 contracts · profit 0 BTC · entry 45,000 · .* the venue says 32,000", shown)


def test_of_many_those_that_nobody_knows_are_not_called_safe() -> None:
    many = [account_picture(account(pool(101, swap()), name=f"a{n}")) for n in range(MOST_SHOWN)]
    far = swap(maintenance=None, venue_liquidation_price=D(10_000))
    dark = [account_picture(account(pool(101, far), name=f"z{n}")) for n in range(2)]
    assert "2 more are not shown here: of 2 it is not known how far they are." in text(picture(*many, *dark))
    never = account_picture(account(pool(1, coin="ETH"), name="spare"))
    some = "3 more are not shown here: of 2 it is not known how far they are; the others: no price liquidates any of them."
    assert some in text(picture(*many, *dark, never))


def test_all_is_not_clear_while_a_pool_is_not_assessed_though_no_rule_says_so() -> None:
    dark = account_picture(account(pool(101, swap(maintenance=None))))
    assert "not everything is assessed" in text(picture(dark, alerts=()))


def test_hidden_amounts_hide_no_age() -> None:
    old = alert(seen=NOON - timedelta(minutes=6))
    ratio = replace(old, key=replace(old.key, rule="margin_ratio"))
    assert text(picture(alerts=(old, ratio)), HIDDEN).count("(last known, 6 min ago)") == 2


def test_the_far_ones_of_many_are_counted_and_not_drawn() -> None:
    many = tuple(account_picture(account(pool(101 + n, swap()), name=f"a{n}")) for n in range(MOST_SHOWN + 3))
    shown = picture(*many)
    assert sum(each.startswith("card") for each in classes(shown)) == MOST_SHOWN + 1  # the list itself is `cards`
    assert re.search(r"3 more are not shown here: each at least \d\d\.\d % away", text(shown))


def test_every_alert_can_be_acknowledged_and_silenced_but_an_emergency() -> None:
    whole = alert(id="b2", key=AlertKey(account="", rule="store", subject="daemon"))
    worst = alert(Level.EMERGENCY, id="c3", key=AlertKey(account="hodl", rule="margin_ratio", subject="ETH"))
    odd = alert(id="d4", key=AlertKey(account="main", rule="margin_ratio", subject="a,b"))
    shown = picture(alerts=(alert(), whole, worst, odd))
    assert values(shown, "id") == {"a1b2c3d4e5f6", "b2", "c3", "d4"}
    assert values(shown, "matcher") == {
        "account=main,rule=liquidation_distance,subject=BTC",
        "rule=store,subject=daemon",
    }


def values(shown: Picture, name: str, look: Look = OPEN) -> set[str | None]:
    return {attributes["value"] for tag, attributes in read(shown, look).tags if tag == "input" and attributes["name"] == name}


def test_what_was_acknowledged_is_not_asked_for_again_and_a_silence_can_be_ended() -> None:
    kept = Silence(id="e5", matcher=(("account", "main"),), until=picture().at + timedelta(hours=2), author="ann")
    over = replace(kept, id="f6", until=picture().at)
    shown = picture(alerts=(alert(acked_at=picture().at),), silences=(kept, over))
    assert values(shown, "id") == {"e5"}
    assert "account=main, 2 h left, by ann" in text(shown)


def test_without_a_token_there_are_no_buttons_and_the_page_says_why() -> None:
    shown = picture()
    assert {tag for tag, attributes in read(shown, CLOSED).tags if tag == "form" and attributes["method"] == "post"} == set()
    assert "no token is configured: set http.token" in text(shown, CLOSED)
    assert "no token is configured" not in text(shown)


def test_what_is_said_aloud_changes_with_alerts_and_not_with_figures() -> None:
    before, after = picture(), picture(alerts=(alert(summary="BTC: 7.9 % to liquidation"),))
    said = json.loads(event(before, OPEN))["announced"]
    assert said == json.loads(event(after, OPEN))["announced"] == "critical. critical main liquidation_distance BTC"


def test_an_event_holds_what_a_reload_would_show() -> None:
    shown = picture(account_picture(), unread_picture())
    told, whole = json.loads(event(shown, OPEN)), page(shown, OPEN)
    assert tuple(told) == REGIONS
    assert [region for region, html in told.items() if html not in whole] == []
    assert {attributes["id"] for _, attributes in read(shown).tags if "data-region" in attributes} == set(REGIONS)


@pytest.mark.parametrize("look", [OPEN, CLOSED, HIDDEN])
def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline(look: Look) -> None:
    reader = read(picture(), look)
    assert {tag for tag, _ in reader.tags} & {"style", "iframe", "img"} == set()
    assert [each for _, each in reader.tags if "style" in each or any(name.startswith("on") for name in each)] == []
    assert {each[name] for _, each in reader.tags for name in ("href", "src") if name in each} == {
        "/icon.svg",
        "/style.css",
        "/script.js",
    }


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
    assert "<script>" not in everything(shown, OPEN)
    assert HOSTILE in text(shown)
    assert "<script>" not in answer_page(HOSTILE)


def test_the_profit_of_a_position_is_in_its_own_coin_where_several_back_it() -> None:
    backed = Collateral(coin="BTC", balance=D(2), price=D(50_000), haircut=D(0), beta=D(1))
    usd = pool(0, long(300_000, 50_000, 51_000, settle="BTC"), coin="USD", mode=PoolMode.MULTI_COIN, collateral=(backed,))
    assert "profit 0.117647 BTC" in text(picture(account_picture(account(usd))))
