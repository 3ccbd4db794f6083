"""docs/deadlines.md shows limits, files and due times that are as it says."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from cases.deadlines import Deadlines
from cases.working_time import due_ms
from config.deadlines import time_limit
from config.load import Site, load_site
from domain.clock import epoch_ms
from domain.register import Location
from domain.time_limit import Tier, TimeLimit, TimeUnit
from tests.cases.city import make_site

PAGE = (Path(__file__).parents[2] / "docs" / "deadlines.md").read_text(encoding="utf-8")
EDGES = re.findall(r"^\| (\d\S* \S+) \| (\d{4}-\S+ \d\d:\d\d) \| (\d{4}-\S+ \d\d:\d\d) \|", PAGE, re.MULTILINE)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A town with the files of the page."""
    settings, matters = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    [tiers] = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    make_site(tmp_path)
    text = (tmp_path / "site.yaml").read_text(encoding="utf-8")
    for name, content in (("site.yaml", f"{text}\n{settings}"), ("matters.yaml", matters), ("tiers.csv", tiers)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    return load_site(str(tmp_path), {})


def test_there_is_something_to_read() -> None:
    """A table in another shape would be no test."""
    assert len(EDGES) == 10


@pytest.mark.parametrize(("limit", "filed", "due"), EDGES)
def test_the_edges_are_as_told(site: Site, limit: str, filed: str, due: str) -> None:
    """Each line of the table."""
    filed_ms, until_ms = (epoch_ms(datetime.fromisoformat(text).replace(tzinfo=site.timezone)) for text in (filed, due))
    assert due_ms(filed_ms, time_limit(limit), Deadlines(site).calendar) == until_ms


def test_the_units_are_those_that_there_are() -> None:
    """The same in both languages, and none left out."""
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE)
    limits = [time_limit(chinese) for chinese, _english in rows]
    assert limits == [time_limit(english) for _chinese, english in rows]
    assert {limit.unit for limit in limits} == set(TimeUnit)


@pytest.mark.parametrize("refused", ["2 日", "2 hours", "2 紧急工作日"])
def test_what_is_refused_is_refused(refused: str) -> None:
    """As the page says."""
    assert f"`{refused}`" in PAGE
    with pytest.raises(ValueError, match="write 2 紧急工作时"):
        time_limit(refused)


def test_the_files_can_be_copied(site: Site) -> None:
    """The settings are the shipped ones, and the matter and the tiers are read."""
    assert site.settings.deadlines == load_site("starter", {}).settings.deadlines
    assert site.matters["06010"].handle_within[Tier.A] == TimeLimit(2, TimeUnit.EMERGENCY_HOURS)
    emergency = site.matters["04001"].emergency
    assert emergency == load_site("starter", {}).matters["04001"].emergency
    assert emergency is not None
    street = Location(district="天宁区", sub_district="天宁街道", road="双桂街", lon_deg=119.95, lat_deg=31.78)
    assert site.tiers.of(street) is Tier.A
