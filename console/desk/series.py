"""What the console asks of stored readings."""

from msgspec import Struct

from domain.point import Aggregate


class SeriesQuestion(Struct, frozen=True, kw_only=True):
    """One metric of a device with `start_ms` ≤ time < `stop_ms`: every value, or one figure for each window."""

    kind: str
    """Of the device."""
    device_id: str
    port: int | None
    """None: of the whole device, whichever port measured it."""
    metric: str
    start_ms: int
    """Epoch milliseconds, like `stop_ms`."""
    stop_ms: int
    every_ms: int | None
    """How wide a window is; None: every value as it is stored."""
    aggregate: Aggregate
    """What is asked of each window; of no account where every value is."""
