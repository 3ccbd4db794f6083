"""Times as senders write them, and whether to believe them."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from config.schema import Profile
from domain.clock import epoch_ms, utc
from domain.message import RejectReason
from domain.reading import TimeSource
from ingest.decoded import Unfit, shown
from ingest.values import number

_WithZone = Annotated[datetime, msgspec.Meta(tz=True)]
_FAR_MS: Final = 1 << 53
"""285,000 years from 1970: beyond, milliseconds are no longer exact in JSON, and nobody means it."""
_RFC_3339: Final = "RFC 3339 with an offset (+08:00 or Z)"
_DATE: Final = len("2026-11-22")
Unit = Literal["rfc3339", "s", "ms", "us", "local"]
Judged = tuple[int, TimeSource, int | None]
"""The time a reading gets, whose clock that is, and what the device's said if that is another."""


def read_time(raw: object) -> int:
    """Epoch milliseconds from a number of them, or from RFC 3339 with an offset. Raises Unfit(TIMESTAMP)."""
    if type(raw) is int and -_FAR_MS <= raw <= _FAR_MS:
        return raw
    if type(raw) is float and math.isfinite(raw) and abs(raw) <= _FAR_MS:
        return round(raw)
    if isinstance(raw, str):
        return read_rfc3339(raw)
    raise Unfit(RejectReason.TIMESTAMP, f"{shown(raw)} is neither epoch milliseconds nor {_RFC_3339}")


def read_rfc3339(raw: object) -> int:
    """Epoch milliseconds from a text. Raises Unfit(TIMESTAMP)."""
    if isinstance(raw, str):
        try:
            return epoch_ms(msgspec.convert(raw, _WithZone))
        except (msgspec.ValidationError, OverflowError):
            pass
    raise Unfit(RejectReason.TIMESTAMP, f"{shown(raw)} is not {_RFC_3339}")


class TimeReader:
    """Reads the times of one vendor."""

    def __init__(self, unit: Unit, zone: ZoneInfo) -> None:
        self._per_ms = {"s": 0.001, "ms": 1.0, "us": 1000.0}.get(unit)
        self._unit = unit
        self._zone = zone

    def read(self, raw: object, received_ms: int) -> int:
        """Epoch milliseconds. Raises Unfit(TIMESTAMP)."""
        if self._unit == "local":
            return _local(raw, self._zone, received_ms)
        if self._per_ms is None:
            return read_rfc3339(raw)
        told = number(raw) if isinstance(raw, str) else raw
        if isinstance(told, bool) or not isinstance(told, int | float) or not abs(told) <= _FAR_MS * self._per_ms:
            raise Unfit(RejectReason.TIMESTAMP, f"{shown(raw)} is not a time in {self._unit}")
        return round(told / self._per_ms)


def _local(raw: object, zone: ZoneInfo, received_ms: int) -> int:
    """What a clock on the wall of the zone says. Raises Unfit(TIMESTAMP)."""
    text = raw.strip().replace("/", "-") if isinstance(raw, str) else ""
    try:
        at = datetime.fromisoformat(text if len(text) > _DATE else "")
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        if at.tzinfo is not None:
            return epoch_ms(at)
        told_ms = {epoch_ms(at.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}
        if len(told_ms) == 1:
            return told_ms.pop()
        # When clocks go back, an hour is told twice; when they go forward, one is not told at all.
        possible_ms = [one for one in told_ms if utc(one).astimezone(zone).replace(tzinfo=None) == at]
        return min(possible_ms, key=lambda one: abs(one - received_ms))
    except (ValueError, OverflowError, OSError):
        wanted = f"a time of a clock in {zone.key} like 2026-11-22 12:00:00"
        raise Unfit(RejectReason.TIMESTAMP, f"{shown(raw)} is not {wanted}") from None


class Tolerance:
    """How far a sender's clock may be from ours. Seconds."""

    def __init__(self, *, max_ahead_s: float, max_behind_s: float) -> None:
        self._ahead_ms = round(max_ahead_s * 1000)
        self._behind_ms = round(max_behind_s * 1000)

    def believes(self, at_ms: int, received_ms: int) -> bool:
        """Whether a message received then can come from that time."""
        return -self._behind_ms <= at_ms - received_ms <= self._ahead_ms


class TimePolicy:
    """What a profile does with the times its devices send."""

    def __init__(self, profile: Profile, zone: ZoneInfo) -> None:
        self._tolerance = Tolerance(max_ahead_s=profile.max_ahead, max_behind_s=profile.max_behind)
        self.believes = self._tolerance.believes
        self._zone = zone
        self._otherwise: Callable[[int, int, int], Judged] = {
            "received": _received,
            "local": self._local,
            "reject": _rejected,
        }[profile.wrong_time]

    def judge(self, device_ms: int, stamp: TimeSource, *, received_ms: int, fallback_ms: int) -> Judged:
        """The time of a reading that says it is from `device_ms`. Raises Unfit(TIMESTAMP) where that is the policy."""
        if self._tolerance.believes(device_ms, received_ms):
            return device_ms, stamp, None
        return self._otherwise(device_ms, received_ms, fallback_ms)

    def _local(self, device_ms: int, received_ms: int, fallback_ms: int) -> Judged:
        """A clock set to local time that calls it UTC is wrong by exactly the zone's offset."""
        try:
            offset = utc(device_ms).astimezone(self._zone).utcoffset()
        except (OverflowError, OSError, ValueError):  # a year that no calendar has
            offset = None
        shifted_ms = device_ms - round(offset.total_seconds() * 1000) if offset else device_ms
        if offset and self._tolerance.believes(shifted_ms, received_ms):
            return shifted_ms, TimeSource.SHIFTED, device_ms
        return _received(device_ms, received_ms, fallback_ms)


def _received(device_ms: int, _received_ms: int, fallback_ms: int) -> Judged:
    return fallback_ms, TimeSource.RECEIVED, device_ms


def _rejected(device_ms: int, received_ms: int, _fallback_ms: int) -> Judged:
    off_s = (device_ms - received_ms) / 1000
    raise Unfit(RejectReason.TIMESTAMP, f"{device_ms} ms is {abs(off_s):.0f} s {'ahead' if off_s > 0 else 'behind'}")
