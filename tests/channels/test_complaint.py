import socket
import ssl

import pytest
from aiomqtt import MqttError
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from monitor.channels.complaint import complaint, is_version_refused
from monitor.channels.link import NoAnswer


def caused_by(cause: BaseException) -> MqttError:
    error = MqttError(f"the library's text, with {cause}")
    error.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (caused_by(ConnectionRefusedError()), "nothing listens at broker:1883"),
        (caused_by(socket.gaierror()), "the name broker cannot be resolved"),
        (caused_by(TimeoutError("timed out")), "broker:1883 does not answer as an MQTT broker"),
        (caused_by(ConnectionResetError()), "broker:1883 does not answer as an MQTT broker"),
        (
            caused_by(FileNotFoundError()),
            "a file of mqtt.tls cannot be read: see that it is there and that this user may read it",
        ),
        (caused_by(ssl.SSLError(1, "wrong version number")), "TLS with broker:1883 fails"),
        (caused_by(OSError(101, "Network is unreachable")), "broker:1883 cannot be reached (Network is unreachable)"),
        (UnicodeError("label too long"), "broker is not a name"),
        (NoAnswer(), "TLS is on at both ends or at neither"),
        (MqttError("whatever"), "does not answer"),
        (MqttConnectError(ReasonCode(PacketTypes.CONNACK, "Bad user name or password")), "see mqtt.username and mqtt.password"),
        (MqttConnectError(ReasonCode(PacketTypes.CONNACK, "Quota exceeded")), "refuses the connection with code 151"),
    ],
)
def test_each_failure_is_a_sentence_without_the_librarys_text(error: Exception, says: str) -> None:
    sentence = complaint(error, "broker", 1883)
    assert sentence.startswith("MQTT: ")
    assert says in sentence
    assert "library" not in sentence


def test_only_an_unsupported_version_is_one() -> None:
    assert is_version_refused(MqttConnectError(ReasonCode(PacketTypes.CONNACK, "Unsupported protocol version")))
    assert not is_version_refused(MqttConnectError(ReasonCode(PacketTypes.CONNACK, "Not authorized")))
    assert not is_version_refused(NoAnswer())
