"""Order books beside a snapshot: ``"order_books": {SYMBOL: {"bids": [[price, contracts], ...], "asks": [...]}}``."""

from collections.abc import Mapping

from monitor.core.liquidity import Level, OrderBook
from monitor.wire.node import Node


def read_order_books(raw: object, path: str = "") -> Mapping[str, OrderBook]:
    """Return the order books of a snapshot by symbol; none where it has none.

    Raises:
        SnapshotError: one is no book; the message names its path.

    """
    given = raw.get("order_books") if isinstance(raw, dict) else None
    if given is None:
        return {}
    node = Node(given, f"{path}.order_books" if path else "order_books")
    return {symbol: _book(each) for symbol, each in node.entries()}


def _book(node: Node) -> OrderBook:
    fields = node.object("bids", "asks")
    bids, asks = _side(fields["bids"]), _side(fields["asks"])
    try:
        return OrderBook(bids=bids, asks=asks)
    except ValueError as error:
        fault = str(error)
    raise node.fail(fault)


def _side(node: Node) -> tuple[Level, ...]:
    return tuple(_level(each) for each in node.items())


def _level(node: Node) -> Level:
    pair = list(node.items())
    if len(pair) != 2:
        raise node.fail(f"a price and a number of contracts are needed, not {len(pair)} values")
    return Level(pair[0].positive(), pair[1].positive())
