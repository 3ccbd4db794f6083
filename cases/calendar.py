"""Hours in which nobody is disturbed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.clock import epoch_ms, utc


def quiet_until(at_ms: int, hours: str | None, timezone: ZoneInfo) -> int:
    """`at_ms` itself, or the end of the quiet hours it lies in.

    `hours` is e.g. `21:00-08:00` on the clock of `timezone`: 21:00 is quiet, 08:00 is not. None: never quiet.
    """
    if hours is None:
        return at_ms
    begin, end = (time.fromisoformat(part) for part in hours.split("-"))
    local = utc(at_ms).astimezone(timezone)
    if not _within(local.time(), begin, end):
        return at_ms
    tomorrow = local.time() >= end
    day = local.date() + timedelta(days=1) if tomorrow else local.date()
    return epoch_ms(datetime.combine(day, end, timezone))


def _within(now: time, begin: time, end: time) -> bool:
    if begin <= end:
        return begin <= now < end
    return now >= begin or now < end
