"""Which positions share one coin's margin, and which of them bar its computation."""

from collections.abc import Iterable

from monitor.core.account import Position


def by_coin(positions: Iterable[Position]) -> dict[str, tuple[Position, ...]]:
    """Return the positions of each settle coin."""
    grouped: dict[str, tuple[Position, ...]] = {}
    for position in positions:
        coin = str(position.settle)
        grouped[coin] = (*grouped.get(coin, ()), position)
    return grouped


def foreign(coin: str, positions: Iterable[Position]) -> str | None:
    """Return why a pool cannot be computed: it carries a contract on something else than its own coin; None: it does not."""
    strange = [position.symbol for position in positions if not position.symbol.startswith(f"{coin}/USD:")]
    return f"{', '.join(strange)} is not an inverse contract on {coin}, but shares its margin" if strange else None
