"""One cycle of one account, in the order in which it happens: look, assess, judge, step, commit, tell.

This is the file to read first::

    venue JSON --look--> Account --assess--> AccountRisk --judge--> Finding* --step--> Alert*, Event*
                                                                                  |
                                                              commit (state and outbox, one transaction), then tell

A failed look is a finding too: nothing is cleared by it, and what was known stays, marked by its age.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from monitor.core.account import Account, Position
from monitor.core.alerts.alert import Alert
from monitor.core.alerts.life import Scope
from monitor.core.assessment import assess
from monitor.core.leaving import with_exit_costs
from monitor.core.number import Ratio
from monitor.core.pace import paced
from monitor.core.risk import AccountRisk
from monitor.core.rules.burden import wanted_order_books
from monitor.core.rules.daemon import delivery_faults, store_fault
from monitor.core.rules.finding import Finding, Note
from monitor.core.rules.table import WITHOUT_READING, judge, worse
from monitor.marks import Marks
from monitor.outlook import Outlook
from monitor.picture import AccountPicture, ChannelPicture, Picture
from monitor.ports import Change, Clock, ErrorKind, Memory, Store, VenueError, VenueUnavailable
from monitor.register import PORTFOLIO, Register, Tell
from monitor.ward import Ward
from monitor.whole import Whole

log = structlog.get_logger(__name__)

LONGEST_POLL = timedelta(seconds=20)
CONFIRM_AFTER = timedelta(seconds=1)
"""A reading that lacks something is looked at again after so long, well within the 2 s of design 5.6."""


@dataclass(slots=True, kw_only=True)
class Vitals:
    """How the monitor itself is; others write here what they count."""

    scheduler_events: dict[str, int]
    clock_steps: int = 0
    loop_lag_seconds: float = 0.0


Faults = Callable[[], Mapping[str, str | None]]
"""By channel, why it does not deliver; None: it does."""


def no_faults() -> Mapping[str, str | None]:
    """Return the faults of no channels at all."""
    return {}


class Watch:
    """All accounts in the monitor's care, their alerts, and what follows from each look at them.

    ``tell`` is called with the name of an account ("" for all of them together) whenever what is known of it has changed,
    and with the events of the change, which are committed by then. ``faults`` says how the channels are.
    """

    def __init__(
        self, wards: Iterable[Ward], *, store: Store, clock: Clock, outlook: Outlook, tell: Tell, faults: Faults = no_faults
    ) -> None:
        self.wards = {ward.name: ward for ward in wards}
        self.vitals = Vitals(scheduler_events={})
        self._store, self._clock, self._outlook, self._tell, self._faults = store, clock, outlook, tell, faults
        self._started_at = clock.now()
        self.register = Register(self.wards, store=store, clock=clock, tell=tell)
        self._marks = Marks()
        self._whole = Whole(self.wards, self._marks, outlook)

    async def recall(self) -> None:
        """Take up where the last run ended. Alerts of accounts that are no longer configured end as ``gone``."""
        await self._take_up(await self._store.load())

    def recount(self, name: str, account: Account, ago: timedelta) -> None:
        """Take what an account showed some time *ago* into what is read from the course of time; nothing is judged by it."""
        self._follow(self.wards[name], account, self._clock.now() - ago)

    async def cycle(self, name: str) -> None:
        """Look at one account once and let everything follow that follows from it. Never raises but for cancellation."""
        ward, began = self.wards[name], self._clock.now()
        if ward.not_before and began < ward.not_before:
            await self._outage(ward)
        else:
            await self._poll(ward)
            ward.poll_seconds = (self._clock.now() - began).total_seconds()
        ward.finished_at = self._clock.now()
        self._tell(name, ())

    async def tick(self) -> None:
        """Judge what needs no look: data that grow old because no poll ends, and the monitor's own state."""
        if late := self._store.found_late():
            await self._take_up(late)
        await self.register.forget_silences()
        policy, levels = self._outlook.policy, self.register.levels(PORTFOLIO)
        own = (*store_fault(self._store.fault, policy), *delivery_faults(self._faults(), policy))
        found = self._whole.judge(self._clock.now(), self._today(), levels)
        await self.register.settle(PORTFOLIO, (*own, *found))
        for ward in self.wards.values():
            if not ward.is_fresh(self._clock.now()):
                await self._outage(ward)
                self._tell(ward.name, ())

    def picture(self, channels: Iterable[ChannelPicture] = (), venue_clock_offsets: Mapping[str, float] | None = None) -> Picture:
        """Return all that is known now."""
        now = self._clock.now()
        return Picture(
            at=now,
            started_at=self._started_at,
            accounts=tuple(ward.picture(now) for ward in self.wards.values()),
            alerts=self.register.alerts,
            channels=tuple(channels),
            silences=self.register.silences,
            portfolio=self._whole.facts(now, self._today(), {}).portfolio,
            store_fault=self._store.fault,
            scheduler_events=dict(self.vitals.scheduler_events),
            clock_steps=self.vitals.clock_steps,
            venue_clock_offsets=venue_clock_offsets or {},
            loop_lag_seconds=self.vitals.loop_lag_seconds,
            shift=self._clock.wall() - now,
        )

    def account(self, name: str) -> tuple[AccountPicture | None, tuple[Alert, ...]]:
        """Return what is known of one account now, and its alerts; for "", only the alerts that look across accounts."""
        ward = self.wards.get(name)
        picture = None if ward is None else ward.picture(self._clock.now())
        return picture, self.register.of(name)

    async def _take_up(self, memory: Memory) -> None:
        for name, account in memory.accounts.items():
            if name in self.wards and self.wards[name].account is None:
                self.wards[name].account = account
        await self.register.recall(memory, self.wards)
        await self._store.commit(Change(alerts={}, forget_accounts=tuple(memory.accounts.keys() - self.wards.keys())))

    async def _poll(self, ward: Ward) -> None:
        ward.attempts += 1
        try:
            async with asyncio.timeout(min(0.8 * ward.interval, LONGEST_POLL).total_seconds()):
                account = await self._look(ward)
            await self._take(ward, account)
            await self._look_around(ward)
        except VenueError as error:
            await self._fail(ward, error)
        except TimeoutError:
            await self._fail(ward, VenueUnavailable(ErrorKind.TIMEOUT, f"{ward.venue_id} did not answer in time"))
        except Exception as error:
            log.exception("bug", account=ward.name)
            await self._fail(ward, VenueError(ErrorKind.BUG, f"{type(error).__name__} inside the monitor; please report it"))

    async def _look(self, ward: Ward) -> Account:
        account = await ward.look()
        if ward.account and _lacks(account, ward.account):
            await self._suspect(ward, account, ward.account)
            await self._clock.sleep(min(CONFIRM_AFTER, ward.interval / 8).total_seconds())
            account = await ward.look()
        return account

    async def _take(self, ward: Ward, account: Account) -> None:
        now, before = self._clock.now(), ward.account
        risk = with_exit_costs(self._follow(ward, account, now), ward.order_books_for(account))
        ward.succeeded(risk, now)
        found = self._judge(ward, risk, before)
        await self.register.settle(ward.name, found, account=account if _moved(account, before) else None)

    def _follow(self, ward: Ward, account: Account, at: datetime) -> AccountRisk:
        self._marks.note(account, at)
        risk, ward.courses = paced(self._assess(account, at), ward.courses, at)
        return risk

    async def _look_around(self, ward: Ward) -> None:
        """Read what the next look is judged by too: order books that a rule asks for, and what the key may do."""
        if ward.risk:
            await ward.read_order_books(wanted_order_books(ward.risk, self._outlook.policy))
        await ward.examine(self._clock.now())

    async def _suspect(self, ward: Ward, account: Account, before: Account) -> None:
        now = self._clock.now()
        readings = (self._judge(ward, self._assess(each, now), None) for each in (before, account))
        await self.register.settle(ward.name, worse(*readings), Scope(covers=lambda _: False, may_clear=False))

    async def _fail(self, ward: Ward, error: VenueError) -> None:
        ward.failed(error, self._clock.now())
        log.warning("poll failed", account=ward.name, venue=ward.venue_id, kind=error.kind.value, reason=error.message)
        await self._outage(ward)

    async def _outage(self, ward: Ward) -> None:
        found = self._judge(ward, None, ward.account)
        await self.register.settle(ward.name, found, Scope(covers=lambda key: key.rule in WITHOUT_READING))

    def _assess(self, account: Account, now: datetime) -> AccountRisk:
        age = max(timedelta(0), now - account.taken_at)
        volatility = self._marks.volatility(account)
        return assess(account, age=age, target_distance=self._outlook.target_distance, volatility=volatility)

    def _judge(self, ward: Ward, risk: AccountRisk | None, before: Account | None) -> tuple[Finding | Note, ...]:
        facts = ward.facts(self._clock.now())(risk=risk, before=before, levels=self.register.levels(ward.name))
        return judge(facts, self._outlook.policy)

    def _today(self) -> date:
        return self._outlook.day(self._clock.wall())


def _lacks(now: Account, before: Account) -> bool:
    """Whether a position, a part of one, or a pool of *before* is missing."""
    held = _sizes(now.positions)
    fewer = any(held.get(identity, 0) < size for identity, size in _sizes(before.positions).items())
    return fewer or not {pool.coin for pool in before.pools} <= {pool.coin for pool in now.pools}


def _moved(now: Account, before: Account | None) -> bool:
    return before is None or _sizes(now.positions) != _sizes(before.positions)


def _sizes(positions: Iterable[Position]) -> Mapping[tuple[str, str, str, str], Ratio]:
    return {position.identity: position.contracts for position in positions}
