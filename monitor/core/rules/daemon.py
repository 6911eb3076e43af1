"""What the monitor finds about itself: `store` and `delivery`."""

from collections.abc import Mapping
from datetime import timedelta

from monitor.core.rules.facts import Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.settings import Policy
from monitor.core.subject import slug


def store_fault(fault: str | None, policy: Policy) -> Findings:
    """Say that state cannot be written: the monitor goes on in memory, and a restart now would forget."""
    if policy.settings("store", account="").enabled:
        level = Level.CRITICAL if fault else Level.OK
        yield Finding(
            key=AlertKey(account="", rule="store", subject="daemon"),
            venue="",
            level=level,
            holds=level,
            summary=fault or "state is written",
        )


OUTLASTED = timedelta(minutes=1)
"""A channel that comes back sooner was not down: brokers restart, phones' servers hiccup."""


def delivery_faults(faults: Mapping[str, str | None], policy: Policy) -> Findings:
    """Say which channels have not delivered for a minute or more; the others carry the news.

    *faults*: by channel, why it does not deliver; None: it does.
    """
    settings = policy.settings("delivery", account="")
    for channel, fault in faults.items():
        if settings.enabled:
            level = Level.CRITICAL if fault else Level.OK
            yield Finding(
                key=AlertKey(account="", rule="delivery", subject=slug(channel)),
                venue="",
                level=level,
                holds=level,
                summary=fault or f"{channel} delivers",
                lasting=max(settings.lasting, OUTLASTED),
            )
