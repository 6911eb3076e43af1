"""Everything in one sentence, as proof of life: ``3 of 3 accounts up; 5 pools, nearest 25.3 % (main BTC); no alert fires``."""

from collections.abc import Iterator

from monitor.core.number import Ratio
from monitor.core.risk import Status
from monitor.core.rules.finding import Level
from monitor.core.rules.words import percent
from monitor.picture import Picture


def digest(picture: Picture) -> str:
    """Return *picture* in one sentence, without amounts."""
    up = sum(account.is_up for account in picture.accounts)
    return f"{up} of {len(picture.accounts)} accounts up; {_pools(picture)}; {_alerts(picture)}"


def _pools(picture: Picture) -> str:
    scopes = tuple(_scopes(picture))
    known = {name: distance for name, distance, _ in scopes if distance is not None}
    blind = [name for name, _, is_blind in scopes if is_blind]
    nearest = min(known, key=lambda name: known[name], default=None)
    parts = [
        f"{len(scopes)} pools" if len(scopes) != 1 else "1 pool",
        *([f"nearest {percent(known[nearest])} ({nearest})"] if nearest else []),
        *([f"not assessed: {', '.join(blind)}"] if blind else []),
    ]
    return ", ".join(parts)


def _scopes(picture: Picture) -> Iterator[tuple[str, Ratio | None, bool]]:
    """Yield each pool that carries positions: its name, the nearest distance in it, and whether any of it is not assessed."""
    for account in picture.accounts:
        for pool in account.risk.pools if account.is_up and account.risk else ():
            margins = [pool.margin, *(each.margin for each in pool.positions if each.margin)]
            distances = [margin.distance for margin in margins if margin.distance is not None]
            if pool.positions:
                is_blind = any(margin.status is Status.UNASSESSED for margin in margins)
                yield f"{account.name} {pool.pool.coin}", min(distances, default=None), is_blind


def _alerts(picture: Picture) -> str:
    levels = [alert.level for alert in picture.alerts if alert.is_firing]
    if not levels:
        return "no alert fires"
    counted = (f"{levels.count(level)} {level.word}" for level in sorted(Level, reverse=True) if level in levels)
    return f"alerts: {', '.join(counted)}"
