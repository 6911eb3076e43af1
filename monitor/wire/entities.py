"""What Home Assistant shows of an account: its entities, as components of a device of MQTT discovery.

Templates are Jinja as Home Assistant renders it. What is null, or not there, is its ``None``: the entity is unknown, never 0.

Source: Home Assistant, "MQTT", "MQTT Sensor", "MQTT Binary sensor", "MQTT Event" (home-assistant.io/integrations/ mqtt,
sensor.mqtt, binary_sensor.mqtt, event.mqtt); core 2024.12.5, ``components/mqtt``: ``sensor.py`` (``PAYLOAD_NONE``), ``event.py``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.core.alerts.alert import EventType
from monitor.core.rules.finding import AlertKey, Level
from monitor.core.subject import slug
from monitor.wire.topics import alert_topic, availability_topic, branch, event_topic, expiry

Component = Mapping[str, object]
Components = Mapping[str, Component]

COIN, PERCENT = "coin", "%"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a pool. ``unit``: `COIN` stands for the pool's own, `PERCENT` for a ratio times 100; None: it has none."""

    key: str
    name: str
    unit: str | None
    decimals: int
    path: str


FIGURES = (
    Figure("distance", "distance", PERCENT, 1, "pool.distance"),
    Figure("equity", "equity", COIN, 6, "pool.equity"),
    Figure("delta", "delta", COIN, 6, "pool.delta"),
    Figure("margin_ratio", "margin ratio", PERCENT, 1, "pool.margin_ratio"),
    Figure("leverage", "leverage", None, 2, "pool.leverage"),
    Figure("buffer", "buffer", COIN, 6, "pool.buffer"),
    Figure("top_up", "top-up", COIN, 6, "(pool.top_up | default({}, true)).coin"),
)
"""What is shown of each pool, by its place in ``<root>/account/<account>/state``."""

DETAILS = ("status", "reason", "mark_price", "liquidation_price_below", "liquidation_price_above", "log_distance")
"""Attributes of a pool's distance."""

TOLD = ("id", "rule", "subject", "level", "status", "summary", "muted", "acked", "value", "threshold", "unit")
"""What of its alert an event carries on."""

_SAID = "value_json | default({})"
_LEVELS = json.dumps([level.word for level in Level if level])
_PROBLEM = (
    f"{{% set level = ({_SAID}).level | default(none) %}}"
    f"{{{{ 'OFF' if level == 'ok' else 'ON' if level in {_LEVELS} else None }}}}"
)


def account_components(account: str, coins: Iterable[str], alerts: Iterable[AlertKey], root: str, every: timedelta) -> Components:
    """Return the entities of one account that is looked at *every* so often: of its pools, its alerts, its data."""
    pools = {name: shown for coin in coins for name, shown in _pool(account, coin, root, every).items()}
    data = {**_connectivity("Data", f"{branch(root, account)}/availability"), **only_daemon(root)}
    return {**pools, "data": data, **alert_components(account, alerts, root, every)}


def portfolio_components(alerts: Iterable[AlertKey], root: str, every: timedelta) -> Components:
    """Return the entities of what has no account: alerts that look across accounts, and whether the monitor is there."""
    return {"monitor": _connectivity("Monitor", availability_topic(root)), **alert_components("", alerts, root, every)}


def alert_components(account: str, alerts: Iterable[AlertKey], root: str, every: timedelta) -> Components:
    """Return a problem for each alert, one for all of them together, and their events.

    They are there while the daemon is: that an account's data are old is told by an alert.
    """
    each = {
        f"alert_{key.rule}_{key.subject}": _problem(_alert_name(key), alert_topic(key, root), every) for key in sorted(alerts)
    }
    found = {"problem": _problem("Problem", problem_topic(root, account), every), "event": _event(account, root), **each}
    return {name: {**component, **only_daemon(root)} for name, component in found.items()}


def problem_topic(root: str, account: str) -> str:
    """Return the topic that holds the worst of an account's alerts; "": of those without an account."""
    return f"{branch(root, account)}/problem"


def only_daemon(root: str) -> Component:
    """Return the availability of what is known as long as the daemon is there."""
    return {"availability": [{"topic": availability_topic(root)}]}


def _pool(account: str, coin: str, root: str, every: timedelta) -> Components:
    return {
        f"pool_{slug(coin)}_{figure.key}": _sensor(figure, coin, f"{branch(root, account)}/state", every) for figure in FIGURES
    }


def _sensor(figure: Figure, coin: str, topic: str, every: timedelta) -> Component:
    scaled = "(value * 100) | round(6)" if figure.unit == PERCENT else "value"
    unit = coin if figure.unit == COIN else figure.unit
    shown: dict[str, object] = {
        "platform": "sensor",
        "name": f"{coin} {figure.name}",
        "state_topic": topic,
        "value_template": f"{_find(coin)}{{% set value = {figure.path} %}}{{{{ {scaled} if value is number else None }}}}",
        "state_class": "measurement",
        "suggested_display_precision": figure.decimals,
        "expire_after": _seconds(every),
    }
    if unit:
        shown["unit_of_measurement"] = unit
    if figure.key == "distance":
        shown |= {"json_attributes_topic": topic, "json_attributes_template": f"{_find(coin)}{_object('pool', DETAILS)}"}
    return shown


def _problem(name: str, topic: str, every: timedelta) -> Component:
    return {
        "platform": "binary_sensor",
        "name": name,
        "device_class": "problem",
        "state_topic": topic,
        "value_template": _PROBLEM,
        "json_attributes_topic": topic,
        "json_attributes_template": "{{ value or '{}' }}",
        "expire_after": _seconds(every),
    }


def _connectivity(name: str, topic: str) -> Component:
    """Return an entity that is always there, so that a silence is seen."""
    return {
        "platform": "binary_sensor",
        "name": name,
        "device_class": "connectivity",
        "entity_category": "diagnostic",
        "state_topic": topic,
        "payload_on": "online",
        "payload_off": "offline",
        "availability": [],
    }


def _event(account: str, root: str) -> Component:
    whose = f"alert.account == {_literal(account)}" if account else "alert.account is none"
    told = _object("alert", TOLD, "'event_type': value_json.type, 'event_id': value_json.id")
    return {
        "platform": "event",
        "name": "Alert",
        "state_topic": event_topic(root),
        "event_types": [kind.value for kind in EventType],
        "value_template": f"{{% set alert = ({_SAID}).alert %}}{{% if alert is mapping and {whose} %}}{told}{{% endif %}}",
    }


def _find(coin: str) -> str:
    """Return a template that sets ``pool`` to the pool of *coin*, or to an empty one."""
    pools = f"({_SAID}).pools | default([], true) | selectattr('coin', 'eq', {_literal(coin)})"
    return f"{{% set pool = {pools} | first | default({{}}) %}}"


def _object(of: str, keys: Sequence[str], more: str = "") -> str:
    pairs = ", ".join([*([more] if more else []), *(f"'{key}': {of}.{key} | default(none)" for key in keys)])
    return f"{{{{ {{{pairs}}} | tojson }}}}"


def _literal(text: str) -> str:
    """Return *text* as a string of Jinja, which has the escapes of Python's: what it holds cannot end it."""
    return json.dumps(text, ensure_ascii=False)


def _alert_name(key: AlertKey) -> str:
    return f"{key.rule.replace('_', ' ').capitalize()} {key.subject}"


def _seconds(every: timedelta) -> int:
    return round(expiry(every).total_seconds())
