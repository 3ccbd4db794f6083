"""Windows of time: where they begin, and a row for each of them."""

from collections.abc import Mapping

HOUR_MS = 3_600_000
MAX_WINDOWS = 1_000_000


def starts(start_ms: int, stop_ms: int, every_ms: int) -> range:
    """The starts of all windows that hold part of start ≤ time < stop. Raises ValueError for a width that cannot be."""
    if every_ms < 1:
        raise ValueError(f"every_ms is {every_ms}; a window is 1 ms wide at least")
    if start_ms >= stop_ms:
        return range(0)
    found = range(start_ms // every_ms * every_ms, stop_ms, every_ms)
    if len(found) > MAX_WINDOWS:
        raise ValueError(f"{len(found)} windows of {every_ms} ms are asked for; {MAX_WINDOWS} at most")
    return found


def filled(windows: range, found: Mapping[int, float]) -> list[tuple[int, float | None]]:
    """One row for each window, None where nothing was found."""
    return [(at_ms, found.get(at_ms)) for at_ms in windows]


def whole_hours(start_ms: int, stop_ms: int) -> tuple[int, int]:
    """The part of a span that is made of whole hours; empty if there is none."""
    first, last = -(-start_ms // HOUR_MS) * HOUR_MS, stop_ms // HOUR_MS * HOUR_MS
    return (first, last) if first < last else (first, first)
