"""The charts of a report as SVG, that stand in its page as they are: their text can be searched, and scales."""

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct

from app.reports.words import ReportWords
from app.rules_history.svg import line, path, rect, text

WIDTH: Final = 1000
_HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 300, 48, 48, 34, 26
_ROW, _NAMES = 30, 210
CORRECTED, FILED, OTHER, RATE = "#1d7a5f", "#b45f06", "#c9ccc6", "#1f3d63"
"""Told apart by lightness, too, for who prints in grey."""
_STEPS: Final = (1, 2, 5)


class Bar(Struct, frozen=True, kw_only=True):
    """One time on a trend: finds by what became of them, and a rate."""

    name: str
    corrected: int
    filed: int
    other: int
    rate: float | None

    @property
    def total(self) -> int:
        """All finds."""
        return self.corrected + self.filed + self.other


class Rated(Struct, frozen=True, kw_only=True):
    """One row of a comparison."""

    name: str
    rate: float | None
    said: str


def trend(bars: Sequence[Bar], words: ReportWords, title: str) -> Markup:
    """Finds as stacked bars over time, and the rate as a line; where there is no rate, the line has a gap."""
    most = _round_up(max((bar.total for bar in bars), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(bars), 1)
    bottom = _HEIGHT - _FOOT
    parts = [*_axes(most, bottom)]
    for place, bar in enumerate(bars):
        left = _LEFT + place * step
        parts += _stack(bar, left + step * 0.18, step * 0.64, most, bottom)
        if len(bars) <= 16 or place % 2 == 0:
            parts.append(text(left + step / 2, bottom + 17, bar.name, size=12, fill="#444444", anchor="middle"))
    for points in _runs(bars, step, bottom):
        parts.append(path(points, stroke=RATE).replace('stroke-width="1.2"', 'stroke-width="2.4"'))
        parts += [rect(x - 3, y - 3, 6, 6, fill=RATE) for x, y in points]
    return _svg(_HEIGHT, [*parts, *_legend(words)], title)


def compare(rows: Sequence[Rated], title: str) -> Markup:
    """Rates as bars from 0 to 100 %, each with its name and what it is a share of."""
    height = _ROW * max(len(rows), 1) + 24
    span = WIDTH - _NAMES - 190
    parts = []
    for percent in (0, 25, 50, 75, 100):
        x = _NAMES + span * percent / 100
        parts += [
            line(x, 0, x, height - 20, stroke="#d9d9d4"),
            text(x, height - 4, f"{percent} %", size=11, fill="#666666", anchor="middle"),
        ]
    for place, row in enumerate(rows):
        top = place * _ROW + 6
        parts.append(text(_NAMES - 10, top + 14, row.name, size=14, anchor="end"))
        if row.rate is not None:
            parts.append(rect(_NAMES, top, max(span * row.rate, 1), _ROW - 12, fill=CORRECTED))
        parts.append(text(_NAMES + span * (row.rate or 0) + 8, top + 14, row.said, size=13, fill="#333333", halo=True))
    return _svg(height, parts, title)


def _axes(most: int, bottom: float) -> Iterator[str]:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = bottom - share * (bottom - _TOP)
        yield line(_LEFT, y, WIDTH - _RIGHT, y, stroke="#d9d9d4")
        if most * share == int(most * share):
            yield text(_LEFT - 8, y + 4, f"{most * share:g}", size=12, fill="#666666", anchor="end")
        yield text(WIDTH - _RIGHT + 8, y + 4, f"{share * 100:g} %", size=12, fill=RATE)


def _stack(bar: Bar, left: float, width: float, most: int, bottom: float) -> Iterator[str]:
    y = bottom
    for n, fill in ((bar.corrected, CORRECTED), (bar.filed, FILED), (bar.other, OTHER)):
        height = n / most * (bottom - _TOP)
        y -= height
        if n:
            yield rect(left, y, width, height, fill=fill, title=f"{bar.name}: {n}")


def _runs(bars: Sequence[Bar], step: float, bottom: float) -> Iterator[list[tuple[float, float]]]:
    """The line's points, a list for each stretch that has a rate throughout."""
    run: list[tuple[float, float]] = []
    for place, bar in enumerate(bars):
        if bar.rate is not None:
            run.append((_LEFT + (place + 0.5) * step, bottom - bar.rate * (bottom - _TOP)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _legend(words: ReportWords) -> Iterator[str]:
    left = float(_LEFT)
    for key, fill in (("corrected", CORRECTED), ("filed", FILED), ("other", OTHER), ("rate", RATE)):
        yield rect(left, 8, 14, 4 if key == "rate" else 12, fill=fill)
        word = words.say(f"trend.{key}")
        yield text(left + 20, 19, word, size=13, fill="#333333")
        left += 52 + 14 * sum(1 if sign > "\u2e80" else 0.55 for sign in word)


def _round_up(most: int) -> int:
    """The next of 4, 8, 20, 40, 80, 200, …: four steps of the axis are whole numbers."""
    size = 4
    while True:
        for factor in _STEPS:
            if most <= size * factor:
                return size * factor
        size *= 10


def _svg(height: float, parts: Sequence[str], title: str) -> Markup:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" font-size="13">'
    return Markup("\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>"]))  # noqa: S704 - escaped above
