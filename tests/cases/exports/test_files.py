"""Cases as files."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace as changed

from cases.exports.cells import BOM, harmless, table
from cases.exports.files import GB47678, PLAIN, gb47678_csv, plain_csv
from cases.exports.open311 import request_of, xml
from config.exports import Agency, Exports
from config.load import Site
from domain.case import CaseState
from domain.time_limit import Tier
from tests.cases.city import make_site
from tests.cases.kpi.rows import DAY, case

CODE = "11320400MB0000000A"
CASE = case("202611223204000001", 20_000 * DAY, 20_001 * DAY)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """It knows the department of the duty desk, and the grid of the charging station."""
    found = make_site(tmp_path_factory.mktemp("site"))
    exports = Exports(agencies={"duty-desk": Agency(code=CODE, name="龙城城管局")})
    return replace(
        found, settings=found.settings.model_copy(update={"exports": exports}), grids={"E1": "320402001000101"}
    )


def read(text: str) -> list[dict[str, str]]:
    """As Excel does."""
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_the_six_fields(site: Site) -> None:
    """The code has eleven digits: division and matter."""
    text, n, problems = gb47678_csv([CASE], site)

    assert (n, problems) == (1, [])
    assert tuple(read(text)[0]) == GB47678
    assert read(text) == [
        {
            "SXDM": "32040001054",
            "SXMC": "充电桩异常",
            "ZGBMDM": CODE,
            "ZGBMMC": "龙城城管局",
            "SFWZ": "天宁区天宁街道双桂街双桂街充电站",
            "SZDYWGBSM": "320402001000101",
        }
    ]


def test_the_plain_file_tells_fine_states(site: Site) -> None:
    """Each in its own column; no person."""
    late = changed(
        CASE, state=CaseState.RETURNED, state_ms=20_002 * DAY, tier=Tier.A, time_limit="4 working_hours", reworks=2,
        overdue_ms=20_001 * DAY, grid="320402001000199", handler="小王", rated_by="小李", rating=4, duplicate_of="1",
    )  # fmt: skip
    text = plain_csv([late], site)
    (row,) = read(text)

    assert (row["state"], row["step"], row["reworks"], row["reopened"]) == ("returned", "dispatched", "2", "0")
    assert row["state_since"] > row["overdue"] == row["due"] > row["opened"]
    assert (row["tier"], row["time_limit"], row["grid"]) == ("A", "4 working_hours", "320402001000199")
    assert (row["rating"], row["duplicate_of"], row["deferred_until"]) == ("4", "1", "")
    assert "小" not in text


def test_what_is_missing_is_told_and_not_invented(site: Site) -> None:
    """Every field of every case; those that are whole are still there."""
    unplaced = changed(CASE, id="b", unit="天宁中队", device_id="E9")
    text, n, problems = gb47678_csv([CASE, unplaced, changed(CASE, id="c", matter="99001")], site)

    assert (n, len(read(text))) == (1, 1)
    assert problems == [
        (
            "case b: ZGBMDM and ZGBMMC are missing: exports.agencies has no '天宁中队' and no '*'; "
            "SFWZ is missing: no register has 'E9' any more; SZDYWGBSM is missing: grids.csv has no 'E9'"
        ),
        "case c: SXMC is missing: matters.yaml has no '99001'",
    ]


def test_every_column_of_a_case(site: Site) -> None:
    """Times with their offset, positions as numbers; what is not known is empty."""
    (row,) = read(plain_csv([CASE], site))

    assert tuple(row) == PLAIN
    assert row["opened"] == "2024-10-04T08:00:00+08:00"
    assert (row["closed"], row["shop_name"]) == ("", "")
    assert row["lon_deg_wgs84"] == "119.95"


@given(some.text(max_size=20))
def test_no_text_is_a_formula(text: str) -> None:
    """And none is changed but by one apostrophe."""
    safe = harmless(text)

    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe.removeprefix("'") == text or safe == text


def test_dangerous_titles_are_harmless_in_the_file(site: Site) -> None:
    """A negative number stays one."""
    evil = changed(CASE, title_zh='=HYPERLINK("http://evil")', subject="@x", unit="+1")
    (row,) = read(plain_csv([evil], site))

    assert (row["title"], row["subject"], row["unit"]) == ('\'=HYPERLINK("http://evil")', "'@x", "'+1")
    assert read(table(["a"], [[-1.5]])) == [{"a": "-1.5"}]


@given(some.text(min_size=1, max_size=20))
def test_any_title_can_be_told_in_xml(site: Site, text: str) -> None:
    """Also what XML cannot hold."""
    (request,) = fromstring(xml("service_requests", "request", [request_of(changed(CASE, title_zh=text), site)]))  # noqa: S314

    assert request.findtext("service_request_id") == CASE.id


def test_an_unknown_agency_is_the_unit(tmp_path: Path) -> None:
    """In Open311, where a name is enough."""
    assert request_of(CASE, make_site(tmp_path / "site")).agency_responsible == "duty-desk"
