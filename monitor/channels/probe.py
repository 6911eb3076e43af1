"""One try to reach the broker, for `check`."""

from dataclasses import replace

from aiomqtt import MqttError

from monitor.channels.complaint import complaint, is_version_refused
from monitor.channels.link import V5, V311, MqttSettings, NoAnswer, Refused, connected
from monitor.wire.topics import check_topic


async def broker_fault(settings: MqttSettings) -> str | None:
    """Return why the broker cannot be used, as a sentence; None: it lets us in and takes what we publish.

    A client id of its own keeps a running daemon connected.
    """
    own = replace(settings, root=f"{settings.root}-check")
    for version in (V5, V311):
        try:
            async with connected(own, version) as link:
                await link.send(check_topic(settings.root), b"", retain=False)
                return None
        except Refused as refusal:
            return (
                f"MQTT: {settings.host}:{settings.port} lets us in and throws away what we publish below {settings.root}/ "
                f"({refusal}): give our user the right to write there"
            )
        except (MqttError, UnicodeError) as error:
            if version is V5 and (isinstance(error, NoAnswer) or is_version_refused(error)):
                continue
            return complaint(error, settings.host, settings.port)
    return None
