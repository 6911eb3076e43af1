"""The whole daemon and a phone: an alert arrives, a phone that is out of reach is told of, and no address is shown."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.channels.fakes import until
from tests.channels.receiver import SECRET, receiving
from tests.daemon.house import CRITICAL, House, all_up, firing


def channel(said: Mapping[str, Any], name: str = "push-phone") -> dict[str, Any]:
    return next(each for each in said["channels"] if each["name"] == name)


async def test_an_alert_reaches_the_phone_although_the_broker_is_down_and_metrics_count_it(home: House) -> None:
    async with receiving() as receiver:
        targets = {"phone": {"url": receiver.url}, "chat": {"url": receiver.url, "min_level": "emergency"}}
        home.write(push=targets, mqtt={"host": "127.0.0.1", "port": 1})
        async with home.daemon() as daemon:
            await daemon.until(all_up)
            await until(lambda: len(receiver.messages) == 2, 30)
            assert all(text.startswith("NOTE daemon: the monitor has started: ") for text in receiver.texts)
            home.second = CRITICAL
            await until(lambda: len(receiver.messages) == 3, 30)
            said = await daemon.until(lambda said: [each["pending"] for each in said["channels"]] == [2, 0, 0])
            assert firing(said) == {"hodl liquidation_distance": "critical"}
            message = receiver.messages[-1]
            assert message["title"] == "CRITICAL hodl BTC"
            assert message["message"].startswith("CRITICAL hodl BTC: ")
            assert "from liquidation at" in message["message"]
            assert (message["type"], channel(said)["connected"], channel(said)["fault"]) == ("failure", True, None)
            metrics = (await daemon.get("/metrics"))[1]
            assert 'inverse_notifications_total{channel="push-phone",result="delivered"} 2.0' in metrics
            assert 'inverse_notifications_total{channel="push-chat",result="delivered"} 1.0' in metrics
            assert 'inverse_outbox_pending{channel="push-phone"} 0.0' in metrics
            assert SECRET not in metrics + json.dumps(said)
        assert SECRET not in "\n".join(daemon.log)


async def test_a_phone_that_refuses_is_told_of_and_gets_it_after_a_restart(home: House) -> None:
    async with receiving() as receiver:
        receiver.refuse(500)
        home.write(push={"phone": {"url": receiver.url}})
        home.second = CRITICAL
        async with home.daemon() as daemon:
            said = await daemon.until(lambda said: bool(channel(said)["fault"]))
            assert channel(said)["fault"] == "push.phone: JSON refused a message with status 500"
            assert channel(said)["pending"] >= 1
            assert not channel(said)["connected"]
            told = json.dumps(said) + (await daemon.get("/metrics"))[1] + (await daemon.get("/"))[1]
            assert SECRET not in told
        assert SECRET not in "\n".join(daemon.log)
        receiver.accept()
        async with home.daemon() as daemon:
            await daemon.until(lambda said: not channel(said)["pending"])
        assert "CRITICAL hodl BTC: " in "\n".join(receiver.texts)


@pytest.mark.parametrize(("word", "status"), [("run", 2), ("check", 1)])
async def test_an_address_that_cannot_be_used_stops_the_start_without_being_printed(home: House, word: str, status: int) -> None:
    home.write(push={"phone": {"url": f"nonsense://{SECRET}"}})
    done = await home.command(word, "--config", str(home.config))
    assert (done.status, done.has_traceback) == (status, False)
    assert "push.phone.url is no address that Apprise can use" in done.out + done.err
    assert SECRET not in done.out + done.err


async def test_check_says_which_service_an_address_is_of_and_sends_nothing(home: House) -> None:
    async with receiving() as receiver:
        home.write(push={"phone": {"url": receiver.url}})
        done = await home.command("check", "--offline", "--config", str(home.config))
        assert (done.status, receiver.requests) == (0, 0)
    assert "push phone: Apprise understands the address (JSON); nothing was sent" in done.out
