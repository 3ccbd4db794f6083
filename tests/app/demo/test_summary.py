"""What the demo tells, for people and for programs."""

import io
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from app.demo.summary import Summary, live_table, summary_table

SUMMARY = Summary(
    messages=100,
    readings_stored=500,
    looks=40,
    sightings=12,
    alarms=9,
    notices=7,
    self_corrected=3,
    cases=4,
    cases_by_kind={"tree": 1, "camera": 3},
    dead_letters=2,
    dead_letters_settled={"purged": 2, "mended": 1},
    to_confirm=5,
    lost=1,
    lost_examples=("cs-001 at 5: temp_c of 1",),
)
OVERVIEW: dict[str, Any] = {
    "alarms_open": {"critical": 1, "warn": 0},
    "cases_open_by_kind": {},
    "ladders_open": 2,
    "self_correction": {"corrected": 3, "n": 5},
    "cameras": {"healthy": 20, "dark": 1},
    "devices": {"online": 12},
    "dead_letters": {"decode": 4},
    "system": {"messages_received": 12_345, "readings_stored": 67_890},
}


def shown(table: Table) -> str:
    """As a terminal has it, however it breaks the lines."""
    out = io.StringIO()
    Console(file=out, width=200).print(table)
    return " ".join(out.getvalue().split())


def test_programs_get_every_figure_on_one_line() -> None:
    """`--json` promises one object on the last line."""
    text = SUMMARY.as_json()

    assert "\n" not in text
    assert json.loads(text)["cases_by_kind"] == {"tree": 1, "camera": 3}
    assert set(json.loads(text)) == set(Summary.__struct_fields__)


def test_people_get_words_and_what_is_lost_by_name() -> None:
    """The kinds in order; examples only if something is missing."""
    whole = shown(summary_table(SUMMARY))
    assert "3 × camera, 1 × tree" in whole
    assert "1 mended, 2 purged" in whole
    assert "cs-001 at 5: temp_c of 1" in whole

    well = Summary(**{**{name: getattr(SUMMARY, name) for name in Summary.__struct_fields__}, "lost_examples": ()})
    assert "lost examples" not in shown(summary_table(well))


def test_while_it_runs_only_what_there_is_is_shown() -> None:
    """Counts of zero are left out; with none at all it says so."""
    table = shown(live_table("http://127.0.0.1:8080/", OVERVIEW, 100.0, 40.0))

    assert "60 s to go" in table
    assert "1 critical" in table
    assert "warn" not in table
    assert "none" in table
    assert "3 of 5 asked" in table
    assert "12,345, 67,890 values stored" in table


def test_a_console_that_does_not_answer_is_said_to() -> None:
    """The table stays; the demo goes on."""
    table = shown(live_table("http://127.0.0.1:8080/", {}, None, 40.0))

    assert "does not answer" in table
    assert "until Ctrl-C" in table
