"""Pictures for tests: one in which everything is known, and what a test wants different."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.core.account import Account, Funding, Position
from monitor.core.alerts.alert import Alert, Phase
from monitor.core.assessment import assess
from monitor.core.leaving import with_exit_costs
from monitor.core.liquidity import Level, OrderBook
from monitor.core.portfolio import portfolio
from monitor.core.risk import AccountRisk
from monitor.core.rules.finding import AlertKey
from monitor.core.rules.finding import Level as AlertLevel
from monitor.picture import AccountPicture, ChannelPicture, Failure, Picture
from monitor.ports import Backlog, ErrorKind
from tests.build import BTC_PERPETUAL, BTC_QUARTERLY, NOON, D, Figure, account, isolated, long, pool, short

STARTED = NOON - timedelta(hours=1)
FUNDING = Funding(rate=D("0.0001"), interval=timedelta(hours=8), next_at=NOON + timedelta(hours=4))


def swap(**different: Any) -> Position:
    """Return a position of which everything is known."""
    known: dict[str, Any] = {
        "index_price": D(44_900),
        "adl_rank": 2,
        "venue_liquidation_price": D(32_000),
        "funding": FUNDING,
        "taker_fee": D("0.0005"),
    }
    return long(10_000_000, 45_000, **(known | different))


def reading(name: str = "main", venue: str = "binancecoinm", wallet: Figure = 101) -> Account:
    """Return an account with a cross perpetual, a quarterly on the same coin, an isolated short, and a flat coin."""
    positions = (
        swap(),
        short(1_000_000, 46_000, 45_900, symbol=BTC_QUARTERLY),
        isolated(short(90_000, 45_000, funding=FUNDING), "0.4"),
    )
    return account(pool(wallet, *positions), pool(3, coin="ETH"), name=name, venue=venue)


def account_picture(of: Account | None = None, *, is_up: bool = True, **different: Any) -> AccountPicture:
    known = of or reading()
    age = timedelta(seconds=3) if is_up else timedelta(minutes=6)
    values: dict[str, Any] = {
        "name": known.name,
        "venue": known.venue,
        "labels": {"entity": "acme"},
        "interval": timedelta(seconds=15),
        "is_up": is_up,
        "attempts": 240,
        "failure": None if is_up else Failure(kind=ErrorKind.MAINTENANCE, message="the venue is under maintenance"),
        "last_success": NOON - age,
        "age": age,
        "poll_seconds": 0.21,
        "errors": {ErrorKind.TIMEOUT: 2},
        "account": known,
        "risk": followed(assess(known, age=age, target_distance=D("0.3"), volatility={"BTC": 0.0005})),
    }
    return AccountPicture(**(values | different))


BOOK = OrderBook(bids=(Level(D(44_990), D(20_000_000)),), asks=(Level(D(45_010), D(20_000_000)),))


def followed(risk: AccountRisk) -> AccountRisk:
    """Return *risk* as of an account that was followed for long, and whose order book was read."""
    known = with_exit_costs(risk, {BTC_PERPETUAL: BOOK})
    pools = tuple(replace(p, approach_speed=1e-6, time_to_liquidation=timedelta(days=2)) for p in known.pools if p.pool.cross)
    return replace(known, pools=(*pools, *(p for p in known.pools if not p.pool.cross)))


def unread_picture(name: str = "new", **different: Any) -> AccountPicture:
    """Return an account of which nothing is known."""
    nothing = {"name": name, "last_success": None, "age": None, "poll_seconds": None, "account": None, "risk": None}
    return account_picture(is_up=False, **(nothing | {"failure": None, "attempts": 0} | different))


def alert(level: AlertLevel = AlertLevel.CRITICAL, **different: Any) -> Alert:
    values: dict[str, Any] = {
        "key": AlertKey(account="main", rule="liquidation_distance", subject="BTC"),
        "id": "a1b2c3d4e5f6",
        "venue": "binancecoinm",
        "level": level,
        "phase": Phase.FIRING,
        "since": NOON - timedelta(minutes=12),
        "at": NOON,
        "seen": NOON,
        "value": D("0.08"),
        "threshold": D("0.1"),
        "unit": "ratio",
        "summary": "BTC: 8.0 % to liquidation",
    }
    return Alert(**(values | different))


def channel(name: str = "mqtt", **different: Any) -> ChannelPicture:
    values: dict[str, Any] = {
        "name": name,
        "is_connected": True,
        "fault": None,
        "backlog": Backlog(pending=1, oldest=NOON - timedelta(seconds=2)),
        "results": {"delivered": 17, "failed": 1},
    }
    return ChannelPicture(**(values | different))


def picture(*accounts: AccountPicture, **different: Any) -> Picture:
    """Return a picture in which every metric has a row, unless *accounts* or *different* take it away."""
    shown = accounts or (account_picture(),)
    values: dict[str, Any] = {
        "at": NOON,
        "started_at": STARTED,
        "accounts": shown,
        "alerts": (alert(),),
        "channels": (channel(),),
        "silences": (),
        "portfolio": portfolio([a.account for a in shown if a.is_up and a.account], {"cold-wallet": {"BTC": D("12.5")}}),
        "store_fault": None,
        "scheduler_events": {"error": 0, "missed": 1, "max_instances": 0},
        "clock_steps": 0,
        "venue_clock_offsets": {"binancecoinm": 0.012},
        "loop_lag_seconds": 0.001,
    }
    return Picture(**(values | different))
