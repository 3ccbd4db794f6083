"""Two desks on one case, on SQLite: threads with a store of their own each, and two processes of the command line."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.finding import Change
from storage.case_store import CaseStore
from tests.cases.city import Town, clock_ms, leaning, make_site
from tests.cases.desks import own_lines, the_case
from tests.cases.two_desks import DESKS, both_are_kept, one_wins


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """A town whose book lies where the command line looks for it, with one case."""
    site = make_site(tmp_path / "site")
    (tmp_path / "site" / "data").mkdir()
    town = Town(site, tmp_path / "site" / "data")
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    return town


@pytest.mark.parametrize("scenario", [one_wins, both_are_kept])
def test_at_once(town: Town, scenario: Callable[..., None]) -> None:
    """As threads."""
    url = f"sqlite:///{town.site.settings.data_dir / 'cases.db'}"
    scenario(lambda: CaseStore(url), town.site, the_case(town), clock_ms("23 10:00"))
    town.store.close()


def test_two_processes(town: Town) -> None:
    """One is told that the other was faster; nothing is torn."""
    case = the_case(town)
    words = ["cases", "take", case.id, "--version", str(case.version), "--site", str(town.site.folder)]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "app", *words, "--who", who], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"},
        )
        for who in DESKS
    ]  # fmt: skip
    ended = [(process.communicate(timeout=250), process.returncode) for process in running]

    assert sorted(code == 0 for _, code in ended) == [False, True], ended
    ((_, said),) = [output for output, code in ended if code]
    won = the_case(town).handler
    assert f"was changed meanwhile by {won} at" in said.decode()
    assert [line.what for line in own_lines(town.store, case)].count("case_taken") == 1
    town.store.close()
