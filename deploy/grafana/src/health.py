"""Monitor health: whether what the other dashboards show can be believed."""

from deploy.grafana.src.bands import LEVEL, MUST_BE_ONE, MUST_BE_ZERO
from deploy.grafana.src.links import HEALTH, SERIES_TO_OVERVIEW, TO_OVERVIEW
from deploy.grafana.src.parts import ACCOUNTS, JOB, VENUES
from deploy.grafana.src.spec import PLAIN, Band, Board, Column, Kind, Link, Mapping, Panel, Query, Section

CHOSEN = '{account=~"$account", venue=~"$venue"}'
WAITING = "time() - inverse_outbox_oldest_timestamp_seconds or 0 * (inverse_outbox_pending == 0)"
"""0 where none waits: that is known then."""


def now(title: str, description: str, query: str, bands: tuple[Band, ...], unit: str = "none") -> Panel:
    """Return a figure as it is now."""
    return Panel(
        kind=Kind.STAT,
        title=title,
        description=description,
        unit=unit,
        queries=(Query(expr=query, legend="{{instance}}"),),
        bands=bands,
        mapping=Mapping.YES_NO if bands == MUST_BE_ONE else Mapping.NONE,
        width=6,
        height=5,
        link=TO_OVERVIEW,
    )


def course(title: str, description: str, unit: str, *queries: Query, per_series: Link | None = None) -> Panel:
    """Return the course of some figures."""
    return Panel(
        kind=Kind.SERIES,
        title=title,
        description=description,
        unit=unit,
        queries=queries,
        softened=True,
        link=None if per_series else TO_OVERVIEW,
        per_series=per_series,
    )


NOW = (
    now("Monitor answers", "Whether every daemon answers Prometheus.", f"min by (instance) (up{{{JOB}}})", MUST_BE_ONE),
    now("Broker connected", "Whether the MQTT broker is; no data: none is configured.", "inverse_mqtt_connected", MUST_BE_ONE),
    now("State can be written", "Whether alerts would outlive a restart.", "inverse_store_up", MUST_BE_ONE),
    now(
        "Messages waiting",
        "In the outbox, for their receiver's acknowledgement.",
        "sum by (instance) (inverse_outbox_pending)",
        PLAIN,
    ),
    now("Clock steps", "How often the wall clock was set since the start.", "inverse_clock_steps_total", MUST_BE_ZERO),
    Panel(
        kind=Kind.STAT,
        title="Build",
        description="The version that runs, and on which Python.",
        unit="none",
        queries=(Query(expr="inverse_build_info", legend="{{version}}, Python {{python}}"),),
        mapping=Mapping.WORDS,
        width=6,
        height=5,
        link=TO_OVERVIEW,
    ),
    now("Running since", "When the process started.", f"process_start_time_seconds{{{JOB}}} * 1000", PLAIN, "dateTimeFromNow"),
    now("Memory", "Resident, of each daemon.", f"process_resident_memory_bytes{{{JOB}}}", PLAIN, "bytes"),
)

ACCOUNT = (
    Panel(
        kind=Kind.TIMELINE,
        title="Accounts with data",
        description="Whether validated data are younger than three intervals.",
        unit="none",
        queries=(Query(expr=f"inverse_account_up{CHOSEN}", legend="{{account}} ({{venue}})"),),
        bands=MUST_BE_ONE,
        mapping=Mapping.YES_NO,
        width=24,
        height=8,
        per_series=SERIES_TO_OVERVIEW,
    ),
    course(
        "Age of the last validated reading",
        "Three poll intervals, and the account counts as without data.",
        "s",
        Query(expr=f"time() - inverse_account_last_success_timestamp_seconds{CHOSEN}", legend="{{account}} ({{venue}})"),
        per_series=SERIES_TO_OVERVIEW,
    ),
    course(
        "Time of a poll",
        "Of the last one, well or badly.",
        "s",
        Query(expr=f"inverse_account_poll_duration_seconds{CHOSEN}", legend="{{account}} ({{venue}})"),
        per_series=SERIES_TO_OVERVIEW,
    ),
    course(
        "Failed polls by kind",
        "Per second. unavailable, rate_limited, maintenance, timeout: wait; refused, clock: mend it; invalid, bug: report it.",
        "cps",
        Query(
            expr=f"sum by (account, kind) (rate(inverse_account_poll_errors_total{CHOSEN}[$__rate_interval]))",
            legend="{{account}} {{kind}}",
        ),
        per_series=SERIES_TO_OVERVIEW,
    ),
    course(
        "Polls not run as planned",
        "Per second, by what the scheduler says: error, missed, max_instances (the last one was still running).",
        "cps",
        Query(
            expr="sum by (instance, event) (rate(inverse_scheduler_events_total[$__rate_interval]))",
            legend="{{instance}} {{event}}",
        ),
    ),
    Panel(
        kind=Kind.TABLE,
        title="Accounts and their labels",
        description="As the configuration has them.",
        width=24,
        height=7,
        labels=("account", "venue"),
        columns=(Column(name="Known", expr=f"inverse_account_info{CHOSEN}", unit="bool_yes_no"),),
        per_series=TO_OVERVIEW,
    ),
)

DELIVERY = (
    course(
        "Messages waiting",
        "In the outbox of each channel, for their receiver's acknowledgement.",
        "short",
        Query(expr="inverse_outbox_pending", legend="{{instance}} {{channel}}"),
    ),
    course(
        "Oldest message waiting for",
        "0: none waits.",
        "s",
        Query(expr=WAITING, legend="{{instance}} {{channel}}"),
    ),
    course(
        "Notifications by result",
        "Attempts to deliver, per second.",
        "cps",
        Query(
            expr="sum by (instance, channel, result) (rate(inverse_notifications_total[$__rate_interval]))",
            legend="{{instance}} {{channel}} {{result}}",
        ),
    ),
    course(
        "Broker connected",
        "1 while it is; a gap: none is configured, or the monitor does not answer.",
        "short",
        Query(expr="inverse_mqtt_connected", legend="{{instance}}"),
    ),
    Panel(
        kind=Kind.TIMELINE,
        title="Alerts that fire and nobody has acknowledged",
        description="By account, rule and subject. ok: it is over, or somebody has acknowledged it.",
        unit="none",
        queries=(
            Query(
                expr='inverse_alert_level{account=~"$account"} * (1 - inverse_alert_acked)',
                legend="{{account}} {{rule}} {{subject}}",
            ),
        ),
        bands=LEVEL,
        mapping=Mapping.LEVEL,
        width=24,
        per_series=SERIES_TO_OVERVIEW,
    ),
)

PROCESS = (
    course(
        "Venue clocks",
        "Each venue's clock less ours; requests are refused when it is off by seconds.",
        "s",
        Query(expr='inverse_venue_clock_offset_seconds{venue=~"$venue"}', legend="{{venue}} ({{instance}})"),
    ),
    course(
        "Event loop lag",
        "How late the event loop last was.",
        "s",
        Query(expr="inverse_event_loop_lag_seconds", legend="{{instance}}"),
    ),
    course(
        "Processor",
        "Seconds per second.",
        "percentunit",
        Query(expr=f"rate(process_cpu_seconds_total{{{JOB}}}[$__rate_interval])", legend="{{instance}}"),
    ),
    course(
        "Memory",
        "Resident.",
        "bytes",
        Query(expr=f"process_resident_memory_bytes{{{JOB}}}", legend="{{instance}}"),
    ),
    course(
        "Open files",
        "Against what the system allows.",
        "short",
        Query(expr=f"process_open_fds{{{JOB}}}", legend="open {{instance}}"),
        Query(expr=f"process_max_fds{{{JOB}}}", legend="allowed {{instance}}"),
    ),
)

HEALTH_BOARD = Board(
    uid=HEALTH,
    title="Inverse Monitor: monitor health",
    description="Whether what the other dashboards show can be believed: fresh data, ways out, clocks, the process.",
    variables=(ACCOUNTS, VENUES),
    sections=(
        Section(title="At a glance", panels=NOW),
        Section(title="Reading accounts", panels=ACCOUNT),
        Section(title="Delivering alerts", panels=DELIVERY),
        Section(title="Clocks and process", panels=PROCESS),
    ),
)
