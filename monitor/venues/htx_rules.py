"""What HTX requires of an account: by the leverage that its owner has chosen, ``adjust_factor / lever_rate`` of the value.

Source: HTX, "Margin of Coin-margined Swaps", "Partial Liquidation", help centre; seen 2026-11.
"""

from collections.abc import Iterable

from monitor.core.account import Basis, GroupSize, Maintenance, Position, Tier, TierGroup
from monitor.core.number import ZERO, Coin, Ratio
from monitor.venues.parse import Row


def parse_maintenance(row: Row, account: Row) -> Maintenance:
    """Return how the position's margin is reckoned: ``adjust_factor / lever_rate`` of its value, of a hedge the larger side.

    The factor on the account is the one for what it holds: tiers are by net contracts, so that price does not change it.

    Source: HTX, "Tiered Adjustment Factors of Coin-margined Swaps", "Coin-Margined Swaps Now Support Locked Margin Optimization
    Function": 1000 long and 800 short at 20x need 0.9473 - 0.4210 = 0.5263, help centre; seen 2026-11.
    """
    rate = account.positive("adjust_factor") / row.positive("lever_rate")
    tiers = (Tier(floor=ZERO, cap=None, rate=rate, amount=ZERO),)
    return Maintenance(basis=Basis.MARK, tiers=tiers, tier_group=TierGroup(id=row.text("contract_code"), size=GroupSize.MAX))


def parse_requirement(account: Row) -> Coin:
    """Return the venue's maintenance margin. Margin frozen for orders is not in it: they are cancelled before liquidation."""
    margin = account.number("margin_position")
    return margin * account.positive("adjust_factor") if margin else ZERO


def parse_margin_ratio(account: Row) -> Ratio | None:
    """Return the venue's requirement, frozen margin included, by its equity.

    ``risk_rate = equity / (position margin + frozen) - adjust_factor``, at 0 it liquidates; so ``adjust / (risk_rate + adjust)``.
    """
    risk, factor = account.optional("risk_rate"), account.positive("adjust_factor")
    return None if risk is None or risk + factor <= ZERO else factor / (risk + factor)


def in_the_way(coin: str, accounts: int, positions: Iterable[Position]) -> str | None:
    """Return what bars the computation of a coin whose positions are on so many *accounts*; None: nothing.

    Source: HTX, "Launch of Huobi Futures Locked Margin Optimization Function", help centre: long of one date against short of
    another are offset by half; seen 2026-11.
    """
    if accounts > 1:
        return (
            f"{coin} carries perpetual and dated contracts, each on an account of its own; name this venue twice, with"
            " `ccxt:` options: defaultType: swap and defaultType: future"
        )
    nets: dict[str, Ratio] = {}
    for position in positions:
        nets[position.symbol] = nets.get(position.symbol, ZERO) + position.side.sign * position.contracts
    if any(net > ZERO for net in nets.values()) and any(net < ZERO for net in nets.values()):
        return (
            f"contracts of different dates on {coin} stand against each other: half of their margin is offset, not computed yet"
        )
    return None
