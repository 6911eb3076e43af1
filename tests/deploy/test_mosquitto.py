"""The broker's settings and its list of who may do what, in a real mosquitto."""

import re
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import pytest

from tests.channels.brokers import HOST, Mosquitto, listening, mosquitto
from tests.channels.fakes import until
from tests.deploy.tree import DEPLOY, ROOT
from tests.programs import need

SETTINGS = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text()
ACL = (DEPLOY / "mosquitto" / "acl").read_text()
EVERYTHING = "\n\nuser witness\ntopic readwrite #\n"
"""One more user, who sees what got through."""

STATE = (
    "inverse-monitor/availability",
    "inverse-monitor/account/main/state",
    "inverse-monitor/account/main/alert/stale/account",
    "inverse-monitor/portfolio/alert/net_delta/BTC",
    "inverse-monitor/event/alert",
    "inverse-monitor/heartbeat",
)
COMMANDS = tuple(f"inverse-monitor/cmd/{name}" for name in ("ack", "silence", "unsilence", "poll"))
RESPONSE = "inverse-monitor/cmd/ack/response"
DISCOVERY = "homeassistant/device/inverse-monitor_main/config"
BIRTH = "homeassistant/status"
ELSEWHERE = ("homeassistant/light/lamp/config", "inverse-monitor-two/availability", "other", "$SYS/broker/version")
TOPICS = (*STATE, *COMMANDS, RESPONSE, DISCOVERY, BIRTH, *ELSEWHERE)

WRITES = {
    "monitor": {*STATE, *COMMANDS, RESPONSE, DISCOVERY},
    "phone": {*COMMANDS},
    "homeassistant": {*COMMANDS, DISCOVERY, BIRTH, ELSEWHERE[0]},
}
READS = {
    "monitor": {*STATE, *COMMANDS, RESPONSE, DISCOVERY, BIRTH},
    "phone": {*STATE, RESPONSE},
    "homeassistant": {*STATE, RESPONSE, DISCOVERY, BIRTH, ELSEWHERE[0]},
}


@dataclass(frozen=True)
class Door:
    """The running broker. Everybody's password is his name with ``-password``."""

    broker: Mosquitto

    def client(self, user: str | None, password: str | None = None) -> aiomqtt.Client:
        return aiomqtt.Client(HOST, self.broker.port, username=user, password=password or f"{user}-password", timeout=5)


def adapted(settings: str, folder: Path) -> str:
    """The same settings with this machine's paths; the port is the test's."""
    for path, here in {
        "/run/secrets/mosquitto_passwords": f"{folder}/passwords",
        "/mosquitto/config/acl": f"{folder}/acl",
        "/mosquitto/data/": f"{folder}/",
    }.items():
        assert path in settings
        settings = settings.replace(path, here)
    assert "listener 1883\n" in settings
    return settings.replace("listener 1883\n", "")


@pytest.fixture
def users(tmp_path: Path) -> None:
    """The password file and the list of rights, with the witness added."""
    passwords = tmp_path / "passwords"
    passwords.write_text("".join(f"{user}:{user}-password\n" for user in (*WRITES, "witness")))
    subprocess.run([need("mosquitto_passwd"), "-U", passwords], check=True, capture_output=True)
    (tmp_path / "acl").write_text(ACL + EVERYTHING)


@pytest.fixture
async def door(users: None, tmp_path: Path) -> AsyncIterator[Door]:
    async with mosquitto(tmp_path, adapted(SETTINGS, tmp_path), listener="") as broker:
        yield Door(broker)


@pytest.mark.parametrize("user", WRITES)
async def test_a_user_writes_what_is_his_to_write_and_nothing_else(door: Door, user: str) -> None:
    async with listening(door.broker.port, username="witness", password="witness-password") as witness:
        async with door.client(user) as client:
            for topic in TOPICS:
                await client.publish(topic, user, qos=1)
        async with door.client("witness") as last:
            await last.publish("the/end", "", qos=1)
        await until(lambda: witness.on("the/end"))
    assert {str(message.topic) for message in witness.heard} - {"the/end"} == WRITES[user]


@pytest.mark.parametrize("user", READS)
async def test_a_user_reads_what_is_his_to_read_and_nothing_else(door: Door, user: str) -> None:
    seen = set()
    async with door.client("witness") as witness, door.client(user) as client:
        await client.subscribe("#", qos=1)
        await client.subscribe("$SYS/#", qos=1)
        for topic in sorted(TOPICS, key=lambda topic: topic == STATE[0]):
            await witness.publish(topic, "x", qos=1)
        async for message in client.messages:
            seen.add(str(message.topic))
            if str(message.topic) == STATE[0]:  # published last, and everybody may read it
                break
    assert seen == READS[user]


@pytest.mark.parametrize("user", [None, "monitor", "nobody"])
async def test_without_a_right_name_and_password_nobody_gets_in(door: Door, user: str | None) -> None:
    with pytest.raises(aiomqtt.MqttError, match=r"ot authori[sz]ed"):
        await door.client(user, "guessed" if user else "").__aenter__()


async def test_what_is_on_disk_within_a_moment_survives_a_kill(door: Door, tmp_path: Path) -> None:
    saved = tmp_path / "mosquitto.db"
    async with door.client("monitor") as client:
        await client.publish(STATE[0], "online", qos=1, retain=True)
    await until(lambda: saved.exists() and b"online" in saved.read_bytes(), 3)
    await door.broker.kill()
    await door.broker.start()
    async with listening(door.broker.port, username="phone", password="phone-password") as phone:
        await until(lambda: phone.held.get(STATE[0]) == b"online")


@pytest.mark.parametrize("line", ["autosave_on_changes true", "autosave_interval 1", "set_tcp_nodelay true", "persistence true"])
def test_the_settings_that_alerts_rely_on_are_there(line: str) -> None:
    assert line in SETTINGS.splitlines()


def test_the_readme_turns_every_path_into_one_of_debian() -> None:
    [script] = re.findall(r"(?m)^sed '(.+)' deploy/mosquitto/mosquitto\.conf", (ROOT / "README.md").read_text())
    done = subprocess.run(["sed", script], input=SETTINGS, capture_output=True, text=True, check=True)
    paths = re.findall(r"(?m)^[a-z_]+ (/\S+)", done.stdout)
    assert paths == ["/etc/mosquitto/passwords", "/etc/mosquitto/acl", "/var/lib/mosquitto/"]
