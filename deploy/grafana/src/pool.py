"""Pool: everything about one coin's margin in one account."""

from deploy.grafana.src.bands import DISAGREEMENT, DISTANCE, MARGIN_RATIO, MUST_BE_ONE, TIME_LEFT, TOUCH
from deploy.grafana.src.links import POOL, TO_EXPOSURE, TO_OVERVIEW
from deploy.grafana.src.parts import ONE_ACCOUNT, ONE_COIN
from deploy.grafana.src.spec import PLAIN, Band, Board, Kind, Mapping, Panel, Query, Section

HERE = '{account="$account", coin="$coin"}'
CONTRACT = "{{symbol}} {{side}} {{margin_mode}} {{position}}"


def of(metric: str, legend: str = "") -> Query:
    """Return a figure of the chosen pool or of its positions."""
    return Query(expr=f"{metric}{HERE}", legend=legend)


def now(title: str, description: str, unit: str, query: Query, bands: tuple[Band, ...] = PLAIN) -> Panel:
    """Return a figure as it is now."""
    return Panel(
        kind=Kind.STAT,
        title=title,
        description=description,
        unit=unit,
        queries=(query,),
        bands=bands,
        width=6,
        height=5,
        link=TO_OVERVIEW,
    )


def course(title: str, description: str, unit: str, *queries: Query, bands: tuple[Band, ...] = PLAIN, width: int = 12) -> Panel:
    """Return the course of some figures."""
    return Panel(
        kind=Kind.SERIES,
        title=title,
        description=description,
        unit=unit,
        queries=queries,
        bands=bands,
        width=width,
        softened=unit != "currencyUSD",
        link=TO_OVERVIEW,
    )


def by_shock(title: str, description: str, unit: str, query: Query) -> Panel:
    """Return bars, one for each move of the price."""
    return Panel(kind=Kind.BARS, title=title, description=description, unit=unit, queries=(query,), height=10, link=TO_EXPOSURE)


NOW = (
    now(
        "Distance",
        "Move of the mark price to the nearest joint liquidation price; no data: none liquidates, or the data are old.",
        "percentunit",
        of("inverse_pool_liquidation_distance_ratio"),
        DISTANCE,
    ),
    now(
        "Margin ratio",
        "Maintenance margin over equity; 100 % is liquidation.",
        "percentunit",
        of("inverse_pool_margin_ratio"),
        MARGIN_RATIO,
    ),
    now("Leverage", "Gross value of all positions over what they are backed by.", "suffix:x", of("inverse_pool_leverage_ratio")),
    now(
        "Top-up",
        "Coins to add so that liquidation is as far away as the target.",
        "suffix: coins",
        of("inverse_pool_top_up_coins", "to be {{target}} away"),
    ),
    now(
        "Touch in 24 h",
        "Chance that the price touches a liquidation price within a day, at the volatility observed; known after an hour.",
        "percentunit",
        Query(expr='inverse_pool_touch_probability_ratio{account="$account", coin="$coin", horizon="24h"}'),
        TOUCH,
    ),
    now(
        "Time to liquidation",
        "At the speed of the last half hour or more, funding included; no data: not known, or not nearing.",
        "dtdurations",
        of("inverse_pool_time_to_liquidation_seconds"),
        TIME_LEFT,
    ),
    Panel(
        kind=Kind.STAT,
        title="Status",
        description="ok, flat (nothing held), liquidatable (now), unassessed (positions, but no liquidation price of our own).",
        unit="none",
        queries=(Query(expr='inverse_pool_status{account="$account", coin="$coin"} == 1', legend="{{status}}"),),
        mapping=Mapping.WORDS,
        width=6,
        height=5,
        link=TO_OVERVIEW,
    ),
    now(
        "Account has data",
        "Whether validated data are younger than three intervals. All figures here vanish when they are not.",
        "bool_yes_no",
        Query(expr='inverse_account_up{account="$account"}'),
        MUST_BE_ONE,
    ),
)

DANGER = (
    course(
        "Distance to liquidation",
        "The pool's, and of isolated positions their own. The bands are the default levels.",
        "percentunit",
        of("inverse_pool_liquidation_distance_ratio", "pool"),
        of("inverse_position_liquidation_distance_ratio", CONTRACT),
        bands=DISTANCE,
        width=24,
    ),
    course(
        "Mark and liquidation prices",
        "The mark against three prices of liquidation: computed (joint, exact), venue (as it reports it), convention (the"
        " venue's rule by our arithmetic). An exchange freezes the other contracts, so its price can be far too far.",
        "currencyUSD",
        of("inverse_position_mark_price_usd", f"mark {CONTRACT}"),
        of("inverse_position_liquidation_price_usd", f"{{{{source}}}} {CONTRACT}"),
        width=24,
    ),
    course(
        "Bankruptcy and entry prices",
        "Where equity only covers the closing fee, and the average price of entry.",
        "currencyUSD",
        of("inverse_position_bankruptcy_price_usd", f"bankruptcy {CONTRACT}"),
        of("inverse_position_entry_price_usd", f"entry {CONTRACT}"),
    ),
    course(
        "Our price against the venue's",
        "Our price by the venue's convention against what the venue reports, over the mark price.",
        "percentunit",
        of("inverse_position_liquidation_price_disagreement_ratio", CONTRACT),
        bands=DISAGREEMENT,
    ),
)

MARGIN = (
    course(
        "Equity, maintenance margin and buffer",
        "Liquidation comes where equity meets the maintenance margin; the buffer is what lies between.",
        "suffix: coins",
        of("inverse_pool_equity_coins", "equity"),
        of("inverse_pool_maintenance_margin_coins", "maintenance margin"),
        of("inverse_pool_buffer_coins", "buffer"),
        of("inverse_pool_wallet_balance_coins", "wallet"),
    ),
    course(
        "Equity and buffer in dollars",
        "At the mark price.",
        "currencyUSD",
        of("inverse_pool_equity_usd", "equity"),
        of("inverse_pool_buffer_usd", "buffer"),
    ),
    course(
        "Margin ratio",
        "Maintenance margin over equity; 100 % is liquidation. The bands are the default levels.",
        "percentunit",
        of("inverse_pool_margin_ratio", "pool"),
        bands=MARGIN_RATIO,
    ),
    course(
        "Leverage",
        "Gross value of all positions over what they are backed by.",
        "suffix:x",
        of("inverse_pool_leverage_ratio", "leverage"),
    ),
    course(
        "Chance to touch liquidation",
        "At the volatility observed, without drift. The bands are the default levels, which are for 24 h.",
        "percentunit",
        of("inverse_pool_touch_probability_ratio", "within {{horizon}}"),
        bands=TOUCH,
    ),
    course(
        "Time to liquidation",
        "At the speed of the last half hour or more, funding included; a gap: not known, or not nearing.",
        "dtdurations",
        of("inverse_pool_time_to_liquidation_seconds", "time left"),
    ),
)

STRESS = (
    by_shock(
        "Equity after a move of the price",
        "Equity in coin after the price moved by the shock, positions carried through; under 0 more than all is lost.",
        "suffix: coins",
        of("inverse_pool_stress_equity_coins", "{{shock}}"),
    ),
    by_shock(
        "Leverage after a move of the price",
        "No bar: no equity is left.",
        "suffix:x",
        of("inverse_pool_stress_leverage_ratio", "{{shock}}"),
    ),
    course(
        "Rescue",
        "Coins to add so that liquidation is as far away as the target; 0: it is.",
        "suffix: coins",
        of("inverse_pool_top_up_coins", "to be {{target}} away"),
    ),
    course(
        "Cost of leaving",
        "Coins that closing at market costs, slippage and fee; order books are read only where the rule exit_cost is on.",
        "suffix: coins",
        of("inverse_position_exit_cost_coins", CONTRACT),
    ),
)

POSITIONS = (
    course(
        "Unrealised PnL", "In coin, at the mark price.", "suffix: coins", of("inverse_position_unrealized_pnl_coins", CONTRACT)
    ),
    course(
        "Size",
        "Face in dollars; it does not move with the price.",
        "currencyUSD",
        of("inverse_position_notional_usd", CONTRACT),
    ),
    course(
        "Value",
        "In coin at the mark price; grows as the price falls.",
        "suffix: coins",
        of("inverse_position_value_coins", CONTRACT),
    ),
    course("Contracts", "As the venue counts them, unsigned.", "suffix: contracts", of("inverse_position_contracts", CONTRACT)),
    course(
        "Funding rate per day",
        "Of the current interval; positive: longs pay.",
        "percentunit",
        of("inverse_position_funding_rate_daily_ratio", CONTRACT),
    ),
    course(
        "Cost of funding per day",
        "In coin at the current rate; negative: it pays.",
        "suffix: coins",
        of("inverse_position_funding_cost_coins_per_day", CONTRACT),
    ),
    course(
        "ADL rank",
        "Place in the venue's queue for automatic deleveraging, in its own units.",
        "none",
        of("inverse_position_adl_rank", CONTRACT),
    ),
)

ISOLATED = (
    course(
        "Margin ratio of isolated positions",
        "Maintenance margin over equity, of positions that have collateral of their own.",
        "percentunit",
        of("inverse_position_margin_ratio", CONTRACT),
        bands=MARGIN_RATIO,
    ),
    course(
        "Margin of isolated positions",
        "Equity, maintenance margin and what lies between, of positions that have collateral of their own.",
        "suffix: coins",
        of("inverse_position_equity_coins", f"equity {CONTRACT}"),
        of("inverse_position_maintenance_margin_coins", f"maintenance margin {CONTRACT}"),
        of("inverse_position_buffer_coins", f"buffer {CONTRACT}"),
    ),
)

POOL_BOARD = Board(
    uid=POOL,
    title="Inverse Monitor: pool",
    description="One coin's margin in one account: how far from liquidation, what would change it, what it costs.",
    variables=(ONE_ACCOUNT, ONE_COIN),
    sections=(
        Section(title="Now", panels=NOW),
        Section(title="Danger", panels=DANGER),
        Section(title="Margin", panels=MARGIN),
        Section(title="What if, and what helps", panels=STRESS),
        Section(title="Positions and funding", panels=POSITIONS),
        Section(title="Isolated positions", panels=ISOLATED),
    ),
)
