"""Exposure: what all accounts and holdings together are, where it lies, what carries it."""

from deploy.grafana.src.bands import DIVERGENCE
from deploy.grafana.src.links import EXPOSURE, SERIES_TO_POOL, TO_OVERVIEW
from deploy.grafana.src.parts import ACCOUNTS, ALL_IS_KNOWN, ALL_IS_SEEN, COIN_IS_KNOWN, COINS, VENUES
from deploy.grafana.src.spec import PLAIN, Band, Board, Kind, Link, Panel, Query, Section

CHOSEN = '{account=~"$account", coin=~"$coin", venue=~"$venue"}'
COIN = '{coin=~"$coin"}'
POOL = "{{account}} {{coin}}"
CONTRACT = "{{venue}} {{symbol}} {{side}} ({{account}})"
SHARES = (
    "sum by (venue) (inverse_venue_equity_share_ratio * on (job, instance) group_left () inverse_portfolio_equity_usd)"
    " / on () group_left () sum(inverse_portfolio_equity_usd)"
)
"""Of the equity of all monitors together, of which each knows its own part."""

LEFT_OUT = "Left out while an account or a monitor is silent."
LEFT_OUT_TOO = "Left out while an account or a monitor is silent, or a pool's exposure is not known."


def whole(title: str, description: str, unit: str, query: Query) -> Panel:
    """Return the course of a figure of all accounts together, which is not shown while some are missing."""
    return Panel(
        kind=Kind.SERIES,
        title=title,
        description=f"{description} {LEFT_OUT_TOO}",
        unit=unit,
        queries=(query,),
        softened=True,
        link=TO_OVERVIEW,
    )


def each(
    title: str, description: str, unit: str, query: Query, bands: tuple[Band, ...] = PLAIN, per_series: Link = SERIES_TO_POOL
) -> Panel:
    """Return the course of a figure of the chosen pools or positions."""
    return Panel(
        kind=Kind.SERIES,
        title=title,
        description=description,
        unit=unit,
        queries=(query,),
        bands=bands,
        softened=True,
        per_series=per_series,
    )


WHOLE = (
    whole(
        "Net delta",
        "Coins that all accounts and holdings together are.",
        "suffix: coins",
        Query(expr=f"sum by (coin) (inverse_portfolio_delta_coins{COIN}) {COIN_IS_KNOWN}", legend="{{coin}}"),
    ),
    whole(
        "Hedge",
        "Dollars to buy of the coin to be neutral; negative: to sell.",
        "currencyUSD",
        Query(expr=f"sum by (coin) (inverse_portfolio_hedge_usd{COIN}) {COIN_IS_KNOWN}", legend="{{coin}}"),
    ),
    whole(
        "Equity",
        "Of all accounts, of coins that have a price.",
        "currencyUSD",
        Query(expr=f"sum(inverse_portfolio_equity_usd) {ALL_IS_KNOWN}", legend="equity"),
    ),
    Panel(
        kind=Kind.SERIES,
        title="Price",
        description="Mark price of each coin's reference contract.",
        unit="currencyUSD",
        queries=(Query(expr=f"max by (coin) (inverse_coin_price_usd{COIN})", legend="{{coin}}"),),
        link=TO_OVERVIEW,
    ),
)

POOLS = (
    each(
        "Delta",
        "Coins that each pool is, at every price.",
        "suffix: coins",
        Query(expr=f"inverse_pool_delta_coins{CHOSEN}", legend=POOL),
    ),
    each(
        "Dollars",
        "Dollars that each pool owes, at every price; negative: that it is (a synthetic dollar).",
        "currencyUSD",
        Query(expr=f"inverse_pool_dollars_usd{CHOSEN}", legend=POOL),
    ),
    each(
        "Gamma",
        "Curvature of equity in coin per squared relative move: negative, and it loses more on the way down than it wins up.",
        "suffix: coins",
        Query(expr=f"inverse_pool_gamma_coins{CHOSEN}", legend=POOL),
    ),
    each(
        "Notional by venue",
        f"Face in dollars of all positions of a coin, by venue and side. {LEFT_OUT}",
        "currencyUSD",
        Query(
            expr=f"sum by (venue, coin, side) (inverse_position_notional_usd{CHOSEN}) {ALL_IS_SEEN}",
            legend="{{venue}} {{coin}} {{side}}",
        ),
        per_series=TO_OVERVIEW,
    ),
)

VENUE = (
    Panel(
        kind=Kind.BARS,
        title="Equity share by venue",
        description=f"The part of all equity that would be lost with the venue. {LEFT_OUT_TOO}",
        unit="percentunit",
        queries=(Query(expr=f"{SHARES} {ALL_IS_KNOWN}", legend="{{venue}}"),),
        link=TO_OVERVIEW,
    ),
    Panel(
        kind=Kind.SERIES,
        title="Concentration",
        description=f"Sum of the squared venue shares; 100 %: all lies at one venue. {LEFT_OUT_TOO}",
        unit="percentunit",
        queries=(
            Query(expr=f"sum(({SHARES}) ^ 2) {ALL_IS_KNOWN}", legend="all together"),
            Query(expr="inverse_portfolio_concentration_ratio", legend="by {{instance}} alone"),
        ),
        softened=True,
        link=TO_OVERVIEW,
    ),
)

CARRY = (
    each(
        "Funding rate per day, across venues",
        "Of the current interval; positive: longs pay. The gap between venues is what moving a position would save.",
        "percentunit",
        Query(expr=f"inverse_position_funding_rate_daily_ratio{CHOSEN}", legend=CONTRACT),
    ),
    each(
        "Cost of funding per day",
        "In coin at the current rate; negative: it pays. A contract without a row has none, or its rate is not known.",
        "suffix: coins",
        Query(expr=f"inverse_position_funding_cost_coins_per_day{CHOSEN}", legend=CONTRACT),
    ),
    each(
        "Basis",
        "Mark price over index price, less 1. The bands are the default levels of price_divergence, which are for perpetuals.",
        "percentunit",
        Query(expr=f"inverse_position_basis_ratio{CHOSEN}", legend=CONTRACT),
        bands=DIVERGENCE,
    ),
    each(
        "Index price",
        "Spot price behind the mark price.",
        "currencyUSD",
        Query(expr=f"inverse_position_index_price_usd{CHOSEN}", legend=CONTRACT),
    ),
    each(
        "Next funding in",
        "Time until funding is next exchanged.",
        "s",
        Query(expr=f"inverse_position_funding_next_timestamp_seconds{CHOSEN} - time()", legend=CONTRACT),
    ),
    each(
        "Funding interval",
        "How long an interval lasts; venues shorten it when it gets rough.",
        "s",
        Query(expr=f"inverse_position_funding_interval_seconds{CHOSEN}", legend=CONTRACT),
    ),
)

EXPOSURE_BOARD = Board(
    uid=EXPOSURE,
    title="Inverse Monitor: exposure",
    description="What all accounts and holdings together are, where it lies, and what carrying it costs.",
    variables=(ACCOUNTS, COINS, VENUES),
    sections=(
        Section(title="All accounts together", panels=WHOLE),
        Section(title="By pool", panels=POOLS),
        Section(title="By venue", panels=VENUE),
        Section(title="Funding and basis", panels=CARRY),
    ),
)
