"""Home Assistant: each account as a device, by its device-based MQTT discovery (design 5.4).

One retained payload per device says what it consists of. A component that only vanishes from it would stay there for ever: it is
taken leave of first, by its platform alone. All of a device goes with an empty payload.

Source: Home Assistant, "MQTT", device discovery payload (home-assistant.io/integrations/mqtt); core 2024.12.5,
``components/mqtt/discovery.py`` and ``schemas.py``, of which the keys for device, origin and availability are closed lists.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor import __version__
from monitor.core.alerts.alert import Alert
from monitor.core.rules.finding import Level
from monitor.core.subject import slug
from monitor.picture import AccountPicture
from monitor.wire.entities import Components, account_components, portfolio_components, problem_topic
from monitor.wire.messages import Json, Stamp, alert_json, body
from monitor.wire.topics import AS_IT_IS, Publication, Publications, availability_topic, branch, expiry, shown

ORIGIN = "inverse-monitor"
PORTFOLIO = "portfolio"
BORN = b"online"
"""What Home Assistant says on its status topic once it is up."""

PATIENCE = 3
"""Polls that an account which is not known at all is given, before its device is shown without pools."""

SUMMARY = ("id", "rule", "subject", "level", "since", "summary", "acked", "muted")
"""What the problem of an account tells of each alert that fires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where Home Assistant listens for devices, and the root of our topics."""

    prefix: str
    root: str


def account_device(home: Home, account: AccountPicture, alerts: Iterable[Alert], stamp: Stamp) -> Publications:
    """Return the device of one account, and the worst of its alerts.

    Pools are those that were last known; as long as none may be, what an earlier run has announced is left as it is.
    """
    told = tuple(shown(alerts))
    is_known = account.account is not None or account.attempts >= PATIENCE
    return {
        device_topic(home, account.name): _account_device(home, account, told) if is_known else AS_IT_IS,
        problem_topic(home.root, account.name): _problem(account.name, told, stamp, account.interval, is_known=account.is_up),
    }


def portfolio_device(home: Home, alerts: Iterable[Alert], every: timedelta, stamp: Stamp) -> Publications:
    """Return the device of what has no account."""
    told = tuple(shown(alerts))
    components = portfolio_components((a.key for a in told), home.root, every)
    device = {"name": "Inverse Monitor portfolio", "model": "all accounts"}
    return {
        device_topic(home, ""): _discovery(device_id(home.root, ""), device, [availability_topic(home.root)], components),
        problem_topic(home.root, ""): _problem("", told, stamp, every, is_known=True),
    }


def device_topic(home: Home, account: str) -> str:
    """Return the topic that says what the device of *account* consists of; "": that of the portfolio."""
    return f"{home.prefix}/device/{device_id(home.root, account)}/config"


def device_topics(prefix: str) -> str:
    """Return what to subscribe to in order to hear of every device, ours and others'."""
    return f"{prefix}/device/+/config"


def status_topic(prefix: str) -> str:
    """Return the topic on which Home Assistant says that it is up."""
    return f"{prefix}/status"


def device_id(root: str, account: str) -> str:
    """Return the identifier of a device, ``<root>_<account>``, of ``[A-Za-z0-9_-]``.

    A root that does not fit is marked by a hash. No name of an account has a ``_``, so that none can take the portfolio's place.
    """
    ours = slug(root) if slug(root) == root else f"{slug(root)}-{hashlib.sha256(root.encode()).hexdigest()[:6]}"
    return f"{ours}_{ {'': PORTFOLIO, PORTFOLIO: f'account_{PORTFOLIO}'}.get(account, account) }"


def is_ours(payload: bytes, root: str) -> bool:
    """Whether a device was announced by a daemon with this root: by its origin, and whose availability it goes by.

    Home Assistant accepts no key of our own in ``origin``.
    """
    if ORIGIN.encode() not in payload:  # what others announce can be long, and is many
        return False
    said = _read(payload)
    try:
        return bool(said["origin"]["name"] == ORIGIN and said["availability"][0]["topic"] == availability_topic(root))
    except (KeyError, IndexError, TypeError):
        return False


def parting(before: bytes | None, now: bytes) -> bytes:
    """Return *now*, and with it the end of every component that only *before* has: it is then to be sent without them."""
    wanted = _read(now)
    gone = {
        name: {"platform": component["platform"]}
        for name, component in _components(before).items()
        if name not in wanted["components"] and len(component) > 1
    }
    return body({**wanted, "components": {**wanted["components"], **gone}}) if gone else now


def _account_device(home: Home, account: AccountPicture, told: Iterable[Alert]) -> Publication:
    coins = [pool.coin for pool in account.account.pools] if account.account else []
    components = account_components(account.name, coins, (alert.key for alert in told), home.root, account.interval)
    seen_by = [availability_topic(home.root), f"{branch(home.root, account.name)}/availability"]
    device = {"name": f"Inverse Monitor {account.name}", "model": account.venue}
    return _discovery(device_id(home.root, account.name), device, seen_by, components)


def _discovery(identifier: str, device: Mapping[str, str], seen_by: Iterable[str], components: Components) -> Publication:
    said = {
        "device": {"identifiers": [identifier], "manufacturer": "Inverse Monitor", "sw_version": __version__, **device},
        "origin": {"name": ORIGIN, "sw_version": __version__},
        "availability": [{"topic": topic} for topic in seen_by],
        "availability_mode": "all",
        "qos": 1,
        "components": {name: {**each, "unique_id": f"{identifier}_{name}"} for name, each in components.items()},
    }
    return Publication(body(said), None, is_device=True)


def _problem(name: str, told: Iterable[Alert], stamp: Stamp, every: timedelta, *, is_known: bool) -> Publication:
    """Return the worst of the alerts that fire; level null: none does, but there are no fresh data to say that all is well."""
    firing = sorted((alert for alert in told if alert.is_firing), key=lambda alert: (-alert.level, alert.key))
    calm = Level.OK.word if is_known else None
    said: Json = {
        "account": name or None,
        "level": firing[0].level.word if firing else calm,
        "firing": len(firing),
        "alerts": [{key: alert_json(alert, stamp)[key] for key in SUMMARY} for alert in firing],
    }
    return Publication(body(said), expiry(every))


def _components(payload: bytes | None) -> Mapping[str, Mapping[str, Any]]:
    found = _read(payload).get("components") if payload else None
    each = found.items() if isinstance(found, dict) else ()
    return {name: component for name, component in each if isinstance(component, dict) and "platform" in component}


def _read(payload: bytes) -> dict[str, Any]:
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
