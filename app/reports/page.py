"""A report as one HTML file: no other host, no script, prints on A4."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.reports.charts import Bar, Rated, compare, trend
from app.reports.words import ReportWords
from cases.kpi.bulletin import SHARES, Bulletin, Part
from cases.kpi.period import Span
from cases.kpi.place import By
from cases.kpi.sheet import Sheet

_TEMPLATES: Final = Path(__file__).parent / "templates"
_BEST, _LAST, _ROWS, _NAMES = 20, 5, 15, 60
_PARTS: Final = 100
"""A city of 63 sub-districts wants to see all of them."""


def page(bulletin: Bulletin, words: ReportWords) -> str:
    """The whole page."""
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("report.html").render(
        w=words,
        b=bulletin,
        by=By,
        shares=SHARES,
        title=words.title(bulletin.period),
        trend=_trend(bulletin, words),
        compared=_compared(bulletin, words),
        compared_of=_told_parts(bulletin),
        rows=_ROWS,
        tables=_tables(bulletin),
        rankings=_rankings(bulletin),
        running=bulletin.as_of_ms < bulletin.period.to_ms,
        praised=bulletin.period.span not in {Span.DAY, Span.DAYS},
        overdue=bulletin.overdue[:_ROWS],
        overdue_more=max(0, len(bulletin.overdue) - _ROWS),
        names=_NAMES,
    )


def bar_of(name: str, sheet: Sheet) -> Bar:
    """A time of a trend. Of the finds filed, those are meant that were not corrected before."""
    corrected = sheet.self_correction.numerator
    filed = sheet.filing.numerator
    return Bar(
        name=name,
        corrected=corrected,
        filed=filed,
        other=sheet.finds - corrected - filed,
        rate=sheet.self_correction.value,
    )


def _trend(bulletin: Bulletin, words: ReportWords) -> Markup:
    bars = [bar_of(words.short(part, bulletin.period), sheet) for part, sheet in bulletin.trend]
    return trend(bars, words, words.say(f"trend.{bulletin.period.span.value}"))


def _compared(bulletin: Bulletin, words: ReportWords) -> Markup:
    by = By.SUB_DISTRICT
    rows = [
        Rated(
            name=words.part(by, part.key),
            rate=part.sheet.self_correction.value,
            said=f"{words.share(part.sheet.self_correction)} · {words.of(part.sheet.self_correction)}",
        )
        for part in _told_parts(bulletin)[:_ROWS]
    ]
    return compare(rows, words.say("figure.self_correction"))


def _told_parts(bulletin: Bulletin) -> list[Part]:
    """Sub-districts in which anybody was told anything."""
    return [part for part in _most_first(bulletin.parts[By.SUB_DISTRICT]) if part.sheet.self_correction.denominator]


def _tables(bulletin: Bulletin) -> list[tuple[By, list[Part], int]]:
    """Where the finds are, the most first, and how many parts there are in all. A single district says nothing that the
    city does not."""
    wanted = [By.MATTER, By.SUB_DISTRICT]
    if len(bulletin.parts[By.DISTRICT]) > 1:
        wanted.insert(0, By.DISTRICT)
    return [(by, _most_first(bulletin.parts[by])[:_PARTS], len(bulletin.parts[by])) for by in wanted]


def _rankings(bulletin: Bulletin) -> list[dict[str, Any]]:
    """The best, and the last where there are more; a day is too short to rank anybody by."""
    if bulletin.period.span is Span.DAY:
        return []
    found = []
    for by in (By.ROAD, By.SHOP):
        ranked = list(enumerate(bulletin.ranked(by), 1))
        last = ranked[max(_BEST, len(ranked) - _LAST) :]
        found.append({"by": by, "best": ranked[:_BEST], "last": last, "left": bulletin.unranked(by)})
    return found


def _most_first(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-part.sheet.finds, part.key))
