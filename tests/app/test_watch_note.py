"""A `watch` that cannot use new settings is an alarm of the `serve` on the same data folder."""

import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from app.watch_note import WatchNote, watch_models, watch_problems
from app.wellbeing.selfwatch import PATIENCE, Selfwatch
from console.desk.health import Health, JournalHealth
from console.desk.vitals import ModelInUse
from domain.finding import Change
from domain.service import TroubleKind

MISTAKE = "cameras.csv line 3: interval_s is 'soon'; it must be a number"
JOURNAL = JournalHealth(head=0, size=0, max_size=1 << 30, writable=True, lag_rules=0, lag_series=0)


def test_a_problem_is_read_while_it_stands(tmp_path: Path) -> None:
    """Of every watch that has one; mended or stopped, it has none."""
    one, two = WatchNote(tmp_path, "north"), WatchNote(tmp_path, "south")
    assert watch_problems(tmp_path) == ()
    two.tell(MISTAKE)
    assert watch_problems(tmp_path) == (MISTAKE,)
    one.tell("zones.csv line 2: no")
    assert watch_problems(tmp_path) == ("zones.csv line 2: no", MISTAKE)
    one.tell(None)
    assert watch_problems(tmp_path) == (MISTAKE,)
    two.withdraw()
    assert watch_problems(tmp_path) == ()
    one.withdraw()
    assert list(tmp_path.iterdir()) == []


def test_what_it_looks_by_is_read_while_it_runs(tmp_path: Path) -> None:
    """Beside what is wrong, of every watch; one of before that tells of no model is read as well."""
    one, two = WatchNote(tmp_path, "north"), WatchNote(tmp_path, "south")
    model = ModelInUse(watch="north", name="own.onnx", sha256="ab" * 32, labels=("bicycle",), since_ms=7)
    one.uses(model)
    one.tell(MISTAKE)
    assert (watch_models(tmp_path), watch_problems(tmp_path)) == ((model,), (MISTAKE,))
    one.tell(None)
    one.uses(replace(model, named=False))
    assert [found.named for found in watch_models(tmp_path)] == [False]
    (tmp_path / "watch-south.json").write_bytes(b'{"problem": "of before", "unheard": 1}')
    assert watch_problems(tmp_path) == ("of before",)
    one.withdraw()
    two.withdraw()
    assert watch_models(tmp_path) == ()


def test_one_that_was_killed_has_no_word_any_more(tmp_path: Path) -> None:
    """What it left behind is not taken for the word of somebody who runs."""
    left = (
        "import os, sys; from pathlib import Path; from app.watch_note import WatchNote\n"
        f"WatchNote(Path(sys.argv[1]), 'dead').tell({MISTAKE!r}); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", left, str(tmp_path)], check=False).returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    assert watch_problems(tmp_path) == ()


def test_it_is_an_alarm_and_it_ends() -> None:
    """Raised once it has stood for a moment, over when it is mended."""
    watch = Selfwatch(high_water=0.7)
    said = []
    for second in range(0, 120, 2):
        wrong = (MISTAKE,) if second < 60 else ()
        health = Health(
            broker_connected=True,
            ingest_paused=False,
            messages_received=0,
            readings_stored=0,
            journal=JOURNAL,
            store_reachable=True,
            watch_problems=wrong,
        )
        said += [(second, step.kind, step.change) for step in watch.observe(health, second * 1000)]
    patience = PATIENCE[TroubleKind.WATCH_SETTINGS]
    assert said == [
        (patience.before, TroubleKind.WATCH_SETTINGS, Change.RAISED),
        (58 + patience.after, TroubleKind.WATCH_SETTINGS, Change.RESOLVED),
    ]
