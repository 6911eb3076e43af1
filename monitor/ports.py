"""What the monitor needs from the outside, as small protocols, and the errors that may come through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from monitor.core.account import Account
from monitor.core.alerts.alert import Alert, Event, Silence
from monitor.core.liquidity import OrderBook
from monitor.core.rules.finding import AlertKey, Level


class ErrorKind(StrEnum):
    """Why a poll failed, as a metric label."""

    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    MAINTENANCE = "maintenance"
    REFUSED = "refused"
    CLOCK = "clock"
    INVALID = "invalid"
    TIMEOUT = "timeout"
    BUG = "bug"


class VenueError(Exception):
    """A venue could not be read. The message is ours: never the library's text, which can hold signed addresses."""

    def __init__(self, kind: ErrorKind, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after = retry_after
        """Seconds for which the venue asks not to be called again; None: it does not say."""


class VenueUnavailable(VenueError):  # noqa: N818 - it names a state of the venue, not a mistake
    """The venue did not answer well; wait. Kinds: unavailable, rate_limited, maintenance, timeout."""


class VenueRefused(VenueError):  # noqa: N818 - it names an answer of the venue
    """The venue answered that this key, address or clock is not accepted; the operator must act. Kinds: refused, clock."""


class VenueDataInvalid(VenueError):  # noqa: N818 - it names what the data are
    """The venue answered with something that we do not understand; nothing of it may be used. Kind: invalid."""


class Clock(Protocol):
    """Time. ``now`` is UTC at start plus monotonic time elapsed, so that it never jumps; ``wall`` is what a calendar says."""

    def now(self) -> datetime:
        """Return the time by which decisions are made."""

    def wall(self) -> datetime:
        """Return the time to print."""

    def monotonic(self) -> float:
        """Return seconds of the monotonic clock."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a venue says about a key and an account, for `check`.

    ``clock_offset_seconds``: the venue's clock minus ours, half the round trip allowed for. ``may_trade``, ``may_withdraw``:
    what the key may do beyond reading. None: the venue does not tell. ``mode``: the kind of account, in the venue's words.
    """

    clock_offset_seconds: float | None
    may_trade: bool | None
    may_withdraw: bool | None
    mode: str | None


class Venue(Protocol):
    """One account at one venue, to be looked at."""

    async def look(self) -> Account:
        """Read the account once, whole: from answers of one cycle, each validated.

        Raises:
            VenueUnavailable, VenueRefused, VenueDataInvalid: nothing of the reading may be used.

        """

    async def order_book(self, symbol: str) -> OrderBook:
        """Read the order book of one contract. Raises as `look`."""

    async def examine(self) -> Examination:
        """Ask what the key may do, what kind of account it is and what time it is there. Raises as `look`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What outlives a restart. ``accounts``: the last validated reading of each account, as far as positions go."""

    alerts: Mapping[AlertKey, Alert]
    silences: tuple[Silence, ...]
    accounts: Mapping[str, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the journal, which is only ever added to: a decision, or a command and what came of it.

    ``origin``: who caused it: ``monitor``, or the way by which a command came and its author. ``at``: wall time.
    """

    id: str
    at: datetime
    origin: str
    what: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one decision changes, to be written in one transaction.

    ``alerts``, ``silences``: the new state of each that changed; None: it is to be forgotten. ``events`` go to every channel's
    outbox and into the journal, as do ``records``. ``account``: the reading to remember, where its positions changed.
    ``shift``: how far the calendar is ahead of the clock by which the events were decided.
    """

    alerts: Mapping[AlertKey, Alert | None]
    silences: Mapping[str, Silence | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    records: tuple[Record, ...] = ()
    account: Account | None = None
    forget_accounts: tuple[str, ...] = ()
    shift: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One message on its way through one channel. ``body`` is the event as JSON (design of topic ``event/alert``).

    ``level``: how much is lost if it does not arrive, the worse of the levels before and after.
    """

    number: int
    event_id: str
    level: Level
    body: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much waits for a channel, and since when; None: nothing waits."""

    pending: int
    oldest: datetime | None


class Store(Protocol):
    """Alert state and outbox. Writing never raises: where the disk fails it goes on in memory and says so."""

    @property
    def fault(self) -> str | None:
        """Why state cannot be written, as a sentence with the remedy; None: all is on disk."""

    async def load(self) -> Memory:
        """Return what was last committed; empty at the first start."""

    def found_late(self) -> Memory | None:
        """Return, once, what an earlier run left and could not be read before `load`; None: nothing of that kind."""

    async def commit(self, change: Change) -> None:
        """Write *change* in one transaction, on disk before this returns where the disk can be written."""

    async def pending(self, channel: str, limit: int) -> Sequence[OutboxRow]:
        """Return the oldest undelivered rows of *channel*, oldest first."""

    async def delivered(self, channel: str, number: int) -> None:
        """Forget a row that the channel's receiver has acknowledged."""

    def backlog(self, channel: str) -> Backlog:
        """Return what waits for *channel*."""

    def holds(self, channel: str, event_id: str) -> bool:
        """Whether that event still waits for *channel*."""

    @property
    def is_moving(self) -> bool:
        """Whether what is decided gets written, or is known not to be: False while the disk neither takes nor refuses it."""


class Channel(Protocol):
    """A way out for events."""

    @property
    def name(self) -> str:
        """The channel's name in metrics, alerts and the outbox."""

    @property
    def patience(self) -> float:
        """Seconds for which a row may wait for others to travel with it; 0: each goes alone."""

    @property
    def longest_pause(self) -> float:
        """Seconds between attempts, at most, while the channel fails."""

    async def deliver(self, rows: Sequence[OutboxRow]) -> bool:
        """Send *rows* together and return when their receiver has acknowledged them; False: nothing of them had to be sent.

        Raises:
            DeliveryFailed: they are not known to have arrived; they stay.

        """


class DeliveryFailed(Exception):  # noqa: N818 - it names what happened
    """A message is not known to have arrived. The message is a sentence for the operator."""


class TakenOver(Exception):  # noqa: N818 - it names what happened
    """Another daemon uses our MQTT client id; this one must end, with status 4."""


class AlreadyRunning(Exception):  # noqa: N818 - it names what is found
    """Another daemon holds what only one may hold: the state file or the port. The message says which and what to do."""
