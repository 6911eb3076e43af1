"""Devices for Home Assistant: of keys that it knows, with templates that make unknown of what is not known."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alerts.alert import Alert, EventType, Phase
from monitor.core.rules.finding import AlertKey, Level
from monitor.picture import AccountPicture
from monitor.wire.entities import FIGURES, account_components
from monitor.wire.homeassistant import Home, account_device, device_id, is_ours, parting, portfolio_device
from monitor.wire.messages import Stamp, body, event_body
from monitor.wire.topics import AS_IT_IS, account_publications, alert_publications
from tests.build import NOON, account, long, pool, risk, short
from tests.channels.build import alert, event
from tests.wire.test_topics import picture

HOME = Home(prefix="homeassistant", root="im")
EVERY = timedelta(seconds=15)
TOPIC = "homeassistant/device/im_main/config"

TOP = {"device", "origin", "components", "availability", "availability_mode", "qos"}
DEVICE = {"identifiers", "connections", "configuration_url", "hw_version", "manufacturer", "model", "model_id", "name"}
DEVICE |= {"serial_number", "suggested_area", "sw_version", "via_device"}
ORIGIN = {"name", "sw_version", "support_url"}
ENTITY = {
    "platform",
    "unique_id",
    "name",
    "availability",
    "availability_mode",
    "entity_category",
    "state_topic",
    "value_template",
}
ENTITY |= {"json_attributes_topic", "json_attributes_template", "qos", "enabled_by_default", "icon"}
PLATFORMS = {
    "sensor": {"state_class", "unit_of_measurement", "suggested_display_precision", "expire_after", "device_class"},
    "binary_sensor": {"device_class", "expire_after", "payload_on", "payload_off", "force_update", "off_delay"},
    "event": {"event_types", "device_class"},
}
"""What may stand where; of device, origin and top level nothing else may, of an entity it would be ignored.

Source: Home Assistant 2024.12.5, ``components/mqtt``: ``schemas.py``, ``sensor.py``, ``binary_sensor.py``, ``event.py``.
"""


def device(seen: AccountPicture, *alerts: Alert, home: Home = HOME) -> Any:
    found = account_device(home, seen, alerts, Stamp(NOON))
    (payload,) = (publication.payload for topic, publication in found.items() if topic.startswith(home.prefix))
    return json.loads(payload or b"")


def shown(template: str, payload: bytes) -> str:
    """As Home Assistant renders a template of MQTT: with the payload as text, and as what it says where it is JSON."""
    known: dict[str, Any] = {"value": payload.decode()}
    if payload:
        known["value_json"] = json.loads(payload)
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(template).render(known)


def figures(seen: AccountPicture, coin: str = "BTC") -> Mapping[str, str]:
    state = account_publications(seen, (), "im", Stamp(NOON))["im/account/main/state"].payload or b""
    components = account_components("main", [coin], (), "im", EVERY)
    return {f.key: shown(str(components[f"pool_{coin}_{f.key}"]["value_template"]), state) for f in FIGURES}


def test_an_account_is_one_device_of_keys_that_are_known_there() -> None:
    said = device(picture(is_up=True), alert(), replace(alert(), key=AlertKey(account="main", rule="stale", subject="account")))
    assert said.keys() <= TOP
    assert said["device"].keys() <= DEVICE
    assert said["origin"].keys() <= ORIGIN
    for name, component in said["components"].items():
        assert component.keys() <= ENTITY | PLATFORMS[component["platform"]], name
        assert component["unique_id"] == f"im_main_{name}"
        assert component["state_topic"].startswith("im/")
    assert set(said["components"]) == {
        *(f"pool_BTC_{figure.key}" for figure in FIGURES),
        "alert_liquidation_distance_BTC",
        "alert_stale_account",
        "problem",
        "event",
        "data",
    }


def test_a_device_never_expires_and_its_entities_do() -> None:
    found = account_device(HOME, picture(is_up=True), (), Stamp(NOON))
    assert found[TOPIC].expiry is None
    assert found[TOPIC].is_device
    assert found["im/account/main/problem"].expiry == timedelta(seconds=90)
    components = json.loads(found[TOPIC].payload or b"")["components"]
    assert {c["expire_after"] for c in components.values() if "expire_after" in c} == {90}


def test_figures_go_by_the_account_and_alerts_only_by_the_daemon_for_they_tell_of_old_data() -> None:
    said = device(picture(is_up=True), alert())
    assert (said["availability"], said["availability_mode"]) == (
        [{"topic": "im/availability"}, {"topic": "im/account/main/availability"}],
        "all",
    )
    assert "availability" not in said["components"]["pool_BTC_distance"]
    for name in ("alert_liquidation_distance_BTC", "problem", "event", "data"):
        assert said["components"][name]["availability"] == [{"topic": "im/availability"}]


def test_whether_the_daemon_is_there_is_shown_also_when_it_is_not() -> None:
    found = portfolio_device(HOME, (), EVERY, Stamp(NOON))
    said = json.loads(found["homeassistant/device/im_portfolio/config"].payload or b"")
    monitor = said["components"]["monitor"]
    assert (monitor["state_topic"], monitor["payload_off"], monitor["availability"]) == ("im/availability", "offline", [])


def test_figures_are_found_by_their_coin_and_ratios_become_percent() -> None:
    held = account(pool(3, short(30_000, 50_000), coin="ETH"), pool(1, long(50_000, 50_000)))
    assessed = risk(*held.pools).pools[1]
    found = figures(picture(is_up=True, held=held))
    assert float(found["distance"]) == pytest.approx(float(assessed.margin.distance or 0) * 100, abs=1e-6)
    assert float(found["margin_ratio"]) == pytest.approx(float(assessed.margin.margin_ratio or 0) * 100, abs=1e-6)
    assert float(found["equity"]) == float(assessed.margin.equity or 0)
    assert float(found["top_up"]) == float(assessed.margin.top_up.coin) if assessed.margin.top_up else False


def test_what_is_not_known_is_unknown_and_never_zero() -> None:
    flat = account(pool(1))
    assert {figures(picture(is_up=True, held=flat))[key] for key in ("distance", "margin_ratio", "buffer", "top_up")} == {"None"}
    assert set(figures(picture(is_up=True), coin="ETH").values()) == {"None"}


@pytest.mark.parametrize("payload", [b"", b"0", b"[]", b"{}", b"null", b'{"pools":null}', b'{"pools":[{"coin":"BTC"}]}', b'"?"'])
def test_whatever_comes_in_place_of_state_is_unknown(payload: bytes) -> None:
    components = account_components("main", ["BTC"], [alert().key], "im", EVERY)
    for name in ("pool_BTC_distance", "pool_BTC_top_up", "problem", "alert_liquidation_distance_BTC"):
        assert shown(str(components[name]["value_template"]), payload) == "None"


def test_zero_is_zero() -> None:
    template = str(account_components("main", ["BTC"], (), "im", EVERY)["pool_BTC_distance"]["value_template"])
    assert float(shown(template, body({"pools": [{"coin": "BTC", "distance": 0}]}))) == 0


@given(st.text(min_size=1).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_no_name_of_a_coin_gets_out_of_its_place_in_a_template(coin: str) -> None:
    components = account_components("main", [coin], (), "im", EVERY)
    (template,) = (str(c["value_template"]) for name, c in components.items() if name.endswith("_leverage"))
    state = {"pools": [{"coin": "other", "leverage": 1}, {"coin": coin, "leverage": 2}]}
    assert shown(template, body(state)) == "2"


@pytest.mark.parametrize("level", Level)
def test_an_alert_is_a_problem_while_it_is_not_ok(level: Level) -> None:
    one = alert(level=level)
    component = device(picture(is_up=True), one)["components"]["alert_liquidation_distance_BTC"]
    held = alert_publications([one], "im", EVERY, Stamp(NOON))[component["state_topic"]].payload or b""
    assert shown(component["value_template"], held) == ("ON" if level else "OFF")
    assert json.loads(shown(component["json_attributes_template"], held)) == json.loads(held)
    assert shown(component["json_attributes_template"], b"") == "{}"


def test_an_alert_that_has_never_fired_is_not_shown() -> None:
    pending = replace(alert(), phase=Phase.PENDING, events=0)
    assert not [name for name in device(picture(is_up=True), pending)["components"] if name.startswith("alert_")]


def worst(seen: AccountPicture, *alerts: Alert) -> tuple[Any, str]:
    held = account_device(HOME, seen, alerts, Stamp(NOON))["im/account/main/problem"].payload or b""
    return json.loads(held), shown(device(seen, *alerts)["components"]["problem"]["value_template"], held)


def test_the_worst_alert_is_the_problem_of_the_account() -> None:
    said, state = worst(picture(is_up=True), alert("BTC"), alert("ETH", level=Level.CRITICAL), alert("SOL", level=Level.OK))
    assert (state, said["level"], said["firing"]) == ("ON", "critical", 2)
    assert [each["subject"] for each in said["alerts"]] == ["ETH", "BTC"]


def test_without_fresh_data_nobody_knows_that_there_is_no_problem() -> None:
    assert worst(picture(is_up=True))[1] == "OFF"
    assert worst(picture(is_up=False))[1] == "None"
    assert worst(picture(is_up=False), alert())[1] == "ON"


def test_pools_that_were_known_before_an_outage_stay() -> None:
    assert "pool_BTC_distance" in device(picture(is_up=False))["components"]


def test_of_an_account_that_was_never_read_nothing_is_said_until_it_could_not_be_read_for_a_while() -> None:
    new = picture(is_up=False, held=None)
    assert account_device(HOME, new, (), Stamp(NOON))[TOPIC] is AS_IT_IS
    assert set(device(replace(new, attempts=3))["components"]) == {"problem", "event", "data"}


@pytest.mark.parametrize("kind", EventType)
def test_an_event_has_its_type_and_only_that_of_its_account_is_shown(kind: EventType) -> None:
    said = event_body(event(alert(summary='it\'s <b>4 %</b> "left"'), type=kind))
    own = device(picture(is_up=True))["components"]["event"]
    shown_there = json.loads(shown(own["value_template"], said))
    assert shown_there["event_type"] == kind.value
    assert kind.value in own["event_types"]
    assert (shown_there["summary"], shown_there["id"]) == ('it\'s <b>4 %</b> "left"', "id-BTC")
    other = device(replace(picture(is_up=True), name="other"))["components"]["event"]
    assert shown(other["value_template"], said) == ""


def test_an_event_without_an_account_is_of_the_portfolio() -> None:
    whole = replace(alert(), key=AlertKey(account="", rule="silo", subject="BTC"))
    found = portfolio_device(HOME, [whole], EVERY, Stamp(NOON))["homeassistant/device/im_portfolio/config"].payload or b""
    components = json.loads(found)["components"]
    assert json.loads(shown(components["event"]["value_template"], event_body(event(whole))))["rule"] == "silo"
    assert shown(components["event"]["value_template"], event_body(event(alert()))) == ""
    assert components["alert_silo_BTC"]["state_topic"] == "im/portfolio/alert/silo/BTC"


def test_identifiers_fit_and_no_two_devices_share_one() -> None:
    pairs = [
        ("im", "main"),
        ("im", ""),
        ("im", "portfolio"),
        ("a/b", "main"),
        ("a-b", "main"),
        ("a.b", "main"),
        ("im", "account"),
    ]
    found = [device_id(root, name) for root, name in pairs]
    assert found[:3] == ["im_main", "im_portfolio", "im_account_portfolio"]
    assert len(set(found)) == len(pairs)
    assert all(set(each) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-") for each in found)


def test_a_device_is_known_by_its_origin_and_its_root() -> None:
    payload = account_device(HOME, picture(is_up=True), (), Stamp(NOON))[TOPIC].payload or b""
    assert is_ours(payload, "im")
    assert not is_ours(payload, "im2")
    assert not is_ours(payload.replace(b'"name":"inverse-monitor"', b'"name":"another"'), "im")
    for odd in (b"", b"inverse-monitor", b'["inverse-monitor"]', b'{"origin":{"name":"inverse-monitor"}}'):
        assert not is_ours(odd, "im")


def test_what_is_gone_is_taken_leave_of_once() -> None:
    before, now = body({"components": {"a": {"platform": "sensor", "name": "A"}, "b": {"platform": "event", "name": "B"}}}), b""
    now = body({"components": {"b": {"platform": "event", "name": "B"}}})
    said = parting(before, now)
    assert json.loads(said)["components"] == {"b": {"platform": "event", "name": "B"}, "a": {"platform": "sensor"}}
    assert parting(said, now) == now
    for nothing in (None, b"", b"?", b"[]", b'{"components":[]}', b'{"components":{"a":1}}'):
        assert parting(nothing, now) == now
