"""A snapshot (``inverse-monitor.snapshot/1``, design 5.3) as an `Account`, strictly: what cannot be true is refused."""

from datetime import timedelta
from decimal import Decimal

from monitor.core.account import (
    Account,
    Basis,
    Collateral,
    Funding,
    GroupSize,
    Kind,
    Maintenance,
    MarginMode,
    NoPrice,
    Pool,
    PoolMode,
    Position,
    Tier,
    TierGroup,
    TierUnit,
)
from monitor.core.contract import Side
from monitor.core.number import ONE, ZERO, Price
from monitor.wire.node import Fields, Node
from monitor.wire.snapshot import SCHEMA

LONGEST_INTERVAL = 24 * 366
SHORTEST_INTERVAL = timedelta(seconds=1)
LEAST_TICKS = 10
"""A mark of fewer ticks is no price: one of the two is misread."""

POOL_KEYS = (
    "coin",
    "mode",
    "wallet_balance",
    "order_margin",
    "venue_equity",
    "venue_maintenance_margin",
    "venue_margin_ratio",
    "collateral",
    "positions",
    "obstacle",
)
POSITION_KEYS = (
    "symbol",
    "side",
    "contracts",
    "contract_size",
    "entry_price",
    "mark_price",
    "margin_mode",
    "isolated_margin",
    "maintenance",
    "id",
    "kind",
    "settle",
    "index_price",
    "basis_ratio",
    "tick_size",
    "adl_rank",
    "open_interest",
    "venue_liquidation_price",
    "venue_coin_value",
    "funding",
    "taker_fee",
    "market_notice",
)
MAINTENANCE_KEYS = ("basis", "fee_rate", "fee_basis", "tier_unit", "tiers", "slope", "tier_group")


def read_snapshot(raw: object, path: str = "") -> Account:
    """Return the account that a snapshot describes.

    Raises:
        SnapshotError: a key is missing, unknown or impossible; the message names its path.

    """
    fields = Node(raw, path).object("schema", "account", "venue", "taken_at", "pools", "order_books")
    if fields["schema"].text() != SCHEMA:
        raise fields["schema"].fail(f"only {SCHEMA!r} can be read")
    pools = tuple(_pool(node) for node in fields["pools"].items())
    _no_two([pool.coin for pool in pools], fields["pools"], "pools of one coin")
    return Account(
        name=fields["account"].text(),
        venue=fields["venue"].text(),
        taken_at=fields["taken_at"].moment(),
        pools=pools,
    )


def _pool(node: Node) -> Pool:
    fields = node.object(*POOL_KEYS)
    positions = tuple(_position(item) for item in fields["positions"].items())
    _no_two(
        [position.identity for position in positions], fields["positions"], "positions with the same symbol, side, mode and id"
    )
    _one_ladder_each(positions, fields["positions"])
    mode, collateral = fields.get("mode"), fields.get("collateral")
    return Pool(
        coin=fields["coin"].text(),
        mode=mode.word(PoolMode) if mode else PoolMode.COIN,
        wallet_balance=fields["wallet_balance"].number(),
        order_margin=fields.number("order_margin"),
        venue_equity=fields.number("venue_equity"),
        venue_maintenance_margin=fields.number("venue_maintenance_margin"),
        venue_margin_ratio=fields.number("venue_margin_ratio"),
        collateral=tuple(_collateral(item) for item in collateral.items()) if collateral else (),
        positions=positions,
        obstacle=fields.text("obstacle"),
    )


def _collateral(node: Node) -> Collateral:
    fields = node.object("coin", "balance", "price", "haircut", "beta")
    haircut, beta = fields["haircut"].not_negative(), fields.number("beta")
    if haircut > ONE:
        raise fields["haircut"].fail(f"a ratio of at most 1 is needed, not {haircut:f}")
    return Collateral(
        coin=fields["coin"].text(),
        balance=fields["balance"].number(),
        price=fields["price"].positive(),
        haircut=haircut,
        beta=ONE if beta is None else beta,
    )


def _position(node: Node) -> Position:
    fields = node.object(*POSITION_KEYS)
    kind, maintenance, margin = fields.get("kind"), fields["maintenance"], fields.get("isolated_margin")
    rank, tick, mark = fields.get("adl_rank"), fields.positive("tick_size"), fields["mark_price"].positive()
    if tick is not None and tick * LEAST_TICKS > mark:
        raise fields["tick_size"].fail(f"it must be far below the mark price {mark:f}, not {tick:f}")
    return Position(
        symbol=fields["symbol"].text(),
        side=fields["side"].word(Side),
        contracts=fields["contracts"].positive(),
        contract_size=fields["contract_size"].positive(),
        entry_price=fields["entry_price"].positive(),
        mark_price=mark,
        margin_mode=fields["margin_mode"].word(MarginMode),
        isolated_margin=None if margin is None else margin.number(),
        maintenance=None if maintenance.raw is None else _maintenance(maintenance),
        id=fields.text("id"),
        kind=kind.word(Kind) if kind else Kind.INVERSE,
        settle=fields.text("settle"),
        index_price=fields.positive("index_price"),
        basis=fields.number("basis_ratio"),
        tick_size=tick,
        adl_rank=None if rank is None else rank.whole(),
        open_interest=fields.number("open_interest"),
        venue_liquidation_price=_venue_price(fields),
        venue_coin_value=fields.positive("venue_coin_value"),
        funding=_funding(fields),
        taker_fee=fields.number("taker_fee"),
        market_notice=fields.text("market_notice"),
    )


def _venue_price(fields: Fields) -> Price | NoPrice | None:
    node = fields.get("venue_liquidation_price")
    return None if node is None else "none" if node.raw == "none" else node.positive()


def _funding(fields: Fields) -> Funding | None:
    node = fields.get("funding")
    if node is None:
        return None
    inner = node.object("rate", "interval_hours", "next_at", "is_continuous")
    hours, next_at = inner.positive("interval_hours"), inner.get("next_at")
    continuous = inner.get("is_continuous")
    if hours is not None and hours > LONGEST_INTERVAL:
        raise inner["interval_hours"].fail(f"it must be at most {LONGEST_INTERVAL} hours, not {hours:f}")
    interval = None if hours is None else timedelta(hours=float(hours))
    if interval is not None and interval < SHORTEST_INTERVAL:
        raise inner["interval_hours"].fail(f"it must be at least a second, not {hours:f} hours")
    return Funding(
        rate=inner.number("rate"),
        interval=interval,
        next_at=None if next_at is None else next_at.moment(),
        is_continuous=continuous is not None and continuous.flag(),
    )


def _maintenance(node: Node) -> Maintenance:
    fields = node.object(*MAINTENANCE_KEYS)
    unit, group, slope, fee, fee_basis = (
        fields.get(key) for key in ("tier_unit", "tier_group", "slope", "fee_rate", "fee_basis")
    )
    return Maintenance(
        basis=_maintenance_basis(fields["basis"]),
        fee_rate=_rate(fee) if fee else ZERO,
        fee_basis=fee_basis.word(Basis) if fee_basis else Basis.MARK,
        tier_unit=unit.word(TierUnit) if unit else TierUnit.COIN,
        tiers=_tiers(fields["tiers"]),
        slope=slope.not_negative() if slope else None,
        tier_group=_tier_group(group) if group else None,
    )


def _maintenance_basis(node: Node) -> Basis:
    basis = node.word(Basis)
    if basis is Basis.BANKRUPTCY:
        raise node.fail("maintenance margin is on mark or entry value, not on bankruptcy value")
    return basis


def _tier_group(node: Node) -> TierGroup:
    fields = node.object("id", "size")
    return TierGroup(id=fields["id"].text(), size=fields["size"].word(GroupSize))


def _tiers(node: Node) -> tuple[Tier, ...]:
    items = tuple(node.items())
    if not items:
        raise node.fail("at least one tier is needed")
    tiers = tuple(_tier(item) for item in items)
    _without_holes(tiers, items)
    return tiers


def _tier(node: Node) -> Tier:
    fields = node.object("floor", "cap", "rate", "amount")
    floor, rate, amount = fields["floor"].not_negative(), _rate(fields["rate"]), fields.get("amount")
    if amount and not 0 <= amount.number() <= floor * rate:
        raise amount.fail(f"a deduction of at least 0 and at most floor x rate ({floor * rate:f}) is needed")
    return Tier(floor=floor, cap=fields.positive("cap"), rate=rate, amount=amount.number() if amount else None)


def _rate(node: Node) -> Decimal:
    rate = node.not_negative()
    if rate >= ONE:
        raise node.fail(f"a ratio such as 0.005 is needed, not {rate:f} (is it in percent?)")
    return rate


def _without_holes(tiers: tuple[Tier, ...], nodes: tuple[Node, ...]) -> None:
    end: Decimal | None = ZERO
    for tier, node in zip(tiers, nodes, strict=True):
        if end is None or tier.floor != end:
            wanted = (
                "no tier may follow one without a cap"
                if end is None
                else f"the floor must be {end:f}, where the tier before ends"
            )
            raise node.fail(f"{wanted}, not {tier.floor:f}: tiers must be in order and without holes")
        if tier.cap is not None and tier.cap <= tier.floor:
            raise node.fail(f"the cap {tier.cap:f} must be above the floor {tier.floor:f}")
        end = tier.cap


def _one_ladder_each(positions: tuple[Position, ...], node: Node) -> None:
    rules: dict[str, Maintenance] = {}
    for position in positions:
        rule = position.maintenance
        if rule and rule.tier_group and rules.setdefault(rule.tier_group.id, rule) != rule:
            raise node.fail(f"positions of tier_group {rule.tier_group.id!r} must have the same maintenance rule")


def _no_two(values: list[object] | list[str] | list[tuple[str, str, str, str]], node: Node, what: str) -> None:
    if len(set(values)) != len(values):
        raise node.fail(f"there are two {what}")
