"""Debian's Chromium, or a Chrome where that is missing, without a window, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from tests.programs import need

ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb")
"""Containers run tests as root, for which Chromium has no sandbox, and have a small /dev/shm."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser inside the block."""
    path = shutil.which("chromium") or shutil.which("google-chrome") or need("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()
