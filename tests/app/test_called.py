"""Commands that a command tells of can be typed as they stand."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.called import as_called, called, command


@pytest.fixture
def run_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """As if the script in `.venv/bin` of this folder had been called as `argv0`, with these folders on the PATH."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("longcheng", "python"):
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)

    def run(argv0: str, *, path: str = "") -> None:
        monkeypatch.setattr(sys, "argv", [argv0])
        monkeypatch.setattr(sys, "executable", str(folder / "python"))
        monkeypatch.setenv("PATH", path)

    return run


def test_a_checkout_names_its_own_script(run_as: Callable[..., None]) -> None:
    """In a fresh checkout nothing called `longcheng` is on the PATH."""
    run_as(".venv/bin/longcheng")
    assert called() == ".venv/bin/longcheng"
    assert command("cases list") == ".venv/bin/longcheng cases list"


def test_a_whole_path_is_shortened_only_below_the_working_folder(
    run_as: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From elsewhere only the whole path leads there."""
    script = str(tmp_path / ".venv" / "bin" / "longcheng")
    run_as(script)
    assert called() == ".venv/bin/longcheng"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert called() == script


def test_an_installed_one_is_called_by_its_name(run_as: Callable[..., None], tmp_path: Path) -> None:
    """The shell hands over the whole path that it found on the PATH."""
    folder = str(tmp_path / ".venv" / "bin")
    run_as(f"{folder}/longcheng", path=folder)
    assert called() == "longcheng"


def test_another_of_the_same_name_is_not_meant(run_as: Callable[..., None], tmp_path: Path) -> None:
    """Two installations: the one that speaks is the one that is told of."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "longcheng").write_text("#!/bin/sh\n")
    (other / "longcheng").chmod(0o755)
    run_as(".venv/bin/longcheng", path=str(other))
    assert called() == ".venv/bin/longcheng"


def test_a_module_names_the_script_beside_its_interpreter(run_as: Callable[..., None]) -> None:
    """`python -m app` is what children of the demo run as; people have the script."""
    run_as("/work/app/__main__.py")
    assert called() == ".venv/bin/longcheng"


def test_whoever_else_runs_our_code_says_the_name(run_as: Callable[..., None]) -> None:
    """In a test, or in a program of somebody's own."""
    run_as("/usr/bin/pytest")
    assert called() == "longcheng"


def test_texts_name_commands_as_they_are_typed(run_as: Callable[..., None]) -> None:
    """Errors of all layers name commands between backticks; the product's own name stays what it is."""
    run_as(".venv/bin/longcheng")
    said = as_called("longcheng cannot read it; try `longcheng journal verify`, or `mosquitto -v`")
    assert said == "longcheng cannot read it; try `.venv/bin/longcheng journal verify`, or `mosquitto -v`"
