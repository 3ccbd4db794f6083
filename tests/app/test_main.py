"""The command line: every command explains itself, and what is wrong with a site is one line with file and line."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from app.__main__ import cli, main
from config.load import SHARED

STARTER = SHARED / "sites" / "starter"


def every_command(group: typer.Typer = cli, *before: str) -> Iterator[tuple[str, ...]]:
    """The words of every command, groups and their members alike; () is `longcheng` itself."""
    yield before
    for command in group.registered_commands:
        if not command.hidden:
            yield (*before, command.name or str(getattr(command.callback, "__name__", "")))
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from every_command(inner.typer_instance, *before, str(inner.name))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The starter site's folder, to be spoilt; its rules are the shipped ones."""
    folder = tmp_path / "sites" / "mine"
    shutil.copytree(STARTER, folder)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    return folder


def spoil(path: Path, good: str, bad: str) -> None:
    """Put `bad` in the place of `good`, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
    """`longcheng …` in this process; its exit status."""
    monkeypatch.setattr(sys, "argv", ["longcheng", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize("words", list(every_command()), ids=lambda words: " ".join(words) or "longcheng")
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    """`--help` says what it is for and exits with 0."""
    shown = CliRunner().invoke(cli, [*words, "--help"], terminal_width=200)

    assert shown.exit_code == 0
    assert " ".join(("Usage:", "root", *words)) in " ".join(shown.output.split())


def test_the_documents_name_every_command() -> None:
    """Whoever adds or renames one has to tell people."""
    root = Path(__file__).parents[2]
    told = "\n".join(path.read_text(encoding="utf-8") for path in (root / "README.md", *root.glob("docs/**/*.md")))
    commands = [" ".join(("longcheng", *words)) for words in every_command() if words]
    # Several of a group may be named at once: `longcheng cases take|report|return`.
    grouped = {
        f"{found[1]} {one}" for found in re.finditer(r"(longcheng(?: [a-z-]+)*) ((?:[a-z-]+ ?\| ?)+[a-z-]+)", told)
        for one in re.split(r" ?\| ?", found[2])
    }  # fmt: skip
    assert [command for command in commands if command not in told and command not in grouped] == []


def test_it_runs_as_a_module() -> None:
    """`python -m app`, which is how the demo starts the product."""
    done = subprocess.run([sys.executable, "-m", "app", "--help"], capture_output=True, text=True, check=True)

    assert "check-config" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("site", ["demo", "starter"])
def test_a_good_site_is_counted(site: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object on one line, status 0; nothing is connected to and nothing is written."""
    assert run(monkeypatch, "check-config", "--site", site, "--json") == 0

    said = capsys.readouterr()
    counts = json.loads(said.out)
    assert said.out.count("\n") == 1
    assert said.err == ""
    assert counts["site"] == site
    assert counts["rules"] > 10
    assert counts["devices"] > 1


def test_a_good_site_is_told_to_people_as_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name and folder on top."""
    assert run(monkeypatch, "check-config", "--site", "starter") == 0

    shown = capsys.readouterr().out
    assert "起步站点" in shown
    assert "embedded" in shown


@pytest.mark.parametrize(
    ("file", "good", "bad", "says"),
    [
        ("site.yaml", "division: ", "devision: ", r"site\.yaml line 8: unknown key 'devision'"),
        ("site.yaml", '"320400"', "常州", r"site\.yaml line 8: division is '常州'"),
        ("site.yaml", "Asia/Shanghai", "Asia/Changzhou", r"site\.yaml line 10: timezone is 'Asia/Changzhou'"),
        ("site.yaml", "mqtt://127", "http://127", r"site\.yaml line 14: mqtt\.url is 'http://127"),
        ("devices.csv", "heritage-tree", "old-tree", r"devices\.csv line 2: .*'old-tree'"),
        ("cameras.csv", "119.9586", "east", r"cameras\.csv line 2: .*'east'"),
        ("zones.csv", "S00001", "S00002", r"zones\.csv line 2: .*'S00002'"),
        ("zones.csv", "frontage", "front", r"zones\.csv line 2: .*'front'"),
        ("../../rules/chargers.yaml", "above: 30", "above: much", r"chargers\.yaml line 34: .*'much'"),
        ("../../rules/trees.yaml", "version: 1", "version: 2", r"trees\.yaml line \d+: .*version is 2"),
    ],
)
def test_what_is_wrong_is_one_line_with_file_and_line(
    copy: Path,
    file: str,
    good: str,
    bad: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Status 2, nothing on standard output, no traceback: the file, the line, the thing and its value."""
    spoil(copy / file, good, bad)

    assert run(monkeypatch, "check-config", "--site", str(copy)) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("settings: ")
    assert re.search(says, said.err), said.err


@pytest.mark.parametrize("command", ["check-config", "serve", "watch"])
def test_a_site_that_is_not_there_stops_every_command(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shipped ones are named."""
    assert run(monkeypatch, command, "--site", "atlantis") == 2

    assert "no site 'atlantis'" in (said := capsys.readouterr().err)
    assert "demo, starter" in said


def test_a_camera_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one that is, and the file that would know it."""
    assert run(monkeypatch, "watch", "--site", "starter", "--once", "--camera", "cam-999") == 2

    said = capsys.readouterr().err
    assert "there is no camera 'cam-999'" in said
    assert "'cam-001'" in said
    assert "cameras.csv" in said


def test_an_error_shows_square_brackets_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are no markup of the terminal's: an operator must see the value that is wrong."""
    monkeypatch.setattr(sys, "argv", ["longcheng", "check-config", "--site", "[bold]nowhere"])

    with pytest.raises(SystemExit):
        main()

    assert "no site '[bold]nowhere'" in capsys.readouterr().err


def test_an_error_of_ours_with_a_closing_bracket_does_not_end_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even a value that looks like the end of some markup."""
    monkeypatch.setattr(sys, "argv", ["longcheng", "check-config", "--site", "[/x]"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
