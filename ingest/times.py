"""Times as senders write them, and whether to believe them."""

import math
from datetime import datetime
from typing import Annotated, Final

import msgspec

from domain.clock import epoch_ms
from domain.message import RejectReason
from ingest.decoded import Unfit, shown

_WithZone = Annotated[datetime, msgspec.Meta(tz=True)]
_FAR_MS: Final = 1 << 53
"""285,000 years from 1970: beyond, milliseconds are no longer exact in JSON, and nobody means it."""


def read_time(raw: object) -> int:
    """Epoch milliseconds from a number of them, or from RFC 3339 with an offset. Raises Unfit(TIMESTAMP)."""
    if type(raw) is int and -_FAR_MS <= raw <= _FAR_MS:
        return raw
    if type(raw) is float and math.isfinite(raw) and abs(raw) <= _FAR_MS:
        return round(raw)
    if isinstance(raw, str):
        try:
            return epoch_ms(msgspec.convert(raw, _WithZone))
        except (msgspec.ValidationError, OverflowError):
            pass
    raise Unfit(
        RejectReason.TIMESTAMP, f"{shown(raw)} is neither epoch milliseconds nor RFC 3339 with an offset (+08:00 or Z)"
    )


class Tolerance:
    """How far a sender's clock may be from ours. Seconds."""

    def __init__(self, *, max_ahead_s: float, max_behind_s: float) -> None:
        self._ahead_ms = round(max_ahead_s * 1000)
        self._behind_ms = round(max_behind_s * 1000)

    def believes(self, at_ms: int, received_ms: int) -> bool:
        """Whether a message received then can come from that time."""
        return -self._behind_ms <= at_ms - received_ms <= self._ahead_ms
