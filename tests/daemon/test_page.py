"""The page of the whole daemon, in Chromium, and under everything that somebody may throw at its port."""

import asyncio
import json
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, encode_basic_auth
from playwright.async_api import expect
from yarl import URL

from monitor.demo.faults import Fault
from tests.browser import chromium
from tests.daemon.house import CRITICAL, House, _start, all_up, firing

pytestmark = pytest.mark.prove

TOKEN = "a-long-token-for-tests"
LISTENERS = 1_000
FLOOD_SECONDS = 10.0
LONGEST_LAG = 0.5
"""Seconds. The flood and the simulated venues share the machine's cores with the daemon; alone it stays far below this."""


@pytest.fixture
def guarded(home: House) -> House:
    home.settings = {"http": {"listen": f"127.0.0.1:{home.port}", "token": TOKEN}}
    home.write()
    return home


async def test_it_warns_takes_an_ack_goes_grey_and_comes_back(guarded: House) -> None:
    async with guarded.daemon() as daemon, chromium() as browser:
        await daemon.until(all_up)
        context = await browser.new_context(http_credentials={"username": "ann", "password": TOKEN})
        page = await context.new_page()
        await page.goto(guarded.url)
        await expect(page.locator("#state")).to_contain_text("all clear")
        guarded.second = CRITICAL
        await expect(page.locator(".headline.critical")).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="Acknowledge hodl liquidation_distance BTC").click()
        await expect(page.locator("#alerts")).to_contain_text("acknowledged by ann")
        guarded.exchanges.venues["bybit"].misbehave(Fault.MAINTENANCE)
        card = page.locator(".card", has_text="hodl BTC")
        await expect(card).to_contain_text("last known figures", timeout=20_000)
        assert await card.evaluate("each => getComputedStyle(each).filter") == "grayscale(1)"
        guarded.exchanges.venues["bybit"].behave()
        await expect(card).not_to_contain_text("last known figures", timeout=20_000)
        await context.close()


async def test_the_terminal_shows_the_same_again_and_again_and_says_that_the_daemon_is_gone(guarded: House) -> None:
    async with guarded.daemon() as daemon:
        await daemon.until(all_up)
        terminal = await _start("-m", "monitor", "status", "--watch", "--config", str(guarded.config))
        assert terminal.stdout
        async with asyncio.timeout(30):
            calm = await terminal.stdout.readuntil(b"treasury")
            guarded.second = CRITICAL
            danger = await terminal.stdout.readuntil(b"critical   hodl: BTC:")
    assert (b"critical" in calm, b"main" in danger) == (False, True)
    async with asyncio.timeout(20):
        assert b"no daemon answers" in await terminal.stdout.readuntil(b"trying again until it answers")
        async with guarded.daemon():
            await terminal.stdout.readuntil(b"critical   hodl: BTC:")
    terminal.send_signal(signal.SIGINT)
    _, errors = await asyncio.wait_for(terminal.communicate(), 20)
    assert b"Traceback" not in errors


@dataclass
class Watched:
    """What was seen of a daemon while it was under attack."""

    oldest: float = 0.0
    lag: float = 0.0
    slowest: float = 0.0
    answers: list[int] = field(default_factory=list)


async def test_whatever_is_thrown_at_it_the_daemon_polls_on_time(guarded: House) -> None:
    async with guarded.daemon() as daemon:
        await daemon.until(all_up)
        seen = Watched()
        async with watching(guarded, seen), listeners(guarded) as statuses, flood(guarded) as floods:
            await asyncio.sleep(FLOOD_SECONDS)
        print(f"{len(seen.answers)} looks: oldest data {seen.oldest:.1f} s, lag {1000 * seen.lag:.0f} ms, {floods} requests")
        said = await daemon.until(all_up)
    assert (statuses.count(200), statuses.count(503)) == (20, LISTENERS - 20)
    assert set(seen.answers) == {200}
    assert seen.oldest < 2 * 2.0 + 1
    assert seen.lag < LONGEST_LAG
    assert {kind for kind, count in floods.items() if not count} == set()
    assert firing(said) == {}
    assert len([line for line in daemon.log if "refused a request" in line]) == 3
    assert len(daemon.log) < 40, "\n".join(daemon.log)


@asynccontextmanager
async def watching(home: House, seen: Watched) -> AsyncIterator[None]:
    """Look at the daemon a few times a second, as whoever watches it would."""

    async def look() -> None:
        async with ClientSession(home.url, timeout=ClientTimeout(total=10)) as session:
            while True:
                began = time.monotonic()
                async with session.get("/api/status") as answer:
                    rows = json.loads(await answer.text())["accounts"]
                    seen.answers.append(answer.status)
                seen.slowest = max(seen.slowest, time.monotonic() - began)
                seen.oldest = max(seen.oldest, *(row["age_seconds"] for row in rows))
                async with session.get("/metrics") as answer:
                    lines = (await answer.text()).splitlines()
                lag = next(line for line in lines if line.startswith("inverse_event_loop_lag_seconds "))
                seen.lag = max(seen.lag, float(lag.split()[1]))
                await asyncio.sleep(0.2)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def listeners(home: House) -> AsyncIterator[list[int]]:
    """A thousand who want to listen, all of whom stay."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession(home.url, connector=TCPConnector(limit=0)))
        answers = await asyncio.gather(*(session.get("/events") for _ in range(LISTENERS)))
        for answer in answers:
            stack.callback(answer.close)
        yield [answer.status for answer in answers]


@asynccontextmanager
async def flood(home: House) -> AsyncIterator[dict[str, int]]:
    """Every kind of bad request at once, as fast as they are answered; the value counts what was refused as it must be."""
    counts = dict.fromkeys(ATTACKS, 0)

    async def attack(session: ClientSession, name: str) -> None:
        path, status, headers, body = ATTACKS[name]
        while True:
            asked = URL(home.url + path.replace("N", str(random.randrange(-50, 51))), encoded=True)
            with suppress(ClientError):  # a huge body is cut off while it is sent
                method, data = ("GET", None) if body is None else ("POST", BytesIO(body))
                async with session.request(method, asked, headers=headers, data=data) as answer:
                    assert answer.status in status, (name, answer.status, await answer.text())
                    counts[name] += 1
                    await answer.read()

    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        tasks = [asyncio.create_task(attack(session, name)) for name in ATTACKS for _ in range(4)]
        try:
            yield counts
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [repr(each) for each in results if isinstance(each, Exception)] == []


OURS = {"Authorization": encode_basic_auth("ann", TOKEN)}
ATTACKS: dict[str, tuple[str, tuple[int, ...], dict[str, str], bytes | None]] = {
    "page": ("/", (200,), {}, None),
    "moves": ("/stress?percent=N", (200,), {}, None),
    "nonsense": ("/stress?percent=<script>", (400,), {}, None),
    "wrong token": ("/api/ack", (401,), {"Authorization": encode_basic_auth("ann", "wrong")}, b"{}"),
    "no token": ("/api/silence", (401,), {}, b"{}"),
    "cross-site": ("/api/ack", (403,), OURS | {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, b"{}"),
    "foreign host": ("/", (403,), {"Host": "evil.example"}, None),
    "huge body": ("/api/ack", (413, 422), OURS, b"x" * 2_000_000),
    "up": ("/../../etc/passwd", (404,), {}, None),
    "encoded": ("/%2e%2e/%2e%2e/etc/passwd", (404,), {}, None),
    "slashes": ("//etc//passwd", (404,), {}, None),
}
"""Name: path, statuses, headers, body; a body makes it a POST."""
