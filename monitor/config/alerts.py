"""The section `alerts`: one row per rule, with its thresholds as they are by default."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import ValidationInfo, field_validator

from monitor.config.quantity import Distance, PositiveDuration
from monitor.config.rules import (
    AgeRule,
    BandRule,
    DistanceRule,
    FactorRule,
    ShareRule,
    StaleRule,
    Switch,
    SwitchRule,
    TimeRule,
    settings_of,
)
from monitor.config.section import Section
from monitor.core.rules.settings import RuleSettings


def _distances(*levels: str) -> DistanceRule:
    return DistanceRule.model_validate(_levels(levels))


def _shares(*levels: str) -> ShareRule:
    return ShareRule.model_validate(_levels(levels))


def _levels(levels: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("warning", "critical", "emergency"), levels, strict=False))


class Alerts(Section):
    """What counts as a danger, and from where on."""

    target_distance: Distance = Decimal("0.3")
    """`top_up` figures say how many coins bring a pool to this distance."""
    time_to_fund: PositiveDuration = timedelta(hours=1)
    """How long you need to bring coins in; `time_to_liquidation` also speaks when this is longer."""

    liquidation_distance: DistanceRule = _distances("20%", "10%", "5%")
    """Pool, isolated position: nearest liquidation price, computed jointly."""
    margin_ratio: ShareRule = _shares("50%", "70%", "85%")
    """Pool, isolated position: maintenance margin / equity."""
    unassessed: AgeRule = AgeRule(warning=timedelta(0), critical=timedelta(minutes=10))
    """Pool: positions, but for how long already no liquidation price of our own."""
    touch_probability: ShareRule = _shares("5%", "20%", "50%")
    """Pool: chance to touch liquidation in 24 h at the observed volatility."""
    time_to_liquidation: TimeRule = TimeRule.model_validate({**_levels(("24h", "6h", "1h")), "for": "5m"})
    """Pool: time left at the speed of approach, funding included."""
    reconcile: ShareRule = _shares("1%", "5%")
    """Pool: our equity and maintenance margin against the venue's."""
    disagreement: ShareRule = _shares("2%", "5%")
    """Position: our price by the venue's convention against the venue's own."""
    units: SwitchRule = SwitchRule()
    """Position: contract arithmetic is off by a factor."""
    price_divergence: ShareRule = _shares("1%", "3%", "5%")
    """Symbol: mark against index and against the other venues."""
    leverage: FactorRule = FactorRule()
    """Pool: notional leverage, now and after a 10% adverse move."""
    net_delta: BandRule = BandRule()
    """Coin: coins away from the target, across accounts and holdings."""
    funding: ShareRule = _shares("2%", "5%", "10%")
    """Position: cost per day as a share of the buffer."""
    exit_cost: ShareRule = ShareRule()
    """Position: cost to close now as a share of the buffer."""
    concentration: ShareRule = ShareRule()
    """Venue: share of all equity at one venue."""
    silo: SwitchRule = SwitchRule()
    """Coin: one pool is in danger while others hold enough to rescue it."""
    stale: StaleRule = StaleRule()
    """Account: no validated data for this long; left out: 3 intervals, and the longer of 5 min and 10 intervals."""
    venue_down: SwitchRule = SwitchRule()
    """Venue: two or more accounts of a venue, all stale; critical as `stale`."""
    account_error: SwitchRule = SwitchRule()
    """Account: key refused twice, permission lost, address not allowed, clock skew."""
    key_scope: SwitchRule = SwitchRule()
    """Account: the key may trade (warning) or withdraw (critical)."""
    coins: SwitchRule = SwitchRule()
    """Position: it is in a coin that `coins` of its account leaves out."""
    position_change: SwitchRule = SwitchRule()
    """Position: opened, closed, resized; gone while in danger."""
    venue_notice: SwitchRule = SwitchRule()
    """Symbol: market inactive, reduce-only, closing date of the calendar near."""
    store: SwitchRule = SwitchRule()
    """Daemon: state cannot be written."""
    delivery: SwitchRule = SwitchRule()
    """Channel: it cannot deliver."""

    @field_validator("*", mode="before")
    @classmethod
    def _over_defaults(cls, given: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - not validated yet
        default = cls.model_fields[str(info.field_name)].default
        if not isinstance(default, Switch) or not isinstance(given, Mapping):
            return given
        return {**default.model_dump(), **given}

    def settings(self, rule: str, *, account: str, coin: str | None = None, symbol: str | None = None) -> RuleSettings:
        """Return what *rule* goes by for one subject; levels of `stale` that are left out are None here."""
        section: Switch = getattr(self, rule)
        return settings_of(section, account, coin, symbol)


RULES = tuple(name for name, field in Alerts.model_fields.items() if isinstance(field.default, Switch))
