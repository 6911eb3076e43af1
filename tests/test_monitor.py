"""The running monitor, as far as it adds something to its parts."""

import asyncio

from monitor.bootstrap.monitor import UNTRIED, Monitor, Outlets
from monitor.channels.push import Push, PushSettings
from monitor.channels.taste import Taste
from monitor.clock import SystemClock
from monitor.core.rules.finding import Level
from monitor.store.memory import MemoryStore
from monitor.venues import Venues
from tests.channels.brokers import HOST, free_port
from tests.channels.build import alert, told
from tests.channels.fakes import end, until


async def test_a_channel_for_which_something_waits_since_the_last_run_is_not_said_to_deliver_before_it_has() -> None:
    clock = SystemClock()
    target = PushSettings(name="phone", url=f"json://{HOST}:{free_port()}/", taste=Taste(least=Level.WARNING))
    push, store = Push(target, clock), MemoryStore(("push-phone",))
    monitor = Monitor(Outlets(pushes=[push]), store=store, venues=Venues(clock), clock=clock)
    assert monitor.faults() == {"push-phone": None}
    await store.commit(told(alert(level=Level.EMERGENCY)))
    assert monitor.faults() == {"push-phone": UNTRIED}
    (delivery,) = monitor.deliveries().values()
    task = asyncio.create_task(delivery)
    await until(lambda: "cannot be reached" in str(monitor.faults()))
    await end(task)
