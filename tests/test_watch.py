"""Whole cycles with fakes: fine, failing, fine again."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from monitor.core.account import Account, Pool
from monitor.core.alerts.alert import Event, EventType, Mute
from monitor.core.liquidity import Level as Depth
from monitor.core.liquidity import OrderBook
from monitor.core.rules.facts import Rights
from monitor.core.rules.finding import Level
from monitor.core.rules.settings import RuleSettings
from monitor.outlook import Outlook
from monitor.ports import Change, ErrorKind, Examination, Store, VenueDataInvalid, VenueRefused, VenueUnavailable
from monitor.register import Tell
from monitor.store.memory import MemoryStore
from monitor.ward import Ward
from monitor.watch import Watch
from tests.build import BTC_QUARTERLY, D, account, long, pool
from tests.fakes import FakeClock, FakeVenue, failing
from tests.policy import FixedPolicy

INTERVAL = timedelta(seconds=15)
CALM, NEAR, DYING = 20_000, 10_000, 9_000


def held(mark: int, *, name: str = "main", wallet: str = "0.2") -> Account:
    """A long of 10,000 dollars from 10,000: 58 %, 16 % and 7 % from liquidation at the marks above."""
    return account(pool(wallet, long(10_000, 10_000, mark)), name=name, venue="bybit")


def flat(name: str = "main") -> Account:
    return account(pool("0.2"), name=name, venue="bybit")


class Rig:
    """A watch over accounts at fake venues."""

    def __init__(
        self,
        *names: str,
        store: Store | None = None,
        interval: timedelta = INTERVAL,
        tell: Tell | None = None,
        rules: dict[str, RuleSettings] | None = None,
        coins: frozenset[str] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.store = store or MemoryStore(("mqtt",))
        self.venues = {name: FakeVenue(self.clock) for name in names or ("main",)}
        self.told: list[tuple[str, int]] = []
        self.events: list[Event] = []
        self.interval = interval
        self.tell = tell or self._tell
        self.policy = FixedPolicy(rules or {})
        self.coins = coins
        self.faults: dict[str, str | None] = {}
        self.watch = self._watch()

    def _watch(self) -> Watch:
        wards = [
            Ward(
                name=name,
                venue_id="bybit",
                venue=venue,
                interval=self.interval,
                labels={},
                seen_at=self.clock.now(),
                coins=self.coins,
            )
            for name, venue in self.venues.items()
        ]
        outlook = Outlook(policy=self.policy, target_distance=D("0.3"), holdings={})
        return Watch(wards, store=self.store, clock=self.clock, outlook=outlook, tell=self.tell, faults=lambda: self.faults)

    def _tell(self, name: str, events: tuple[Event, ...]) -> None:
        self.told.append((name, len(events)))
        self.events += events

    async def restart(self) -> "Rig":
        self.watch = self._watch()
        await self.watch.recall()
        return self

    async def cycle(self, name: str = "main", after: float = 15) -> None:
        self.clock.advance(after)
        await self.watch.cycle(name)

    @property
    def history(self) -> list[str]:
        return [f"{e.type.value} {e.alert.key.rule} {e.alert.level.word}" for e in self.events]

    def level(self, rule: str, name: str = "main") -> Level | None:
        return next((a.level for a in self.watch.account(name)[1] if a.key.rule == rule), None)


async def test_an_outage_is_an_alert_and_clears_nothing() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(NEAR), failing(VenueUnavailable, "maintenance"))
    await rig.cycle()
    for _ in range(4):
        await rig.cycle()
    assert rig.history == ["fired liquidation_distance warning", "fired stale critical"]
    assert rig.level("liquidation_distance") is Level.WARNING
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert (picture.is_up, picture.failure and picture.failure.kind) == (False, ErrorKind.MAINTENANCE)
    assert picture.risk is not None


async def test_after_an_outage_the_first_good_poll_resolves_it() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(CALM), *[failing(VenueUnavailable, "unavailable")] * 4, held(CALM))
    for _ in range(6):
        await rig.cycle()
    assert rig.history == ["fired stale warning", "resolved stale ok"]
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert (picture.is_up, picture.failure) == (True, None)
    assert picture.errors == {ErrorKind.UNAVAILABLE: 4}


async def test_data_grow_old_also_when_no_poll_ever_ends() -> None:
    rig = Rig()
    rig.clock.advance(44)
    await rig.watch.tick()
    assert rig.history == []
    rig.clock.advance(1)
    await rig.watch.tick()
    assert rig.history == ["fired stale warning"]
    assert rig.events[0].alert.summary == "no validated data for 45 s: no poll has finished"


async def test_a_stalled_venue_is_left_when_its_time_is_up() -> None:
    rig = Rig(interval=timedelta(milliseconds=50))
    rig.venues["main"].feed(None)
    await rig.cycle()
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.errors == {ErrorKind.TIMEOUT: 1}


async def test_a_bug_in_one_account_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig("main", "other")
    rig.venues["main"].feed(KeyError("secret"))
    rig.venues["other"].feed(held(CALM, name="other"))
    await rig.cycle()
    await rig.cycle("other", after=0)
    main, other = (rig.watch.account(name)[0] for name in ("main", "other"))
    assert main is not None
    assert other is not None
    assert main.failure is not None
    assert main.failure.message == "KeyError inside the monitor; please report it"
    assert other.is_up
    capsys.readouterr()


async def test_a_bug_in_what_follows_a_look_is_contained_too(capsys: pytest.CaptureFixture[str]) -> None:
    rig = Rig()
    rig.venues["main"].feed(account(pool(1, long(1000, 10_000, mark_price=D(0)))))
    await rig.cycle()
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.errors == {ErrorKind.BUG: 1}
    capsys.readouterr()


async def test_what_an_earlier_run_knew_is_shown_with_its_age() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(NEAR))
    await rig.cycle()
    rig.venues["main"].forget().feed(failing(VenueUnavailable, "unavailable"))
    await rig.restart()
    await rig.cycle(after=100)
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.age == timedelta(seconds=100)


async def test_two_refusals_are_an_error_and_the_venue_is_asked_more_slowly() -> None:
    rig = Rig()
    rig.venues["main"].feed(failing(VenueRefused, "refused"))
    await rig.cycle()
    assert rig.history == []
    await rig.cycle()
    assert rig.history == ["fired account_error critical"]
    looks = rig.venues["main"].looks
    for _ in range(3):
        await rig.cycle()
    assert rig.venues["main"].looks == looks
    await rig.cycle(after=60)
    assert rig.venues["main"].looks == looks + 1


async def test_a_rate_limit_is_honoured_for_as_long_as_the_venue_says() -> None:
    rig = Rig()
    rig.venues["main"].feed(failing(VenueUnavailable, "rate_limited", retry_after=100.0), held(CALM))
    await rig.cycle()
    await rig.cycle(after=99)
    assert rig.venues["main"].looks == 1
    await rig.cycle(after=1)
    assert rig.venues["main"].looks == 2
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.is_up


async def test_a_rate_limit_without_a_time_is_honoured_for_a_minute() -> None:
    rig = Rig()
    rig.venues["main"].feed(failing(VenueUnavailable, "rate_limited"), held(CALM))
    await rig.cycle()
    await rig.cycle(after=59)
    await rig.cycle(after=1)
    assert rig.venues["main"].looks == 2


async def test_a_position_that_is_missing_once_is_looked_for_again() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(NEAR), flat(), held(NEAR))
    await rig.cycle()
    await rig.cycle()
    assert rig.venues["main"].looks == 3
    assert rig.history == ["fired liquidation_distance warning"]
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.account is not None
    assert len(picture.account.positions) == 1


async def test_a_position_that_is_missing_twice_is_gone() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(NEAR), flat())
    await rig.cycle()
    await rig.cycle()
    assert rig.history == ["fired liquidation_distance warning", "gone liquidation_distance ok", "noted position_change ok"]
    assert rig.events[1].at - rig.events[0].at < timedelta(seconds=17)


async def test_a_position_that_vanishes_in_danger_is_critical() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(DYING), flat())
    await rig.cycle()
    await rig.cycle()
    assert rig.history[-1] == "fired position_change critical"
    assert rig.level("position_change") is Level.CRITICAL
    await rig.cycle(after=3600)
    assert rig.level("position_change") is Level.CRITICAL


async def test_while_it_is_confirmed_the_worse_reading_may_raise_and_nothing_clears() -> None:
    rig = Rig()
    both = account(pool("0.2", long(10_000, 10_000, CALM), long(100, 10_000, CALM, symbol=BTC_QUARTERLY)), venue="bybit")
    rig.venues["main"].feed(both, held(DYING), failing(VenueUnavailable, "unavailable"))
    await rig.cycle()
    await rig.cycle()
    assert rig.history == ["fired liquidation_distance critical"]


async def test_a_position_that_is_suddenly_smaller_is_looked_for_again() -> None:
    rig = Rig()
    small = account(pool("0.2", long(1, 10_000, NEAR)), venue="bybit")
    rig.venues["main"].feed(held(NEAR), small, held(NEAR))
    await rig.cycle()
    await rig.cycle()
    assert rig.history == ["fired liquidation_distance warning"]
    rig.venues["main"].forget().feed(small)
    await rig.cycle()
    assert "noted position_change ok" in rig.history


async def test_a_coin_that_is_missing_is_looked_for_again() -> None:
    rig = Rig()
    rig.venues["main"].feed(account(pool(1), pool(2, coin="ETH")), account(pool(1)))
    await rig.cycle()
    await rig.cycle()
    assert rig.venues["main"].looks == 3


async def test_a_second_look_that_fails_is_an_outage_and_not_flat() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(NEAR), flat(), failing(VenueDataInvalid, "invalid"))
    await rig.cycle()
    await rig.cycle()
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.account is not None
    assert len(picture.account.positions) == 1
    assert rig.history == ["fired liquidation_distance warning"]


async def test_after_a_restart_the_state_is_as_it_was_and_nothing_fires_twice() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(NEAR))
    await rig.cycle()
    before = rig.watch.account("main")[1]
    await rig.restart()
    assert rig.watch.account("main")[1] == before
    await rig.cycle()
    assert rig.history == ["fired liquidation_distance warning"]
    assert len(await rig.store.pending("mqtt", 10)) == 1


async def test_what_vanished_while_the_monitor_was_down_is_noticed() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(DYING))
    await rig.cycle()
    rig.venues["main"].forget().feed(flat())
    await rig.restart()
    await rig.cycle()
    assert rig.history[-1] == "fired position_change critical"


async def test_alerts_of_an_account_that_left_the_configuration_are_gone() -> None:
    rig = Rig("main", "other")
    rig.venues["main"].feed(held(NEAR))
    await rig.cycle()
    del rig.venues["main"]
    await rig.restart()
    assert rig.events[-1].type is EventType.GONE
    assert "main" not in (await rig.store.load()).accounts


class BrokenStore(MemoryStore):
    """A store whose disk fails when it is told to."""

    broken: str | None = None

    @property
    def fault(self) -> str | None:
        return self.broken


async def test_a_store_that_cannot_be_written_is_told_and_forgiven() -> None:
    store = BrokenStore(("mqtt",))
    rig = Rig(store=store)
    rig.venues["main"].feed(held(CALM))
    await rig.cycle()
    store.broken = "state.db: the disk is full; free some space"
    await rig.watch.tick()
    assert rig.history == ["fired store critical"]
    assert rig.watch.picture().store_fault == store.broken
    store.broken = None
    await rig.watch.tick()
    assert rig.history == ["fired store critical", "resolved store ok"]


class LoudStore(MemoryStore):
    """A store that says when it commits."""

    def __init__(self, log: list[str]) -> None:
        super().__init__(("mqtt",))
        self._log = log

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        self._log += ["committed"] * bool(change.events)


async def test_every_event_is_told_after_it_is_committed() -> None:
    seen: list[str] = []
    rig = Rig(store=LoudStore(seen), tell=lambda _, events: seen.extend(["told"] * len(events)))
    rig.venues["main"].feed(held(NEAR))
    await rig.cycle()
    assert seen == ["committed", "told"]


async def test_the_picture_sums_only_what_is_fresh() -> None:
    rig = Rig("main", "other")
    rig.venues["main"].feed(held(CALM))
    rig.venues["other"].feed(held(CALM, name="other"))
    await rig.cycle("main")
    await rig.cycle("other", after=44)
    whole = rig.watch.picture().portfolio
    assert whole.coins[0].delta == Decimal("1.2") * 2
    rig.clock.advance(1)
    assert rig.watch.picture().portfolio.coins[0].delta == Decimal("1.2")
    assert [a.is_up for a in rig.watch.picture().accounts] == [False, True]


async def test_volatility_is_learned_from_the_marks_that_are_seen() -> None:
    rig = Rig(interval=timedelta(minutes=2))
    rig.venues["main"].feed(*[held(CALM + step % 2 * 100) for step in range(100)])
    for _ in range(60):
        await rig.cycle(after=120)
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.risk is not None
    chance = picture.risk.pools[0].touch_probability[timedelta(hours=24)]
    assert chance is not None
    assert 0 < chance < 1


async def test_a_pool_that_is_not_assessed_is_a_warning_with_its_reason() -> None:
    rig = Rig()
    dark: Pool = pool("0.2", long(10_000, 10_000, CALM), obstacle="options share the margin")
    rig.venues["main"].feed(account(dark, venue="bybit"))
    await rig.cycle()
    assert rig.history == ["fired unassessed warning"]
    assert "options share the margin" in rig.events[0].alert.summary


def may(*, trade: bool | None = False, withdraw: bool | None = False) -> Examination:
    return Examination(clock_offset_seconds=0.0, may_trade=trade, may_withdraw=withdraw, mode="fake")


async def test_what_the_key_may_do_is_asked_at_the_start_and_once_a_day() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(CALM)).grant(may(trade=True))
    await rig.cycle()
    await rig.cycle()
    assert rig.history == ["fired key_scope warning"]
    assert rig.venues["main"].examinations == 1
    rig.venues["main"].grant(may())
    await rig.cycle(after=86_400)
    await rig.cycle()
    assert rig.history[-1] == "resolved key_scope ok"


async def test_a_venue_that_does_not_answer_about_the_key_is_asked_again_and_the_poll_stands() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(CALM)).grant(failing(VenueUnavailable, "unavailable"))
    await rig.cycle()
    await rig.cycle()
    assert rig.venues["main"].examinations == 2
    assert rig.watch.wards["main"].rights is None
    picture, _ = rig.watch.account("main")
    assert picture is not None
    assert picture.is_up
    rig.venues["main"].grant(may())
    await rig.cycle()
    assert rig.watch.wards["main"].rights == Rights(may_trade=False, may_withdraw=False)


BOOK = OrderBook(bids=(Depth(D(9_000), D(50_000)),), asks=())


async def test_order_books_are_read_only_for_who_asks_and_judged_by_at_the_next_look() -> None:
    rig = Rig(rules={"exit_cost": RuleSettings(enabled=True, warning=D("0.3"))})
    rich = account(pool("0.5", long(10_000, 10_000, taker_fee=D(0))), venue="bybit")
    rig.venues["main"].feed(rich).quote("BTC/USD:BTC", BOOK)
    await rig.cycle()
    assert rig.history == []
    await rig.cycle()
    assert rig.history == []
    rig.venues["main"].quote("BTC/USD:BTC", OrderBook(bids=(Depth(D(8_000), D(50_000)),), asks=()))
    await rig.cycle()
    await rig.cycle()
    assert rig.history == ["fired exit_cost warning"]
    silent = Rig()
    silent.venues["main"].feed(rich)
    await silent.cycle()
    assert silent.venues["main"].quotes == []


async def test_a_book_that_cannot_be_read_is_unknown_and_holds_the_alert() -> None:
    rig = Rig(rules={"exit_cost": RuleSettings(enabled=True, warning=D("0.1"))})
    costly = account(pool("0.5", long(10_000, 10_000, taker_fee=D("0.01"))), venue="bybit")
    rig.venues["main"].feed(costly).quote("BTC/USD:BTC", BOOK)
    await rig.cycle()
    await rig.cycle()
    assert rig.level("exit_cost") is Level.WARNING
    rig.venues["main"].order_books.clear()
    for _ in range(10):
        await rig.cycle()
    assert rig.level("exit_cost") is Level.WARNING
    assert "resolved exit_cost ok" not in rig.history


async def test_a_book_moves_with_its_market_so_that_its_age_is_no_cost() -> None:
    """Bids one percent below the mark: a move of the mark between two looks changes the cost in coin, and not the percent."""
    rig = Rig(rules={"exit_cost": RuleSettings(enabled=True, warning=D("0.9"))})
    book = OrderBook(bids=(Depth(D(9_900), D(50_000)),), asks=())
    calm, fallen = (account(pool("3", long(10_000, 10_000, mark, taker_fee=D(0))), venue="bybit") for mark in (10_000, 8_000))
    rig.venues["main"].feed(calm, fallen).quote("BTC/USD:BTC", book)
    await rig.cycle()
    await rig.cycle()
    risk = rig.watch.wards["main"].risk
    assert risk is not None
    cost = risk.pools[0].positions[0].exit_cost
    assert cost is not None
    assert round(cost.slippage, 12) == round(D(10_000) / D(7_920) - D("1.25"), 12)


async def test_what_was_seen_before_is_followed_and_not_judged() -> None:
    rig = Rig()
    for minutes in range(40, 0, -1):
        rig.watch.recount("main", held(NEAR + 100 * minutes), timedelta(minutes=minutes))
    assert (rig.history, rig.told) == ([], [])
    rig.venues["main"].feed(held(CALM))
    await rig.cycle()
    risk = rig.watch.wards["main"].risk
    assert risk is not None
    assert risk.pools[0].approach_speed is not None


async def test_an_account_is_limited_to_its_coins() -> None:
    rig = Rig(coins=frozenset({"BTC"}))
    sol = pool(5, coin="SOL")
    eth = pool(9, long(1_000, 1_000, symbol="ETH/USD:ETH"), coin="ETH")
    rig.venues["main"].feed(account(pool("0.2"), sol, eth, venue="bybit"))
    await rig.cycle()
    seen = rig.watch.wards["main"].account
    assert seen is not None
    assert [p.coin for p in seen.pools] == ["BTC", "ETH"]
    assert "fired coins critical" in rig.history


async def test_two_accounts_of_a_silent_venue_are_one_alert() -> None:
    rig = Rig("one", "two")
    for name, venue in rig.venues.items():
        venue.feed(held(CALM, name=name), failing(VenueUnavailable, "maintenance"))
        await rig.cycle(name, after=0)
    rig.clock.advance(45)
    await rig.watch.tick()
    assert rig.history == ["fired venue_down warning", "fired stale warning", "fired stale warning"]
    assert [e.alert.muted for e in rig.events] == [None, Mute.VENUE_DOWN, Mute.VENUE_DOWN]


async def test_a_channel_that_stays_down_is_told_after_a_minute() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(CALM))
    await rig.cycle()
    rig.faults = {"mqtt": "MQTT: nobody answers at localhost:1883"}
    await rig.watch.tick()
    for _ in range(4):
        await rig.cycle()
        await rig.watch.tick()
    assert rig.history == ["fired delivery critical"]
    rig.faults = {"mqtt": None}
    await rig.watch.tick()
    assert rig.history == ["fired delivery critical", "resolved delivery ok"]


async def test_the_time_left_is_learned_from_the_way_so_far() -> None:
    rig = Rig(interval=timedelta(minutes=1))
    rig.venues["main"].feed(*[held(12_000 - 20 * step) for step in range(45)])
    for _ in range(45):
        await rig.cycle(after=60)
    assert "fired time_to_liquidation critical" in rig.history
    assert rig.watch.wards["main"].risk is not None
    assert rig.watch.wards["main"].risk.pools[0].time_to_liquidation is not None


async def test_an_alert_across_accounts_stays_while_one_cannot_be_read() -> None:
    """A coin that only the silent account holds must not end as gone."""
    rig = Rig("main", "other", rules={"net_delta": RuleSettings(enabled=True, warning=D("0.5"))})
    rig.venues["main"].feed(held(CALM), failing(VenueUnavailable, "unavailable"))
    rig.venues["other"].feed(account(pool(1, coin="ETH"), name="other", venue="bybit"))
    await rig.cycle("main")
    await rig.cycle("other", after=0)
    await rig.watch.tick()
    assert "fired net_delta warning" in rig.history
    for _ in range(5):
        await rig.cycle("main")
        await rig.cycle("other", after=0)
        await rig.watch.tick()
    assert rig.level("net_delta", "") is Level.WARNING
    assert "gone net_delta ok" not in rig.history


async def test_after_a_restart_with_the_clock_set_back_an_alert_does_not_wait_for_the_old_time() -> None:
    rig = Rig()
    rig.venues["main"].feed(held(DYING))
    await rig.cycle()
    rig.clock = FakeClock(rig.clock.now() - timedelta(hours=5))
    rig.venues = {"main": FakeVenue(rig.clock).feed(held(DYING))}
    await rig.restart()
    await rig.cycle()
    await rig.cycle(after=15 * 60)
    assert [told for told in rig.history if "liquidation_distance" in told] == [
        "fired liquidation_distance critical",
        "repeated liquidation_distance critical",
    ]


class SlowStore(MemoryStore):
    """Takes each change at once and its time afterwards, as a disk does, from the moment that ``is_slow``."""

    is_slow = False

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        if self.is_slow:
            await asyncio.Event().wait()


async def test_an_alert_whose_poll_is_cut_short_while_it_is_written_is_told_all_the_same() -> None:
    store = SlowStore(("mqtt",))
    rig = Rig(store=store, interval=timedelta(milliseconds=200))
    rig.venues["main"].feed(held(CALM), account(pool("0.05", long(4_000, 10_000, DYING)), name="main", venue="bybit"))
    await rig.cycle(after=0)
    store.is_slow = True
    cycle = asyncio.create_task(rig.watch.cycle("main"))
    await asyncio.sleep(0.5)
    cycle.cancel()
    assert "fired liquidation_distance emergency" in rig.history


async def test_a_restart_ends_nothing_that_it_has_not_seen_to_be_over() -> None:
    rig = Rig("main", "other")
    may_trade = Examination(clock_offset_seconds=0, may_trade=True, may_withdraw=False, mode="fake")
    for name, venue in rig.venues.items():
        venue.feed(held(NEAR, name=name), failing(VenueUnavailable, "unavailable")).grant(may_trade)
    for _ in range(30):
        await rig.cycle("main")
        await rig.cycle("other", after=0)
        await rig.watch.tick()
    assert {(rule, rig.level(rule)) for rule in ("stale", "key_scope")} == {
        ("stale", Level.CRITICAL),
        ("key_scope", Level.WARNING),
    }
    rig.events.clear()
    await rig.restart()
    for _ in range(12):
        await rig.watch.tick()
        await rig.cycle("main")
        await rig.cycle("other", after=0)
    assert [event for event in rig.history if not event.startswith("repeated")] == []
    rig.venues["main"].forget().feed(held(NEAR))
    await rig.cycle("main")
    await rig.watch.tick()
    assert rig.history[-2:] == ["resolved stale ok", "resolved venue_down ok"]
