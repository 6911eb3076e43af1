"""The daemon as a process: it starts, tells, ends, and survives what it must survive."""

import asyncio
import json
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.faults import Fault
from tests.channels.brokers import DURABLE, Listener, listening, mosquitto
from tests.channels.fakes import until
from tests.daemon.house import CRITICAL, WARNED, House, all_up, firing, firing_across


async def test_it_polls_serves_and_ends_with_0_on_a_signal(home: House) -> None:
    async with home.daemon() as daemon:
        await daemon.until(all_up)
        assert (await daemon.get("/healthz"))[0] == 200
        assert await daemon.get("/readyz") == (200, "ready\n")
        assert 'inverse_account_up{account="hodl",venue="bybit"} 1.0' in (await daemon.get("/metrics"))[1]
        assert (await home.command("health", "--config", str(home.config))).status == 0
        status = await home.command("status", "--config", str(home.config))
        assert (status.status, status.err) == (0, "")
        assert "treasury" in status.out
        assert await daemon.end(signal.SIGINT) == 0
    assert "Traceback" not in "\n".join(daemon.log)


async def test_an_alert_comes_and_goes_and_status_shows_it(home: House) -> None:
    async with home.daemon() as daemon:
        await daemon.until(all_up)
        home.second = CRITICAL
        await daemon.until(lambda said: firing(said) == {"hodl liquidation_distance": "critical"})
        status = await home.command("status", "--config", str(home.config))
        assert status.status == 2
        assert "from liquidation at" in status.out


async def test_one_venues_outage_is_its_own(home: House) -> None:
    async with home.daemon() as daemon:
        await daemon.until(all_up)
        home.exchanges.venues["deribit"].misbehave(Fault.STALL)
        said = await daemon.until(lambda said: firing(said) == {"treasury stale": "warning"})
        up = {row["account"]: row["up"] for row in said["accounts"]}
        assert up == {"main": True, "hodl": True, "treasury": False}
        assert said["accounts"][2]["snapshot"]["pools"][0]["positions"]
        home.exchanges.venues["deribit"].behave()
        await daemon.until(lambda said: all_up(said) and not firing(said))


async def test_an_account_that_is_looked_at_seldom_holds_back_nobody(home: House, tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        home.write(mqtt={"host": "127.0.0.1", "port": broker.port})
        settings = json.loads(home.config.read_text())
        settings["accounts"]["main"]["poll_interval"] = "1h"
        home.config.write_text(json.dumps(settings))
        home.second = WARNED
        async with home.daemon():
            await until(lambda: listener.on(EVENTS), 20)
            assert heard(listener)[0]["alert"]["account"] == "hodl"


async def test_an_outage_erases_nothing_at_the_broker(home: House, tmp_path: Path) -> None:
    position = "inverse-monitor/account/treasury/position/BTC-USD_BTC-short"
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        home.write(mqtt={"host": "127.0.0.1", "port": broker.port})
        async with home.daemon() as daemon:
            await daemon.until(all_up)
            await until(lambda: position in listener.held, 20)
            home.exchanges.venues["deribit"].misbehave(Fault.MAINTENANCE)
            await until(lambda: listener.held["inverse-monitor/account/treasury/availability"] == b"offline", 20)
            await daemon.end(signal.SIGKILL)
        async with home.daemon() as daemon:
            await daemon.until(lambda said: [row["up"] for row in said["accounts"]] == [True, True, False])
            await until(lambda: listener.held["inverse-monitor/availability"] == b"online", 20)
            assert b"" not in listener.on(position)
            assert await daemon.end(signal.SIGTERM) == 0
        await until(lambda: listener.held["inverse-monitor/account/main/availability"] == b"offline")


@pytest.mark.parametrize("memory", ["", DURABLE], ids=["forgets", "remembers"])
async def test_quick_restarts_of_the_broker_do_not_end_the_daemon(home: House, tmp_path: Path, memory: str) -> None:
    """A broker that remembers our session and is back before our next attempt looks like one that another daemon uses."""
    async with mosquitto(tmp_path, memory) as broker:
        home.write(mqtt={"host": "127.0.0.1", "port": broker.port})
        async with home.daemon() as daemon:
            for _ in range(4):
                await daemon.until(lambda said: said["channels"][0]["connected"])
                await asyncio.sleep(1.2)  # the broker saves what it knows once a second
                await broker.kill()
                await broker.start()
            await daemon.until(lambda said: said["channels"][0]["connected"])


async def test_a_second_daemon_on_one_state_file_ends_with_1(home: House) -> None:
    async with home.daemon() as daemon:
        await daemon.until(all_up)
        other = House(home.folder, home.exchanges)
        other.write()
        done = await other.command("run", "--config", str(other.config))
        assert (done.status, done.has_traceback) == (1, False)
        assert "state.db" in done.err


async def test_a_port_in_use_ends_it_with_1(home: House) -> None:
    with socket.create_server(("127.0.0.1", home.port)):
        done = await home.command("run", "--config", str(home.config))
    assert (done.status, done.has_traceback) == (1, False)
    assert "set http.listen to another address" in done.err


async def test_an_unreachable_broker_stops_nothing(home: House) -> None:
    home.write(mqtt={"host": "127.0.0.1", "port": 1})
    async with home.daemon() as daemon:
        await daemon.until(all_up)
        status, text = await daemon.get("/readyz")
        assert (status, text) == (503, "MQTT: nothing listens at 127.0.0.1:1: start the broker, or see mqtt.host and mqtt.port\n")
        home.second = WARNED
        said = await daemon.until(lambda said: bool(firing(said)))
        assert said["channels"][0]["pending"] >= 1


async def test_a_state_path_that_cannot_be_used_stops_nothing_and_is_told(home: House) -> None:
    home.write(state={"path": str(home.folder / "nowhere" / "state.db")})
    async with home.daemon() as daemon:
        said = await daemon.until(lambda said: all_up(said) and bool(firing_across(said)))
        assert firing_across(said) == {"store": "critical"}
        assert "nowhere" in said["store_fault"]


async def test_two_daemons_with_one_client_id_do_not_fight_for_ever(home: House, tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        home.write(mqtt={"host": "127.0.0.1", "port": broker.port})
        async with home.daemon() as first:
            await first.until(lambda said: all_up(said) and said["channels"][0]["connected"])
            (tmp_path / "other").mkdir()
            other = House(tmp_path / "other", home.exchanges, settings={"mqtt": {"host": "127.0.0.1", "port": broker.port}})
            other.write()
            async with other.daemon() as second:
                ends = {asyncio.create_task(each.process.wait()) for each in (first, second)}
                done, going = await asyncio.wait(ends, timeout=40, return_when=asyncio.FIRST_COMPLETED)
                assert [end.result() for end in done] == [4]
                assert len(going) == 1
                assert "Traceback" not in "\n".join(first.log + second.log)


@pytest.mark.parametrize("moment", ["before anything is delivered", "after it is delivered"])
async def test_kill_9_in_the_middle_of_an_alert_loses_nothing_and_tells_nothing_twice(
    home: House, tmp_path: Path, moment: str
) -> None:
    async with mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        home.write(mqtt={"host": "127.0.0.1", "port": broker.port})
        home.second = WARNED
        if moment.startswith("before"):
            broker.freeze()
        async with home.daemon() as daemon:
            said = await daemon.until(lambda said: firing(said) == {"hodl liquidation_distance": "warning"})
            if moment.startswith("after"):
                await until(lambda: of_accounts(listener))
            await daemon.end(signal.SIGKILL)
        broker.thaw()
        async with home.daemon() as daemon:
            again = await daemon.until(lambda said: all_up(said) and said["channels"][0]["pending"] == 0)
            assert _told(again) == _told(said)
            home.second = CRITICAL
            await daemon.until(lambda said: firing(said) == {"hodl liquidation_distance": "critical"})
            await until(lambda: len(of_accounts(listener)) == 2)
        assert list(of_accounts(listener).values()) == ["fired", "escalated"]


def _told(said: Mapping[str, Any]) -> list[str]:
    """The alerts that have had an event: what is only pending may begin anew."""
    return [alert["id"] for alert in said["alerts"] if alert["status"] != "pending"]


EVENTS = "inverse-monitor/event/alert"


def heard(listener: Listener) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in listener.on(EVENTS)]


def of_accounts(listener: Listener) -> dict[str, str]:
    """The types of the events about accounts, by id."""
    return {event["id"]: event["type"] for event in heard(listener) if event["alert"]["account"]}
