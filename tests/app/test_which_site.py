"""The operator's commands judge by the site they were told, never by another one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from domain.errors import ConfigError

COMMANDS = [
    ("deadletters", "list"),
    ("deadletters", "show", "1"),
    ("deadletters", "replay", "--all"),
    ("deadletters", "purge", "--all"),
    ("journal", "status"),
    ("journal", "verify"),
    ("series", "export", "--to", "x.lp"),
    ("series", "import", "x.lp"),
    ("series", "status"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_site_is_meant_unless_it_is_said(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even with a data folder in the environment; nothing is made, and the message says what to say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LONGCHENG_SITE", raising=False)
    monkeypatch.setenv("LONGCHENG_DATA", str(tmp_path / "data"))
    problem = CliRunner().invoke(cli, words).exception
    assert isinstance(problem, ConfigError)
    assert str(problem) == "say which site: --site config/sites/mine, or set LONGCHENG_SITE"
    assert list(tmp_path.iterdir()) == []


def test_the_environment_says_it_and_paths_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that is relative to the working folder is told as what it is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LONGCHENG_SITE", "starter")
    monkeypatch.setenv("LONGCHENG_DATA", "data")
    for words, file in ((("deadletters", "list"), "deadletters.db"), (("journal", "status"), "journal.db")):
        problem = CliRunner().invoke(cli, words).exception
        assert isinstance(problem, ConfigError)
        assert str(tmp_path / "data" / file) in str(problem)
        assert "is this the right site and working folder?" in str(problem)
