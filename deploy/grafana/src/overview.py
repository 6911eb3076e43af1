"""Overview: who is nearest to liquidation, what fires, what it all adds up to."""

from deploy.grafana.src.bands import DISTANCE, LEVEL, MARGIN_RATIO, MUST_BE_ONE, MUST_BE_ZERO, TIME_LEFT, TOUCH
from deploy.grafana.src.links import OVERVIEW, ROW_TO_POOL, SERIES_TO_POOL, TO_EXPOSURE, TO_HEALTH, TO_POOL
from deploy.grafana.src.parts import ACCOUNTS, ALL_IS_KNOWN, COIN_IS_KNOWN, COINS, FIRING, JOB
from deploy.grafana.src.spec import Board, Column, Kind, Mapping, Panel, Query, Section

CHOSEN = '{account=~"$account", coin=~"$coin"}'
POOL = ("account", "venue", "coin")
ALL_CALM = '0 * (min(inverse_account_up{account=~"$account"}) == 1)'
POSITION = (*POOL, "symbol", "side", "margin_mode", "position")


def pools(metric: str, more: str = "") -> str:
    """Return a figure of the chosen pools with the labels of a pool and no others, so that answers join to one table."""
    return f'max by ({", ".join(POOL)}) ({metric}{{account=~"$account", coin=~"$coin"{more}}})'


def positions(metric: str, more: str = "") -> str:
    """Return a figure of the chosen positions, likewise."""
    return f'max by ({", ".join(POSITION)}) ({metric}{{account=~"$account", coin=~"$coin"{more}}})'


def nearest_first(expr: str) -> str:
    """Return the query with its rows in the order of danger."""
    return f"sort({expr})"


GLANCE = (
    Panel(
        kind=Kind.STAT,
        title="Nearest danger",
        description="The least move of a mark price that liquidates a pool or an isolated position; of fresh accounts only.",
        unit="percentunit",
        decimals=1,
        queries=(Query(expr=f"min(inverse_position_liquidation_distance_ratio{CHOSEN})"),),
        bands=DISTANCE,
        width=6,
        height=5,
        link=TO_POOL,
    ),
    Panel(
        kind=Kind.STAT,
        title="Worst alert",
        description="The highest level of all alerts; ok only while every account has data and nothing fires.",
        unit="none",
        queries=(Query(expr=f"max({FIRING} > 0) or {ALL_CALM}"),),
        bands=LEVEL,
        mapping=Mapping.LEVEL,
        width=6,
        height=5,
        link=TO_HEALTH,
    ),
    Panel(
        kind=Kind.STAT,
        title="Accounts without data",
        description="Accounts whose last validated reading is too old. Their pools are not shown, and are not safe for that.",
        unit="none",
        queries=(Query(expr='sum(1 - inverse_account_up{account=~"$account"})'),),
        bands=MUST_BE_ZERO,
        width=6,
        height=5,
        link=TO_HEALTH,
    ),
    Panel(
        kind=Kind.STAT,
        title="Monitors that answer",
        description="1 while every daemon answers Prometheus, else the share that does.",
        unit="percentunit",
        queries=(Query(expr=f"avg(up{{{JOB}}})"),),
        bands=MUST_BE_ONE,
        width=6,
        height=5,
        link=TO_HEALTH,
    ),
)

TABLES = (
    Panel(
        kind=Kind.TABLE,
        title="Pools, nearest danger first",
        description="One row per pool of margin. No distance: no price liquidates it, or it cannot be assessed (see its status).",
        width=24,
        height=9,
        labels=POOL,
        per_series=ROW_TO_POOL,
        columns=(
            Column(
                name="Distance",
                expr=nearest_first(pools("inverse_pool_liquidation_distance_ratio")),
                unit="percentunit",
                bands=DISTANCE,
            ),
            Column(name="Margin ratio", expr=pools("inverse_pool_margin_ratio"), unit="percentunit", bands=MARGIN_RATIO),
            Column(name="Leverage", expr=pools("inverse_pool_leverage_ratio"), unit="suffix:x"),
            Column(name="Time left", expr=pools("inverse_pool_time_to_liquidation_seconds"), unit="dtdurations", bands=TIME_LEFT),
            Column(
                name="Touch in 24 h",
                expr=pools("inverse_pool_touch_probability_ratio", ', horizon="24h"'),
                unit="percentunit",
                bands=TOUCH,
            ),
            Column(name="Buffer", expr=pools("inverse_pool_buffer_usd"), unit="currencyUSD"),
            Column(name="Equity", expr=pools("inverse_pool_equity_usd"), unit="currencyUSD"),
            Column(name="Top-up", expr=pools("inverse_pool_top_up_coins"), unit="suffix: coins"),
            Column(
                name="Unassessed",
                expr=pools("inverse_pool_status", ', status="unassessed"'),
                unit="bool_yes_no",
                bands=MUST_BE_ZERO,
            ),
        ),
    ),
    Panel(
        kind=Kind.TABLE,
        title="Positions, nearest danger first",
        description="One row per position; a cross position is as far from liquidation as its pool.",
        width=24,
        height=10,
        labels=POSITION,
        per_series=ROW_TO_POOL,
        columns=(
            Column(
                name="Distance",
                expr=nearest_first(positions("inverse_position_liquidation_distance_ratio")),
                unit="percentunit",
                bands=DISTANCE,
            ),
            Column(name="Mark", expr=positions("inverse_position_mark_price_usd"), unit="currencyUSD"),
            Column(
                name="Liquidation",
                expr=positions("inverse_position_liquidation_price_usd", ', source="computed"'),
                unit="currencyUSD",
            ),
            Column(name="Notional", expr=positions("inverse_position_notional_usd"), unit="currencyUSD"),
            Column(name="PnL", expr=positions("inverse_position_unrealized_pnl_coins"), unit="suffix: coins"),
        ),
    ),
)

COURSE = (
    Panel(
        kind=Kind.TIMELINE,
        title="Alerts",
        description="The level of every alert that has ever fired, by account, rule and subject; those of no account first.",
        unit="none",
        queries=(Query(expr=FIRING, legend="{{account}} {{rule}} {{subject}}"),),
        bands=LEVEL,
        mapping=Mapping.LEVEL,
        width=24,
        link=TO_HEALTH,
    ),
    Panel(
        kind=Kind.SERIES,
        title="Distance to liquidation",
        description="Move of the mark price to the nearest joint liquidation price. The bands are the default levels.",
        unit="percentunit",
        queries=(Query(expr=f"inverse_pool_liquidation_distance_ratio{CHOSEN}", legend="{{account}} {{coin}}"),),
        bands=DISTANCE,
        width=24,
        softened=True,
        per_series=SERIES_TO_POOL,
    ),
)

SUMS = (
    Panel(
        kind=Kind.SERIES,
        title="Net delta",
        description="Coins that all accounts and holdings together are. Left out while a part of them is not known.",
        unit="suffix: coins",
        queries=(
            Query(expr=f'sum by (coin) (inverse_portfolio_delta_coins{{coin=~"$coin"}}) {COIN_IS_KNOWN}', legend="{{coin}}"),
        ),
        softened=True,
        link=TO_EXPOSURE,
    ),
    Panel(
        kind=Kind.SERIES,
        title="Equity by venue",
        description="Dollars at each venue, of coins that have a price. Left out while a part of it is not known.",
        unit="currencyUSD",
        queries=(
            Query(
                expr="sum by (venue) (inverse_venue_equity_share_ratio"
                f" * on (job, instance) group_left () inverse_portfolio_equity_usd) {ALL_IS_KNOWN}",
                legend="{{venue}}",
            ),
        ),
        softened=True,
        link=TO_EXPOSURE,
    ),
)

OVERVIEW_BOARD = Board(
    uid=OVERVIEW,
    title="Inverse Monitor: overview",
    description="Every pool of margin, the nearest danger first; a row leads to its pool.",
    variables=(ACCOUNTS, COINS),
    sections=(
        Section(title="At a glance", panels=GLANCE),
        Section(title="Nearest danger first", panels=TABLES),
        Section(title="Course", panels=COURSE),
        Section(title="All accounts together", panels=SUMS),
    ),
)
