"""When things are: times of day, quiet hours, days and time zones."""

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from monitor.config.mistakes import Mistake, hint
from monitor.config.words import text


def clock_time(given: object) -> time:
    """Read ``08:00``."""
    if isinstance(given, time):
        return given
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", given, re.ASCII) if isinstance(given, str) else None
    if not found:
        raise Mistake('must be a time of day such as "08:00"')
    return time(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A part of each day, over midnight where it ends before it begins."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def quiet_hours(given: object) -> QuietHours:
    """Read ``23:00-07:00``."""
    if isinstance(given, QuietHours):
        return given
    start, dash, end = given.partition("-") if isinstance(given, str) else ("", "", "")
    try:
        read = QuietHours(start=clock_time(start.strip()), end=clock_time(end.strip()))
    except Mistake:
        read = None
    if read is None or not dash or read.start == read.end:
        raise Mistake('must be two different times of day such as "23:00-07:00"')
    return read


def day(given: object) -> date:
    """Read ``2027-01-15``."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        if isinstance(given, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise Mistake("must be a day such as 2027-01-15")


def zone(given: object) -> str:
    """Check the name of a time zone."""
    read = text(given)
    if read != "UTC":
        known = zoneinfo.available_timezones()
        if read not in known:
            raise Mistake(f"is not a time zone of this system: use a name such as Europe/Berlin{hint(read, known)}")
    return read


def time_zone(zone_name: str) -> tzinfo:
    """Return the zone itself. UTC needs no time zone files."""
    return UTC if zone_name == "UTC" else zoneinfo.ZoneInfo(zone_name)


ClockTime = Annotated[
    time,
    BeforeValidator(clock_time),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$"}),
]
Quiet = Annotated[
    QuietHours,
    BeforeValidator(quiet_hours),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d ?- ?\d\d:\d\d$"}),
]
Day = Annotated[
    date, BeforeValidator(day), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string", "format": "date"})
]
Zone = Annotated[str, BeforeValidator(zone), WithJsonSchema({"type": "string"})]
