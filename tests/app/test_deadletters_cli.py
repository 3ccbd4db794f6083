"""`longcheng deadletters`: see, mend, replay, purge; and a crash in the middle of a replay."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.running import Announced
from config.load import SHARED, load_site
from domain.errors import ConfigError
from ingest.decode import Decoder
from storage.series.embedded import EmbeddedSeries
from tests.app.line import NOON_MS, STATION, Line, message, residual

NEW_STATION = STATION.replace("cs-001", "cs-002")
Command = Callable[..., Any]
HOSTILE = b'{"metrics": {"[red]\\u202e": 1}}'
ENDED_BY_THE_FAULT = -signal.SIGKILL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of one's own, which is the starter site."""
    made = tmp_path / "sites" / "mine"
    shutil.copytree(SHARED / "sites" / "starter", made)
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    return made


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """Where its data is, in a terminal wide enough."""
    return {"LONGCHENG_DATA": str(tmp_path / "data"), "COLUMNS": "200"}


@pytest.fixture
def command(folder: Path, environment: Mapping[str, str]) -> Command:
    """`longcheng deadletters …` in this process: what it printed, as an object if `--json` was among the words."""

    def run(*words: object, exit_code: int = 0, answer: str | None = None) -> Any:
        said = [*map(str, words), "--site", str(folder)]
        done = CliRunner(env=environment).invoke(cli, ["deadletters", *said], input=answer, terminal_width=200)
        assert done.exit_code == exit_code, (done.output, done.exception)
        return json.loads(done.stdout.splitlines()[-1]) if "--json" in words else done.output

    return run


def put_through(folder: Path, environment: Mapping[str, str], *payloads: bytes, topic: str = STATION) -> None:
    """The payloads come in a second apart, and the product as it is configured takes all there is."""
    line = Line(load_site(str(folder), environment))
    line.journal.append([message(raw, NOON_MS + n * 1000, topic=topic) for n, raw in enumerate(payloads)])
    series = EmbeddedSeries(line.folder / "series.db")
    for loop in (line.reader(), line.writer(series)):
        while loop.cursor < line.journal.head():
            loop.step()
    series.close()
    line.close()


def leaks(environment: Mapping[str, str], device_id: str) -> Sequence[tuple[int, object]]:
    """What is stored of a station."""
    series = EmbeddedSeries(Path(environment["LONGCHENG_DATA"]) / "series.db")
    found = list(series.range("charger", "residual_ma", {"device_id": device_id}, 0, NOON_MS * 2))
    series.close()
    return found


def register_cs_002(folder: Path) -> None:
    """The mending: one line in devices.csv."""
    devices = folder / "devices.csv"
    text = devices.read_text(encoding="utf-8")
    (station,) = [line for line in text.splitlines() if line.startswith("cs-001")]
    devices.write_text(f"{text}{station.replace('cs-001', 'cs-002')}\n", encoding="utf-8")


def of_new_station(count: int) -> list[bytes]:
    """So many payloads of a station nobody has registered."""
    return [residual(float(n), NOON_MS + n * 1000).payload for n in range(count)]


def test_seen_mended_and_replayed(folder: Path, environment: Mapping[str, str], command: Command) -> None:
    """From the list to the reason, from the reason to the register, and what was refused is there."""
    put_through(folder, environment, *of_new_station(3), topic=NEW_STATION)
    listed = command("list", "--json")
    assert (listed["by_reason"], listed["total"]) == ({"unknown_device": 3}, 3)
    letter_id = listed["items"][0]["id"]
    assert "cs-002" in command("show", letter_id, "--json")["now"]["rejects"][0]["detail"]
    nothing = {"messages": 3, "replayed": 0, "letters": 0, "still_refused": 3, "dry_run": False}
    assert command("replay", "--all", "--json") == nothing

    register_cs_002(folder)
    now = command("show", letter_id, "--json")["now"]
    assert (now["observations"][0]["metrics"], now["rejects"]) == ({"residual_ma": 2.0}, [])
    assert "3 of 3 messages would be replayed" in command("replay", "--all", "--dry-run")
    assert "3 of 3 messages replayed; 3 letters gone" in command("replay", "--reason", "unknown_device")
    put_through(folder, environment)
    assert command("list", "--json")["total"] == 0
    assert leaks(environment, "cs-002") == [(NOON_MS + n * 1000, float(n)) for n in range(3)]


def test_killed_between_journal_and_letters(folder: Path, environment: Mapping[str, str], command: Command) -> None:
    """The letters are still there and are replayed again; each reading is stored once, and none is missing."""
    put_through(folder, environment, *of_new_station(450), topic=NEW_STATION)
    register_cs_002(folder)
    words = [sys.executable, "-m", "app", "deadletters", "replay", "--all", "--site", str(folder)]
    killed = {**os.environ, **environment, "LONGCHENG_FAULT": "replayed:2"}
    done = subprocess.run(words, env=killed, capture_output=True, check=False, cwd=SHARED.parent)
    assert done.returncode == ENDED_BY_THE_FAULT, done.stderr
    assert command("list", "--json")["total"] == 250

    put_through(folder, environment)
    assert command("replay", "--all", "--json")["replayed"] == 250
    put_through(folder, environment)
    assert leaks(environment, "cs-002") == [(NOON_MS + n * 1000, float(n)) for n in range(450)]
    assert command("list", "--json")["total"] == 0


def test_the_list_is_told_to_people(folder: Path, environment: Mapping[str, str], command: Command) -> None:
    """First how much for each reason, then the newest, on the site's clock, with what a stranger sent made harmless."""
    put_through(folder, environment, b"rubbish", HOSTILE)
    shown = command("list")

    assert shown.index("let go for want of room") < shown.index("charger/cs-001/telemetry")
    assert "2026-11-22 12:00:01" in shown
    assert "[red]" in shown
    assert "\u202e" not in shown
    assert "no dead letters" not in shown
    assert command("list", "--reason", "decode", "--json")["total"] == 1
    assert command("list", "--topic", "tree-001", "--json")["items"] == []
    assert command("list", "--since", "2026-11-22T12:00:01", "--json")["total"] == 1
    assert command("list", "--since", "2026-11-22T03:00:00+00:00", "--json")["total"] == 2
    assert len(command("list", "--limit", 1, "--json")["items"]) == 1


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b'{"metrics": {"foo": 1}}', '"foo": 1\n'),
        ("树倒了\n第二行".encode(), "第二行"),
        (b"\x00\x01\xffA", "000000  00 01 ff 41"),
        (b"", "(empty)"),
        (b"[" * 5000, "[[[["),
    ],
)
def test_a_payload_is_shown_as_what_it_is(
    folder: Path, environment: Mapping[str, str], command: Command, payload: bytes, says: str
) -> None:
    """JSON laid out, text as text, bytes as hexadecimal; beside why it was refused and what would be made of it now."""
    put_through(folder, environment, payload)
    (letter,) = command("list", "--json")["items"]
    shown = command("show", letter["id"])

    assert says in shown
    assert letter["reason"] in shown
    assert "would be made of it now" in shown
    assert "+08:00" in shown


def test_purged_after_asking(folder: Path, environment: Mapping[str, str], command: Command) -> None:
    """Nothing goes on `no`; with --yes nobody is asked."""
    put_through(folder, environment, b"rubbish", b"[]", *of_new_station(2))
    assert "Let 1 letters go" in command("purge", "--reason", "decode", answer="n\n", exit_code=1)
    assert command("list", "--json")["total"] == 2
    assert "1 letters are gone" in command("purge", "--reason", "decode", answer="y\n")
    assert command("purge", "--older-than", "36500d", "--yes", "--json") == {"letters": 0}
    assert command("purge", "--all", "--yes", "--json") == {"letters": 1}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["replay"], "say which letters"),
        (["purge", "--yes"], "say which letters"),
        (["replay", "1", "--all"], "in one way"),
        (["purge", "1", "--reason", "decode"], "in one way"),
        (["replay", "1", "77", "78"], "no letter 77, 78"),
        (["purge", "77", "--yes"], "no letter 77"),
        (["show", "77"], "no letter 77"),
        (["list", "--since", "noon"], "'noon'"),
        (["purge", "--older-than", "7"], "'7'"),
        (["list", "--reason", "bad_mood"], "bad_mood"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    folder: Path, environment: Mapping[str, str], command: Command, words: list[str], says: str
) -> None:
    """Exit status 2 with the thing and its value, and every letter is still there."""
    put_through(folder, environment, b"rubbish")

    assert says in " ".join(command(*words, exit_code=2).split())
    assert command("list", "--json")["total"] == 1


def test_a_serve_that_reads_by_older_files_comes_first(
    folder: Path, environment: Mapping[str, str], command: Command
) -> None:
    """It would refuse all of it again: until it is started anew nothing is done, unless forced."""
    put_through(folder, environment, *of_new_station(2), topic=NEW_STATION)
    data, replay = Path(environment["LONGCHENG_DATA"]), ["deadletters", "replay", "--all", "--site", str(folder)]
    serve = Announced(data, Decoder(load_site(str(folder), environment)).version)
    register_cs_002(folder)

    problem = CliRunner(env=environment).invoke(cli, replay).exception
    assert isinstance(problem, ConfigError)
    assert str(problem) == f"serve (pid {os.getpid()}) still runs with older files: restart it first, or --force"
    assert command("list", "--json")["total"] == 2
    assert command("replay", "--all", "--dry-run", "--json")["replayed"] == 2
    assert command("replay", "1", "--force", "--json")["replayed"] == 1
    serve.withdraw()
    serve = Announced(data, Decoder(load_site(str(folder), environment)).version)
    assert command("replay", "--all", "--json")["replayed"] == 1
    serve.withdraw()


def test_where_nothing_has_run_yet_it_says_so(command: Command, environment: Mapping[str, str]) -> None:
    """A wrong data folder is not an empty one, and looking makes none."""
    assert command("list", exit_code=1) == ""
    assert not Path(environment["LONGCHENG_DATA"]).exists()


def test_mend_tries_before_it_puts_through(
    command: Command, folder: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """A dry run says what would be made of it; then it is in the journal, and the letter gone."""
    put_through(folder, environment, b'{"metrics": {"residual_ma": "4,0"}}')
    (letter,) = command("list", "--json")["items"]
    mended = tmp_path / "mended.json"
    mended.write_bytes(b'{"metrics": {"residual_ma": 4.0}}')
    order = ("mend", letter["id"], "--payload", mended, "--who", "李姐", "--why", "a comma for a point")
    tried = command(*order, "--dry-run", "--json")
    assert (tried["now"]["made"][0]["values"], tried["mended"]) == ({"residual_ma": "4.0"}, None)
    assert command("list", "--json")["total"] == 1
    done = command(*order, "--json")["mended"]
    assert (done["who"], done["letter_id"], done["seq"]) == ("李姐", letter["id"], 2)
    assert command("list", "--json")["total"] == 0
    assert "there is no letter" in command(*order, exit_code=2)
