"""The sections of the rules: one shape for each kind of threshold, and what of it holds for one subject.

Durations count as seconds where rules are compared and handed on.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from monitor.config.mistakes import Mistake
from monitor.config.quantity import (
    AgeLevel,
    Amount,
    DistanceLevel,
    Duration,
    FactorLevel,
    PositiveDuration,
    ShareLevel,
    TimeLevel,
)
from monitor.config.section import Section
from monitor.config.words import Flag, Text
from monitor.core.rules.settings import RuleSettings

LEVELS = ("warning", "critical", "emergency")


class Where(Section):
    """Whom an override is for: globs; a key left out means all."""

    account: Text | None = None
    """Name of accounts, `*` and `?` allowed."""
    coin: Text | None = None
    """Coin, `*` and `?` allowed."""
    symbol: Text | None = None
    """Symbol such as BTC/USD:BTC, `*` and `?` allowed; fits positions only."""

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.account is None and self.coin is None and self.symbol is None:
            raise Mistake("an override needs account, coin or symbol")
        return self

    @model_serializer(mode="wrap")
    def _what_was_given(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what was left out: there, null would mean off."""
        given = {type(self).model_fields[name].alias or name for name in self.model_fields_set}
        return {key: value for key, value in write(self).items() if key in given}

    def fits(self, account: str, coin: str | None, symbol: str | None) -> bool:
        """Whether the subject is meant."""
        pairs = ((self.account, account), (self.coin, coin), (self.symbol, symbol))
        return all(glob is None or (value is not None and fnmatchcase(value, glob)) for glob, value in pairs)


class Switch(Section):
    """What every rule has."""

    enabled: Flag = True
    """Whether the rule is looked at."""
    lasting: Duration = Field(timedelta(0), alias="for")
    """How long it must be found before it fires."""


class SwitchOverride(Switch, Where):
    """Other settings for some subjects."""


class SwitchRule(Switch):
    """A rule that is found or not."""

    overrides: tuple[SwitchOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


Level = TypeVar("Level")


class Levels(Switch, Generic[Level]):
    """Thresholds; a level that is null or off is not used."""

    warning: Level | None = None
    critical: Level | None = None
    emergency: Level | None = None


class Rule(Levels[Level], Generic[Level]):
    """A rule with thresholds. ``falling``: low is bad."""

    falling: ClassVar[bool] = False

    @model_validator(mode="after")
    def _become_worse(self) -> Self:
        for where, settings in _variants(self):
            levels = [level for level in (settings[name] for name in LEVELS) if level is not None]
            if any(bad >= mild if self.falling else bad <= mild for mild, bad in pairwise(levels)):
                word = "fall" if self.falling else "rise"
                raise Mistake(f"{where}the thresholds must {word} from warning to critical to emergency, defaults included")
        return self


class DistanceOverride(Levels[DistanceLevel], Where):
    """Other settings for some subjects."""


class DistanceRule(Rule[DistanceLevel]):
    """A ratio that is bad when low, at most 80%."""

    falling: ClassVar[bool] = True
    overrides: tuple[DistanceOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


class ShareOverride(Levels[ShareLevel], Where):
    """Other settings for some subjects."""


class ShareRule(Rule[ShareLevel]):
    """A ratio that is bad when high, at most 100%."""

    overrides: tuple[ShareOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


class FactorOverride(Levels[FactorLevel], Where):
    """Other settings for some subjects."""


class FactorRule(Rule[FactorLevel]):
    """A number that is bad when high."""

    overrides: tuple[FactorOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


class BandOverride(Levels[FactorLevel], Where):
    """Other settings for some subjects."""

    target: Amount = Decimal(0)
    """The middle of the band, in coins."""


class BandRule(Rule[FactorLevel]):
    """Coins away from a target, to either side."""

    target: Amount = Decimal(0)
    """The middle of the band, in coins."""
    overrides: tuple[BandOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


class TimeOverride(Levels[TimeLevel], Where):
    """Other settings for some subjects."""


class TimeRule(Rule[TimeLevel]):
    """A time left that is bad when short."""

    falling: ClassVar[bool] = True
    overrides: tuple[TimeOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


class AgeOverride(Levels[AgeLevel], Where):
    """Other settings for some subjects."""


class AgeRule(Rule[AgeLevel]):
    """How long something lasts already."""

    overrides: tuple[AgeOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


class StaleOverride(Levels[PositiveDuration], Where):
    """Other settings for some subjects."""


class StaleRule(Rule[PositiveDuration]):
    """How long nothing was heard. A level left out follows the account's interval; none can be off."""

    overrides: tuple[StaleOverride, ...] = ()
    """For some subjects; of several that fit, the last one wins."""


def settings_of(rule: Switch, account: str, coin: str | None, symbol: str | None) -> RuleSettings:
    """Return what *rule* goes by for one subject: its own settings, then the keys of each override that fits."""
    chosen = _own(rule)
    for override in _overrides(rule):
        if override.fits(account, coin, symbol):
            chosen |= _given(override)
    return RuleSettings(
        enabled=chosen["enabled"],
        warning=_number(chosen.get("warning")),
        critical=_number(chosen.get("critical")),
        emergency=_number(chosen.get("emergency")),
        lasting=chosen["lasting"],
        target=chosen.get("target"),
    )


def _variants(rule: Switch) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", _own(rule)
    for number, override in enumerate(_overrides(rule)):
        yield f"overrides[{number}]: ", _own(rule) | _given(override)


def _overrides(rule: Switch) -> tuple[Any, ...]:
    return getattr(rule, "overrides", ())


def _own(rule: Switch) -> dict[str, Any]:
    return {name: value for name, value in rule if name not in {"overrides", *Where.model_fields}}


def _given(override: Switch) -> dict[str, Any]:
    return {name: value for name, value in _own(override).items() if name in override.model_fields_set}


def _number(level: Decimal | timedelta | None) -> Decimal | None:
    if isinstance(level, timedelta):
        return Decimal(level // timedelta(microseconds=1)).scaleb(-6)
    return level
