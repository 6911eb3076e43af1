"""A systemd small enough for a test: it starts what a unit file says, as the unit says it, and keeps what that prints.

Run with ``NAME WORDS...`` inside a `tests.deploy.machine`, NAME being the program that README calls.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

UNITS = (Path("/etc/systemd/system"), Path("/lib/systemd/system"))
STATE = Path("/var/lib")
RUN = Path("/run/units")
DYNAMIC_USER = 61184
"""The first user id that systemd gives away. Source: systemd, "Users, Groups, UIDs and GIDs on systemd Systems"."""
START_SECONDS = 60

Settings = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Service:
    """What is started under a name, with the settings of its section ``[Service]``."""

    name: str
    settings: Settings

    @property
    def journal(self) -> Path:
        return RUN / f"{self.name}.journal"

    @property
    def pid(self) -> Path:
        return RUN / f"{self.name}.pid"

    def last(self, setting: str, default: str = "") -> str:
        return self.settings.get(setting, [default])[-1].replace("%S", str(STATE))

    def command(self, *words: str) -> list[str]:
        """Return *words* as its user would run them."""
        if self.last("DynamicUser") != "yes":
            return list(words)
        return ["setpriv", f"--reuid={DYNAMIC_USER}", f"--regid={DYNAMIC_USER}", "--clear-groups", "--no-new-privs", *words]

    def environment(self) -> dict[str, str]:
        """Return what it is started with: nothing of ours, its credentials copied, its state folder made."""
        given = dict(pair.split("=", 1) for line in self.settings.get("Environment", ()) for pair in line.split())
        found = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **given}
        if loaded := self.last("LoadCredential"):
            found["CREDENTIALS_DIRECTORY"] = str(self._credentials(*loaded.split(":")))
        if folder := self.last("StateDirectory"):
            found["STATE_DIRECTORY"] = str(self._owned(STATE / folder))
        return found

    def _credentials(self, name: str, source: str) -> Path:
        made = self._owned(RUN / "credentials" / self.name)
        for secret in Path(source).iterdir():
            copy = made / f"{name}_{secret.name}"
            copy.unlink(missing_ok=True)
            shutil.copy(secret, copy)
            copy.chmod(0o400)
            self._give(copy)
        return made

    def _owned(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._give(folder)
        return folder

    def _give(self, path: Path) -> None:
        if self.last("DynamicUser") == "yes":
            os.chown(path, DYNAMIC_USER, DYNAMIC_USER)


def service(name: str) -> Service:
    """Return the service of a unit file; it must be there."""
    path = next(path for folder in UNITS if (path := folder / f"{name}.service").exists())
    settings = defaultdict(list)
    section = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            settings[key].append(value)
    return Service(name, settings)


def start(unit: Service) -> None:
    """Start it and wait until it says that it is ready."""
    stop(unit)
    for before in unit.settings.get("ExecStartPre", ()):
        subprocess.run(before.split(), check=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        address = RUN / f"{unit.name}.notify"
        address.unlink(missing_ok=True)
        notices.bind(str(address))
        address.chmod(0o777)
        notices.settimeout(START_SECONDS)
        environ = {**unit.environment(), "NOTIFY_SOCKET": str(address)}
        folder = unit.last("WorkingDirectory", "/")
        words = unit.command(*unit.last("ExecStart").split())
        with unit.journal.open("ab") as journal:
            started = subprocess.Popen(
                words, env=environ, cwd=folder, stdin=subprocess.DEVNULL, stdout=journal, stderr=journal, start_new_session=True
            )
        unit.pid.write_text(str(started.pid))
        while b"READY=1" not in notices.recv(4096).split(b"\n"):
            pass


def stop(unit: Service) -> None:
    if unit.pid.exists():
        subprocess.run(["kill", unit.pid.read_text()], check=False)
        unit.pid.unlink()


def systemctl(*words: str) -> None:
    """Obey ``restart``, ``enable --now`` and ``status``; units are read anew each time, so ``daemon-reload`` is nothing."""
    match words:
        case ("daemon-reload",):
            pass
        case ("restart", name) | ("enable", "--now", name):
            start(service(name))
        case ("status", name):
            alive = Path(f"/proc/{service(name).pid.read_text()}").exists()
            print(f"{name}.service: {'active (running)' if alive else 'failed'}")
        case _:
            sys.exit(f"systemctl: {' '.join(words)} is not known here")


def journalctl(*words: str) -> None:
    """Print what a unit has said so far; it does not follow."""
    print(service(words[-1]).journal.read_text())


def systemd_run(*words: str) -> None:
    """Run one command with the properties given; end as it ends."""
    options = {"--pipe", "--wait", "--collect"}
    settings = defaultdict(list)
    rest = list(words)
    while rest[0] in options or rest[0] == "-p":
        if rest.pop(0) == "-p":
            key, value = rest.pop(0).split("=", 1)
            settings[key].append(value)
    once = Service("run", settings)
    sys.exit(subprocess.run(once.command(*rest), env=once.environment(), cwd="/", check=False).returncode)


PROGRAMS: Mapping[str, Callable[..., None]] = {"systemctl": systemctl, "journalctl": journalctl, "systemd-run": systemd_run}

if __name__ == "__main__":
    RUN.mkdir(exist_ok=True)
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
