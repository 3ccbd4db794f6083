"""`longcheng watch --check`: whether the `watch` on a site's data folder looks, for who can only ask and not see."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.commands.watch_check import SILENT_S
from app.watch_note import WatchNote
from domain.clock import SystemClock


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the starter site's data goes."""
    monkeypatch.setenv("LONGCHENG_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def note(data: Path) -> Iterator[WatchNote]:
    """Of a `watch` that runs."""
    opened = WatchNote(data, "north")
    yield opened
    opened.withdraw()


def checked(site: str = "starter") -> tuple[int, str]:
    """How it ended, and what it said."""
    done = CliRunner().invoke(cli, ["watch", "--check", "--site", site], catch_exceptions=False)
    return done.exit_code, done.stdout


def long_silent(data: Path, name: str = "north") -> None:
    """The file as it is when nothing was said for longer than is allowed."""
    then_s = SystemClock().now_ms() / 1000 - SILENT_S - 5
    os.utime(data / f"watch-{name}.json", (then_s, then_s))


def test_one_that_looks_is_well(note: WatchNote) -> None:
    """From its start on."""
    code, said = checked()
    assert code == 0
    assert said.startswith("north looks: ")


def test_one_that_is_stuck_is_not(note: WatchNote, data: Path) -> None:
    """Its process is there, and says nothing any more; once it does again it is well."""
    long_silent(data)
    code, said = checked()
    assert code == 1
    assert said.startswith("north is stuck: ")
    note.beat()
    assert checked()[0] == 0


def test_one_that_is_stuck_among_others_is_found(note: WatchNote, data: Path) -> None:
    """A city may be shared among several."""
    other = WatchNote(data, "south")
    long_silent(data, "south")
    code, said = checked()
    other.withdraw()
    assert code == 1
    assert "north looks" in said
    assert "south is stuck" in said


def test_where_none_runs_it_says_so(data: Path) -> None:
    """Also where one was killed, and its word lies there as fresh as can be."""
    assert checked() == (1, f"no `watch` runs on {data}\n")
    (data / "watch-north.json").write_text("{}", encoding="utf-8")
    assert checked() == (1, f"no `watch` runs on {data}\n")


def test_a_mistake_in_the_settings_leaves_a_running_one_well(
    note: WatchNote, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It goes on by those of before."""
    site = tmp_path_factory.mktemp("site")
    (site / "site.yaml").write_text("data_dir: ${LONGCHENG_DATA:-data}\nvision: {interval: soon}\n", encoding="utf-8")
    assert checked(str(site))[0] == 0
