"""`longcheng journal`: its figures, its verdict, its exit code."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from config.load import SHARED
from domain.errors import ConfigError, StoreUnavailable
from storage.journal import Journal
from tests.app.line import message

Command = Callable[..., Any]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """`longcheng journal …` for a site whose data is in `tmp_path / "data"`."""
    site = tmp_path / "sites" / "mine"
    shutil.copytree(SHARED / "sites" / "starter", site)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    environment = {"LONGCHENG_DATA": str(tmp_path / "data"), "LONGCHENG_SITE": str(site), "COLUMNS": "200"}
    return lambda *words: CliRunner(env=environment).invoke(cli, ["journal", *words], terminal_width=200)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The site's journal: two groups, one of them read by the rules."""
    path = tmp_path / "data" / "journal.db"
    journal = Journal(path, max_bytes=1 << 20)
    journal.append([message(b"one"), message(b"two")])
    journal.append([message(b"three")])
    journal.advance("rules", 2)
    journal.close()
    return path


def test_status_is_a_table_or_an_object(command: Command, path: Path) -> None:
    """How full, how far behind, for how long."""
    table = command("status").output
    for words in ("3 (seq 1 to 3)", "of 2,048 MiB, 0.0%", "at 2, 1 behind", "seconds old", "not filling", "none"):
        assert words in table
    said = json.loads(command("status", "--json").stdout.splitlines()[-1])
    assert (said["head"], said["records"], said["lags"], said["full_in_s"]) == (3, 3, {"rules": 1}, None)


def test_a_journal_at_its_bound_is_said_to_be_full(command: Command, path: Path, tmp_path: Path) -> None:
    """It takes nothing, whenever the last message came; what is left on the disk is told beside it."""
    settings = tmp_path / "sites" / "mine" / "site.yaml"
    settings.write_text(f"{settings.read_text()}\njournal: {{max_size: 1MiB}}\n")
    with closing(Journal(path, max_bytes=1 << 21)) as journal:
        journal.append([message(bytes(1 << 20))])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE groups SET appended_ms = 1000")
    table = command("status").output
    assert "FULL: takes nothing; its bound is reached" in table
    assert "MiB free" in table
    said = json.loads(command("status", "--json").stdout.splitlines()[-1])
    assert said["full_in_s"] == 0
    assert said["free_bytes"] > 0


def test_verify_ends_with_0_if_all_is_well(command: Command, path: Path) -> None:
    """And says how much it has read."""
    done = command("verify")
    assert done.exit_code == 0
    assert "3 records read; all is well" in done.output


def test_verify_ends_with_1_and_names_what_is_damaged(command: Command, path: Path) -> None:
    """Of the site's journal, or of any file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE groups SET messages = zeroblob(10) WHERE last_seq = 2")
    done = command("verify")
    assert done.exit_code == 1
    assert "seq 1 to 2: its checksum differs; every reader had passed it, so nothing is lost" in done.output
    assert "look at it (dmesg, smartctl)" in done.output
    assert "2 records: see `longcheng journal verify`" in command("status").output
    assert json.loads(command("status", "--json").stdout.splitlines()[-1])["damaged_records"] == 2
    copy = shutil.copy(path, path.with_name("copy.db"))
    assert command("verify", "--file", str(copy)).exit_code == 1
    said = json.loads(command("verify", "--json").stdout.splitlines()[-1])
    assert (said["records"], said["flaws"][0]["last_seq"]) == (1, 2)


def test_damage_that_a_reader_has_yet_to_meet_may_be_a_loss(command: Command, path: Path) -> None:
    """Once it has met it, it is counted once: status and verify say the same."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE groups SET messages = zeroblob(10) WHERE last_seq = 3")
    assert "seq 3 to 3: its checksum differs; not every reader had passed it" in command("verify").output
    assert "1 records: see" in command("status").output
    with closing(Journal(path, max_bytes=1 << 20)) as journal:
        assert journal.read(2, 10) == []
    assert "seq 3 to 3: damaged, and set aside before\n" in command("verify").output
    assert "1 records: see" in command("status").output
    with closing(Journal(path, max_bytes=1 << 20)) as journal:
        journal.append([message(b"four")])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM groups WHERE last_seq = 4")
    assert "seq 3 to 4: missing" in command("verify").output
    assert "2 records: see" in command("status").output


def test_no_journal_is_said_to_be_none(command: Command, tmp_path: Path) -> None:
    """Nothing is created for having asked."""
    for name in ("status", "verify"):
        problem = command(name).exception
        assert isinstance(problem, ConfigError)
        assert "there is no journal at" in str(problem)
    assert not (tmp_path / "data" / "journal.db").exists()


def test_a_status_that_cannot_be_read_is_an_error_of_one_line(command: Command, path: Path) -> None:
    """It names the file, and what to do."""
    path.write_bytes(b"rubbish" * 1000)
    problem = command("status").exception
    assert isinstance(problem, StoreUnavailable)
    assert f"{path} cannot be read" in str(problem)
    assert "longcheng journal verify" in str(problem)
