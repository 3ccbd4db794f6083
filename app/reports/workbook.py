"""A report as an Excel workbook: numbers that can be calculated with, native charts, frozen headers."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.reports.charts import CORRECTED, FILED, OTHER, RATE
from app.reports.page import bar_of
from app.reports.words import ReportWords
from cases.kpi.bulletin import SHARES, Bulletin, Part
from cases.kpi.exemplary import Exemplary
from cases.kpi.period import Span
from cases.kpi.place import By
from cases.kpi.share import Share, Spread
from cases.kpi.sheet import Sheet

Cell = str | int | float | datetime | None
_MINUTE_MS: Final = 60_000
# What a shop is called is text, also if it begins with = or http.
_OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_PALE: Final = "#E6ECF2"


def save(bulletin: Bulletin, words: ReportWords, file: Path) -> None:
    """Write it. What was there under that name is replaced; OSError if it can't be written."""
    book = xlsxwriter.Workbook(str(file), {**_OPTIONS, "in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    book.set_properties({"title": words.title(bulletin.period), "company": words.city})
    writer = _Writer(book, bulletin, words)
    writer.summary()
    writer.trend()
    for by in (By.DISTRICT, By.SUB_DISTRICT, By.ROAD, By.SHOP, By.MATTER):
        writer.parts(by)
    if bulletin.period.span not in {Span.DAY, Span.DAYS}:
        writer.exemplary()
    writer.overdue()
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as wrong:
        raise OSError(str(wrong)) from wrong


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, bulletin: Bulletin, words: ReportWords) -> None:
        self._book, self._bulletin, self._words = book, bulletin, words
        font = {"font_name": "Microsoft YaHei" if words.language == "zh-CN" else "Calibri", "font_size": 10}
        self._plain = book.add_format(font)
        self._title = book.add_format({**font, "bold": True, "font_size": 14})
        self._head = book.add_format(
            {**font, "bold": True, "bg_color": _PALE, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._whole = book.add_format({**font, "num_format": "#,##0"})
        self._rate = book.add_format({**font, "num_format": "0.0%"})
        self._points = book.add_format({**font, "num_format": "+0.0;-0.0;0.0"})
        self._minutes = book.add_format({**font, "num_format": "#,##0.0"})
        self._day = book.add_format({**font, "num_format": "yyyy-mm-dd", "align": "left"})
        self._moment = book.add_format({**font, "num_format": "yyyy-mm-dd hh:mm", "align": "left"})

    def summary(self) -> None:
        """The city's figures, beside those of the period before."""
        city, before = self._bulletin.city, self._bulletin.before
        heads = ("figure", "value", "numerator", "denominator", "before", "change", "definition")
        sheet = self._sheet(self._say("sheet.summary"), heads, (30, 11, 11, 11, 11, 12, 70))
        row = 3
        for name in SHARES:
            self._share_row(sheet, row, name, city, before)
            row += 1
        for name, ms in (("median", "median_ms"), ("p90", "p90_ms")):
            value, then = (self._in_minutes(getattr(one.time_to_correct, ms)) for one in (city, before))
            cells = (f"{self._say(f'figure.{name}')} ({self._say('column.minutes')})", value, None,
                     city.time_to_correct.n, then, None, self._say("of.time_to_correct"))  # fmt: skip
            self._row(sheet, row, cells, self._minutes)
            row += 1
        for name in ("finds", "opened", "upheld", "deferred"):
            self._row(sheet, row, (self._say(f"figure.{name}"), getattr(city, name), None, None, getattr(before, name)))
            row += 1
        self._row(sheet, row, (self._say("figure.overdue"), len(self._bulletin.overdue)))

    def trend(self) -> None:
        """Day by day or week by week, with its chart."""
        heads = ("day", "finds", "corrected", "filed", "other", "numerator", "denominator", "rate")
        names = [
            self._say(f"column.{heads[0]}"),
            self._say("column.finds"),
            *(self._say(f"trend.{key}") for key in heads[2:5]),
        ]
        names += [self._say("column.numerator"), self._say("column.denominator"), self._say("trend.rate")]
        title = self._say("sheet.trend")
        sheet = self._sheet(title, names, (13, 10, 10, 10, 10, 10, 10, 12), said=True)
        for row, (part, figures) in enumerate(self._bulletin.trend, 3):
            bar, share = bar_of("", figures), figures.self_correction
            sheet.write_datetime(row, 0, datetime.combine(part.first, time()), self._day)
            for column, value in enumerate(
                (bar.total, bar.corrected, bar.filed, bar.other, share.numerator, share.denominator), 1
            ):
                sheet.write_number(row, column, value, self._whole)
            self._put(sheet, row, 7, share.value, self._rate)
        self._trend_chart(sheet, title, len(self._bulletin.trend))

    def parts(self, by: By) -> None:
        """One row for each part: every share with what it is made of."""
        parts = sorted(self._bulletin.parts[by], key=lambda part: (-part.sheet.finds, part.key))
        names = [self._say(f"by.{by.value}"), self._say("place"), self._say("figure.finds"), self._say("figure.opened")]
        for name in SHARES:
            names += [self._say(f"figure.{name}"), self._say("column.numerator"), self._say("column.denominator")]
        minutes = self._say("column.minutes")
        names += [f"{self._say(f'figure.{name}')} ({minutes})" for name in ("median", "p90")]
        title = self._say("by_title", by=self._say(f"by.{by.value}"))
        sheet = self._sheet(title, names, (26, 14, *([10] * (len(names) - 2))), said=True)
        for row, part in enumerate(parts, 3):
            self._part_row(sheet, row, by, part)
        if parts:
            sheet.autofilter(2, 0, 2 + len(parts), len(names) - 1)
        if by is By.SUB_DISTRICT and parts:
            self._parts_chart(title, len(parts))

    def exemplary(self) -> None:
        """Whom the criteria name."""
        names = [self._say("column.name"), self._say("place"), self._say("figure.self_correction"),
                 self._say("column.numerator"), self._say("column.denominator"), self._say("column.shops"),
                 self._say("column.watched")]  # fmt: skip
        sheet = self._sheet(self._say("sheet.exemplary"), names, (34, 16, 12, 10, 10, 12, 12), said=True)
        row = 3
        for by, kind, found in (
            (By.ROAD, "roads", self._bulletin.praise.roads),
            (By.SHOP, "shops", self._bulletin.praise.shops),
        ):
            sheet.write_string(row, 0, self._say(f"exemplary.{kind}"), self._head)
            row = self._praised(sheet, row + 1, by, found)

    def overdue(self) -> None:
        """Cases past their deadline."""
        names = [self._say(f"case.{name}") for name in ("id", "matter", "place", "unit", "due")]
        sheet = self._sheet(self._say("sheet.overdue"), names, (22, 26, 40, 18, 18), said=True)
        for row, case in enumerate(self._bulletin.overdue, 3):
            at = self._words.local(case.due_ms).replace(tzinfo=None)
            matter = self._words.part(By.MATTER, (case.matter,))
            self._row(sheet, row, (case.id, matter, self._words.place(case), case.unit, at))

    def _praised(self, sheet: Worksheet, row: int, by: By, found: Iterable[Exemplary]) -> int:
        for one in found:
            self._row(sheet, row, (self._words.part(by, one.name), self._words.around(by, one.name)))
            self._share(sheet, row, 2, one.rate)
            if one.shops.denominator:
                self._row(sheet, row, (one.shops.numerator, one.shops.denominator), first=5)
            row += 1
        return row + 1

    def _share_row(self, sheet: Worksheet, row: int, name: str, city: Sheet, before: Sheet) -> None:
        now, then = getattr(city, name), getattr(before, name)
        sheet.write_string(row, 0, self._say(f"figure.{name}"), self._plain)
        self._share(sheet, row, 1, now)
        self._put(sheet, row, 4, then.value, self._rate)
        if now.value is not None and then.value is not None:
            sheet.write_number(row, 5, (now.value - then.value) * 100, self._points)
        sheet.write_string(row, 6, self._say(f"of.{name}"), self._plain)

    def _part_row(self, sheet: Worksheet, row: int, by: By, part: Part) -> None:
        figures, name = part.sheet, self._words.part(by, part.key)
        self._row(sheet, row, (name, self._words.around(by, part.key), figures.finds, figures.opened))
        column = 4
        for share in SHARES:
            self._share(sheet, row, column, getattr(figures, share))
            column += 3
        spread: Spread = figures.time_to_correct
        for ms in (spread.median_ms, spread.p90_ms):
            self._put(sheet, row, column, self._in_minutes(ms), self._minutes)
            column += 1

    def _sheet(self, title: str, heads: Sequence[str], widths: Sequence[float], *, said: bool = False) -> Worksheet:
        """A sheet with its title, the heads on its third row, and these frozen; `said`: heads are words already."""
        sheet = self._book.add_worksheet(title[:31])
        sheet.write_string(0, 0, f"{self._words.title(self._bulletin.period)} · {title}", self._title)
        sheet.write_string(1, 0, self._say("as_of", at=self._words.at(self._bulletin.as_of_ms)), self._plain)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.write_string(2, column, head if said else self._say(f"column.{head}"), self._head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(3, 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        return sheet

    def _row(
        self, sheet: Worksheet, row: int, cells: Iterable[Cell], numbers: Format | None = None, *, first: int = 0
    ) -> None:
        for column, value in enumerate(cells, first):
            whole = isinstance(value, int) and not isinstance(value, bool)
            self._put(sheet, row, column, value, self._whole if whole else numbers or self._plain)

    def _put(self, sheet: Worksheet, row: int, column: int, value: Cell, form: Format) -> None:
        """An empty cell for nothing: 0 of 0 is no 0 %."""
        if isinstance(value, str):
            sheet.write_string(row, column, value, self._plain)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._moment)
        elif value is not None:
            sheet.write_number(row, column, value, form)

    def _share(self, sheet: Worksheet, row: int, column: int, share: Share) -> None:
        self._put(sheet, row, column, share.value, self._rate)
        sheet.write_number(row, column + 1, share.numerator, self._whole)
        sheet.write_number(row, column + 2, share.denominator, self._whole)

    def _trend_chart(self, sheet: Worksheet, title: str, n: int) -> None:
        bars = self._book.add_chart({"type": "column", "subtype": "stacked"})
        for column, fill in ((2, CORRECTED), (3, FILED), (4, OTHER)):
            bars.add_series({**_series(title, column, n), "fill": {"color": fill}, "gap": 60})
        rate = self._book.add_chart({"type": "line"})
        rate.add_series({**_series(title, 7, n), "y2_axis": True, "line": {"color": RATE, "width": 2}})
        bars.combine(rate)
        bars.set_title({"name": self._say(f"trend.{self._bulletin.period.span.value}"), "name_font": {"size": 12}})
        bars.set_x_axis({"date_axis": False, "num_format": "m-d", "num_font": {"size": 8}})
        rate.set_y2_axis({"num_format": "0%", "min": 0, "max": 1})
        bars.set_legend({"position": "bottom"})
        bars.set_size({"width": 900, "height": 360})
        sheet.insert_chart(3, 9, bars)

    def _parts_chart(self, title: str, n: int) -> None:
        chart: Any = self._book.add_chart({"type": "bar"})
        shown = min(n, 20)
        chart.add_series({**_series(title, 4, shown), "fill": {"color": CORRECTED}, "data_labels": {"value": True}})
        chart.set_title({"name": self._say("figure.self_correction"), "name_font": {"size": 12}})
        chart.set_x_axis({"num_format": "0%", "min": 0, "max": 1})
        chart.set_y_axis({"reverse": True})
        chart.set_legend({"none": True})
        chart.set_size({"width": 760, "height": 120 + 26 * shown})
        self._book.get_worksheet_by_name(title[:31]).insert_chart(5 + n, 0, chart)

    def _in_minutes(self, ms: int | None) -> float | None:
        return None if ms is None else round(ms / _MINUTE_MS, 1)

    def _say(self, key: str, **facts: object) -> str:
        return self._words.say(key, **facts)


def _series(title: str, column: int, n: int) -> dict[str, Any]:
    """A column of a sheet under its own head, over the names in the first."""
    sheet = title[:31]
    return {
        "name": [sheet, 2, column],
        "categories": [sheet, 3, 0, 2 + n, 0],
        "values": [sheet, 3, column, 2 + n, column],
    }
