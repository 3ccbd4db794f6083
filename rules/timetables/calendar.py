"""Times as a timetable writes them: `08:30`, `08:30:15`, and `1d 08:30` for the day after the first."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.clock import epoch_ms

TIME = r"(?:\d+d ?)?(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
"""A pattern for them."""
FIRST_DAY = date(2026, 11, 23)
"""When a timetable that says nothing else begins: a Monday on which people work."""
_PARTS = re.compile(r"^(?:(\d+)d ?)?(\d\d):(\d\d)(?::(\d\d))?$")
_START = re.compile(rf"^\d{{4}}-\d\d-\d\d( {TIME})?$")


class Calendar:
    """The days of one timetable, in its site's time zone."""

    def __init__(self, start: datetime) -> None:
        """`start`: with its zone."""
        self._start = start
        self.start_ms = epoch_ms(start)

    def at_ms(self, text: str) -> int:
        """`1d 08:30` → epoch ms of half past eight on the second day. Raises ValueError for what is no time."""
        parts = _PARTS.match(text)
        if parts is None or not re.fullmatch(TIME, text):
            raise ValueError(f"{text!r} is no time; write 08:30, or 1d 08:30 for the day after the first")
        days, hour, minute, second = (int(part or 0) for part in parts.groups())
        midnight = self._start.replace(hour=0, minute=0, second=0) + timedelta(days=days)
        return epoch_ms(midnight.replace(hour=hour, minute=minute, second=second))

    def text(self, at_ms: int) -> str:
        """The same backwards."""
        at = datetime.fromtimestamp(at_ms / 1000, self._start.tzinfo)
        days = (at.date() - self._start.date()).days
        clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
        return f"{days}d {clock}" if days else clock

    def minutes(self, until_ms: int) -> Iterator[int]:
        """Every full minute after the start, in epoch ms."""
        return iter(range(self.start_ms - self.start_ms % 60_000 + 60_000, until_ms + 1, 60_000))


def calendar_of(start: str, timezone: ZoneInfo) -> Calendar:
    """`2026-11-22 08:00`, or `2026-11-22` for its midnight. Raises ValueError for what is no day."""
    day, _, clock = start.partition(" ")
    if not _START.match(start) or "d" in clock:
        raise ValueError(f"{start!r} is no start; write a day, or a day and a time: 2026-11-22 08:00")
    hour, minute, second = [*map(int, clock.split(":") if clock else ()), 0, 0, 0][:3]
    at = datetime.fromisoformat(day).replace(hour=hour, minute=minute, second=second, tzinfo=timezone)
    return Calendar(at)
