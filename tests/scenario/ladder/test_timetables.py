"""Every way that a ladder can go, as the timetables beside this file tell them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.test_texts import ANSWERED
from tests.scenario.ladder.play import Play

PLANS: dict[str, dict[str, Any]] = {
    f"{file.stem}: {name}": plan
    for file in sorted(Path(__file__).parent.glob("*.yaml"))
    for name, plan in yaml.safe_load(file.read_text("utf-8")).items()
}


@pytest.mark.parametrize("restarts", [False, True], ids=["plain", "restarts"])
@pytest.mark.parametrize("name", PLANS)
def test_timetable(name: str, restarts: bool, tmp_path: Path) -> None:
    """Each row writes just its lines and tells just those; with a restart before every row it goes the same way."""
    plan = PLANS[name]
    play = Play(plan, tmp_path, restarts=restarts)
    for row in plan["rows"]:
        _what, lines, told = (*(part.strip() for part in row.split("|")), "", "")[:3]

        assert play.row(row) == (lines, told), row
    for check, expected in plan.get("then", {}).items():
        assert play.state(check) == expected, check


def test_all_lines_of_ladders_are_played() -> None:
    """No line of the ladder's story is without a row that writes it."""
    rows = [row for plan in PLANS.values() for row in plan["rows"]]
    written = {line for row in rows for line in (row.split("|")[1].split() if "|" in row else ())}

    # The first is of a matter, and stands in no alarm's story; the others are played on their page.
    assert written >= ANSWERED - {"right_restored", "confirm_yes_by_link", "confirm_no_by_link"}
