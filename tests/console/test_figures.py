"""The figures page, its files and its API: equal to the reports, of what is somebody's, and never a rate without n."""

from typing import Any

import pytest

from cases.kpi.bulletin import make_bulletin
from cases.kpi.period import Period, Span
from config.load import Site
from console.figures import count_figures
from console.pages import figures_export
from console.scope.city import ScopedDesk
from console.scope.registers import scoped_site
from domain.clock import ManualClock
from tests.console.access.people import MINE
from tests.console.reader import Client, json_of, text_of
from tests.fakes.desk import FakeDesk


def august(site: Site) -> Period:
    return Period.read(Span.MONTH, "2026-08", site.timezone)


def test_a_month_is_that_of_its_report(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """City, the month before, every day and every part: counted by the same rules from the same rows."""
    now_ms = clock.now_ms()
    report = make_bulletin(desk, site, august(site), now_ms)
    found = count_figures(desk, site, august(site), now_ms).bulletin
    assert found.city == report.city
    assert found.before == report.before
    assert list(found.trend) == list(report.trend)
    assert found.parts == report.parts
    assert report.city.finds > 0


def test_the_same_days_give_the_same_figures_however_they_are_named(
    site: Site, desk: FakeDesk, clock: ManualClock
) -> None:
    """A month, and its days from first to last."""
    days = Period.read(Span.DAYS, "2026-08-01..2026-08-31", site.timezone)
    now_ms = clock.now_ms()
    assert (
        count_figures(desk, site, days, now_ms).bulletin.city
        == count_figures(desk, site, august(site), now_ms).bulletin.city
    )


def test_a_keeper_s_are_those_of_their_part(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """The sheet of their sub-district in the city's figures is all that they see."""
    now_ms = clock.now_ms()
    mine = count_figures(ScopedDesk(desk, site, {MINE}), scoped_site(site, {MINE}), august(site), now_ms).bulletin
    whole = count_figures(desk, site, august(site), now_ms).bulletin
    theirs = {part.key[1]: part.sheet for by, parts in whole.parts.items() if by == "sub_district" for part in parts}
    assert {part.key[1] for part in mine.parts[next(by for by in mine.parts if by == "sub_district")]} <= {MINE}
    assert mine.city.finds <= whole.city.finds
    assert mine.city.finds == sum(
        sheet.finds
        for part in whole.parts[next(by for by in whole.parts if by == "sub_district")]
        for sheet in [part.sheet]
        if part.key[1] == MINE
    )
    assert MINE not in theirs or theirs[MINE].opened == mine.city.opened


def test_units_together_have_all_cases(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """Each case is one unit's."""
    found = count_figures(desk, site, august(site), clock.now_ms())
    assert sum(sheet.opened for sheet in found.units.values()) == found.bulletin.city.opened > 0
    assert sum(sheet.on_time.denominator for sheet in found.units.values()) == found.bulletin.city.on_time.denominator


async def test_the_page_says_n_beside_every_rate(client: Client) -> None:
    """No % without what it is a share of."""
    page = await text_of(client, "/figures?from=2026-08-01&to=2026-08-22")
    assert "商户自处理率" in page
    body = page.partition('id="figures-main"')[2].partition("</table>")[0]
    rows = [row for row in body.split("<tr>") if 'scope="row"' in row]
    assert len(rows) == 9
    assert all(" / " in row or "n = " in row for row in rows)


async def test_the_api_has_the_same_figures(client: Client, site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """With intervals around what has any."""
    found: Any = await json_of(client, "/api/v1/figures?from=2026-08-01&to=2026-08-31&by=matter")
    report = make_bulletin(desk, site, august(site), clock.now_ms()).city
    share = found["figures"]["self_correction"]
    assert (share["numerator"], share["denominator"]) == (
        report.self_correction.numerator,
        report.self_correction.denominator,
    )
    assert share["low"] < share["value"] <= share["high"]
    assert {tuple(part["key"]) for part in found["parts"]} >= {("09010",)}
    assert (found["from"], found["to"]) == ("2026-08-01", "2026-08-31")
    assert sum(one["n"] for one in found["notices"]) == 3


@pytest.mark.parametrize(
    "query",
    ["from=2026-09-01", "from=2026-08-20&to=2026-08-01", "from=2020-01-01&to=2026-08-01", "from=2026-02-30"],
)
async def test_a_period_that_cannot_be_is_refused(client: Client, query: str) -> None:
    """With what is wrong with it."""
    async with client.get(f"/api/v1/figures?{query}") as answer:
        assert answer.status == 400
        assert (await answer.json())["detail"]


async def test_parts_are_sorted_as_asked(client: Client) -> None:
    """By name, the first letters first; and only by what there is."""
    page = await text_of(client, "/figures?days=30&by=sub_district&sort=name")
    names = [row.partition("<")[0] for row in page.partition('figure-parts"')[2].split('<th scope="row">')[1:]][:2]
    assert names == sorted(names)
    async with client.get("/figures?sort=luck") as answer:
        assert answer.status == 400


async def test_files(client: Client, site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """CSV that Excel knows as UTF-8, and the workbook of the same period."""
    shop_id = next(one.shop_id for one in desk.all_ladders if one.shop_id)
    assert shop_id
    async with client.get("/figures/export.csv?from=2026-08-01&to=2026-08-31&by=shop") as answer:
        body = await answer.read()
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert body.startswith(b"\xef\xbb\xbf")
    lines = body.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("商户")
    assert any(site.shops[shop_id].name in line for line in lines)
    async with client.get("/figures/export.xlsx?month=2026-08") as answer:
        assert (await answer.read()).decode().startswith(f"invented 2026-08 {clock.now_ms()}")


def test_a_name_is_no_formula() -> None:
    """A program that opens the file calculates nothing that a shop is called."""
    assert figures_export.plain("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert figures_export.plain("老陈") == "老陈"
    assert figures_export.plain(-3) == -3


async def test_two_sentences_stand_apart(client: Client) -> None:
    """That the period is not over, and as of when its figures are."""
    html = await text_of(client, "/figures?days=7&lang=en")
    assert "figures so far. <time" in html
