"""The disk answers only when the daemon has been watching for a while: what an earlier run left is taken up then."""

from dataclasses import replace
from datetime import timedelta

from monitor.core.alerts.alert import Alert, Mute, Silence
from monitor.ports import Memory, Record
from tests.build import NOON
from tests.store_fake import FakeStore
from tests.test_watch import CALM, DYING, NEAR, Rig, held

RULE = "liquidation_distance"


def danger(rig: Rig) -> Alert:
    return next(each for each in rig.watch.register.alerts if each.key.rule == RULE)


def record(what: str) -> Record:
    return Record(id=what, at=NOON, origin="test", what=what, text="")


async def left_at(mark: int, *, is_acked: bool = False) -> Memory:
    """What a run leaves that has seen an account at *mark*."""
    rig = Rig()
    rig.venues["main"].feed(held(mark))
    await rig.cycle()
    if is_acked:
        await rig.watch.register.acknowledge(danger(rig).id, "ann", record("ack"))
    return await rig.store.load()


class Late(Rig):
    """A run an hour later, that began without its disk."""

    def __init__(self) -> None:
        self.disk = FakeStore()
        super().__init__(store=self.disk)
        self.clock.advance(3600)

    async def find(self, memory: Memory) -> None:
        self.disk.find(memory)
        await self.watch.tick()


async def begun(mark: int | None) -> Late:
    """A run that has seen the account at *mark*, or has not seen it yet."""
    rig = Late()
    await rig.restart()
    rig.venues["main"].feed(held(CALM if mark is None else mark))
    if mark is not None:
        await rig.cycle()
    return rig


async def test_an_alert_of_before_that_fires_now_keeps_its_id_its_begin_and_its_acknowledgement() -> None:
    left = await left_at(DYING, is_acked=True)
    (before,) = left.alerts.values()
    rig = await begun(DYING)
    assert danger(rig).id != before.id
    await rig.find(left)
    now = danger(rig)
    assert (now.id, now.since, now.acked_by, now.level) == (before.id, before.since, "ann", before.level)
    assert (await rig.store.load()).alerts[now.key] == now
    assert rig.told[-1] == ("main", 0)
    for _ in range(10):
        await rig.cycle(after=900)
    assert [each for each in rig.history if RULE in each] == [f"fired {RULE} critical"]


async def test_one_that_does_not_fire_now_ends_with_an_event() -> None:
    left = await left_at(NEAR)
    rig = await begun(CALM)
    await rig.find(left)
    for _ in range(10):
        await rig.cycle()
    assert rig.history == [f"resolved {RULE} ok"]


async def test_silences_join_those_given_since() -> None:
    left = await left_at(NEAR)
    old, new = (
        Silence(id=name, matcher=(("rule", rule),), author="ann", since=NOON, until=NOON + timedelta(hours=9))
        for name, rule in (("old", RULE), ("new", "stale"))
    )
    rig = await begun(NEAR)
    await rig.watch.register.silence(new, record("silence"))
    await rig.find(replace(left, silences=(old,)))
    assert {silence.id for silence in rig.watch.register.silences} == {"old", "new"}
    await rig.cycle()
    assert danger(rig).muted is Mute.SILENCE


async def test_a_last_reading_is_taken_up_only_where_there_is_none_of_now() -> None:
    left = await left_at(NEAR)
    for mark, taken in ((None, NEAR), (CALM, CALM)):
        rig = await begun(mark)
        await rig.find(left)
        account = rig.watch.wards["main"].account
        assert account is not None
        assert account.positions[0].mark_price == taken


async def test_alerts_of_accounts_that_are_no_longer_configured_end_as_gone() -> None:
    left = await left_at(NEAR)
    rig = Late()
    rig.venues = {"other": rig.venues["main"]}
    await rig.restart()
    rig.venues["other"].feed(held(CALM, name="other"))
    await rig.cycle("other")
    await rig.find(left)
    assert rig.history == [f"gone {RULE} ok"]


async def test_it_is_taken_up_once() -> None:
    left = await left_at(NEAR)
    rig = await begun(NEAR)
    await rig.find(left)
    told = len(rig.told)
    await rig.watch.tick()
    assert len(rig.told) == told
