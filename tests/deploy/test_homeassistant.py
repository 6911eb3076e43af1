"""The blueprint for Home Assistant, rendered with the events that we send; what its buttons publish is a command of ours."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jinja2.sandbox
import pytest
import yaml

from monitor.command import Kind
from monitor.core.alerts.alert import Alert, EventType, Mute
from monitor.core.alerts.matcher import read_matcher
from monitor.core.rules.finding import AlertKey, Level
from monitor.wire.commands import read_command
from monitor.wire.messages import event_json
from monitor.wire.topics import command_topic, event_topic
from tests.channels.build import alert, event, key
from tests.deploy.tree import DEPLOY

BLUEPRINT = DEPLOY / "homeassistant" / "blueprints" / "automation" / "inverse_alert.yaml"
NOTIFY = "notify.mobile_app_phone"
TOKEN = "a<token>'with\"everything"


class Blueprint(yaml.SafeLoader):
    """YAML as Home Assistant has it in blueprints. ``inputs``: what stands for each ``!input``."""

    inputs: Mapping[str, str]

    def given(self, node: yaml.Node) -> str:
        return self.inputs[str(node.value)]


Blueprint.add_constructor("!input", Blueprint.given)


def automation(**inputs: str) -> dict[str, Any]:
    class Filled(Blueprint):
        pass

    Filled.inputs = {
        "notify_action": NOTIFY,
        "min_level": "critical",
        "topic_root": "im",
        "token": TOKEN,
        "author": "me",
    } | inputs
    found: dict[str, Any] = yaml.load(BLUEPRINT.read_text(), Filled)
    return found


def rendered(value: Any, known: Mapping[str, Any]) -> Any:
    """As Home Assistant does: every text is a template, and one that makes a list or an object is one."""
    if isinstance(value, dict):
        return {name: rendered(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [rendered(each, known) for each in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    text = environment.from_string(value).render(known).strip()
    return yaml.safe_load(text) if text.startswith("[") else text


def done(trigger: Mapping[str, Any], **inputs: str) -> list[dict[str, Any]]:
    """The actions that follow from *trigger*."""
    of = automation(**inputs)
    known = {**of["trigger_variables"], **of["variables"], "trigger": trigger}
    (choice,) = of["actions"]
    met = [each["sequence"] for each in choice["choose"] if rendered(each["conditions"], known) == "True"]
    return [rendered(action, known) for action in (met[0] if met else [])]


def told(kind: EventType, of: Alert, **inputs: str) -> list[dict[str, Any]]:
    said = json.loads(json.dumps(event_json(event(of, type=kind), event(of).at - event(of).at)))
    return done({"id": "told", "payload_json": said}, **inputs)


def pressed(action: str, **inputs: str) -> list[dict[str, Any]]:
    return done({"id": "pressed", "event": {"data": {"action": action}, "context": {"id": "01ABC"}}}, **inputs)


CRITICAL = alert(level=Level.CRITICAL, summary='BTC: 4 % from "liquidation" at {{ 40,000 }}, it\'s <b>near</b>')


def test_it_has_an_input_for_everything_that_it_uses_and_triggers_on_our_topic() -> None:
    of = automation()
    inputs = of["blueprint"]["input"]
    assert set(inputs) == {"notify_action", "min_level", "topic_root", "token", "author"}
    assert of["blueprint"]["domain"] == "automation"
    mqtt, pressed = of["triggers"]
    assert rendered(mqtt["topic"], of["trigger_variables"]) == event_topic("im")
    assert (mqtt["trigger"], pressed["trigger"]) == ("mqtt", "event")
    assert inputs["topic_root"]["default"] == "inverse-monitor"


@pytest.mark.parametrize("kind", [EventType.FIRED, EventType.ESCALATED, EventType.REPEATED])
def test_a_critical_alert_sounds_on_a_silent_phone(kind: EventType) -> None:
    (action,) = told(kind, CRITICAL)
    data = action["data"]["data"]
    assert (action["action"], action["data"]["title"], action["data"]["message"]) == (NOTIFY, "main: critical", CRITICAL.summary)
    assert (data["ttl"], data["priority"], data["channel"]) == (0, "high", "alarm_stream")
    assert data["push"] == {"interruption-level": "critical", "sound": {"name": "default", "critical": "1", "volume": 1.0}}
    assert data["tag"] == "inverse-id-BTC"
    assert [each["title"] for each in data["actions"]] == ["Ack", "Silence 1 h"]


def test_warnings_are_told_only_where_they_are_asked_for_and_do_not_sound() -> None:
    assert told(EventType.FIRED, alert()) == []
    (action,) = told(EventType.FIRED, alert(), min_level="warning")
    assert action["data"]["data"]["push"]["interruption-level"] == "active"
    assert action["data"]["data"]["channel"] != "alarm_stream"
    assert told(EventType.FIRED, CRITICAL, min_level="emergency") == []


@pytest.mark.parametrize("mute", Mute)
def test_what_is_muted_does_not_sound(mute: Mute) -> None:
    assert told(EventType.REPEATED, replace(CRITICAL, muted=mute)) == []


@pytest.mark.parametrize(
    ("kind", "level"), [(EventType.RESOLVED, Level.OK), (EventType.GONE, Level.OK), (EventType.EASED, Level.WARNING)]
)
def test_what_is_over_takes_its_notification_away(kind: EventType, level: Level) -> None:
    (action,) = told(kind, alert(level=level))
    assert action == {"action": NOTIFY, "data": {"message": "clear_notification", "data": {"tag": "inverse-id-BTC"}}}


def test_what_eases_but_is_still_to_be_heard_and_what_is_only_noted_change_nothing() -> None:
    assert told(EventType.EASED, CRITICAL) == []
    assert told(EventType.NOTED, CRITICAL) == []
    assert done({"id": "told"}) == []


def test_a_test_sounds_and_has_no_buttons() -> None:
    note = replace(alert(level=Level.OK), key=AlertKey(account="", rule="test", subject="daemon"))
    (action,) = told(EventType.NOTED, note, min_level="emergency")
    assert (action["data"]["title"], action["data"]["data"]["channel"]) == ("Inverse Monitor: test", "alarm_stream")
    assert action["data"]["data"]["actions"] == []


def buttons(of: Alert, **inputs: str) -> list[str]:
    (action,) = told(EventType.FIRED, of, **inputs)
    return [each["action"] for each in action["data"]["data"]["actions"]]


def test_ack_is_a_command_that_we_understand() -> None:
    (action,) = pressed(buttons(CRITICAL)[0])
    assert (action["action"], action["data"]["topic"]) == ("mqtt.publish", command_topic("im", Kind.ACK))
    command, token = read_command(Kind.ACK, action["data"]["payload"], "mqtt")
    assert (command.target, command.author, command.request, token) == (CRITICAL.id, "me", "01ABC", TOKEN)


@pytest.mark.parametrize(
    ("of", "matcher"),
    [
        (key("BTC-USD_BTC-long"), (("account", "main"), ("rule", "liquidation_distance"), ("subject", "BTC-USD_BTC-long"))),
        (AlertKey(account="", rule="silo", subject="BTC"), (("rule", "silo"), ("subject", "BTC"))),
    ],
)
def test_silence_is_a_command_that_we_understand(of: AlertKey, matcher: object) -> None:
    (action,) = pressed(buttons(replace(CRITICAL, key=of))[1])
    assert action["data"]["topic"] == command_topic("im", Kind.SILENCE)
    command, token = read_command(Kind.SILENCE, action["data"]["payload"], "mqtt")
    assert read_matcher(command.target or "") == matcher
    assert command.lasting
    assert (command.lasting.total_seconds(), token) == (3600, TOKEN)


def test_buttons_of_others_and_of_other_daemons_are_not_ours() -> None:
    assert pressed("OPEN_THE_DOOR") == []
    assert pressed(buttons(CRITICAL)[0], topic_root="im2") == []
    assert done({"id": "pressed", "event": {"data": {}, "context": {"id": "1"}}}) == []


def test_without_a_token_there_are_no_buttons() -> None:
    assert buttons(CRITICAL, token="") == []
