"""The workbook of a report, read back by another library."""

import zipfile
from dataclasses import replace as with_
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace

from app.reports.words import ReportWords
from app.reports.workbook import save
from cases.kpi.bulletin import SHARES, Bulletin
from cases.kpi.place import By
from config.texts import LANGUAGES


@pytest.fixture
def book(bulletin: Bulletin, tmp_path: Path) -> openpyxl.Workbook:
    """In English."""
    return _written(bulletin, tmp_path / "report.xlsx", "en")


def _written(bulletin: Bulletin, file: Path, language: str) -> openpyxl.Workbook:
    save(bulletin, ReportWords(bulletin.site, language, bulletin.as_of_ms), file)
    return openpyxl.load_workbook(file)


def test_figures_are_numbers(book: openpyxl.Workbook, bulletin: Bulletin) -> None:
    """With a format, beside their numerator and denominator; nothing is an empty cell."""
    sheet = book["Summary"]
    for row, name in enumerate(SHARES, 4):
        share = getattr(bulletin.city, name)
        assert sheet.cell(row, 2).value == pytest.approx(share.value)
        assert sheet.cell(row, 2).number_format == "0.0%"
        assert [sheet.cell(row, column).value for column in (3, 4)] == [share.numerator, share.denominator]
        assert sheet.cell(row, 5).value is None


def test_every_head_is_frozen(book: openpyxl.Workbook) -> None:
    """On every sheet, and repeated on every printed page."""
    assert len(book.worksheets) == 9
    assert {sheet.freeze_panes for sheet in book.worksheets} == {"B4"}
    assert {sheet.print_title_rows for sheet in book.worksheets} == {"$3:$3"}


def test_parts_have_their_rows(book: openpyxl.Workbook, bulletin: Bulletin) -> None:
    """One for each, however few notices it had."""
    sheet = book["By shop"]

    assert sheet.max_row == 3 + len(bulletin.parts[By.SHOP])
    assert sum(sheet.cell(row, 3).value for row in range(4, sheet.max_row + 1)) == len(
        [0 for part in bulletin.parts[By.SHOP] for _ in range(part.sheet.finds)]
    )
    assert sheet.auto_filter.ref is not None


def test_charts_are_native(book: openpyxl.Workbook, tmp_path: Path) -> None:
    """Bars and a line over the trend, and the sub-districts; their references are to cells that are filled."""
    with zipfile.ZipFile(tmp_path / "report.xlsx") as packed:
        charts = [packed.read(name).decode() for name in packed.namelist() if "charts/chart" in name]

    assert len(charts) == 2
    assert any("<c:lineChart>" in chart and "<c:barChart>" in chart for chart in charts)
    assert any("'Trend'!$A$4:$A$34" in chart or "Trend!$A$4:$A$34" in chart for chart in charts)


def test_a_name_is_no_formula(bulletin: Bulletin, tmp_path: Path) -> None:
    """Nor a link."""
    names = ("=1+1", "@SUM(A1)", "+1", "-1", "http://evil.example/x")
    shops = {
        key: replace(shop, name=names[n % len(names)]) for n, (key, shop) in enumerate(bulletin.site.shops.items())
    }
    evil = replace(bulletin, site=with_(bulletin.site, shops=shops))
    sheet = _written(evil, tmp_path / "evil.xlsx", "zh-CN")["按商户"]
    cells = [sheet.cell(row, 1) for row in range(4, sheet.max_row + 1)]

    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    assert any(str(cell.value).startswith("=1+1 ") for cell in cells)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_can_be_written(bulletin: Bulletin, tmp_path: Path, language: str) -> None:
    """Sheets are named in the language that is asked for."""
    names = _written(bulletin, tmp_path / "any.xlsx", language).sheetnames

    assert names[0] == {"zh-CN": "汇总", "en": "Summary"}[language]
