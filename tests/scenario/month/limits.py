"""Deadlines by walking through the minutes of a calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
OFFICE = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
OFF = {date(2026, 9, day) for day in (25, 26, 27)} | {date(2026, 10, day) for day in range(1, 8)}
"""中秋节 and 国庆节 of 2026, as published."""
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}


def is_worked(minute: datetime) -> bool:
    """Whether the minute that begins then is office time."""
    day = minute.date()
    if day in OFF or (day.weekday() > 4 and day not in WORKED):
        return False
    at = minute.hour * 60 + minute.minute
    return any(begin <= at < end for begin, end in OFFICE)


def due_ms(opened_ms: int, limit: str, zone: ZoneInfo) -> int:
    """`2 工作时` counted in whole minutes, and the part of a minute at which it was opened carried along."""
    number, unit = limit.split()
    running = {"分钟": 1, "紧急工作时": 60}
    if unit in running:
        return opened_ms + int(number) * running[unit] * MINUTE_MS
    left = int(number) * {"工作时": 60, "工作日": 480}[unit] * MINUTE_MS
    minute = datetime.fromtimestamp(opened_ms // MINUTE_MS * MINUTE_MS / 1000, zone)
    at_ms, past_ms = opened_ms // MINUTE_MS * MINUTE_MS, opened_ms % MINUTE_MS
    while True:
        if is_worked(minute):
            given_ms = MINUTE_MS - past_ms
            if left <= given_ms:
                return at_ms + past_ms + left
            left -= given_ms
        past_ms = 0
        at_ms += MINUTE_MS
        minute = datetime.fromtimestamp(at_ms / 1000, zone)
