"""What a key of HTX may do: asked at the spot host, which knows keys by their owner's number.

Source: HTX, spot API, "Get UID", "API key query"; read 2026-11.
"""

from monitor.ports import Examination
from monitor.venues.adapter import Read
from monitor.venues.endpoint import Endpoint, both, holds, holds_number, says
from monitor.venues.htx_market import VENUE
from monitor.venues.parse import whole

UID = Endpoint(api=("v2Private",), path="user/uid", shape=both(says("code", 200), holds_number("data")), route="/v2/user/uid")
KEYS = Endpoint(
    api=("v2Private",), path="user/api-key", shape=both(says("code", 200), holds(list, "data")), route="/v2/user/api-key"
)


async def read_rights(read: Read, api_key: str) -> frozenset[str] | None:
    """Return what *api_key* may do; None: it is not among its owner's keys."""
    uid = whole(await read(UID), VENUE, UID.path).number("data")
    return parse_rights(await read(KEYS, uid=str(uid)), api_key)


def parse_rights(answer: object, api_key: str) -> frozenset[str] | None:
    """Return the rights of our own key among those listed: ``readOnly,trade,withdraw``; None: it is not there."""
    for row in whole(answer, VENUE, KEYS.path).rows("data", "note"):
        if row.raw.get("accessKey") == api_key:
            return frozenset(right.strip() for right in row.text("permission").split(","))
    return None


def parse_examination(offset: float, rights: frozenset[str] | None) -> Examination:
    """Return what the key may do."""
    return Examination(
        clock_offset_seconds=offset,
        may_trade=None if rights is None else "trade" in rights,
        may_withdraw=None if rights is None else "withdraw" in rights,
        mode="coin-margined: an account for each perpetual, another for the dated contracts of a coin",
    )
