"""Hours of the day in which a rule speaks."""

from datetime import datetime
from zoneinfo import ZoneInfo


class Schedule:
    """From–to in a time zone, e.g. `07:00-22:00`; may cross midnight. The first minute counts, the last doesn't."""

    def __init__(self, hours: str, timezone: ZoneInfo) -> None:
        begin, _, end = hours.partition("-")
        self._begin, self._end = _minute(begin), _minute(end)
        self._timezone = timezone

    def holds(self, at_ms: int) -> bool:
        """Whether this moment lies in the hours."""
        at = datetime.fromtimestamp(at_ms / 1000, self._timezone)
        minute = at.hour * 60 + at.minute
        if self._begin < self._end:
            return self._begin <= minute < self._end
        return minute >= self._begin or minute < self._end


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)
