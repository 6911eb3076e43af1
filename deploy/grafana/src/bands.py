"""Colours by the levels of the rules, read from the defaults of the configuration so that both agree."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from deploy.grafana.src.spec import Band
from monitor.config.alerts import Alerts

OK, WARNING, CRITICAL, EMERGENCY = "green", "yellow", "orange", "red"
_LEVELS = (("warning", WARNING), ("critical", CRITICAL), ("emergency", EMERGENCY))
_DEFAULTS = Alerts()


def _figure(level: Decimal | timedelta) -> float:
    return level.total_seconds() if isinstance(level, timedelta) else float(level)


def _levels(rule: Any) -> list[tuple[float, str]]:  # noqa: ANN401 - the sections of rules differ in the type of their levels
    found = ((getattr(rule, name), colour) for name, colour in _LEVELS)
    return [(_figure(level), colour) for level, colour in found if level is not None]


def rising(rule: Any) -> tuple[Band, ...]:  # noqa: ANN401 - as above
    """Return the bands of a figure that is bad when high."""
    return ((None, OK), *_levels(rule))


def falling(rule: Any) -> tuple[Band, ...]:  # noqa: ANN401 - as above
    """Return the bands of a figure that is bad when low: the worst is at the bottom."""
    levels = _levels(rule)[::-1]
    above = [colour for _, colour in levels[1:]] + [OK]
    return ((None, levels[0][1]), *((figure, colour) for (figure, _), colour in zip(levels, above, strict=True)))


DISTANCE = falling(_DEFAULTS.liquidation_distance)
MARGIN_RATIO = rising(_DEFAULTS.margin_ratio)
TOUCH = rising(_DEFAULTS.touch_probability)
TIME_LEFT = falling(_DEFAULTS.time_to_liquidation)
DISAGREEMENT = rising(_DEFAULTS.disagreement)
DIVERGENCE = rising(_DEFAULTS.price_divergence)
LEVEL: tuple[Band, ...] = ((None, OK), (1, WARNING), (2, CRITICAL), (3, EMERGENCY))
MUST_BE_ONE: tuple[Band, ...] = ((None, EMERGENCY), (1, OK))
MUST_BE_ZERO: tuple[Band, ...] = ((None, OK), (1, EMERGENCY))
