"""A machine of a test's own, on which README's lines are typed: its files, processes and network are apart from this one's.

What is written to ``/etc``, ``/opt``, ``/run``, ``/usr`` and ``/var`` is gone with it, and so is what runs on it. The
project lies in ``/usr/local/src/inverse-monitor``. There is no network but the loopback, unless a line is given this machine's.
"""

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy import systemd
from tests.deploy.tree import ROOT

HOME = "/usr/local/src/inverse-monitor"
WRITTEN = ("/etc", "/opt", "/usr", "/var")


@dataclass(frozen=True)
class Answer:
    """What somebody types once the terminal shows ``prompt``."""

    prompt: str
    typed: str


@dataclass(frozen=True)
class Typed:
    """How a line ended, and all that the terminal showed."""

    status: int
    shown: str


@dataclass(frozen=True)
class Machine:
    """``holder``: the process whose namespaces the machine is. ``programs``: folder of what stands in for its programs."""

    holder: int
    programs: Path

    def stand_in(self, name: str, script: str) -> None:
        """Let *script* answer where a line calls *name*."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def type(self, line: str, *answers: Answer, folder: str = HOME, online: bool = False) -> Typed:
        """Type *line* in *folder* and answer what it asks; *online* with this machine's network."""
        return _typed([*self._inside(online=online), "setsid", "--ctty", "--wait", "bash", "-c", f"cd {folder}\n{line}"], answers)

    def _inside(self, *, online: bool) -> Sequence[str]:
        spaces = ("--mount", f"--pid=/proc/{self.holder}/ns/pid_for_children", *(() if online else ("--net",)))
        path = f"{self.programs}:{os.environ['PATH']}:/usr/sbin:/sbin"
        return ["nsenter", "--target", str(self.holder), *spaces, "env", f"PATH={path}"]


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Start a machine; *folder* takes what it needs here. Without the rights to do that the test skips and says so."""
    project, programs, disk = folder / "project", folder / "programs", folder / "disk"
    for made in (programs, disk):
        made.mkdir()
    _copy(project)
    holder = subprocess.Popen(
        ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc", "bash", "-euc", _setup(project, disk)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout
    assert holder.stderr
    try:
        if holder.stdout.readline() != "ready\n":
            pytest.skip(f"no machine of its own can be made here, run the tests as root: {holder.stderr.read().strip()}")
        yield _furnished(Machine(holder.pid, programs))
    finally:
        holder.kill()
        holder.communicate()


def lines(markdown: str, heading: str) -> list[str]:
    """Return the shell lines of a section, those that go on joined, without their comments."""
    section = markdown.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    blocks = section.split("```sh\n")[1:]
    found = "\n".join(block.split("```", 1)[0] for block in blocks).replace("\\\n", " ")
    return [line.split("  #")[0].strip() for line in found.splitlines() if line.strip()]


def _copy(project: Path) -> None:
    """Copy what is in the repository, with the times of its files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, project / name)


def _setup(project: Path, disk: Path) -> str:
    """Return the script that makes the machine's files, what is written being kept in *disk*; it holds the machine for ever."""
    overlays = (
        f"mkdir -p {disk}{path} {disk}/work{path}; "
        f"mount -t overlay overlay -o lowerdir={path},upperdir={disk}{path},workdir={disk}/work{path} {path}"
        for path in WRITTEN
    )
    steps = (
        f"mount -t tmpfs tmpfs {disk}",
        *overlays,
        f"mkdir -p {HOME}",
        f"mount --bind {project} {HOME}",
        "mount -t tmpfs -o mode=755 tmpfs /run",
        "ip link set lo up",
        "echo ready",
        "exec sleep infinity",
    )
    return "\n".join(steps)


def _furnished(made: Machine) -> Machine:
    made.stand_in("sudo", 'exec "$@"')
    for name in systemd.PROGRAMS:
        made.stand_in(name, f'exec "{sys.executable}" "{systemd.__file__}" {name} "$@"')
    return made


def _typed(words: Sequence[str], answers: Sequence[Answer]) -> Typed:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown, left = "", list(answers)
    with os.fdopen(ours, "r+b", buffering=0) as terminal, suppress(OSError):  # EIO: nobody is at the other end any more
        while True:
            while left and left[0].prompt in shown:
                terminal.write(left.pop(0).typed.encode())
            shown += terminal.read(4096).decode()
    status = process.wait()
    assert not left, f"{words[-1]} never asked {left[0].prompt!r}; it showed:\n{shown}"
    return Typed(status, shown)
