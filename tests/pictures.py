"""``make pictures``: draws the pictures of README from the demo, at the moment at which its long is in danger."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser

from tests.browser import chromium
from tests.channels.brokers import free_port

FOLDER = Path(__file__).parents[1] / ".github" / "pictures"
MOMENT = b"less than 10 % away"
"""The line of the story after which the pictures are taken."""


@dataclass(frozen=True)
class Shot:
    name: str
    width: int
    height: int
    scheme: Literal["dark", "light"]
    scale: float = 1
    part: str = ""


SHOTS = (
    Shot("page.png", 1200, 1000, "light"),
    Shot("phone.png", 360, 780, "dark", scale=1.5),
    Shot("what-if.png", 800, 900, "light", part="section:has(#what-if)"),
)


async def main() -> None:
    async with chromium() as browser, demo() as url:
        for shot in SHOTS:
            await draw(browser, url, shot)
            print(f"{FOLDER / shot.name}: {(FOLDER / shot.name).stat().st_size // 1024} KiB")


async def draw(browser: Browser, url: str, shot: Shot) -> None:
    page = await browser.new_page(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, device_scale_factor=shot.scale
    )
    await page.goto(url)
    await page.locator(".headline.critical").wait_for()
    shown = page.locator(shot.part) if shot.part else page
    await shown.screenshot(path=FOLDER / shot.name)
    await page.close()


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """Run the demo until its long is in danger; yield where its page is."""
    port = free_port()
    words = ("demo", "--seed", "7", "--http", f"127.0.0.1:{port}")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "monitor", *words, stdout=PIPE)
    try:
        await told(process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        await process.communicate()


async def told(process: asyncio.subprocess.Process) -> None:
    assert process.stdout
    async for line in process.stdout:
        if MOMENT in line:
            return


if __name__ == "__main__":
    asyncio.run(main())
