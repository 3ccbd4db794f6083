"""Which episodes count as finds, as it stood at a moment."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.kpi.facts import facts_of
from domain.case import LogEntry
from domain.history import History
from domain.ladder import LadderStep
from tests.cases.city import make_site
from tests.cases.kpi.rows import DAY, ladder


@pytest.mark.parametrize(
    ("step", "counts"),
    [
        (LadderStep.CONFIRM, False),
        (LadderStep.PERMITTED, False),
        (LadderStep.GONE, False),
        (LadderStep.REJECTED, False),
        (LadderStep.NOTICE_1, True),
        (LadderStep.NOTICE_2, True),
        (LadderStep.SELF_CORRECTED, True),
        (LadderStep.CASE, True),
    ],
)
def test_only_what_was_confirmed_is_a_find(step: LadderStep, counts: bool, tmp_path: Path) -> None:
    """What waits for a person, is there by leave or was none counts nowhere, and makes no other a repeat."""
    rows = [ladder(1, DAY, step=step), ladder(2, 2 * DAY)]
    finds = facts_of(History(ladders=rows), make_site(tmp_path), 3 * DAY).finds

    assert [find.at_ms for find in finds] == ([DAY] if counts else []) + [2 * DAY]
    assert finds[-1].repeat is counts


def test_an_upheld_contest_was_a_find_until_it_was_decided(tmp_path: Path) -> None:
    """After that it stands under its own head only."""
    row = replace(ladder(1, DAY, step=LadderStep.REJECTED, ended_ms=5 * DAY), confirmed_ms=None)
    line = LogEntry(id=1, at_ms=5 * DAY, who="王工", what="contest_upheld", facts={}, ladder_id=1)
    history, site = History(ladders=[row], lines=[line]), make_site(tmp_path)

    assert [find.upheld for find in facts_of(history, site, 4 * DAY).finds] == [False]
    assert [find.upheld for find in facts_of(history, site, 6 * DAY).finds] == [True]


def test_a_person_has_to_have_confirmed_it_by_then(tmp_path: Path) -> None:
    """As of the day before it was confirmed it was none yet."""
    row = replace(ladder(1, DAY), confirmed_by="王工", confirmed_ms=3 * DAY)

    assert not facts_of(History(ladders=[row]), make_site(tmp_path), 2 * DAY).finds
    assert len(facts_of(History(ladders=[row]), make_site(tmp_path / "b"), 4 * DAY).finds) == 1
