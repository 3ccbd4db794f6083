"""The page of a report."""

import os
import re
from dataclasses import replace as with_
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.reports.charts import Bar, trend
from app.reports.page import page
from app.reports.words import ReportWords
from cases.kpi.bulletin import Bulletin, make_bulletin
from cases.kpi.exemplary import Exemplary, Praise
from cases.kpi.period import Period, Span
from cases.kpi.place import By
from cases.kpi.share import Share
from config.texts import LANGUAGES
from tests.fakes.chromium import BINARY, chromium
from tests.fakes.invented_month import Month

_VOID = {"meta", "br", "hr", "img", "link", "input"}


class _Tags(HTMLParser):
    """Whether every element is closed, and what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action", "srcset"}]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _page(bulletin: Bulletin, language: str = "zh-CN") -> str:
    return page(bulletin, ReportWords(bulletin.site, language, bulletin.as_of_ms))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("span", "text"), [(Span.DAY, "2026-10-15"), (Span.MONTH, "2026-10"), (Span.QUARTER, "2026-Q4")]
)
def test_it_stands_alone(month: Month, span: Span, text: str, language: str) -> None:
    """No other host, no script, nothing left open; in its language."""
    period = Period.read(span, text, month.site.timezone)
    html = _page(make_bulletin(month.store, month.site, period, period.to_ms), language)
    tags = _Tags()
    tags.feed(html)

    assert tags.open == []
    assert tags.links == []
    assert "<script" not in html
    assert set(re.findall(r"[a-z]+://[^\s\"<]+", html)) <= {"http://www.w3.org/2000/svg"}
    assert f'<html lang="{language}">' in html


def test_english_has_no_chinese_but_names(bulletin: Bulletin) -> None:
    """A word that a catalogue forgot would stand out."""
    html = _page(bulletin, "en")
    names = {shop.name for shop in bulletin.site.shops.values()}
    for place in (shop.location for shop in bulletin.site.shops.values()):
        names |= {place.district, place.sub_district, place.road}
    names |= {device.name for device in bulletin.site.devices.values()}
    for name in sorted(names, key=len, reverse=True):
        html = html.replace(name, "")

    assert re.findall(r"[\u4e00-\u9fff]+", html.replace("天宁区", "")) == []


def test_figures_stand_with_what_they_are_made_of(bulletin: Bulletin) -> None:
    """And nothing is a rate of nothing."""
    html, share = _page(bulletin), bulletin.city.self_correction

    assert f"{share.numerator} / {share.denominator}" in html
    assert f"{share.numerator / share.denominator * 100:.1f} %" in html
    assert bulletin.before.self_correction == Share(0, 0)
    assert '<td class="n">–</td>' in html


def test_a_name_is_no_markup(month: Month, bulletin: Bulletin) -> None:
    """Whatever a shop calls itself."""
    evil = '<img src=x onerror="alert(1)">'
    shops = {key: replace(shop, name=evil) for key, shop in month.site.shops.items()}
    site = with_(month.site, shops=shops)
    html = _page(replace(bulletin, site=site, praise=Praise(shops=[Exemplary(name=("S0100",), rate=Share(1, 1))])))

    assert evil not in html
    assert "&lt;img src=x" in html


def test_praise_is_shown_with_its_criteria(bulletin: Bulletin) -> None:
    """The same numbers that the settings have."""
    praised = Praise(
        shops=[Exemplary(name=("S0100",), rate=Share(9, 10))],
        roads=[Exemplary(name=("天宁区", "双桂街"), rate=Share(17, 20), shops=Share(2, 2))],
    )
    html = _page(replace(bulletin, praise=praised))

    assert "近 12 周没有案件" in html
    assert "不少于 3 户" in html  # the site's own
    assert "S0100</li>" in html
    assert "台账不足" not in html


def test_a_line_has_a_gap_where_there_is_no_rate(bulletin: Bulletin) -> None:
    """It is not drawn at zero."""
    words = ReportWords(bulletin.site, "en", 0)
    rates = (0.5, 1.0, None, 0.25, 0.75)
    bars = [Bar(name=str(n), corrected=1, filed=0, other=0, rate=rate) for n, rate in enumerate(rates)]
    lines = re.findall(r'points="([^"]+)"', trend(bars, words, ""))

    assert [len(points.split()) for points in lines] == [2, 2]


@pytest.mark.browser
@pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed")
@pytest.mark.parametrize("width", [390, 1100])
async def test_a_browser_shows_it_whole(bulletin: Bulletin, tmp_path: Path, width: int) -> None:
    """Nothing beside the screen, no complaint; charts are as wide as the page."""
    file = tmp_path / "report.html"
    file.write_text(_page(bulletin), encoding="utf-8")
    async with chromium(tmp_path / "profile") as tab:
        await tab.open(file.as_uri(), width=width)

        assert tab.complaints == []
        assert await tab.run("document.documentElement.scrollWidth") <= width
        assert await tab.run("[...document.querySelectorAll('svg')].every(s => s.getBoundingClientRect().height > 60)")


def test_a_city_of_many_sub_districts_sees_all_of_them_in_its_table(bulletin: Bulletin) -> None:
    """Only the chart is cut, and it says so; where a table is, it says so, too."""
    one = next(part for part in bulletin.parts[By.SUB_DISTRICT] if part.sheet.self_correction.denominator)

    def city(n: int) -> str:
        parts = [replace(one, key=("城东区", f"第{number:03d}街道")) for number in range(n)]
        return _page(replace(bulletin, parts={**bulletin.parts, By.SUB_DISTRICT: parts}))

    whole = city(63)
    assert whole.count("<th>第") == 63
    assert whole.count("列出确认问题最多的") == 1
    assert "列出确认问题最多的 15 个，共 63 个；全部见 Excel。" in whole
    assert "列出确认问题最多的 100 个，共 120 个；全部见 Excel。" in city(120)
    assert "列出确认问题最多的" not in city(15)
