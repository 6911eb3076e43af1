"""What each rule goes by: the defaults of the design, overrides, and how they reach the core."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from monitor.config import build
from monitor.config.alerts import RULES
from monitor.config.settings import Config
from monitor.core.rules.settings import RuleSettings

# design 5.6, by rule: warning, critical, emergency; None is off, seconds where it is a time
DEFAULTS: dict[str, tuple[str | None, str | None, str | None]] = {
    "liquidation_distance": ("0.2", "0.1", "0.05"),
    "margin_ratio": ("0.5", "0.7", "0.85"),
    "unassessed": ("0", "600", None),
    "touch_probability": ("0.05", "0.2", "0.5"),
    "time_to_liquidation": ("86400", "21600", "3600"),
    "reconcile": ("0.01", "0.05", None),
    "disagreement": ("0.02", "0.05", None),
    "units": (None, None, None),
    "price_divergence": ("0.01", "0.03", "0.05"),
    "leverage": (None, None, None),
    "net_delta": (None, None, None),
    "funding": ("0.02", "0.05", "0.1"),
    "exit_cost": (None, None, None),
    "concentration": (None, None, None),
    "silo": (None, None, None),
    "stale": ("45", "300", None),
    "venue_down": (None, None, None),
    "account_error": (None, None, None),
    "key_scope": (None, None, None),
    "coins": (None, None, None),
    "position_change": (None, None, None),
    "venue_notice": (None, None, None),
    "store": (None, None, None),
    "delivery": (None, None, None),
}


def configured(alerts: dict[str, Any] | None = None, **more: object) -> Config:
    account = {"exchange": "bybit", "api_key": "k", "api_secret": "s"}
    accounts = {"main": account, "hedge-1": {**account, "api_key": "l", "poll_interval": "1m"}}
    return build("a test", {"accounts": accounts, "alerts": alerts or {}, **more}, {})


def levels(settings: RuleSettings) -> tuple[Decimal | int | None, ...]:
    return (settings.warning, settings.critical, settings.emergency)


def test_there_is_one_section_per_rule() -> None:
    assert set(RULES) == set(DEFAULTS)


@pytest.mark.parametrize("rule", DEFAULTS)
def test_defaults_are_those_of_the_design(rule: str) -> None:
    settings = configured().rule(rule, account="main")

    assert levels(settings) == tuple(None if level is None else Decimal(level) for level in DEFAULTS[rule])
    assert settings.lasting == (timedelta(minutes=5) if rule == "time_to_liquidation" else timedelta(0))
    assert settings.enabled


def test_what_is_left_out_of_a_rule_keeps_its_default() -> None:
    config = configured({"liquidation_distance": {"warning": "25%"}, "time_to_liquidation": {"warning": "2d"}})

    assert levels(config.rule("liquidation_distance", account="main")) == (Decimal("0.25"), Decimal("0.1"), Decimal("0.05"))
    assert config.rule("time_to_liquidation", account="main").lasting == timedelta(minutes=5)


@pytest.mark.parametrize("nothing", ["off", None, False])
def test_a_level_can_be_off(nothing: object) -> None:
    config = configured({"margin_ratio": {"critical": nothing}})

    assert levels(config.rule("margin_ratio", account="main")) == (Decimal("0.5"), None, Decimal("0.85"))


def test_overrides_change_only_what_they_name_and_the_last_that_fits_wins() -> None:
    config = configured(
        {
            "liquidation_distance": {
                "overrides": [
                    {"account": "hedge*", "warning": "40%", "for": "1m"},
                    {"account": "hedge*", "coin": "ETH", "warning": "50%", "emergency": "off"},
                ]
            }
        }
    )

    def distance(account: str, coin: str) -> RuleSettings:
        return config.rule("liquidation_distance", account=account, coin=coin)

    assert levels(distance("main", "ETH")) == (Decimal("0.2"), Decimal("0.1"), Decimal("0.05"))
    assert levels(distance("hedge-1", "BTC")) == (Decimal("0.4"), Decimal("0.1"), Decimal("0.05"))
    assert levels(distance("hedge-1", "ETH")) == (Decimal("0.5"), Decimal("0.1"), None)
    assert distance("hedge-1", "ETH").lasting == timedelta(minutes=1)


def test_an_override_for_a_symbol_fits_positions_only() -> None:
    config = configured({"funding": {"overrides": [{"symbol": "BTC/USD:*", "enabled": False}]}})

    assert not config.rule("funding", account="main", coin="BTC", symbol="BTC/USD:BTC").enabled
    assert config.rule("funding", account="main", coin="BTC", symbol="ETH/USD:ETH").enabled
    assert config.rule("funding", account="main", coin="BTC").enabled


def test_the_band_of_net_delta_has_a_target_for_each_coin() -> None:
    config = configured({"net_delta": {"overrides": [{"coin": "BTC", "target": "-1.5", "warning": "0.1"}]}})

    btc, eth = (config.rule("net_delta", account="", coin=coin) for coin in ("BTC", "ETH"))

    assert (btc.target, btc.warning) == (Decimal("-1.5"), Decimal("0.1"))
    assert (eth.target, eth.warning) == (Decimal(0), None)


def test_leverage_is_a_number_with_or_without_x() -> None:
    assert levels(configured({"leverage": {"warning": "3x", "critical": "5"}}).rule("leverage", account="main")) == (3, 5, None)


def test_stale_follows_the_interval_of_the_account_where_it_is_not_set() -> None:
    config = configured({"stale": {"overrides": [{"account": "main", "warning": "20s"}]}})

    assert levels(config.rule("stale", account="main")) == (20, 300, None)
    assert levels(config.rule("stale", account="hedge-1")) == (180, 600, None)


def test_digits_are_kept_as_they_are_written() -> None:
    config = configured({"margin_ratio": {"warning": "0.100000000000001", "critical": "33.3333333333%"}})

    assert levels(config.rule("margin_ratio", account="main"))[:2] == (Decimal("0.100000000000001"), Decimal("0.333333333333"))
