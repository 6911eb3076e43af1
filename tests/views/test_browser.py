"""The page as people see it, in Chromium: live, grey when it must be, usable by thumb, keyboard and ear."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from monitor.command import Kind, Reply
from monitor.core.rules.finding import AlertKey, Level
from monitor.picture import Picture
from monitor.views.board import HttpSettings
from monitor.views.serving import serving
from monitor.views.web import application
from tests.browser import chromium
from tests.build import account, isolated, pool, short
from tests.views.boards import TOKEN, StillBoard
from tests.views.build import account_picture, alert, picture, swap, unread_picture

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("chromium")]

WITH_TOKEN = HttpSettings(token=TOKEN)
CREDENTIALS = {"username": "ann", "password": TOKEN}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@dataclass
class Visit:
    """A page that is open, and what went wrong on it or left the machine. ``due``: what the test makes go wrong."""

    page: Page
    url: str
    stop: Callable[[], Awaitable[None]]
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    due: str | None = None

    def heed(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: None if asked.url.startswith(self.url) else self.elsewhere.append(asked.url))


@asynccontextmanager
async def visit(browser: Browser, board: StillBoard, settings: HttpSettings = WITH_TOKEN, **context: Any) -> AsyncIterator[Visit]:
    """Serve *board* and open its page, on which nothing may go wrong that is not due."""
    async with AsyncExitStack() as server:
        host, port = await server.enter_async_context(serving(application(board, settings), "127.0.0.1", 0))
        opened: BrowserContext = await browser.new_context(**context)
        opened.set_default_timeout(10_000)
        visited = Visit(await opened.new_page(), f"http://{host}:{port}/", server.aclose)
        visited.heed()
        try:
            await visited.page.goto(visited.url)
            yield visited
        finally:
            await opened.close()
    undue = [each for each in visited.complaints if visited.due is None or visited.due not in each]
    assert (undue, visited.elsewhere) == ([], [])


def full() -> Picture:
    """Something of everything: near, far, safe, stale, never read, not assessed, isolated, alerts of every level."""
    levels = (
        alert(Level.EMERGENCY, id="e1", key=AlertKey(account="hodl", rule="margin_ratio", subject="BTC")),
        alert(Level.WARNING, id="w1", key=AlertKey(account="", rule="store", subject="daemon"), acked_at=picture().at),
    )
    return picture(
        account_picture(),
        account_picture(account(pool(40, swap()), name="hodl")),
        account_picture(account(pool(25, swap()), name="old"), is_up=False),
        account_picture(account(pool(1, short(45_000, 45_000)), name="treasury")),
        account_picture(account(pool(101, swap(maintenance=None), isolated(short(90_000, 45_000), "0.4")), name="dark")),
        unread_picture(),
        alerts=(alert(), *levels),
        store_fault="the disk is full",
    )


async def test_it_loads_and_follows_what_happens_by_itself(browser: Browser) -> None:
    board = StillBoard()
    async with visit(browser, board) as visited:
        await expect(visited.page.locator("#alerts li")).to_contain_text("8.0 % to liquidation")
        board.shown = picture(account_picture(account(pool(40, swap()))), alerts=(alert(summary="BTC: 7.1 % to liquidation"),))
        await expect(visited.page.locator("#alerts li")).to_contain_text("7.1 % to liquidation")
        await expect(visited.page.locator(".figure")).to_have_text("14.8 %")
        await expect(visited.page).to_have_title("14.8 % · critical · Inverse Monitor")
        board.shown = picture(alerts=())
        await expect(visited.page.locator("#alerts")).to_contain_text("No alert is firing.")


async def test_a_choice_and_the_focus_outlast_what_is_told_meanwhile(browser: Browser) -> None:
    board = StillBoard()
    async with visit(browser, board) as visited:
        choice = visited.page.get_by_label("for how long to silence main liquidation_distance BTC")
        await choice.select_option("12h")
        await choice.focus()
        before = alert(id="b2", key=AlertKey(account="another", rule="stale", subject="account"), level=Level.EMERGENCY)
        board.shown = picture(alerts=(before, alert(summary="BTC: 7.1 % to liquidation")))
        await expect(visited.page.locator("#alerts li")).to_have_count(2)
        await expect(choice).to_have_value("12h")
        await expect(choice).to_be_focused()


async def test_ages_are_counted_on_while_nothing_new_is_told(browser: Browser) -> None:
    async with visit(browser, StillBoard()) as visited:
        visited.due = "ERR_FAILED"
        await visited.page.clock.install()
        await visited.page.route("**/events", lambda route: route.abort())
        await visited.page.reload()
        assert await visited.page.locator(".card time").first.inner_text() == "3 s ago"
        await visited.page.clock.run_for(4_000)
        await expect(visited.page.locator(".card time").first).to_have_text("7 s ago")


async def test_what_is_stale_is_grey_and_says_so(browser: Browser) -> None:
    board = StillBoard()
    async with visit(browser, board) as visited:
        card = visited.page.locator(".card").first
        await expect(card).to_contain_text("data from 3 s ago")
        assert await card.evaluate("each => getComputedStyle(each).filter") == "none"
        board.shown = picture(account_picture(is_up=False), alerts=())
        await expect(card).to_contain_text("last known figures, from 6 min ago")
        assert await card.evaluate("each => getComputedStyle(each).filter") == "grayscale(1)"
        await expect(visited.page.locator("#state")).to_contain_text("1 of 1 accounts not up")
        await expect(visited.page.locator("#headline")).to_contain_text("Nothing is known now.")


async def test_when_the_daemon_dies_the_whole_page_goes_grey_and_says_since_when(browser: Browser) -> None:
    async with visit(browser, StillBoard()) as visited:
        visited.due = "ERR_"
        await visited.page.clock.install()
        await visited.page.reload()
        await visited.stop()
        await visited.page.clock.run_for(10_000)
        await expect(visited.page.locator("#lost")).to_be_hidden()
        await visited.page.clock.run_for(10_000)
        await expect(visited.page.locator("#lost")).to_contain_text("Nothing heard from the monitor since")
        assert await visited.page.locator(".headline").evaluate("each => getComputedStyle(each).filter") == "grayscale(1)"
        assert await violations(visited.page) == {}


async def test_an_alert_is_acknowledged_and_silenced_with_the_token_that_the_browser_asks_for(browser: Browser) -> None:
    board = StillBoard()
    async with visit(browser, board, http_credentials=CREDENTIALS) as visited:
        visited.due = "401"
        await visited.page.get_by_role("button", name="Acknowledge main liquidation_distance BTC").click()
        await visited.page.wait_for_url(visited.url)
        await visited.page.get_by_label("for how long to silence main liquidation_distance BTC").select_option("2h")
        await visited.page.get_by_role("button", name="Silence main liquidation_distance BTC").click()
        await visited.page.wait_for_url(visited.url)
        await expect(visited.page.locator(".figure")).to_be_visible()
    ack, silence = board.commands
    assert (ack.kind, ack.target, ack.author) == (Kind.ACK, "a1b2c3d4e5f6", "ann")
    assert (silence.kind, silence.target, silence.author) == (
        Kind.SILENCE,
        "account=main,rule=liquidation_distance,subject=BTC",
        "ann",
    )
    assert silence.lasting is not None
    assert silence.lasting.total_seconds() == 7200


async def test_without_the_token_nothing_is_done(browser: Browser) -> None:
    board = StillBoard()
    async with visit(browser, board, http_credentials={"username": "ann", "password": "wrong"}) as visited:
        visited.due = "401"
        async with visited.page.expect_response("**/api/ack") as answered:
            await visited.page.get_by_role("button", name="Acknowledge").click()
        answer = await answered.value
        assert (answer.status, board.commands) == (401, [])
        # Chromium can wait for ever to close a page that is still being led to another
        await expect(visited.page.get_by_text("The token is missing or wrong")).to_be_visible()


async def test_what_cannot_be_done_is_said_with_a_way_back(browser: Browser) -> None:
    board = StillBoard(reply=Reply(is_done=False, text="no alert with the id a1 fires"))
    async with visit(browser, board, http_credentials=CREDENTIALS) as visited:
        visited.due = "4"
        await visited.page.get_by_role("button", name="Acknowledge").click()
        await expect(visited.page.get_by_role("alert")).to_have_text("no alert with the id a1 fires")
        await visited.page.get_by_role("link", name="Back to the page").click()
        await expect(visited.page.locator(".figure")).to_be_visible()


async def test_the_slider_redraws_what_would_be(browser: Browser) -> None:
    async with visit(browser, StillBoard(picture(account_picture(account(pool(101, swap())))))) as visited:
        slider = visited.page.get_by_label("Move of all prices, in percent")
        await expect(visited.page.locator("#stress")).to_contain_text("At -20 %, none of 1")
        await slider.fill("-10")
        await expect(visited.page.locator("#stress")).to_contain_text("leverage 2.20x → 3.24x · equity 101 → 76.3086 BTC")
        await slider.press("Home")
        await expect(visited.page.locator("#stress")).to_contain_text("At -50 %, 1 of 1 is liquidated: main · BTC.")


async def test_without_javascript_it_loads_itself_anew_and_the_slider_is_a_form(browser: Browser) -> None:
    board, percent = StillBoard(), "-10"
    async with visit(browser, board, java_script_enabled=False) as visited:
        await visited.page.get_by_label("Move of all prices, in percent").fill(percent)
        await visited.page.get_by_role("button", name="Show").click()
        await expect(visited.page.locator("#stress")).to_contain_text(f"At {percent} %")
        board.shown = picture(alerts=())
        await expect(visited.page.locator("#alerts")).to_contain_text("No alert is firing.", timeout=10_000)
        await expect(visited.page.locator("#stress")).to_contain_text(f"At {percent} %")


async def test_a_page_that_finds_no_place_among_those_who_listen_asks(browser: Browser) -> None:
    board = StillBoard()
    async with visit(browser, board) as visited:
        visited.due = "503"
        await visited.page.clock.install()
        await visited.page.route("**/events", lambda route: route.fulfill(status=503, body=""))
        async with visited.page.expect_response("**/events"):
            await visited.page.reload()
        board.shown = picture(alerts=())
        await visited.page.clock.run_for(6_000)
        await expect(visited.page.locator("#alerts")).to_contain_text("No alert is firing.", timeout=10_000)


@pytest.mark.parametrize(("look", "width"), [("dark", 360), ("light", 1280)])
async def test_it_fits_every_width_and_is_accessible(browser: Browser, look: Any, width: int) -> None:
    async with visit(browser, StillBoard(full()), color_scheme=look) as visited:
        for each in (360, 768, 1280, width):
            await visited.page.set_viewport_size({"width": each, "height": 780})
            assert await visited.page.evaluate("document.documentElement.scrollWidth") <= each
        assert await violations(visited.page) == {}


async def violations(page: Page) -> dict[str, str]:
    """What axe finds: its rule, and the elements."""
    found = await Axe().run(page)
    return {each["id"]: json.dumps([node["target"] for node in each["nodes"]]) for each in found.response["violations"]}


async def test_whatever_a_label_says_is_shown_and_never_run(browser: Browser) -> None:
    hostile = "<img src=http://evil.example/x onerror=alert(1)>"
    shown = picture(account_picture(account(pool(101, swap(symbol=hostile, maintenance=None), coin=hostile))))
    board = StillBoard(picture(alerts=()))
    async with visit(browser, board) as visited:
        board.shown = picture(*shown.accounts, alerts=(alert(summary=hostile),), store_fault=hostile)
        await expect(visited.page.locator("#alerts li")).to_contain_text(hostile)
        assert await visited.page.locator("img").count() == 0
