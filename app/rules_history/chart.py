"""The picture of a replay as SVG: alarms as bars over time, and the values of one subject with its limits.

Time goes from left to right. An alarm is a thin line while its condition gathers and a bar from when it is raised; the
bar's height and the word on it say the severity, so that colours only help. Of two versions the older is drawn above
the newer, hollow. The text stays text: it can be searched, scales, and stands in a page as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import escape
from msgspec import Struct

from app.rules_history.curve import Curve, curve_lines
from app.rules_history.svg import line, rect, text
from domain.clock import epoch_ms, utc
from domain.finding import Severity
from rules.memory import Key
from rules.replay import AlarmSpan

Say = Callable[..., str]
"""Words of the language that is wanted: a key, and facts to fill in."""
WIDTH: Final = 1200
_LEFT, _RIGHT, _TOP = 300, 24, 84
_ROW, _CURVE = 46, 280
_ROWS: Final = 30
_COLOURS: Final = {Severity.CRITICAL: "#a4141f", Severity.WARN: "#b45f06", Severity.NOTICE: "#1b5e8c"}
_HEIGHTS: Final = {Severity.CRITICAL: 15, Severity.WARN: 11, Severity.NOTICE: 7}
_STEPS: Final = (1, 5, 15, 60, 180, 360, 720, 1440, 2880, 7 * 1440)
_FONT: Final = "'Noto Sans CJK SC', 'Noto Serif CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"


class Chart(Struct, frozen=True, kw_only=True):
    """What is drawn. `old`: the alarms of another version, None if there is none."""

    from_ms: int
    to_ms: int
    zone: ZoneInfo
    title: str
    subtitle: str
    new: Sequence[AlarmSpan]
    old: Sequence[AlarmSpan] | None = None
    curve: Curve | None = None
    chinese: bool = True

    def x(self, at_ms: int) -> float:
        """Where a moment is; before and after the stretch at its edges."""
        share = (at_ms - self.from_ms) / (self.to_ms - self.from_ms)
        return _LEFT + min(max(share, 0.0), 1.0) * (WIDTH - _LEFT - _RIGHT)


def svg(chart: Chart, say: Say) -> str:
    """The whole picture."""
    rows = _rows(chart)
    shown = rows[:_ROWS]
    below = _TOP + _ROW * max(len(shown), 1) + (20 if len(rows) > _ROWS else 0)
    height = below + 40 + (_CURVE + 46 if chart.curve else 0)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    parts = [
        f'{head} font-family="{_FONT}" font-size="13" role="img"><title>{escape(chart.title)}</title>',
        rect(0, 0, WIDTH, height, fill="#ffffff"),
        text(20, 30, chart.title, size=18, weight="bold"),
        text(20, 52, chart.subtitle, fill="#444444"),
        *_legend(chart, say),
        *_time(chart, _TOP - 8, below),
    ]
    for place, key in enumerate(shown):
        parts += _row(chart, key, _TOP + place * _ROW, say, striped=place % 2 == 0)
    if not rows:
        parts.append(text(_LEFT, _TOP + 24, say("replay.none"), fill="#444444"))
    if len(rows) > _ROWS:
        parts.append(text(20, below - 4, say("replay.more", {"n": len(rows) - _ROWS}), fill="#444444"))
    if chart.curve:
        top = below + 60
        parts += _time(chart, top, top + _CURVE - 20)
        parts += curve_lines(chart.curve, chart.x, (top, top + _CURVE - 20), (_LEFT, WIDTH - _RIGHT), say)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _rows(chart: Chart) -> list[Key]:
    """Rules and subjects with alarms: the worst first, then the longest, then by name."""
    worst: dict[Key, tuple[int, int]] = {}
    for span in (*chart.new, *(chart.old or ())):
        rank, lasted_ms = worst.get(span.key, (0, 0))
        lasted_ms += (span.resolved_ms or chart.to_ms) - span.raised_ms
        worst[span.key] = max(rank, span.severity.rank), lasted_ms
    return sorted(worst, key=lambda key: (-worst[key][0], -worst[key][1], key))


def _row(chart: Chart, key: Key, top: int, say: Say, *, striped: bool) -> Iterator[str]:
    if striped:
        yield rect(0, top, WIDTH, _ROW, fill="#f4f4f1", behind=True)
    titles = [span for span in (*chart.new, *(chart.old or ())) if span.key == key]
    title = titles[0].title_zh if chart.chinese else titles[0].title_en
    yield text(20, top + 19, f"{title or key[0]} · {key[1]}", weight="bold")
    yield text(20, top + 36, key[0], fill="#666666", size=11)
    versions = [(chart.old, top + 13, True), (chart.new, top + 33, False)]
    if chart.old is None:
        versions = [(chart.new, top + 23, False)]
    for spans, middle, hollow in versions:
        if chart.old is not None:
            yield text(_LEFT - 10, middle + 4, say("replay.old" if hollow else "replay.new"), size=11, anchor="end")
        for span in spans or ():
            if span.key == key:
                yield from _bar(chart, span, middle, say, hollow=hollow)


def _bar(chart: Chart, span: AlarmSpan, middle: int, say: Say, *, hollow: bool) -> Iterator[str]:
    colour, height = _COLOURS[span.severity], _HEIGHTS[span.severity]
    since, begins = chart.x(span.since_ms), chart.x(span.raised_ms)
    ends = chart.x(chart.to_ms if span.resolved_ms is None else span.resolved_ms)
    word = say(f"replay.severity.{span.severity.value}")
    until = say("replay.standing") if span.resolved_ms is None else _clock(span.resolved_ms, chart.zone)
    told = f"{word}: {_clock(span.raised_ms, chart.zone)} – {until}"
    yield line(since, middle, begins, middle, stroke=colour, width=2)
    yield rect(
        begins,
        middle - height / 2,
        max(ends - begins, 3),
        height,
        fill="#ffffff" if hollow else colour,
        stroke=colour,
        title=told,
    )
    yield _label(told, (min(since, begins), max(ends, begins + 3)), middle + 4, colour)


def _label(words: str, span: tuple[float, float], y: float, colour: str) -> str:
    """Behind a bar; before it, if there is no room; else on it."""
    begins, ends = span
    if ends + 170 <= WIDTH:
        return text(ends + 6, y, words, size=11, fill=colour, halo=True)
    if begins - 170 >= _LEFT:
        return text(begins - 6, y, words, size=11, fill=colour, anchor="end", halo=True)
    return text(begins + 8, y, words, size=11, fill=colour, halo=True)


def _legend(chart: Chart, say: Say) -> Iterator[str]:
    """Severities as they are drawn."""
    left = WIDTH - 330.0
    for severity in reversed(Severity):
        height = _HEIGHTS[severity]
        yield rect(left, 26 - height / 2, 26, height, fill=_COLOURS[severity])
        yield text(left + 32, 30, say(f"replay.severity.{severity.value}"), size=12)
        left += 105
    if chart.old is not None:
        left = WIDTH - 330.0
        for key, fill in (("replay.old", "#ffffff"), ("replay.new", "#444444")):
            yield rect(left, 43, 26, 10, fill=fill, stroke="#444444")
            yield text(left + 32, 52, say(key), size=12)
            left += 105


def _time(chart: Chart, top: float, bottom: float) -> Iterator[str]:
    """Lines at whole hours or days of the site, some eight to the picture."""
    minutes = (chart.to_ms - chart.from_ms) / 60_000
    step = next((step for step in _STEPS if minutes / step <= 9), _STEPS[-1])
    for at in _whole(utc(chart.from_ms).astimezone(chart.zone), step):
        at_ms = epoch_ms(at)
        if at_ms > chart.to_ms:
            return
        if at_ms >= chart.from_ms:
            shown = f"{at:%m-%d}" if step >= 1440 else f"{at:%m-%d %H:%M}"
            yield line(chart.x(at_ms), top, chart.x(at_ms), bottom, stroke="#d9d9d4")
            at_edge = chart.x(at_ms) > WIDTH - 50
            x = WIDTH - 6 if at_edge else chart.x(at_ms)
            yield text(x, top - 3, shown, size=11, anchor="end" if at_edge else "middle")


def _whole(first: datetime, step_min: int) -> Iterator[datetime]:
    at = first.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        yield at
        at += timedelta(minutes=step_min)


def _clock(at_ms: int, zone: ZoneInfo) -> str:
    return f"{utc(at_ms).astimezone(zone):%m-%d %H:%M}"
