"""What the monitor finds about itself: `store`."""

from monitor.core.rules.facts import Findings
from monitor.core.rules.finding import AlertKey, Finding, Level
from monitor.core.rules.settings import Policy


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
