"""Commands are carried out once, answered in a sentence, and written down with who gave them."""

from datetime import timedelta

import pytest

from monitor.command import Command, Kind
from monitor.core.alerts.alert import Mute
from monitor.desk import MOST_COMMANDS, Desk
from monitor.ports import Change
from monitor.store.memory import MemoryStore
from tests.fakes import FakeClock, FakeVenue
from tests.test_watch import CALM, DYING, NEAR, Rig, held


class KeepingStore(MemoryStore):
    """A store that shows every record it was given, and whose channel acknowledges at once where it is told to."""

    def __init__(self, channels: tuple[str, ...] = ("mqtt",)) -> None:
        super().__init__(channels)
        self.records: list[str] = []
        self.acknowledges = True

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        self.records += [f"{r.origin}: {r.what} {r.text}" for r in change.records]
        for row in await self.pending("mqtt", 100) if self.acknowledges and "mqtt" in self.channels else ():
            await self.delivered("mqtt", row.number)

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self._mirror._outboxes)


class Office:
    """A desk over a watch with one account in danger."""

    def __init__(self, channels: tuple[str, ...] = ("mqtt",)) -> None:
        self.store = KeepingStore(channels)
        self.rig = Rig(store=self.store)
        self.rig.faults = dict.fromkeys(channels)
        self.polled: list[str | None] = []
        self.desk = Desk(
            self.rig.watch,
            store=self.store,
            clock=self.rig.clock,
            poll=self.polled.append,
            channels=lambda: self.rig.faults,
        )

    async def in_danger(self, mark: int = NEAR) -> "Office":
        self.rig.venues["main"].feed(held(mark))
        await self.rig.cycle()
        return self

    async def say(self, kind: Kind, target: str | None = None, hours: float | None = None, request: str | None = None) -> str:
        lasting = None if hours is None else timedelta(hours=hours)
        wish = Command(kind=kind, target=target, lasting=lasting, author="ann", request=request, origin="mqtt")
        reply = await self.desk.take(wish)
        return f"{'yes' if reply.is_done else 'no'}: {reply.text}"

    @property
    def alert_id(self) -> str:
        return self.rig.watch.register.alerts[0].id


async def test_an_ack_keeps_an_alert_from_being_told_again() -> None:
    office = await Office().in_danger(DYING)
    assert (await office.say(Kind.ACK, office.alert_id)).startswith("yes: acknowledged: BTC: ")
    for _ in range(10):
        await office.rig.cycle(after=900)
    assert [e for e in office.rig.history if "liquidation_distance" in e] == ["fired liquidation_distance critical"]
    assert office.rig.watch.register.alerts[0].acked_by == "ann"
    assert office.store.records == [f"mqtt ann: ack alert {office.alert_id}"]


@pytest.mark.parametrize("target", ["nothing", None])
async def test_an_unknown_id_is_answered_with_the_remedy(target: str | None) -> None:
    office = await Office().in_danger()
    answer = await office.say(Kind.ACK, target)
    assert answer.startswith("no: ")
    assert "id" in answer
    assert office.store.records == []


async def test_a_silence_mutes_until_it_ends_and_then_what_fires_is_told() -> None:
    office = Office()
    office.rig.venues["main"].feed(held(CALM), held(NEAR))
    await office.rig.cycle()
    assert "silenced account=main for 2 h, emergencies excepted" in await office.say(Kind.SILENCE, "account=main", 2)
    await office.rig.cycle()
    (alert,) = (a for a in office.rig.watch.register.alerts if a.key.rule == "liquidation_distance")
    assert alert.muted is Mute.SILENCE
    await office.rig.watch.tick()
    await office.rig.cycle(after=2 * 3600)
    await office.rig.watch.tick()
    assert office.rig.history[-1] == "repeated liquidation_distance warning"
    assert (await office.store.load()).silences == ()


async def test_a_silence_outlives_a_restart_and_can_be_ended() -> None:
    office = await Office().in_danger()
    await office.say(Kind.SILENCE, "rule=stale", 2)
    await office.rig.restart()
    (silence,) = office.rig.watch.register.silences
    office.desk._watch = office.rig.watch
    assert await office.say(Kind.UNSILENCE, silence.id) == "yes: no longer silenced: rule=stale"
    assert await office.say(Kind.UNSILENCE, silence.id) == (
        f"no: there is no silence {silence.id}: `inverse-monitor alerts` lists them"
    )
    assert (await office.store.load()).silences == ()


@pytest.mark.parametrize(
    ("matcher", "hours", "complaint"),
    [
        ("account=main", None, "a silence needs an end"),
        ("account=main", 0, "longer than no time"),
        ("account=main", 24 * 31, "at most 30 d"),
        ("colour=red", 1, "a matcher is key=glob"),
        ("account=", 1, "needs a name"),
        (None, 1, "needs a matcher"),
    ],
)
async def test_a_silence_that_cannot_be_is_refused(matcher: str | None, hours: float | None, complaint: str) -> None:
    answer = await Office().say(Kind.SILENCE, matcher, hours)
    assert answer.startswith("no: ")
    assert complaint in answer


async def test_a_poll_is_passed_on_for_accounts_that_exist() -> None:
    office = Office()
    assert await office.say(Kind.POLL) == "yes: looking at all accounts"
    assert await office.say(Kind.POLL, "main") == "yes: looking at main"
    assert await office.say(Kind.POLL, "other") == "no: there is no account other; there are: main"
    assert office.polled == [None, "main"]


async def test_a_test_alert_goes_through_every_channel_and_says_what_each_acknowledged() -> None:
    office = await Office().in_danger()
    assert await office.say(Kind.TEST_ALERT) == "yes: mqtt: acknowledged after 0.00 s"
    assert office.rig.events[-1].alert.summary == "test by ann: if you read this, alerts reach you"
    office.store.acknowledges = False
    office.rig.faults = {"mqtt": "MQTT: nobody answers at localhost:1883"}
    answer = await office.say(Kind.TEST_ALERT)
    assert answer == "no: mqtt: not acknowledged within 20 s (MQTT: nobody answers at localhost:1883)"


async def test_without_a_channel_a_test_says_so() -> None:
    assert await Office(()).say(Kind.TEST_ALERT) == "no: no channel is configured: set mqtt or push"


async def test_the_same_request_twice_is_one_command() -> None:
    office = Office()
    first = await office.say(Kind.SILENCE, "account=main", 1, request="r1")
    assert await office.say(Kind.SILENCE, "account=main", 1, request="r1") == first
    assert len(office.rig.watch.register.silences) == 1
    assert await office.say(Kind.SILENCE, "account=main", 1, request="r2") != first


async def test_a_flood_is_held_off_and_forgiven() -> None:
    office = Office()
    for _ in range(MOST_COMMANDS):
        assert (await office.say(Kind.POLL)).startswith("yes")
    assert await office.say(Kind.POLL) == "no: more than 30 commands within 60 s: wait a little"
    office.rig.clock.advance(61)
    assert (await office.say(Kind.POLL)).startswith("yes")


async def test_after_a_restart_with_the_clock_set_back_a_silence_lasts_no_longer_than_was_said() -> None:
    office = await Office().in_danger()
    await office.say(Kind.SILENCE, "rule=liquidation_distance", hours=2)
    rig = office.rig
    rig.clock = FakeClock(rig.clock.now() - timedelta(days=300))
    rig.venues = {"main": FakeVenue(rig.clock).feed(held(NEAR))}
    await rig.restart()
    rig.clock.advance(7199)
    assert len(rig.watch.register.silences) == 1
    rig.clock.advance(2)
    assert rig.watch.register.silences == ()
