"""Apprise over real HTTP to somebody on loopback: what arrives, how often, and what nobody may see."""

import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitor.channels.delivery import Delivery
from monitor.channels.push import GIVEN_UP_SECONDS, Push, PushSettings, UnusableTarget
from monitor.channels.taste import Taste
from monitor.clock import SystemClock
from monitor.core.alerts.alert import Alert, EventType, Mute, Phase
from monitor.core.rules.finding import Level
from monitor.log import set_up
from monitor.ports import Change, Clock, DeliveryFailed
from tests.channels.brokers import HOST, free_port
from tests.channels.build import alert, event, told
from tests.channels.fakes import FakeClock, end, until
from tests.channels.receiver import SECRET, Receiver, receiving
from tests.store_fake import FakeStore

ALL = Taste(least=Level.WARNING)
PHONE = "push-phone"


def settings(url: str, *, name: str = "phone", taste: Taste = ALL) -> PushSettings:
    return PushSettings(name=name, url=url, taste=taste)


class World:
    """Targets and what carries to them. ``clock``: by which messages grow old; waiting takes no time unless it is ``real``."""

    def __init__(self, store: FakeStore, pushes: Sequence[Push], clock: FakeClock, waiting: Clock) -> None:
        self.store, self.clock = store, clock
        self.deliveries = {push.name: Delivery(store, push, waiting, chance=lambda: 0.5) for push in pushes}
        self.delivery = next(iter(self.deliveries.values()))

    async def tell(self, *alerts: Alert) -> None:
        await self.change(told(*alerts))

    async def change(self, change: Change) -> None:
        await self.store.commit(change)
        for delivery in self.deliveries.values():
            delivery.wake()

    def pending(self, channel: str = PHONE) -> int:
        return self.store.backlog(channel).pending


@asynccontextmanager
async def world(*targets: PushSettings, patience: float = 5, real: bool = False) -> AsyncIterator[World]:
    clock = FakeClock()
    pushes = [Push(target, clock, timeout=patience) for target in targets]
    built = World(FakeStore(*(push.name for push in pushes)), pushes, clock, SystemClock() if real else FakeClock())
    tasks = [asyncio.create_task(delivery.run()) for delivery in built.deliveries.values()]
    try:
        yield built
    finally:
        for task in tasks:
            await end(task)


async def test_an_alert_arrives_once_with_title_text_and_kind() -> None:
    async with receiving() as receiver, world(settings(receiver.url)) as phone:
        await phone.tell(alert("BTC", level=Level.CRITICAL, summary="BTC: 4 % from liquidation"))
        await until(lambda: not phone.pending())
        (message,) = receiver.messages
        assert message["title"] == "CRITICAL main BTC"
        assert message["message"] == "CRITICAL main BTC: 4 % from liquidation"
        assert message["type"] == "failure"
        assert receiver.requests == 1
        assert phone.delivery.results == {"delivered": 1, "failed": 0}


async def test_ten_alerts_at_once_are_one_request_with_ten_lines() -> None:
    async with receiving() as receiver, world(settings(receiver.url)) as phone:
        await phone.tell(*(alert(f"C{number}") for number in range(10)))
        await until(lambda: not phone.pending())
        assert receiver.requests == 1
        assert [line.split()[2] for line in receiver.texts[0].splitlines()] == [f"C{number}:" for number in range(10)]


async def test_who_was_down_gets_it_later_with_its_age_and_once() -> None:
    port = free_port()
    async with world(settings(f"json://{HOST}:{port}/")) as phone:
        phone.clock.elapsed = 12 * 60
        await phone.tell(alert())
        await until(lambda: phone.delivery.results["failed"] >= 2)
        assert phone.delivery.fault == "push.phone: JSON cannot be reached, or did not accept a message"
        async with receiving(port) as receiver:
            await until(lambda: not phone.pending())
            assert receiver.texts == ["12 min ago: WARNING main BTC: 4 % left"]
        assert phone.delivery.fault is None


@pytest.mark.parametrize("status", [500, 401, 429])
async def test_a_refusal_is_said_with_its_status_and_tried_again(status: int) -> None:
    async with receiving() as receiver, world(settings(receiver.url)) as phone:
        receiver.refuse(status)
        await phone.tell(alert())
        await until(lambda: phone.delivery.fault)
        assert phone.delivery.fault == f"push.phone: JSON refused a message with status {status}"
        assert phone.pending() == 1
        receiver.accept()
        await until(lambda: not phone.pending())
        assert len(receiver.messages) == 1


async def test_a_service_that_does_not_answer_is_not_asked_again_until_it_has() -> None:
    async with receiving() as receiver, world(settings(receiver.url), patience=0.1) as phone:
        receiver.hang()
        await phone.tell(alert())
        await until(lambda: phone.delivery.results["failed"] >= 5)
        assert phone.delivery.fault == "push.phone: JSON has not answered within 0.1 s"
        assert receiver.requests == 1
        receiver.accept()
        await until(lambda: not phone.pending())


@asynccontextmanager
async def dripping() -> AsyncIterator[int]:
    """A service whose first answer comes a letter at a time and never ends: no timeout of the library is ever reached."""
    first = iter([True])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100_000)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        with suppress(OSError):
            while next(first, False) or writer in drips:
                drips.add(writer)
                writer.write(b"X")
                await writer.drain()
                await asyncio.sleep(0.05)
            writer.write(b"Content-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()

    drips: set[asyncio.StreamWriter] = set()
    async with await asyncio.start_server(answer, HOST, 0) as server:
        yield server.sockets[0].getsockname()[1]
        for writer in drips:
            writer.transport.abort()
        drips.clear()


async def test_an_answer_that_never_ends_is_given_up_and_the_message_sent_again() -> None:
    async with dripping() as port, world(settings(f"json://{HOST}:{port}/"), patience=0.1) as phone:
        await phone.tell(alert())
        await until(lambda: phone.delivery.results["failed"] >= 5)
        phone.clock.elapsed += GIVEN_UP_SECONDS
        await until(lambda: not phone.pending(), 3)


async def test_services_that_hang_hold_up_no_other() -> None:
    async with AsyncExitStack() as stack:
        dead = [await stack.enter_async_context(receiving()) for _ in range(12)]
        alive = await stack.enter_async_context(receiving())
        for receiver in dead:
            receiver.hang()
        targets = [settings(receiver.url, name=f"dead-{number}") for number, receiver in enumerate(dead)]
        phones = await stack.enter_async_context(world(*targets, settings(alive.url)))
        await phones.tell(alert("A"))
        await until(lambda: all(receiver.requests for receiver in dead) and not phones.pending(), 3)
        await phones.tell(alert("B"))
        await until(lambda: not phones.pending(), 3)
        assert len(alive.messages) == 2
        assert all(phones.pending(f"push-dead-{number}") == 2 for number in range(12))
        for receiver in dead:
            receiver.accept()


async def test_an_emergency_waits_for_no_others_and_a_warning_a_little() -> None:
    async with receiving() as receiver, world(settings(receiver.url), real=True) as phone:
        await phone.tell(alert("A", level=Level.EMERGENCY))
        await until(lambda: not phone.pending(), 1.5)
        await phone.tell(alert("B"))
        await asyncio.sleep(0.5)
        assert len(receiver.messages) == 1
        await phone.tell(alert("C"))
        await until(lambda: not phone.pending(), 3)
        assert [len(text.splitlines()) for text in receiver.texts] == [1, 2]


async def test_a_warning_at_night_is_taken_without_being_sent_and_a_critical_is_sent() -> None:
    taste = replace(ALL, quiet=(time(11), time(13)))
    async with receiving() as receiver, world(settings(receiver.url, taste=taste)) as phone:
        await phone.tell(alert("A"))
        await until(lambda: not phone.pending())
        await phone.tell(alert("B", level=Level.CRITICAL))
        await until(lambda: not phone.pending())
        phone.clock.elapsed = timedelta(hours=2).total_seconds()
        await phone.tell(replace(alert("C"), at=phone.clock.now()))
        await until(lambda: not phone.pending())
        assert [text.partition(":")[0] for text in receiver.texts] == ["CRITICAL main B", "WARNING main C"]
        assert phone.delivery.results == {"delivered": 2, "failed": 0}


async def test_what_it_was_told_of_it_is_told_the_end_of_although_muted_meanwhile() -> None:
    async with receiving() as receiver, world(settings(receiver.url)) as phone:
        for subject, mute in (("A", None), ("B", Mute.SILENCE)):
            fired = replace(alert(subject), muted=mute)
            await phone.tell(fired)
            over = replace(fired, level=Level.OK, phase=Phase.RESOLVED, muted=None, event=f"{subject}-2")
            await until(lambda: not phone.pending())
            ended = event(over, before=replace(fired, muted=Mute.SILENCE), type=EventType.RESOLVED)
            await phone.change(Change(alerts={over.key: over}, events=(ended,)))
            await until(lambda: not phone.pending())
        assert [text.partition(":")[0] for text in receiver.texts] == ["WARNING main A", "RESOLVED main A"]


def refused(receiver: Receiver) -> None:
    receiver.refuse(500)


def unheard(receiver: Receiver) -> None:
    receiver.hang()


@pytest.mark.parametrize("misbehave", [refused, unheard, Receiver.accept])
async def test_nothing_that_is_logged_or_said_holds_a_part_of_the_address(misbehave: Callable[[Receiver], None]) -> None:
    out = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up("debug", (), out)
    try:
        async with receiving() as receiver, world(settings(receiver.url), patience=0.3) as phone:
            misbehave(receiver)
            await phone.tell(alert())
            await until(lambda: phone.delivery.fault or receiver.messages)
            said = f"{phone.delivery.fault} {settings(receiver.url)!r}"
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    logging.captureWarnings(capture=False)
    for text in (out.getvalue(), said):
        assert SECRET not in text
        assert str(receiver.port) not in text


async def test_an_exception_of_a_service_is_named_by_its_kind_only() -> None:
    push = Push(settings(f"json://{HOST}:1/"), FakeClock())

    class Broken:
        service_name = "Broken"
        socket_read_timeout = 1.0

        def notify(self, **_message: str) -> bool:
            raise ConnectionError(SECRET)

    push._service = Broken()
    store = FakeStore(PHONE)
    await store.commit(told(alert()))
    with pytest.raises(DeliveryFailed, match=r"^push\.phone: Broken cannot be used: ConnectionError$"):
        await push.deliver(await store.pending(PHONE, 10))


@pytest.mark.parametrize("url", [f"nonsense://{SECRET}", f"pover://{SECRET}", f"https//{SECRET}"])
def test_an_address_that_apprise_cannot_use_is_said_without_it(url: str) -> None:
    with pytest.raises(UnusableTarget, match=r"^push\.phone\.url is no address that Apprise can use: see https") as caught:
        Push(settings(url), FakeClock())
    assert SECRET not in str(caught.value)


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    needs = r"^push\.phone needs the package apprise: pip install 'inverse-monitor\[push\]'$"
    with pytest.raises(UnusableTarget, match=needs):
        Push(settings("ntfy://topic"), FakeClock())
