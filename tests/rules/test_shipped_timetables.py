"""The timetables of the shipped rules, as `longcheng rules test` plays them."""

from pathlib import Path

import pytest

from config.load import SHARED
from rules.timetables.run import read_timetables

FILES = sorted((SHARED / "rules" / "tests").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_shipped_rules_do_what_their_timetables_say(path: Path) -> None:
    """Whatever differs is told as the command tells it."""
    differing = {result.name: result.differences for result in read_timetables(path).run() if result.differences}
    assert differing == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_restart_at_any_time_changes_nothing(path: Path) -> None:
    """What the rules remember is saved: the same alarms come of it, with the same words."""
    read = read_timetables(path)
    for whole, broken in zip(read.run(), read.run(restarts=23), strict=True):
        assert broken == whole


def test_each_file_of_timetables_is_about_the_rules_of_its_name() -> None:
    """So that whoever changes a rule knows where its tests are."""
    for path in FILES:
        assert (path.parent.parent / path.name).is_file()
