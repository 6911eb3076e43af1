"""Home Assistant itself takes our devices and our blueprint. Where it is, `HASS` says; how to install it is said in the skip."""

import asyncio
import json
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from tests.channels.brokers import HOST, Listener, free_port, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import CRITICAL, House, all_up, house
from tests.deploy.test_homeassistant import BLUEPRINT

INSTALL = (
    "HASS does not say where Home Assistant is: python3.12 -m venv hass && hass/bin/pip install homeassistant==2024.12.5 "
    "home-assistant-frontend==20241127.8 paho-mqtt==1.6.1 numpy; HASS=hass/bin/hass"
)
TOKEN = "the-token-of-this-test"
BORN = b"online"

ENTRY = {
    "entry_id": "mqtt",
    "version": 1,
    "minor_version": 2,
    "domain": "mqtt",
    "title": "mqtt",
    "options": {},
    "source": "user",
    "unique_id": None,
    "disabled_by": None,
    "pref_disable_new_entities": False,
    "pref_disable_polling": False,
    "created_at": "2024-12-20T00:00:00+00:00",
    "modified_at": "2024-12-20T00:00:00+00:00",
    "discovery_keys": {},
}
"""The MQTT integration as its dialogue would have set it up."""


def configuration() -> Mapping[str, Any]:
    """All states go out over MQTT; the phone is a script that says there what it is told, and is pressed from there."""
    phone = "{{ {'title': title | default(none), 'message': message, 'data': data} | to_json }}"
    press = {"event": "mobile_app_notification_action", "event_data": {"action": "{{ trigger.payload }}"}}
    blueprint = {"path": f"inverse-monitor/{BLUEPRINT.name}", "input": {"notify_action": "script.phone", "token": TOKEN}}
    return {
        "http": {"server_port": free_port(), "server_host": HOST},
        "mqtt_statestream": {"base_topic": "states"},
        "script": {"phone": {"sequence": [{"action": "mqtt.publish", "data": {"topic": "phone", "payload": phone}}]}},
        "automation": [
            {"id": "alert", "alias": "alert", "use_blueprint": blueprint},
            {"id": "press", "alias": "press", "triggers": [{"trigger": "mqtt", "topic": "press"}], "actions": [press]},
        ],
    }


def set_up(folder: Path, port: int) -> None:
    (folder / ".storage").mkdir(parents=True)
    blueprints = folder / "blueprints" / "automation" / "inverse-monitor"
    blueprints.mkdir(parents=True)
    shutil.copy(BLUEPRINT, blueprints)
    (folder / "configuration.yaml").write_text(json.dumps(configuration()))
    data = {"broker": HOST, "port": port, "protocol": "5", "discovery": True, "discovery_prefix": "homeassistant"}
    stored = {"version": 1, "minor_version": 4, "key": "core.config_entries", "data": {"entries": [{**ENTRY, "data": data}]}}
    (folder / ".storage" / "core.config_entries").write_text(json.dumps(stored))


@asynccontextmanager
async def hass(folder: Path, port: int) -> AsyncIterator[Process]:
    program = os.environ.get("HASS")
    if not program:
        pytest.skip(INSTALL)
    set_up(folder, port)
    process = await asyncio.create_subprocess_exec(program, "-c", folder, "--skip-pip", stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


def state(listener: Listener, entity: str) -> str:
    domain, _, name = entity.partition(".")
    return listener.held.get(f"states/{domain}/inverse_monitor_{name}/state", b"").decode()


def entities(folder: Path) -> list[str]:
    stored = folder / ".storage" / "core.entity_registry"
    return [each["entity_id"] for each in json.loads(stored.read_text())["data"]["entities"]] if stored.exists() else []


async def press(port: int, action: str) -> None:
    async with aiomqtt.Client(HOST, port) as phone:
        await phone.publish("press", action, qos=1)


async def play(home: House, listener: Listener, port: int) -> None:
    """Let the daemon raise an alert, and acknowledge it on the phone."""
    async with home.daemon() as daemon:
        await daemon.until(all_up)
        await until(lambda: BORN in listener.on("homeassistant/status"), 60)
        await until(lambda: float(state(listener, "sensor.hodl_btc_distance") or 0) > 25, 20)
        assert state(listener, "sensor.treasury_btc_distance") == "unknown"
        assert state(listener, "binary_sensor.hodl_problem") == "off"
        home.second = CRITICAL
        await until(lambda: state(listener, "binary_sensor.hodl_liquidation_distance_btc") == "on", 30)
        await until(lambda: listener.on("phone"))
        told = json.loads(listener.on("phone")[0])
        assert (told["title"], told["data"]["push"]["sound"]["critical"]) == ("hodl: critical", 1)
        await press(port, told["data"]["actions"][0]["action"])
        await until(lambda: listener.on("inverse-monitor/cmd/ack/response"))
        assert json.loads(listener.on("inverse-monitor/cmd/ack/response")[0])["ok"]
    await until(lambda: state(listener, "binary_sensor.portfolio_monitor") == "off")
    assert state(listener, "sensor.hodl_btc_distance") == "unavailable"


@pytest.mark.prove
@pytest.mark.timeout(240)
async def test_home_assistant_shows_our_accounts_brings_their_alerts_to_the_phone_and_forgets_them(tmp_path: Path) -> None:
    conf = tmp_path / "hass"
    async with (
        mosquitto(tmp_path) as broker,
        listening(broker.port) as listener,
        hass(conf, broker.port),
        house(tmp_path) as home,
    ):
        mqtt = {"host": HOST, "port": broker.port}
        home.write(mqtt=mqtt | {"commands": {"enabled": True, "token": TOKEN}, "homeassistant": {"enabled": True}})
        await play(home, listener, broker.port)
        await until(lambda: "sensor.inverse_monitor_hodl_btc_distance" in entities(conf), 30)
        home.write(mqtt=mqtt)
        async with home.daemon():
            await until(lambda: not [each for each in entities(conf) if "inverse_monitor" in each], 40)
