"""One position's row at BingX: what backs it, and the rate of maintenance that the venue's own figures imply.

Source: BingX, "Coin-M Futures: Query warehouse", documentation; "Coin-M perpetual futures: liquidation", help centre; ccxt
4.5.90, async_support/bingx.py; read 2026-11.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from monitor.core.account import Basis, Maintenance, MarginMode, NoPrice, Tier
from monitor.core.contract import Side, unrealized_pnl
from monitor.core.number import ZERO, Coin, Price, Quote, Ratio
from monitor.venues.bingx_market import TAKER_FEE
from monitor.venues.instrument import Instrument
from monitor.venues.parse import Row
from monitor.venues.shown import shown_price

ALIKE = Decimal("0.05")
"""How far two rates that should be one may be apart, of the greater: the venue's two figures are not of one instant."""

HIGHEST_RATE = Decimal("0.5")
"""Above this a rate is no maintenance rate; derived here: the highest leverage of a tier is 1 at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One position's row, read in part. ``backing``: what is behind it alone, unrealised profit apart; None: not known."""

    row: Row
    instrument: Instrument
    backing: Coin | None

    @property
    def side(self) -> Side:
        """Return the direction; both modes of holding name it. The amount of a short may be negative."""
        side = {"LONG": Side.LONG, "SHORT": Side.SHORT}.get(self.row.text("positionSide"))
        if side is None or (side is Side.LONG and self.row.number("positionAmt") < ZERO):
            raise self.row.fault("positionSide", "is not known or contradicts positionAmt")
        return side

    @property
    def mode(self) -> MarginMode:
        """Return whether it shares the coin's margin."""
        return MarginMode.ISOLATED if is_isolated(self.row) else MarginMode.CROSS

    @property
    def contracts(self) -> Ratio:
        """Return how many contracts it is."""
        return abs(self.row.number("positionAmt"))

    @property
    def face(self) -> Quote:
        """Return its dollars."""
        return self.contracts * self.instrument.contract_size


def is_isolated(row: Row) -> bool:
    """Return whether a position has collateral of its own."""
    isolated = row.raw.get("isolated")
    if not isinstance(isolated, bool):
        raise row.fault("isolated", "is missing or neither true nor false")
    return isolated


def isolated_share(row: Row, instrument: Instrument, *, is_told: bool) -> Share:
    """Return an isolated position with its margin, if that is known.

    ``initialMargin`` is it, unless margin was added or taken, of which only traces are told: the account's used margin, how
    much may be taken back, and that the venue's risk rate and liquidation price no longer imply one and the same rate.
    """
    share = Share(row=row, instrument=instrument, backing=row.number("initialMargin"))
    low, high = sorted((implied_by_risk(share) or ZERO, implied_by_price(share) or ZERO))
    is_unchanged = is_told and not row.optional("maxMarginReduction") and low > ZERO and high - low <= ALIKE * high
    return share if is_unchanged else replace(share, backing=None)


def prices(row: Row) -> tuple[Price, Price]:
    """Return entry and mark price."""
    return row.positive("avgPrice"), row.positive("markPrice")


def parse_maintenance(share: Share) -> Maintenance | None:
    """Return how margin is reckoned, ``value at the mark * rate``, at the worse rate of those that the venue's figures imply.

    It holds the closing fee. Above its first tier the venue deducts an amount, so that the rate of a long grows as its price
    falls, and the one at the liquidation price is what counts. None: one of the two figures is left out (0, of a position that
    has no such price, is not), or they imply no rate that a venue could have.

    Source: vector bingx-cross-1 from ccxt 4.5.90's sample of user/positions: risk rate 0.00123783 and liquidation price
    23.9683 both imply 0.70 %; BingX, "Coin-M perpetual futures: liquidation", help centre: margin <= maintenance + taker fee;
    seen 2026-11.
    """
    by_risk, by_price = implied_by_risk(share), implied_by_price(share)
    if by_risk is None or share.row.optional("liquidationPrice") is None:
        return None
    rate = max(by_risk, by_price or ZERO)
    if not TAKER_FEE < rate < HIGHEST_RATE:
        return None
    tier = Tier(floor=ZERO, cap=None, rate=rate - TAKER_FEE, amount=ZERO)
    return Maintenance(basis=Basis.MARK, tiers=(tier,), fee_rate=TAKER_FEE, fee_basis=Basis.MARK)


def implied_by_risk(share: Share) -> Ratio | None:
    """Return the rate that makes ``riskRate`` of what backs the position; None: one of the two is not told."""
    risk = share.row.optional("riskRate")
    if share.backing is None or not risk:
        return None
    entry, mark = prices(share.row)
    return risk * (share.backing + unrealized_pnl(share.side, share.face, entry, mark)) * mark / share.face


def implied_by_price(share: Share) -> Ratio | None:
    """Return the rate that would use up what backs the position at the venue's liquidation price; None: there is none."""
    price = parse_liquidation_price(share.row, share.instrument)
    if share.backing is None or not isinstance(price, Decimal):
        return None
    entry, _ = prices(share.row)
    return (share.backing + unrealized_pnl(share.side, share.face, entry, price)) * price / share.face


def parse_liquidation_price(row: Row, instrument: Instrument) -> Price | NoPrice | None:
    """Return the venue's price, a number and no text. One tick and less mean that there is none; 0 says nothing."""
    return shown_price(row.optional("liquidationPrice"), instrument)
