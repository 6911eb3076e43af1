"""What is published and kept by the broker: topics and payloads of everything that is known now (design 5.4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitor.command import Kind
from monitor.core.alerts.alert import Alert, Phase
from monitor.core.risk import AccountRisk
from monitor.core.rules.finding import AlertKey
from monitor.core.subject import position_subjects
from monitor.picture import AccountPicture
from monitor.wire.figures import head, pool_json, position_json
from monitor.wire.messages import Stamp, alert_json, body

EXPIRES_AFTER_INTERVALS = 6
LEAST_EXPIRY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Publication:
    """One retained payload. ``expiry``: how long the broker may show it without hearing it again; None: for ever.

    ``payload`` None: leave what the broker holds, and let it expire. A topic that ends in ``/#`` stands for all below it.
    ``is_device``: it tells Home Assistant what a device consists of, see `monitor.wire.homeassistant`.
    """

    payload: bytes | None
    expiry: timedelta | None
    is_device: bool = False


AS_IT_IS = Publication(None, None)
"""What is last known of an account that is not up: history, neither to be repeated nor to be erased (that would say closed)."""


Publications = Mapping[str, Publication]


def account_publications(account: AccountPicture, alerts: Iterable[Alert], root: str, stamp: Stamp) -> Publications:
    """Return every retained payload about one account. What is no longer in it is to be erased."""
    return {
        **_account(account, branch(root, account.name)),
        **alert_publications(alerts, root, account.interval, stamp),
    }


def unwritten_publications(name: str, root: str) -> Publications:
    """Return what the broker is to hold of an account that cannot be written: not there, and what was said is to expire."""
    away = {f"{branch(root, name)}/availability": Publication(b"offline", None)} if name else {}
    return {**away, f"{branch(root, name)}/#": AS_IT_IS}


def alert_publications(alerts: Iterable[Alert], root: str, interval: timedelta, stamp: Stamp) -> Publications:
    """Return the retained state of *alerts* that have ever fired, for accounts that are looked at every *interval*."""
    return {alert_topic(a.key, root): Publication(body(alert_json(a, stamp)), expiry(interval)) for a in shown(alerts)}


def shown(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """Yield those of *alerts* that have ever fired: only they have a topic."""
    return (alert for alert in alerts if alert.phase is not Phase.PENDING or alert.events)


def expiry(interval: timedelta) -> timedelta:
    """Return how long state is held that is looked at every *interval*; it is sent again when half of that is over."""
    return max(EXPIRES_AFTER_INTERVALS * interval, LEAST_EXPIRY)


def branch(root: str, account: str) -> str:
    """Return below which topic all about *account* lies; "": about all of them together."""
    return f"{root}/account/{account}" if account else f"{root}/portfolio"


def availability_topic(root: str) -> str:
    """Return the topic that says whether the daemon is there."""
    return f"{root}/availability"


def event_topic(root: str) -> str:
    """Return the topic on which every event of every alert is sent once."""
    return f"{root}/event/alert"


def heartbeat_topic(root: str) -> str:
    """Return the topic on which the daemon counts."""
    return f"{root}/heartbeat"


def command_topic(root: str, kind: Kind) -> str:
    """Return the topic on which a kind of command is taken."""
    return f"{root}/cmd/{kind.value}"


def check_topic(root: str) -> str:
    """Return the topic on which `check` finds out whether we may publish; nobody needs to listen."""
    return f"{root}/check"


def alert_topic(key: AlertKey, root: str) -> str:
    """Return the topic that holds an alert's state."""
    return f"{branch(root, key.account)}/alert/{key.rule}/{key.subject}"


def _account(account: AccountPicture, root: str) -> dict[str, Publication]:
    found = {f"{root}/availability": Publication(b"online" if account.is_up else b"offline", None)}
    if not account.risk or not account.is_up:
        found |= {f"{root}/state": AS_IT_IS, f"{root}/position/#": AS_IT_IS}
    else:
        lasting = expiry(account.interval)
        pools = [pool_json(pool, with_positions=False) for pool in account.risk.pools]
        found[f"{root}/state"] = Publication(body({**head(account.risk), "pools": pools}), lasting)
        for name, payload in _positions(account.risk):
            found[f"{root}/position/{name}"] = Publication(payload, lasting)
    return found


def _positions(risk: AccountRisk) -> Iterator[tuple[str, bytes]]:
    subjects = position_subjects(risk.account.positions)
    for pool in risk.pools:
        for position in pool.positions:
            told = {**head(risk), "coin": pool.pool.coin, **position_json(position, pool.pool)}
            yield subjects[position.position.identity], body(told)
