import asyncio
import subprocess
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.account import Kind, MarginMode, PoolMode
from monitor.core.alerts.alert import Phase
from monitor.core.contract import Side
from monitor.core.leaving import with_exit_costs
from monitor.core.liquidity import Level as Depth
from monitor.core.liquidity import OrderBook
from monitor.core.rules.finding import AlertKey, Level
from monitor.picture import Picture
from monitor.ports import Backlog, ErrorKind
from monitor.views.metrics import METRICS, render
from monitor.views.scrape import Scrape
from monitor.views.status import status_json
from monitor.wire.figures import position_json
from tests.build import BTC_PERPETUAL, D, account, isolated, long, pool, position, risk, rule, short
from tests.programs import need
from tests.views.build import account_picture, alert, channel, picture, reading, swap, unread_picture
from tests.views.scraped import OPENMETRICS, names, scraped, values

PART = ("inverse_position_", "inverse_pool_")


def test_every_metric_of_the_table_has_a_row_where_everything_is_known() -> None:
    assert {metric.name for metric in METRICS} - names(picture()) == set()


def test_nothing_is_served_that_the_table_does_not_name() -> None:
    assert names(picture()) <= {metric.name for metric in METRICS}


def test_rows_carry_the_labels_that_the_table_names() -> None:
    table = {metric.name: set(metric.labels) for metric in METRICS if metric.name != "inverse_account_info"}
    assert [s for s in scraped(picture()) if s.name in table and set(s.labels) != table[s.name]] == []


def test_metric_names_are_unique_and_each_has_help() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert [metric.name for metric in METRICS if not metric.help.endswith(".")] == []


def test_promtool_finds_nothing_to_criticise() -> None:
    text, _ = render(picture(account_picture(), unread_picture()), None)
    found = subprocess.run([need("promtool"), "check", "metrics"], input=text, capture_output=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        (OPENMETRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
        ("application/openmetrics-text;version=newest", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(accept: str | None, content_type: str) -> None:
    assert render(picture(), accept)[1] == content_type


def test_counters_are_counters_and_nothing_says_when_it_was_created() -> None:
    text = render(picture(), None)[0].decode()
    assert "# TYPE inverse_account_poll_errors_total counter" in text
    assert "# TYPE inverse_notifications_total counter" in text
    assert "_created" not in text


def test_the_rows_of_a_closed_position_vanish() -> None:
    before, after = picture(), picture(account_picture(account(pool(101, swap()))))
    assert len(values(before, "inverse_position_contracts")) == 3
    assert len(values(after, "inverse_position_contracts")) == 1


def test_an_account_with_old_data_keeps_its_own_rows_and_alerts_and_loses_all_others() -> None:
    stale = picture(account_picture(is_up=False))
    assert values(stale, "inverse_account_up", account="main") == [0]
    assert values(stale, "inverse_account_last_success_timestamp_seconds") != []
    assert values(stale, "inverse_alert_level", account="main") == [2]
    assert [name for name in names(stale) if name.startswith(PART)] == []


def test_an_account_that_was_never_read_has_no_figure_that_reads_as_zero() -> None:
    unread = picture(unread_picture())
    assert values(unread, "inverse_account_up") == [0]
    assert values(unread, "inverse_account_last_success_timestamp_seconds") == []
    assert values(unread, "inverse_account_poll_duration_seconds") == []
    assert values(unread, "inverse_portfolio_equity_usd") == []


def test_what_is_not_known_has_no_row() -> None:
    bare = picture(account_picture(account(pool(1, long(10_000, 45_000)))))
    absent = ("index_price_usd", "basis_ratio", "funding_rate_daily_ratio", "adl_rank", "margin_ratio", "equity_coins")
    assert names(bare) & {f"inverse_position_{name}" for name in absent} == set()
    assert values(bare, "inverse_position_liquidation_price_usd", source="venue") == []


def test_an_unassessed_pool_shows_its_status_and_no_margin_of_ours() -> None:
    unassessed = picture(account_picture(account(pool(101, swap(maintenance=None)))))
    assert values(unassessed, "inverse_pool_status", status="unassessed") == [1]
    assert values(unassessed, "inverse_pool_equity_coins") == []
    assert values(unassessed, "inverse_pool_liquidation_distance_ratio") == []
    assert values(unassessed, "inverse_position_liquidation_price_usd", source="computed") == []
    assert values(unassessed, "inverse_position_liquidation_price_usd", source="venue") == [32_000]


def test_a_status_is_one_and_the_others_zero() -> None:
    shown = {
        s.labels["status"]: s.value for s in scraped(picture()) if s.name == "inverse_pool_status" and s.labels["coin"] == "ETH"
    }
    assert shown == {"ok": 0, "flat": 1, "liquidatable": 0, "unassessed": 0}


def test_a_pool_that_can_be_liquidated_now_is_at_distance_zero() -> None:
    dead = picture(account_picture(account(pool("0.0001", long(10_000, 45_000)))))
    assert values(dead, "inverse_pool_liquidation_distance_ratio") == [0]


def test_a_short_that_no_price_liquidates_has_no_distance() -> None:
    safe = picture(account_picture(account(pool(1, short(45_000, 45_000)))))
    assert values(safe, "inverse_pool_status", status="ok") == [1]
    assert values(safe, "inverse_pool_liquidation_distance_ratio") == []


def test_each_source_of_a_liquidation_price_has_a_row() -> None:
    prices = [s for s in scraped(picture()) if s.name == "inverse_position_liquidation_price_usd"]
    assert {s.labels["source"] for s in prices if s.labels["symbol"] == BTC_PERPETUAL} == {"computed", "venue", "convention"}


def test_funding_is_per_day_and_costs_the_side_that_pays() -> None:
    held = picture(account_picture(account(pool(101, swap()))))
    assert values(held, "inverse_position_funding_rate_daily_ratio") == [0.0003]
    assert values(held, "inverse_position_funding_cost_coins_per_day") == [pytest.approx(0.0003 * 10_000_000 / 45_000)]
    assert values(held, "inverse_position_funding_interval_seconds") == [8 * 3600]
    assert values(picture(), "inverse_position_funding_cost_coins_per_day", side="short") == [pytest.approx(-0.0003 * 2)]


def test_moments_are_those_of_the_calendar_after_the_clock_was_set() -> None:
    year = timedelta(days=365)
    for name in ("inverse_account_last_success_timestamp_seconds", "inverse_outbox_oldest_timestamp_seconds"):
        (before,), (after,) = values(picture(), name), values(picture(shift=year), name)
        assert after - before == year.total_seconds()
    assert status_json(picture(shift=year))["channels"][0]["oldest"] == "2027-11-22T11:59:58+00:00"  # type: ignore[index]  # JSON


def test_the_size_of_a_linear_contract_is_in_dollars_too() -> None:
    half = position(Side.LONG, "0.5", 50_000, symbol="BTC/USDT:USDT", settle="USDT", kind=Kind.LINEAR)
    usd = pool(0, half, coin="USD", mode=PoolMode.MULTI_COIN)
    assert values(picture(account_picture(account(usd))), "inverse_position_notional_usd") == [25_000]
    assert position_json(risk(usd).pools[0].positions[0], usd)["notional"] == 25_000


def test_basis_is_mark_over_index() -> None:
    assert values(picture(), "inverse_position_basis_ratio") == [pytest.approx(45_000 / 44_900 - 1)]


def test_errors_are_counted_from_zero_for_every_kind() -> None:
    errors = {s.labels["kind"]: s.value for s in scraped(picture()) if s.name == "inverse_account_poll_errors_total"}
    assert errors == {kind.value: 2 if kind is ErrorKind.TIMEOUT else 0 for kind in ErrorKind}


def test_the_labels_of_an_account_are_on_its_info_and_cannot_rename_it() -> None:
    labelled = picture(account_picture(labels={"entity": 'a "quoted"\\name\n', "account": "other"}))
    (info,) = [s.labels for s in scraped(labelled) if s.name == "inverse_account_info"]
    assert info == {"account": "main", "venue": "binancecoinm", "entity": 'a "quoted"\\name\n'}


def test_alerts_have_rows_once_they_have_fired_also_those_of_no_account() -> None:
    store = alert(key=AlertKey(account="", rule="store", subject="daemon"), venue="")
    pending = alert(phase=Phase.PENDING, key=AlertKey(account="main", rule="stale", subject="account"))
    resolved = alert(Level.OK, phase=Phase.RESOLVED, key=AlertKey(account="main", rule="units", subject="x"))
    shown = picture(alerts=(store, pending, resolved))
    assert values(shown, "inverse_alert_level", account="", rule="store", subject="daemon") == [2]
    assert values(shown, "inverse_alert_level", rule="stale") == []
    assert values(shown, "inverse_alert_level", rule="units") == [0]
    assert values(shown, "inverse_alert_acked", rule="store") == [0]


def test_an_alert_that_fired_before_keeps_its_row_while_it_waits_to_fire_again() -> None:
    again = alert(phase=Phase.PENDING, events=2)
    assert values(picture(alerts=(again,)), "inverse_alert_level") == [0]
    assert values(picture(alerts=(replace(again, events=0),)), "inverse_alert_level") == []


def test_channels_without_a_queue_and_without_mqtt_have_no_row_that_says_so_by_zero() -> None:
    shown = picture(channels=(channel("push", backlog=Backlog(pending=0, oldest=None)),))
    assert values(shown, "inverse_outbox_pending", channel="push") == [0]
    assert values(shown, "inverse_outbox_oldest_timestamp_seconds") == []
    assert values(shown, "inverse_mqtt_connected") == []


def test_a_sum_that_lacks_a_part_is_not_shown() -> None:
    stale = account_picture(reading("second", "deribit"), is_up=False)
    partial = picture(account_picture(), stale)
    sums = {"inverse_portfolio_delta_coins", "inverse_portfolio_hedge_usd", "inverse_portfolio_equity_usd"}
    shares = {"inverse_venue_equity_share_ratio", "inverse_portfolio_concentration_ratio"}
    assert names(partial) & (sums | shares) == set()
    assert values(partial, "inverse_coin_price_usd", coin="BTC") == [45_000]


def test_a_sum_that_lacks_a_pool_is_not_shown() -> None:
    dark = account_picture(account(pool(9, swap(), obstacle="options"), name="dark"))
    part = picture(account_picture(), dark)
    assert values(part, "inverse_portfolio_delta_coins", coin="BTC") == values(part, "inverse_portfolio_equity_usd") == []
    assert values(part, "inverse_portfolio_delta_coins", coin="ETH") == [3]


def test_an_account_that_was_never_read_holds_no_sum_back() -> None:
    assert values(picture(account_picture(), unread_picture()), "inverse_portfolio_delta_coins", coin="BTC") != []


def test_a_store_that_cannot_be_written_is_not_up() -> None:
    assert values(picture(store_fault="the disk is full"), "inverse_store_up") == [0]


FIGURE = st.decimals("0.00000001", "10000000000", allow_nan=False, allow_infinity=False)
POSITION = st.builds(
    position,
    st.sampled_from(Side),
    FIGURE,
    FIGURE,
    st.none() | FIGURE,
    margin_mode=st.sampled_from(MarginMode),
    isolated_margin=st.none() | FIGURE,
    maintenance=st.none() | st.just(rule()),
    index_price=st.none() | FIGURE,
    venue_liquidation_price=st.none() | st.just("none") | FIGURE,
    id=st.text(),
)
PICTURE = st.builds(
    lambda wallet, positions, name, up: picture(account_picture(account(pool(wallet, *positions)), is_up=up, labels={"l": name})),
    st.decimals(-1_000, 1_000, allow_nan=False),
    st.lists(POSITION, max_size=4, unique_by=lambda p: p.identity),
    st.text(),
    st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(PICTURE)
def test_whatever_is_held_can_be_scraped(any_picture: Picture) -> None:
    assert values(any_picture, "inverse_account_up") != []


def crowd(accounts: int) -> Picture:
    held = tuple(swap(symbol=f"BTC/USD:BTC-27010{index}") for index in range(9))
    shown = account_picture(account(pool(1_000, *held, isolated(swap(), 40))))
    return picture(*(replace(shown, name=f"a{index}") for index in range(accounts)))


async def test_ten_thousand_series_are_rendered_while_the_loop_goes_on() -> None:
    many, scrape, late = crowd(50), Scrape(), [0.0]

    async def watch() -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.001)
            late.append(time.monotonic() - began - 0.001)

    watching = asyncio.create_task(watch())
    text, _ = await scrape.text(many, None)
    watching.cancel()
    assert text.count(b"\ninverse_") > 10_000
    assert len(late) > 10
    print(f"{len(text)} bytes; the loop was late by {max(late) * 1000:.1f} ms at most")


async def test_a_picture_is_rendered_once_for_all_who_ask_for_one_format() -> None:
    shown, scrape = picture(), Scrape()
    first, second = await asyncio.gather(scrape.text(shown, None), scrape.text(shown, None))
    assert first[0] is second[0]
    assert (await scrape.text(shown, OPENMETRICS))[0].endswith(b"# EOF\n")
    assert (await scrape.text(picture(account_picture(is_up=False)), None))[0] != first[0]


def test_a_pool_is_stressed_with_its_equity_and_leverage_at_each_shock() -> None:
    """101 coins, 10,000,000 dollars long from 45,000: the pool is 323.2222 coins less 10,000,000 dollars."""
    shown = picture(account_picture(account(pool(101, long(10_000_000, 45_000)))))
    equities = {s.labels["shock"]: s.value for s in scraped(shown) if s.name == "inverse_pool_stress_equity_coins"}
    assert list(equities) == ["-0.5", "-0.3", "-0.2", "-0.1", "0.1", "0.2", "0.3", "0.5"]
    assert equities["-0.3"] == pytest.approx(323.2222222 - 10_000_000 / 31_500)
    leverages = {s.labels["shock"]: s.value for s in scraped(shown) if s.name == "inverse_pool_stress_leverage_ratio"}
    assert "-0.5" not in leverages
    assert leverages["-0.3"] == pytest.approx(10_000_000 / 31_500 / equities["-0.3"])


def test_a_flat_pool_and_one_whose_exposure_is_not_known_have_no_stress() -> None:
    for each in (pool(5), pool(5, long(1, 1), obstacle="options")):
        assert values(picture(account_picture(account(each))), "inverse_pool_stress_equity_coins") == []


def test_the_time_left_has_a_row_once_it_is_known() -> None:
    assert values(picture(), "inverse_pool_time_to_liquidation_seconds") == [172_800]
    unknown = account_picture(risk=risk(pool(101, swap())))
    assert values(picture(unknown), "inverse_pool_time_to_liquidation_seconds") == []


def test_leaving_has_a_row_only_where_the_book_is_deep_enough() -> None:
    held = risk(pool(101, long(10_000, 45_000, taker_fee=D(0))))
    for size, rows in ((10_000, 1), (9_999, 0)):
        book = OrderBook(bids=(Depth(D(44_000), D(size)),), asks=())
        left = account_picture(risk=with_exit_costs(held, {BTC_PERPETUAL: book}))
        assert len(values(picture(left), "inverse_position_exit_cost_coins")) == rows
