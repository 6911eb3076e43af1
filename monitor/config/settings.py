"""The whole configuration as one value."""

from dataclasses import replace
from datetime import timedelta, tzinfo
from decimal import Decimal
from typing import Any

from pydantic import Field, PrivateAttr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from monitor.config.alerts import Alerts
from monitor.config.moment import ClockTime, Zone, time_zone
from monitor.config.quantity import Amount, Interval
from monitor.config.section import without_nulls
from monitor.config.sections import Account, Heartbeat, Http, Mqtt, Notice, Privacy, Push, State
from monitor.config.words import CoinName, Name
from monitor.core.rules.settings import RuleSettings


class Config(BaseSettings):
    """Everything that can be set. Made by `load` and `build`; made by hand it reads nothing from anywhere."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )

    accounts: dict[Name, Account] = Field(min_length=1)
    """The accounts to watch, by name: a-z, 0-9 and single hyphens; a label everywhere."""
    poll_interval: Interval = timedelta(seconds=15)
    """How often to look, 2s at least."""
    holdings: dict[Name, dict[CoinName, Amount]] = Field(default_factory=dict)
    """Coins held elsewhere, for net exposure."""
    mqtt: Mqtt | None = None
    """The broker; left out: none."""
    http: Http = Http()
    """Page, metrics and API."""
    state: State = State()
    """What outlives a restart."""
    alerts: Alerts = Alerts()
    """What counts as a danger, and from where on."""
    calendar: tuple[Notice, ...] = ()
    """What will happen to markets: delistings, settlements."""
    push: dict[Name, Push] = Field(default_factory=dict)
    """Phones and chats to tell, by name."""
    heartbeat: Heartbeat | None = None
    """Somebody who notices when this monitor falls silent."""
    privacy: Privacy = Privacy()
    """What is shown."""
    time_zone: Zone = "UTC"
    """Of quiet hours, digest and texts."""
    digest: ClockTime | None = None
    """Time of day of a daily summary; left out: none."""

    _warnings: tuple[str, ...] = PrivateAttr(())

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, given: Any) -> Any:  # noqa: ANN401 - not validated yet
        return without_nulls(cls, given)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library passes all by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library passes all by name
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library passes all by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library passes all by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use what is handed over and nothing else."""
        return (init_settings,)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but unwise, each a sentence with the remedy."""
        return self._warnings

    @property
    def zone(self) -> tzinfo:
        """The time zone itself."""
        return time_zone(self.time_zone)

    def interval(self, account: str) -> timedelta:
        """Return how often *account* is looked at."""
        return self.accounts[account].poll_interval or self.poll_interval

    def rule(self, rule: str, *, account: str, coin: str | None = None, symbol: str | None = None) -> RuleSettings:
        """Return what *rule* goes by for one subject. ``account``: "" for rules that look across accounts.

        Levels of `stale` that are left out are 3 intervals, and the longer of 5 minutes and 10 intervals. Who needs longer to
        bring coins in than every threshold of `time_to_liquidation` is warned that early.
        """
        settings = self.alerts.settings(rule, account=account, coin=coin, symbol=symbol)
        if rule == "time_to_liquidation":
            needed = Decimal(str(self.alerts.time_to_fund.total_seconds()))
            return replace(settings, warning=needed) if all(needed > level for _, level in settings.thresholds) else settings
        if rule != "stale":
            return settings
        interval = Decimal(str(self.interval(account).total_seconds()))
        return replace(
            settings,
            warning=3 * interval if settings.warning is None else settings.warning,
            critical=max(Decimal(300), 10 * interval) if settings.critical is None else settings.critical,
        )
