"""What Home Assistant hears of the whole daemon."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.channels.brokers import Listener, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import CRITICAL, House, all_up

PREFIX = "homeassistant/device/inverse-monitor_"
PROBLEM = "inverse-monitor/account/hodl/problem"


def devices(listener: Listener) -> set[str]:
    return {topic.removeprefix(PREFIX).removesuffix("/config") for topic in listener.held if topic.startswith("homeassistant/")}


def components(listener: Listener, device: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(listener.held.get(f"{PREFIX}{device}/config", b'{"components":{}}'))["components"]
    return found


@pytest.mark.timeout(90)
async def test_devices_come_with_accounts_tell_of_alerts_and_go_with_what_announced_them(home: House, tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        mqtt = {"host": "127.0.0.1", "port": broker.port}
        home.write(mqtt=mqtt | {"homeassistant": {"enabled": True}})
        async with home.daemon() as daemon:
            await daemon.until(all_up)
            await until(lambda: devices(listener) == {"main", "hodl", "treasury", "portfolio"}, 20)
            await until(lambda: "pool_BTC_distance" in components(listener, "hodl"), 20)
            assert json.loads(listener.held[PROBLEM])["level"] == "ok"
            home.second = CRITICAL
            await until(lambda: "alert_liquidation_distance_BTC" in components(listener, "hodl"), 20)
            assert json.loads(listener.held[PROBLEM])["level"] == "critical"
            await daemon.end(signal.SIGKILL)
        settings = json.loads(home.config.read_text())
        del settings["accounts"]["main"]
        home.config.write_text(json.dumps(settings))
        async with home.daemon():
            await until(lambda: devices(listener) == {"hodl", "treasury", "portfolio"}, 20)
            assert "alert_liquidation_distance_BTC" in components(listener, "hodl")
        home.config.write_text(json.dumps(settings | {"mqtt": mqtt}))
        async with home.daemon() as daemon:
            await until(lambda: not devices(listener) and PROBLEM not in listener.held, 20)
            await daemon.until(all_up)
            assert not devices(listener)
