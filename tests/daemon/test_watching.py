"""`status --watch` on a daemon that comes, goes and comes back."""

import json
import sys
from asyncio import create_subprocess_exec, timeout
from asyncio.subprocess import PIPE
from pathlib import Path

from monitor.views.board import HttpSettings
from monitor.views.serving import serving
from monitor.views.web import application
from tests.channels.brokers import free_port
from tests.views.boards import StillBoard


async def test_it_says_that_the_daemon_is_gone_and_shows_it_again_when_it_is_back(tmp_path: Path) -> None:
    port, file = free_port(), tmp_path / "config.yaml"
    account = {"exchange": "bybit", "api_key": "a-key", "api_secret": "a-secret"}
    file.write_text(json.dumps({"accounts": {"main": account}, "http": {"listen": f"127.0.0.1:{port}"}}))
    file.chmod(0o600)
    words = ("-m", "monitor", "status", "--watch", "--config", str(file))
    watching = await create_subprocess_exec(sys.executable, *words, stdout=PIPE)
    assert watching.stdout
    try:
        async with timeout(40):
            await watching.stdout.readuntil(b"trying again")
            for _ in range(2):
                async with serving(application(StillBoard(), HttpSettings()), "127.0.0.1", port):
                    await watching.stdout.readuntil(b"main")
                await watching.stdout.readuntil(b"no daemon answers")
                await watching.stdout.readuntil(b"trying again")
    finally:
        watching.kill()
        await watching.communicate()
