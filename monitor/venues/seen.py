"""What was seen of the answer to one request, kept per task: ccxt's own last_response fields belong to "some" request."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAINTENANCE = re.compile(r"maintenance(?![ _]?margin)|system upgrade", re.IGNORECASE)
THROTTLED = re.compile(r"too (frequent|many)", re.IGNORECASE)
"""Words by which a 403 is a ban for asking too often and no refusal.

Source: Bybit API v5, "Rate Limit Rules": "403, access too frequent"; seen 2026-11.
"""

SAFE = re.compile(r"-*[A-Za-z0-9]{1,12}|[a-z]{2,20}(-[a-z]{2,20}){1,6}|[A-Z]{2,20}(_[A-Z]{2,20}){1,6}", re.ASCII)
"""A code that is safe to print: short, or plain words such as REQUEST_EXPIRED. A key or a signature is neither."""

HEAD = 4000
"""How many characters of a body are looked at for words; an outage page says it at the top."""


@dataclass(slots=True)
class Seen:
    """Status, Retry-After in seconds and the venue's own error code; and of the body only what kind it was, never its text."""

    status: int | None = None
    retry_after: float | None = None
    code: str | None = None
    is_page: bool = False
    is_empty: bool = False
    is_maintenance: bool = False
    is_throttled: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def note_response(self, status: int, headers: Mapping[str, str], body: str, now: datetime) -> None:
        """Remember what matters of a response."""
        self.status = status
        self.retry_after = retry_after(headers, now)
        head = body[:HEAD]
        self.is_page = head.startswith("<")
        self.is_empty = not head
        self.is_maintenance = not (self.is_success and head.startswith(("{", "["))) and MAINTENANCE.search(head) is not None
        self.is_throttled = status in (418, 429) or (status == 403 and THROTTLED.search(head) is not None)

    def note_code(self, answer: object) -> None:
        """Remember the venue's error code, where the answer has one that is safe to print."""
        code = str(error_code(answer))
        self.code = code if SAFE.fullmatch(code) and code not in ("None", "0") else None


current: ContextVar[Seen | None] = ContextVar("seen", default=None)
"""Set around each request by the client, filled by the guard."""


LONGEST_HOLD = 3600.0


CODES = ("retCode", "ret_code", "code", "err_code", "err-code", "label")
"""Where wire formats keep an error code, besides ``error.code``."""


def error_code(answer: object) -> object:
    """Return the error code of an answer, wherever its wire format keeps it; None: there is none."""
    if not isinstance(answer, dict):
        return None
    error = answer.get("error")
    if isinstance(error, dict):
        return error.get("code")
    return next((answer[key] for key in CODES if key in answer), None)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, given as seconds or as a date; None: it does not.

    At most an hour: a header can be wrong, and one question an hour makes no ban worse.
    """
    raw = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if raw is None:
        return None
    if raw.strip().isdecimal():
        return min(LONGEST_HOLD, float(raw.strip()[:9]))
    try:
        return min(LONGEST_HOLD, max(0.0, (parsedate_to_datetime(raw).astimezone(UTC) - now).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return None
