"""One suite for the real store and for those without a disk: what every store promises."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from monitor.core.alerts.alert import EventType
from monitor.core.rules.finding import Level
from monitor.ports import Backlog, Change, Store
from monitor.store.memory import MemoryStore
from monitor.store.sqlite import open_store
from monitor.wire.messages import event_body
from tests.channels.build import NOON, account, alert, event, forgotten, key, told
from tests.store_fake import FakeStore

Opened = Callable[..., AbstractAsyncContextManager[Store]]


@pytest.fixture(params=["sqlite", "memory", "fake"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Return what opens a store, with its channels and its limit."""

    @asynccontextmanager
    async def opening(*channels: str, limit: int = 10_000) -> AsyncIterator[Store]:
        if request.param == "sqlite":
            async with open_store(tmp_path / "state.db", channels=channels or ("mqtt",), wall=lambda: NOON, limit=limit) as store:
                yield store
        elif request.param == "memory":
            yield MemoryStore(channels or ("mqtt",), limit=limit)
        else:
            yield FakeStore(*channels, limit=limit)

    return opening


async def ids(store: Store, channel: str = "mqtt") -> list[str]:
    return [row.event_id for row in await store.pending(channel, 100_000)]


async def test_a_new_store_remembers_nothing_and_has_no_fault(opened: Opened) -> None:
    async with opened() as store:
        memory = await store.load()
        assert (memory.alerts, memory.silences, memory.accounts) == ({}, (), {})
        assert store.found_late() is None
        assert store.fault is None
        assert store.backlog("mqtt") == Backlog(pending=0, oldest=None)


async def test_an_alert_and_the_message_it_causes_are_there_together(opened: Opened) -> None:
    async with opened() as store:
        await store.commit(told(alert()))
        assert (await store.load()).alerts == {key(): alert()}
        (row,) = await store.pending("mqtt", 10)
        assert (row.event_id, row.body, row.created_at) == ("id-BTC-1", event_body(event(alert())), alert().at)
        assert store.backlog("mqtt") == Backlog(pending=1, oldest=alert().at)


async def test_each_channel_has_its_own_copy_and_its_own_cursor(opened: Opened) -> None:
    async with opened("mqtt", "phone") as store:
        await store.commit(told(alert()))
        (row,) = await store.pending("mqtt", 10)
        await store.delivered("mqtt", row.number)
        assert await ids(store, "mqtt") == []
        assert await ids(store, "phone") == ["id-BTC-1"]


async def test_rows_come_in_the_order_of_their_commits_and_no_more_than_asked_for(opened: Opened) -> None:
    async with opened() as store:
        for subject in ("C", "A", "B"):
            await store.commit(told(alert(subject)))
        assert await ids(store) == ["id-C-1", "id-A-1", "id-B-1"]
        assert len(await store.pending("mqtt", 2)) == 2


async def test_the_same_decision_committed_twice_is_sent_once(opened: Opened) -> None:
    async with opened() as store:
        await store.commit(told(alert()))
        await store.commit(told(alert()))
        assert await ids(store) == ["id-BTC-1"]


async def test_a_row_delivered_twice_or_never_known_is_no_trouble(opened: Opened) -> None:
    async with opened() as store:
        await store.commit(told(alert()))
        (row,) = await store.pending("mqtt", 10)
        for number in (row.number, row.number, 99):
            await store.delivered("mqtt", number)
        assert await ids(store) == []


async def test_a_forgotten_alert_is_gone_and_its_messages_stay(opened: Opened) -> None:
    async with opened() as store:
        await store.commit(told(alert()))
        await store.commit(forgotten(alert()))
        assert (await store.load()).alerts == {}
        assert await ids(store) == ["id-BTC-1"]


async def test_the_last_reading_of_an_account_is_remembered_until_it_is_forgotten(opened: Opened) -> None:
    async with opened() as store:
        await store.commit(Change(alerts={}, account=account(contracts="5")))
        await store.commit(Change(alerts={}, account=account(contracts="7")))
        assert (await store.load()).accounts == {"main": account(contracts="7")}
        await store.commit(Change(alerts={}, forget_accounts=("main",)))
        assert (await store.load()).accounts == {}


async def test_a_full_outbox_drops_the_oldest_warning_and_never_a_critical(opened: Opened) -> None:
    async with opened(limit=2) as store:
        for subject, level in (("A", Level.CRITICAL), ("B", Level.WARNING), ("C", Level.EMERGENCY), ("D", Level.CRITICAL)):
            await store.commit(told(alert(subject, level=level)))
        assert await ids(store) == ["id-A-1", "id-C-1", "id-D-1"]
        await store.commit(told(alert("E", level=Level.WARNING)))
        assert await ids(store) == ["id-A-1", "id-C-1", "id-D-1"]
        assert getattr(store, "evicted") == {"mqtt": 2}  # noqa: B009 - a figure beside the port


async def test_the_bound_is_each_channels_own(opened: Opened) -> None:
    async with opened("mqtt", "push-phone", limit=2) as store:
        await store.commit(told(alert("A"), alert("B", level=Level.CRITICAL)))
        for row in await store.pending("mqtt", 10):
            await store.delivered("mqtt", row.number)
        await store.commit(told(alert("C"), alert("D", level=Level.EMERGENCY)))
        assert await ids(store) == ["id-C-1", "id-D-1"]
        left = await store.pending("push-phone", 10)
        assert [row.event_id for row in left] == ["id-B-1", "id-D-1"]
        assert [row.level for row in left] == [Level.CRITICAL, Level.EMERGENCY]
        assert getattr(store, "evicted") == {"mqtt": 0, "push-phone": 2}  # noqa: B009 - a figure beside the port


async def test_that_a_critical_is_over_is_kept_like_the_critical(opened: Opened) -> None:
    async with opened(limit=1) as store:
        over = alert("A", level=Level.OK, number=2)
        resolved = event(over, before=alert("A", level=Level.CRITICAL), type=EventType.RESOLVED)
        await store.commit(Change(alerts={over.key: over}, events=(resolved,)))
        await store.commit(told(alert("B", level=Level.CRITICAL)))
        assert await ids(store) == ["id-A-2", "id-B-1"]


async def test_many_at_once_are_all_kept_in_the_order_in_which_they_were_decided(opened: Opened) -> None:
    async with opened() as store:
        async with asyncio.TaskGroup() as group:
            for number in range(200):
                group.create_task(store.commit(told(alert(f"S{number:03}"))))
        assert await ids(store) == [f"id-S{number:03}-1" for number in range(200)]
