"""Standard streams that whoever starts a command has closed, as some init systems and cron jobs do."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest

from tests.daemon.house import Daemon, House, all_up
from tests.daemon.test_unusable import BUFFERED

CLOSED = "the answer cannot be written: standard output is closed\n"


async def started(closed: str, *words: str) -> Process:
    """Start a command by a shell that closes some of its streams, such as ``>&-``."""
    command = (sys.executable, "-m", "monitor", *words)
    shell = ("sh", "-c", f'exec "$@" {closed}', "sh")
    return await asyncio.create_subprocess_exec(*shell, *command, stdout=PIPE, stderr=PIPE, env=BUFFERED)


async def outcome(closed: str, *words: str) -> tuple[int | None, str, str]:
    process = await started(closed, *words)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("config", "schema"), ("check", "--offline"), ("once",)])
async def test_an_answer_for_which_there_is_no_output_is_a_sentence(home: House, words: tuple[str, ...]) -> None:
    named = ("--config", str(home.config)) if words[0] in {"check", "once"} else ()
    assert await outcome(">&-", *words, *named) == (3 if words == ("once",) else 1, "", CLOSED)


async def test_a_table_for_which_there_is_no_output_is_a_sentence(home: House) -> None:
    done = await home.command("once", "--json", "--config", str(home.config))
    file = home.folder / "snapshot.json"
    file.write_text(done.out.split('"snapshot": ')[1].split(', "risk"')[0])
    assert await outcome(">&-", "assess", str(file)) == (1, "", CLOSED)


async def test_without_an_input_there_is_nothing_to_read() -> None:
    status, out, err = await outcome("<&-", "assess", "-")
    assert (status, out) == (2, "")
    assert "this is not JSON" in err


async def test_where_nobody_can_be_told_the_status_tells() -> None:
    assert (await outcome("<&- >&- 2>&-", "config", "schema"))[0] == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_the_daemon_runs_without_them(home: House, closed: str) -> None:
    daemon = Daemon(await started(closed, "run", "--config", str(home.config)), home.url)
    await daemon.until(all_up)
    assert await daemon.end(signal.SIGTERM) == 0
    assert "Traceback" not in "".join(daemon.log)
