"""The rules set as design 5.6 has them, and what a test wants different."""

from dataclasses import dataclass, field
from datetime import timedelta

from monitor.core.rules.settings import RuleSettings
from tests.build import D

DEFAULTS = {
    "liquidation_distance": RuleSettings(enabled=True, warning=D("0.2"), critical=D("0.1"), emergency=D("0.05")),
    "margin_ratio": RuleSettings(enabled=True, warning=D("0.5"), critical=D("0.7"), emergency=D("0.85")),
    "unassessed": RuleSettings(enabled=True, warning=D(0), critical=D(600)),
    "touch_probability": RuleSettings(enabled=True, warning=D("0.05"), critical=D("0.2"), emergency=D("0.5")),
    "reconcile": RuleSettings(enabled=True, warning=D("0.01"), critical=D("0.05")),
    "disagreement": RuleSettings(enabled=True, warning=D("0.02"), critical=D("0.05")),
    "stale": RuleSettings(enabled=True, warning=D(45), critical=D(300)),
    "funding": RuleSettings(enabled=True, warning=D("0.02"), critical=D("0.05"), emergency=D("0.1")),
    "time_to_liquidation": RuleSettings(
        enabled=True, warning=D(86400), critical=D(21600), emergency=D(3600), lasting=timedelta(minutes=5)
    ),
    "price_divergence": RuleSettings(enabled=True, warning=D("0.01"), critical=D("0.03"), emergency=D("0.05")),
}


@dataclass
class FixedPolicy:
    rules: dict[str, RuleSettings] = field(default_factory=dict)
    hold: timedelta = timedelta(minutes=1)

    def settings(self, rule: str, *, account: str, coin: str | None = None, symbol: str | None = None) -> RuleSettings:
        del account, coin, symbol
        return (DEFAULTS | self.rules).get(rule, RuleSettings(enabled=True))

    @classmethod
    def without(cls, *names: str) -> "FixedPolicy":
        return cls({name: RuleSettings(enabled=False) for name in names})
