"""One subject's values over time, with the limits that they were judged by."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from app.rules_history.svg import line, path, text
from domain.finding import Severity

MOST_POINTS: Final = 2000
_LABEL: Final = 13
_COLOURS: Final = {Severity.CRITICAL: "#a4141f", Severity.WARN: "#b45f06", Severity.NOTICE: "#1b5e8c"}


class LimitLine(Struct, frozen=True, kw_only=True):
    """A limit in the metric's own unit. `what`: `raise`, `clear` or `baseline`; `old`: of the other version."""

    at: float
    what: str
    severity: Severity | None = None
    old: bool = False


class Mark(Struct, frozen=True):
    """When a state began: `since`, `raised` or `ended`; `old`: by the other version."""

    at_ms: int
    what: str
    old: bool


class Curve(Struct, frozen=True, kw_only=True):
    """Times in epoch ms and values, oldest first. A gap longer than `gap_ms` breaks the line."""

    title: str
    points: Sequence[tuple[int, float]]
    gap_ms: int
    limits: Sequence[LimitLine] = ()
    marks: Sequence[Mark] = ()


def thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most MOST_POINTS, of each part of the time the least and the greatest: no peak is lost."""
    size = math.ceil(len(points) * 2 / MOST_POINTS)
    if size <= 2:
        return list(points)
    found: list[tuple[int, float]] = []
    for start in range(0, len(points), size):
        some = points[start : start + size]
        ends = {min(some, key=lambda point: point[1]), max(some, key=lambda point: point[1])}
        found += sorted(ends)
    return found


def curve_lines(
    curve: Curve,
    x: Callable[[int], float],
    span: tuple[float, float],
    sides: tuple[float, float],
    say: Callable[..., str],
) -> Iterator[str]:
    """`span`: its top and bottom, `sides`: its left and right."""
    top, bottom = span
    y = _scale(curve, top, bottom)
    yield text(20, top - 22, curve.title, weight="bold")
    for at in _steps(curve):
        yield text(sides[0] - 10, y(at) + 4, f"{at:g}", size=11, anchor="end")
        yield line(sides[0], y(at), sides[1], y(at), stroke="#ecece8")
    limits = _near(curve)
    for limit, label in zip(limits, _apart([y(limit.at) for limit in limits]), strict=True):
        yield from _limit(limit, y(limit.at), label, sides, say)
    for mark in curve.marks:
        yield from _mark(mark, x(mark.at_ms), span, say)
    for piece in _pieces(thinned(curve.points), curve.gap_ms):
        yield path([(x(at_ms), y(value)) for at_ms, value in piece], stroke="#1a1a1a")


def _near(curve: Curve) -> list[LimitLine]:
    """Limits from above to below; without those that lie far from every value."""
    values = [value for _, value in curve.points]
    low, high = min(values, default=-math.inf), max(values, default=math.inf)
    room = (high - low) * 0.4 + 1e-9 if values else 0.0
    found = [limit for limit in curve.limits if low - room <= limit.at <= high + room]
    closest = min(curve.limits, key=lambda limit: max(low - limit.at, limit.at - high), default=None)
    if closest is not None and closest not in found:
        found.append(closest)
    return sorted(found, key=lambda limit: -limit.at)


def _apart(heights: Sequence[float]) -> list[float]:
    """Heights of labels, from above to below, near those given and none on another."""
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + _LABEL) if found else height)
    # as a whole no lower than they would be
    shift = max(0.0, (found[-1] - heights[-1]) / 2) if found else 0.0
    return [height - shift for height in found]


def _limit(
    limit: LimitLine, at: float, label: float, sides: tuple[float, float], say: Callable[..., str]
) -> Iterator[str]:
    colour = "#666666" if limit.severity is None else _COLOURS[limit.severity]
    dashes = {"raise": "", "clear": "7 5", "baseline": "2 4"}[limit.what]
    yield line(sides[0], at, sides[1], at, stroke=colour, width=1 if limit.old else 1.8, dashes=dashes)
    yield line(sides[0] - 62, label, sides[0] - 44, at, stroke=colour)
    words = say(f"replay.{limit.what}", {"limit": f"{limit.at:g}"})
    if limit.severity is not None:
        words = f"{say(f'replay.severity.{limit.severity.value}')} {words}"
    if limit.old:
        words = f"{say('replay.old')} {words}"
    yield text(sides[0] - 66, label + 4, words, size=11, fill=colour, anchor="end")


def _mark(mark: Mark, at: float, span: tuple[float, float], say: Callable[..., str]) -> Iterator[str]:
    top, bottom = span
    dashes = {"since": "2 3", "raised": "", "ended": "7 4"}[mark.what]
    yield line(at, top, at, bottom, stroke="#8a8a84" if mark.old else "#2b2b2b", width=1.2, dashes=dashes)
    words = f"{say('replay.old')} {say(f'replay.{mark.what}')}" if mark.old else say(f"replay.{mark.what}")
    drop = {"since": 14, "raised": 28, "ended": 42}[mark.what] + (42 if mark.old else 0)
    yield text(at + 4, bottom - drop, words, size=11, fill="#6a6a64" if mark.old else "#2b2b2b", halo=True)


def _scale(curve: Curve, top: float, bottom: float) -> Callable[[float], float]:
    low, high = _range(curve)
    return lambda value: bottom - (value - low) / (high - low) * (bottom - top)


def _range(curve: Curve) -> tuple[float, float]:
    found = [value for _, value in curve.points] + [limit.at for limit in _near(curve)]
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = (high - low) * 0.08 or 1.0
    return low - room, high + room


def _steps(curve: Curve) -> Iterator[float]:
    """Some five round numbers."""
    low, high = _range(curve)
    size = 10 ** math.floor(math.log10((high - low) / 5))
    step = next(size * factor for factor in (1, 2, 5, 10) if (high - low) / (size * factor) <= 6)
    number = math.ceil(low / step)
    while number * step <= high:
        yield round(number * step, 6)
        number += 1


def _pieces(points: Sequence[tuple[int, float]], gap_ms: int) -> Iterator[list[tuple[int, float]]]:
    piece: list[tuple[int, float]] = []
    for point in points:
        if piece and point[0] - piece[-1][0] > gap_ms:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece
