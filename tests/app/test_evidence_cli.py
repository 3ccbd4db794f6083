"""`longcheng evidence`: what people who look after the pictures can do."""

import json
import shutil
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.readers.rules_reader import RULES
from config.load import SHARED
from domain.errors import ConfigError
from domain.picture import PictureFacts, SeenThing, picture_name
from storage.evidence_store import EvidenceStore, Word
from storage.journal import Journal
from tests.app.line import message

Command = Callable[..., Any]
LONG_AGO_MS = 1_600_000_000_000  # 2020-09-13


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """`longcheng evidence …` for a site whose data is in `tmp_path / "data"`."""
    site = tmp_path / "sites" / "mine"
    shutil.copytree(SHARED / "sites" / "starter", site)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    environment = {"LONGCHENG_DATA": str(tmp_path / "data"), "LONGCHENG_SITE": str(site), "COLUMNS": "200"}
    return lambda *words: CliRunner(env=environment).invoke(cli, ["evidence", *words], terminal_width=200)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """The site's store, with one old picture."""
    store = EvidenceStore(tmp_path / "data" / "evidence")
    seen = (SeenThing(zone="front", label="bicycle", score=0.5, box=(0, 0, 1, 1), stay_s=0),)
    facts = PictureFacts(name=NAME, camera_id="C1", look_id=f"C1-{LONG_AGO_MS}", taken_ms=LONG_AGO_MS, seen=seen)
    store.keep(facts, b"original", b"blurred")
    return store


NAME = picture_name("C1", f"C1-{LONG_AGO_MS}", LONG_AGO_MS)


def last(result: Any) -> Any:
    """The JSON object of a command."""
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.usefixtures("store")
def test_pictures_are_listed_with_what_became_of_them(command: Command) -> None:
    """As a table or as an object; by camera and by state."""
    table = command("list").output
    assert NAME in table
    assert "no_finding" in table
    assert "1 of 1 pictures" in table
    (row,) = last(command("list", "--json"))["pictures"]
    assert (row["name"], row["shows"], row["held"]) == (NAME, ["bicycle"], False)
    assert last(command("list", "--camera", "C2", "--json"))["pictures"] == []
    assert last(command("list", "--state", "open", "--json"))["found"] == 0


def test_an_original_is_given_out_for_a_reason_and_into_a_new_file(
    command: Command, store: EvidenceStore, tmp_path: Path
) -> None:
    """Readable by its owner alone; the ledger has the line. An existing file is never overwritten."""
    to = tmp_path / "original.jpg"
    result = command("original", NAME, "--reason", "appeal", "--who", "wang", "--to", str(to))
    assert result.exit_code == 0, result.output
    assert to.read_bytes() == b"original"
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    (line,) = store.ledger.lines()
    assert (line.what, line.who, line.why) == (Word.READ, "wang", "appeal")
    again = command("original", NAME, "--reason", "appeal", "--to", str(to))
    assert isinstance(again.exception, ConfigError)
    nobody = command("original", NAME, "--reason", " ", "--to", str(tmp_path / "other.jpg"))
    assert isinstance(nobody.exception, ConfigError)
    assert len(list(store.ledger.lines())) == 1


def test_verify_finds_what_was_changed(command: Command, store: EvidenceStore, tmp_path: Path) -> None:
    """And in the ledger too; its exit code says so."""
    assert command("verify").exit_code == 0
    (tmp_path / "data" / "evidence" / f"{NAME}.original.jpg").write_bytes(b"another")
    store.original(NAME, who="wang", why="check", at_ms=1)
    store.original(NAME, who="li", why="check", at_ms=2)
    ledger = tmp_path / "data" / "evidence" / "ledger.jsonl"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("wang", "chen"), encoding="utf-8")

    result = command("verify", "--json")

    assert result.exit_code == 1
    said = last(result)
    assert said["flaws"] == [{"name": NAME, "what": "changed"}]
    assert said["ledger_broken_lines"] == [2]
    to = tmp_path / "changed.jpg"
    given = command("original", NAME, "--reason", "check", "--to", str(to))
    assert given.exit_code == 1
    assert "NOT as it was" in given.output


def test_what_is_held_is_not_pruned_until_released(command: Command, store: EvidenceStore) -> None:
    """A dry run only says what would go."""
    assert command("hold", NAME, "--reason", "court").output.strip() == f"{NAME} is held"
    assert last(command("prune", "--json")) == {"due": [], "deleted": 0, "left": 1, "held": 1}
    assert last(command("holds", "--json"))["holds"][0]["why"] == "court"
    assert command("release", NAME, "--reason", "settled").exit_code == 0
    assert last(command("prune", "--dry-run", "--json"))["due"][0]["why"] == "no_finding"
    assert store.shareable(NAME) is not None
    assert last(command("prune", "--json"))["deleted"] == 1
    assert store.shareable(NAME) is None


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "words",
    [("hold", "--reason", "x"), ("hold", NAME, "--case", "1", "--reason", "x"), ("hold", "../x", "--reason", "x")],
)
def test_only_one_picture_or_one_case_is_held(command: Command, words: tuple[str, ...]) -> None:
    """Anything else is told to be wrong."""
    assert isinstance(command(*words).exception, ConfigError)


@pytest.mark.usefixtures("store")
def test_nothing_is_pruned_while_messages_wait_to_be_judged(command: Command, tmp_path: Path) -> None:
    """They may be about any picture."""
    with closing(Journal(tmp_path / "data" / "journal.db", max_bytes=1 << 20)) as journal:
        journal.append([message(b"one")])
    refused = command("prune")
    assert isinstance(refused.exception, ConfigError)
    assert "1 messages have not been judged" in str(refused.exception)
    assert command("prune", "--dry-run").exit_code == 0
    with closing(Journal(tmp_path / "data" / "journal.db", max_bytes=1 << 20)) as journal:
        journal.advance(RULES, journal.head())
    assert command("prune").exit_code == 0
