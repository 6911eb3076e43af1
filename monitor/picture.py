"""What the monitor knows right now, as one immutable value: what metrics, page, topics and commands show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.account import Account
from monitor.core.alerts.alert import Alert, Silence
from monitor.core.portfolio import Portfolio
from monitor.core.risk import AccountRisk
from monitor.ports import Backlog, ErrorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why the last poll failed, in our words."""

    kind: ErrorKind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPicture:
    """One account as it is known. ``account`` and ``risk``: the last validated reading, None before the first.

    ``is_up``: the reading is younger than three intervals; where it is not, account and risk are history, not state.
    ``failure``: of the last attempt; None: it went well or there was none yet.
    """

    name: str
    venue: str
    labels: Mapping[str, str]
    interval: timedelta
    is_up: bool
    attempts: int
    failure: Failure | None
    last_success: datetime | None
    age: timedelta | None
    poll_seconds: float | None
    errors: Mapping[ErrorKind, int]
    account: Account | None
    risk: AccountRisk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPicture:
    """One way out. ``fault``: why it does not deliver, as a sentence; None: it does. ``results``: counts by result."""

    name: str
    is_connected: bool
    fault: str | None
    backlog: Backlog
    results: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything at one moment. ``scheduler_events``: counts by event (error, missed, max_instances).

    Moments are by the clock of decisions; ``shift`` is how far the calendar is ahead of it.
    """

    at: datetime
    started_at: datetime
    accounts: tuple[AccountPicture, ...]
    alerts: tuple[Alert, ...]
    channels: tuple[ChannelPicture, ...]
    silences: tuple[Silence, ...]
    portfolio: Portfolio
    store_fault: str | None
    scheduler_events: Mapping[str, int]
    clock_steps: int
    venue_clock_offsets: Mapping[str, float]
    loop_lag_seconds: float
    shift: timedelta = timedelta(0)

    def wall(self, moment: datetime) -> datetime:
        """Return what a calendar said at *moment*."""
        return moment + self.shift
