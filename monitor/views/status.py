"""The state as JSON: rows of `once --json` (design 5.3), alerts, channels."""

from collections.abc import Mapping

from monitor.core.rules.words import spoken
from monitor.picture import AccountPicture, ChannelPicture, Picture
from monitor.ports import ErrorKind
from monitor.wire.figures import risk_json, sums_json
from monitor.wire.messages import Stamp, alert_json, silence_json
from monitor.wire.snapshot import snapshot

Json = Mapping[str, object]


def status_json(picture: Picture) -> Json:
    """Return everything that `/api/status` says."""
    return {
        "at": picture.wall(picture.at).isoformat(),
        "started_at": picture.wall(picture.started_at).isoformat(),
        "accounts": [account_json(account) for account in picture.accounts],
        "alerts": alerts_json(picture),
        "silences": [silence_json(silence, Stamp(picture.at, picture.shift)) for silence in picture.silences],
        "channels": [_channel_json(channel, picture) for channel in picture.channels],
        "portfolio": sums_json(picture.portfolio),
        "store_fault": picture.store_fault,
    }


def account_json(account: AccountPicture) -> Json:
    """Return one row of `once --json`. Not up: ``risk`` is null, ``error`` says why, ``snapshot`` is the last one, if any."""
    return {
        "account": account.name,
        "venue": account.venue,
        "up": account.is_up,
        "error": _error_json(account),
        "age_seconds": None if account.age is None else account.age.total_seconds(),
        "snapshot": account.account and snapshot(account.account),
        "risk": risk_json(account.risk) if account.is_up and account.risk else None,
    }


def alerts_json(picture: Picture) -> list[Json]:
    """Return every alert, worst first."""
    stamp = Stamp(picture.at, picture.shift)
    return [alert_json(alert, stamp) for alert in sorted(picture.alerts, key=lambda a: (not a.is_firing, -a.level, a.key))]


def fault(account: AccountPicture) -> str | None:
    """Return why the account is not up, as a sentence; None: it is."""
    if account.is_up:
        return None
    if account.failure:
        return account.failure.message
    return "not read yet" if account.age is None else f"no new data for {spoken(account.age)}"


def _error_json(account: AccountPicture) -> Json | None:
    if account.is_up and account.failure is None:
        return None
    kind = account.failure.kind if account.failure else ErrorKind.UNAVAILABLE
    return {"kind": kind.value, "message": account.failure.message if account.failure else fault(account)}


def _channel_json(channel: ChannelPicture, picture: Picture) -> Json:
    oldest = channel.backlog.oldest
    return {
        "name": channel.name,
        "connected": channel.is_connected,
        "fault": channel.fault,
        "pending": channel.backlog.pending,
        "oldest": oldest and picture.wall(oldest).isoformat(),
    }
