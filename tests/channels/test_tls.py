"""TLS against a real mosquitto: right and wrong certificates, and TLS at one end only."""

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.channels.link import MqttSettings, MqttTls
from monitor.channels.mqtt import Mqtt
from tests.channels.brokers import HOST, Mosquitto, mosquitto
from tests.channels.fakes import RealClock, until
from tests.channels.test_mqtt import STATE, running
from tests.programs import need

LEAKS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""paho leaves the socket of a handshake that failed to the garbage collector, which complains."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, beside its key."""
    path = tmp_path / "cert.pem"
    subject = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}", "-days", "2"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(tmp_path / "key.pem")]
    subprocess.run([need("openssl"), "req", "-x509", *key, *subject, "-out", str(path)], check=True, capture_output=True)
    return path


@pytest.fixture
async def broker(tmp_path: Path, certificate: Path) -> AsyncIterator[Mosquitto]:
    options = "allow_anonymous true\ncertfile {folder}/cert.pem\nkeyfile {folder}/key.pem"
    async with mosquitto(tmp_path, listener=options) as broker:
        yield broker


def link(port: int, tls: MqttTls | None) -> Mqtt:
    return Mqtt(MqttSettings(host=HOST, port=port, root="im", tls=tls), RealClock())


async def test_with_the_right_certificate_all_goes_well(broker: Mosquitto, certificate: Path) -> None:
    async with running(link(broker.port, MqttTls(ca=certificate))) as mqtt:
        mqtt.show(STATE)
        await until(lambda: mqtt.fault is None)


@LEAKS
async def test_a_certificate_that_nobody_vouches_for_is_said(broker: Mosquitto) -> None:
    async with running(link(broker.port, MqttTls())) as mqtt:
        await until(lambda: "is not to be trusted" in str(mqtt.fault))
        assert "see mqtt.tls.ca" in str(mqtt.fault)


async def test_a_file_that_is_not_there_is_said(broker: Mosquitto, tmp_path: Path) -> None:
    async with running(link(broker.port, MqttTls(ca=tmp_path / "missing.pem"))) as mqtt:
        await until(lambda: (mqtt.fault or "").startswith("MQTT: a file of mqtt.tls cannot be read: "))


@LEAKS
async def test_tls_at_a_port_that_does_not_speak_it_is_said(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as plain, running(link(plain.port, MqttTls())) as mqtt:
        await until(lambda: "TLS" in str(mqtt.fault))


@pytest.mark.prove
async def test_no_tls_at_a_port_that_speaks_it_is_said(broker: Mosquitto) -> None:
    async with running(link(broker.port, None)) as mqtt:
        await until(lambda: "TLS is on at both ends or at neither" in str(mqtt.fault))
