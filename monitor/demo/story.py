"""The demo's story: whose accounts there are, which venue fails when, and the words in which it is told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitor.core.contract import Side
from monitor.demo.faults import Fault
from monitor.demo.market import STORY_SECONDS
from monitor.demo.portfolio import Holding, Portfolio, Resident


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A venue commits *fault* on every request from story second *start* until *end*."""

    venue: str
    fault: Fault
    start: float
    end: float

    def is_on(self, t: float) -> bool:
        """Whether it lasts at story second *t*."""
        return self.start <= t % STORY_SECONDS < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One account of the story: its name in the configuration, its venue, what it holds and what it is to show."""

    name: str
    venue: str
    resident: Resident
    shows: str


OUTAGE = Outage(venue="deribit", fault=Fault.MAINTENANCE, start=36.0, end=48.0)

HOLDINGS: Mapping[str, Mapping[str, str]] = {"cold-wallet": {"BTC": "5"}}
"""Coins that lie elsewhere."""

_NO_LEVELS = dict.fromkeys(("warning", "critical", "emergency"), "off")

ALERTS: Mapping[str, Mapping[str, object]] = {
    "leverage": {"warning": "5x"},
    "net_delta": {
        "overrides": [
            {"coin": "BTC", "target": "34", "warning": "3", "critical": "6"},
            {"coin": "ETH", "target": "20", "warning": "5", "critical": "10"},
        ]
    },
    "exit_cost": {"overrides": [{"account": "hodl", "coin": "BTC", "warning": "25%", "critical": "50%"}]},
    "concentration": {"warning": "90%", "critical": "95%"},
    "reconcile": {"for": "10s"},
    "touch_probability": _NO_LEVELS,
    "time_to_liquidation": _NO_LEVELS,
}
"""The rules that are off by default get levels; leaving is weighed where it matters, as order books cost requests. On a busy
machine prices move by a percent between two answers of one poll, which `reconcile` waits out. Two rules lose their levels: the
story crowds into two minutes what takes weeks, and what is read from its pace is shown but would alarm for hours."""

_LINES: tuple[tuple[float, str], ...] = (
    (0.0, "the market is calm: every alert is clear"),
    (4.0, "a first wave of selling: watch how the coins behind bybit's long shrink together with the price"),
    (11.0, "after 10 % more, hodl's long would be more than 5 times what backs it: a warning of leverage is due"),
    (13.0, "hodl at bybit is less than 20 % away from liquidation: a warning is due"),
    (23.0, "a second wave"),
    (31.0, "hodl is less than 10 % away: a critical alert is due; main and treasury are not in danger"),
    (36.0, "deribit answers with a maintenance page: watch treasury go stale, not flat"),
    (41.0, "the market turns"),
    (48.0, "deribit is back: treasury is fresh again"),
    (52.0, "the market is past every clear value: what clears for a minute is resolved"),
    (114.0, "by now every alert is resolved"),
)


def lines(before: float, until: float) -> Iterator[str]:
    """Yield what happens after story second *before* and not later than *until*, ready to print, over any number of repeats."""
    first, last = int(max(before, 0.0) // STORY_SECONDS), int(until // STORY_SECONDS)
    for chapter in range(first, last + 1):
        for second, line in _LINES:
            moment = chapter * STORY_SECONDS + second
            if before < moment <= until:
                yield f"t+{moment:.0f} s  {line}"


def roles(quarter: date) -> tuple[Role, ...]:
    """Return the accounts of the story, with the dated contract that is delivered on *quarter*."""
    return (
        Role(
            name="main",
            venue="binancecoinm",
            resident=_resident("main", _main(quarter)),
            shows="a perpetual and a quarterly on one coin: the venue's price for each freezes the other and is far too low",
        ),
        Role(
            name="hodl",
            venue="bybit",
            resident=_resident("hodl", _HODL),
            shows="a leveraged long that comes close to liquidation, and an isolated short beside it",
        ),
        Role(
            name="treasury",
            venue="deribit",
            resident=_resident("treasury", _TREASURY),
            shows="coins and a short of the same size: a synthetic dollar that no price liquidates",
        ),
    )


def _resident(name: str, portfolio: Portfolio) -> Resident:
    return Resident(api_key=f"demo-{name}-key", api_secret=f"demo-{name}-secret", portfolio=portfolio)


def _main(quarter: date) -> Portfolio:
    perpetual = Holding(coin="BTC", side=Side.LONG, notional=Decimal(400_000), entry_price=Decimal(58_000))
    dated = Holding(coin="BTC", side=Side.LONG, notional=Decimal(300_000), entry_price=Decimal(59_000), expiry=quarter)
    ether = Holding(coin="ETH", side=Side.LONG, notional=Decimal(30_000), entry_price=Decimal(2_900))
    return Portfolio(wallets={"BTC": Decimal("9.75"), "ETH": Decimal(12)}, holdings=(perpetual, dated, ether))


_HODL = Portfolio(
    wallets={"BTC": Decimal("1.42"), "ETH": Decimal(1)},
    holdings=(
        Holding(coin="BTC", side=Side.LONG, notional=Decimal(300_000), entry_price=Decimal(52_000)),
        Holding(coin="ETH", side=Side.SHORT, notional=Decimal(18_000), entry_price=Decimal(3_100), isolated_margin=Decimal(2)),
    ),
)

_TREASURY = Portfolio(
    wallets={"BTC": Decimal("0.155")},
    holdings=(Holding(coin="BTC", side=Side.SHORT, notional=Decimal(9_000), entry_price=Decimal(59_000)),),
)
"""Small on purpose: at a rate that grows with size, a short of more than 9,900 dollars would have a price of a few dollars."""
