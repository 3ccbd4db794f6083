"""How it goes for each matter, as a site says it."""

from pathlib import Path

import pytest

from config.ladder import Way
from config.load import load_site
from domain.errors import ConfigError
from tests.cases.city import make_site

QUIET = "ladder: {quiet_hours: null}"


def with_ladder(folder: Path, text: str) -> None:
    """The town, with this in place of its ladder."""
    make_site(folder)
    file = folder / "site.yaml"
    file.write_text(file.read_text("utf-8").replace(QUIET, text), "utf-8")


def test_a_matter_goes_its_own_way_where_it_says_so(tmp_path: Path) -> None:
    """What it does not name is as the site has it for all."""
    with_ladder(
        tmp_path,
        'ladder:\n  strikes: 4\n  quiet_hours: "22:00-07:00"\n  matters:\n'
        '    "09005": {confirm: person, notices: 1, recheck_after: 45m, quiet_hours: null}\n',
    )
    ladder = load_site(str(tmp_path), {}).settings.ladder

    own, other = ladder.way("09005"), ladder.way("09010")
    assert (own.confirm, own.notices, own.recheck_after, own.quiet_hours, own.strikes) == ("person", 1, 2700, None, 4)
    assert (other.confirm, other.notices, other.recheck_after, other.quiet_hours) == ("auto", 2, None, "22:00-07:00")
    assert (Way().when_closed, Way().min_precision, Way().precision_finds) == ("keeper", 0.8, 20)


@pytest.mark.parametrize(
    ("own", "line", "said"),
    [
        ('"09005": {confirm: maybe}', 8, "ladder.matters.09005.confirm is 'maybe'"),
        ('"09005": {notices: 3}', 8, "ladder.matters.09005.notices is 3"),
        ('"09005": {when_closed: never}', 8, "ladder.matters.09005.when_closed is 'never'"),
        ('"09005": {recheck_after: 30}', 8, "write a duration with its unit"),
        ('"09005": {notice: 1}', 8, "ladder.matters.09005.notice"),
        ('"9005": {notices: 1}', 8, "9005"),
        ('"09006": {notices: 1}\n    "09999": {notices: 1}', 9, "ladder.matters names '09999', which is no matter"),
    ],
)
def test_what_no_way_can_be(tmp_path: Path, own: str, line: int, said: str) -> None:
    """File, line, what stands there, and what may."""
    with_ladder(tmp_path, f"ladder:\n  matters:\n    {own}\n")

    with pytest.raises(ConfigError) as caught:
        load_site(str(tmp_path), {})
    assert f"site.yaml line {line}: " in str(caught.value)
    assert said in str(caught.value)


def test_in_some_sub_districts_a_person_is_asked_about_everything(tmp_path: Path) -> None:
    """By their names; one where nothing stands is a slip, named with its line."""
    with_ladder(tmp_path, "ladder: {confirm_in: [天宁街道]}")
    assert load_site(str(tmp_path), {}).settings.ladder.confirm_in == ("天宁街道",)

    with_ladder(tmp_path, "ladder:\n  confirm_in:\n    - 天宁街道\n    - 天宁路街道")
    with pytest.raises(ConfigError, match=r"line 9: ladder\.confirm_in names '天宁路街道'.* there is '天宁街道'"):
        load_site(str(tmp_path), {})
