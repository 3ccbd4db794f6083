"""Hours of every day: when a camera is visited, a zone counts, a rule speaks."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

_MINUTE_MS: Final = 60_000
_DAY: Final = timedelta(days=1)


class Duty:
    """Hours of every day, `06:00-23:00`, on the clock of a time zone; may cross midnight. The first minute is on
    duty, the last is not; `00:00-00:00` is all day.
    """

    __slots__ = ("_begin", "_end", "_timezone")

    def __init__(self, hours: str, timezone: tzinfo) -> None:
        begin, _, end = hours.partition("-")
        self._begin, self._end = _minutes(begin), _minutes(end)
        self._timezone = timezone

    def holds(self, at_ms: int) -> bool:
        """Whether this moment is on duty."""
        return self.began_on(at_ms) is not None

    def began_on(self, at_ms: int) -> date | None:
        """The day on which the duty began that holds at this moment, the day before after midnight; None off duty."""
        at = datetime.fromtimestamp(at_ms / 1000, self._timezone)
        minutes = at.hour * 60 + at.minute
        if self._begin < self._end:
            return at.date() if self._begin <= minutes < self._end else None
        if minutes >= self._begin:
            return at.date()
        return at.date() - _DAY if minutes < self._end else None

    def begins_ms(self, at_ms: int) -> int:
        """When the next duty begins; `at_ms` itself if it is on duty."""
        if self.holds(at_ms):
            return at_ms
        at = datetime.fromtimestamp(at_ms / 1000, self._timezone)
        begin = at.replace(hour=self._begin // 60, minute=self._begin % 60, second=0, microsecond=0)
        if begin <= at:
            begin += _DAY
        return round(begin.astimezone(UTC).timestamp() * 1000)

    def on_duty_ms(self, from_ms: int, until_ms: int, *, enough_ms: int) -> int:
        """How much of the time between was on duty, to a minute; no more is counted than `enough_ms`."""
        counted, at_ms = 0, from_ms
        while at_ms < until_ms and counted < enough_ms:
            begins_ms = self.begins_ms(at_ms)
            ends_ms = min(self._ends_ms(begins_ms), until_ms)
            counted += max(ends_ms - begins_ms, 0)
            at_ms = max(ends_ms, begins_ms, at_ms + _MINUTE_MS)
        return min(counted, enough_ms)

    def _ends_ms(self, on_duty_ms: int) -> int:
        """When the duty ends that holds at this moment; a day later at the latest."""
        at = datetime.fromtimestamp(on_duty_ms / 1000, self._timezone)
        end = at.replace(hour=self._end // 60, minute=self._end % 60, second=0, microsecond=0)
        if end <= at:
            end += _DAY
        return round(end.astimezone(UTC).timestamp() * 1000)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)
